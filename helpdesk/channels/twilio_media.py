"""Fetching files from Twilio without ever asking, or telling our token to, anybody else."""

import re
from dataclasses import replace
from typing import Final
from urllib.parse import SplitResult, urlsplit

from urllib3.util import make_headers

from helpdesk.channels.downloads import Hop, download
from helpdesk.domain.errors import FetchFailed
from helpdesk.domain.messages import AttachmentRef, FetchedFile

API_HOST: Final = "api.twilio.com"
CDN_HOSTS: Final = frozenset({"mms.twiliocdn.com", "media.twiliocdn.com"})
_OPEN_BUCKET: Final = re.compile(r"https://s3-external-1\.amazonaws\.com/media\.twiliocdn\.com/[A-Za-z0-9/]+")
"""Where media lie while "Enforce HTTP Auth on Media URLs" is off (support.twilio.com 223183748, read 2026-11-29)."""
MAX_BYTES: Final = 16 * 1024 * 1024
SECONDS: Final = 60.0


class MediaFetcher:
    """Credentials go with the first hop only, and only to our own account's media."""

    def __init__(self, *, account_sid: str, auth_token: str, api_base: str) -> None:
        self._headers = make_headers(basic_auth=f"{account_sid}:{auth_token}")
        self._base = api_base.rstrip("/")
        self._is_own_base = urlsplit(self._base).hostname != API_HOST
        self._media_url = re.compile(
            rf"(?:https://{re.escape(API_HOST)}|{re.escape(self._base)})"
            rf"(/2010-04-01/Accounts/{re.escape(account_sid)}/Messages/[A-Za-z0-9]+/Media/[A-Za-z0-9]+)"
        )

    def fetch(self, ref: AttachmentRef) -> FetchedFile:
        """Return the file behind a MediaUrl. Twilio may answer 404 for some seconds: not final."""
        file = download(self._first_hop(ref.reference), self._next_hop, most_bytes=MAX_BYTES, seconds=SECONDS)
        return replace(
            file, media_type=file.media_type or ref.media_type, filename=file.filename or ref.filename
        )

    def _first_hop(self, url: str) -> Hop:
        """Return where to ask; Twilio's own addresses are asked at the configured base, like every call."""
        match = self._media_url.fullmatch(url)
        if match:
            return Hop(self._base + match[1], self._headers, is_ours=self._is_own_base)
        if self._is_own_origin(_split(url)):
            return Hop(url, is_ours=True)
        raise FetchFailed("foreign_address", is_final=True)

    def _next_hop(self, url: str) -> Hop:
        parts = _split(url)
        is_on_cdn = parts.scheme == "https" and parts.netloc in CDN_HOSTS
        is_cdn = is_on_cdn or _OPEN_BUCKET.fullmatch(url) is not None
        if not (is_cdn or self._is_own_origin(parts)):
            raise FetchFailed("foreign_redirect", is_final=True)
        return Hop(url, is_ours=not is_cdn)

    def _is_own_origin(self, parts: SplitResult) -> bool:
        """Tell whether an address lies at a configured base that is not Twilio's own."""
        base = urlsplit(self._base)
        return self._is_own_base and (parts.scheme, parts.netloc) == (base.scheme, base.netloc)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise FetchFailed("foreign_address", is_final=True) from None
