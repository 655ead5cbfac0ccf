"""Fetching files from Twilio without ever asking, or telling our token to, anybody else."""

import ipaddress
import re
import socket
from email.message import Message as MimeHeaders
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

import requests

from helpdesk.domain.errors import FetchFailed
from helpdesk.domain.messages import AttachmentRef, FetchedFile

API_HOST: Final = "api.twilio.com"
CDN_HOSTS: Final = frozenset({"mms.twiliocdn.com", "media.twiliocdn.com"})
MAX_BYTES: Final = 16 * 1024 * 1024
TIMEOUT_SECONDS: Final = (5.0, 15.0)
_MAX_HOPS: Final = 4
_CHUNK: Final = 64 * 1024


class MediaFetcher:
    """Credentials go with the first hop only, and only to our own account's media."""

    def __init__(self, *, account_sid: str, auth_token: str, api_base: str) -> None:
        self._credentials = (account_sid, auth_token)
        self._base = api_base.rstrip("/")
        self._media_url = re.compile(
            rf"https://{re.escape(API_HOST)}"
            rf"(/2010-04-01/Accounts/{re.escape(account_sid)}/Messages/[A-Za-z0-9]+/Media/[A-Za-z0-9]+)"
        )
        self._is_own_base = urlsplit(self._base).hostname != API_HOST

    def fetch(self, ref: AttachmentRef) -> FetchedFile:
        """Return the file behind a MediaUrl. Twilio may answer 404 for some seconds: not final."""
        url = self._first_hop(ref.reference)
        auth: tuple[str, str] | None = self._credentials
        try:
            with requests.Session() as session:
                for _ in range(_MAX_HOPS):
                    self._refuse_private(url)
                    with session.get(
                        url, auth=auth, stream=True, allow_redirects=False, timeout=TIMEOUT_SECONDS
                    ) as response:
                        if not response.is_redirect:
                            return _read(response, ref)
                        url, auth = self._next_hop(urljoin(url, response.headers["location"])), None
        except requests.RequestException as error:
            raise FetchFailed(type(error).__name__, is_final=False) from None
        except ValueError:  # requests reads a Location even where it is told not to follow it
            raise FetchFailed("foreign_redirect", is_final=True) from None
        raise FetchFailed("too_many_redirects", is_final=True)

    def _first_hop(self, url: str) -> str:
        """Return where to ask; Twilio's own addresses are asked at the configured base, like every call."""
        match = self._media_url.fullmatch(url)
        if match:
            return self._base + match[1]
        if self._is_own_origin(url):
            return url
        raise FetchFailed("foreign_address", is_final=True)

    def _next_hop(self, url: str) -> str:
        parts = _split(url)
        is_cdn = parts.scheme == "https" and parts.netloc in CDN_HOSTS
        if not (is_cdn or self._is_own_origin(url)):
            raise FetchFailed("foreign_redirect", is_final=True)
        return url

    def _is_own_origin(self, url: str) -> bool:
        """Tell whether an address lies at a configured base that is not Twilio's own."""
        base, parts = urlsplit(self._base), _split(url)
        return self._is_own_base and (parts.scheme, parts.netloc) == (base.scheme, base.netloc)

    def _refuse_private(self, url: str) -> None:
        """Stop at a name that points inside. A name that is not found fails by itself, or at the proxy."""
        if self._is_own_origin(url):
            return
        try:
            found = socket.getaddrinfo(urlsplit(url).hostname, 443, type=socket.SOCK_STREAM)
        except OSError:
            return
        if not all(ipaddress.ip_address(info[4][0]).is_global for info in found):
            raise FetchFailed("private_address", is_final=True)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise FetchFailed("foreign_address", is_final=True) from None


def _read(response: requests.Response, ref: AttachmentRef) -> FetchedFile:
    status = response.status_code
    if status != requests.codes.ok:
        # Lost credentials can be mended and media can be late; what else Twilio refuses it goes on refusing.
        may_come = status in (401, 403, 404, 408, 429) or status >= requests.codes.server_error
        raise FetchFailed(f"http_{status}", is_final=not may_come)
    content = bytearray()
    for chunk in response.iter_content(_CHUNK):
        content += chunk
        if len(content) > MAX_BYTES:
            raise FetchFailed("too_large", is_final=True)
    headers = MimeHeaders()
    headers["Content-Disposition"] = response.headers.get("content-disposition", "")
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return FetchedFile(
        content=bytes(content),
        media_type=media_type or ref.media_type,
        filename=headers.get_filename() or ref.filename,
    )
