"""What the Twilio channels share: signature, client and sending."""

import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from twilio.base import values
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import SIGNATURE_SETTINGS_HEADER, RequestValidator, get_signature_algorithm
from twilio.rest import Client

from helpdesk.channels.asking import Complaint, Listed
from helpdesk.channels.base import Capabilities, ChannelSettings
from helpdesk.channels.envelopes import twilio_envelope
from helpdesk.channels.twilio_contents import TEXT_VARIABLE
from helpdesk.channels.twilio_errors import CLIENT_ERRORS, send_failure
from helpdesk.channels.twilio_forms import FormFields, medium_of, read_message, read_report
from helpdesk.channels.twilio_listing import list_complaints, list_received, list_sent, report_on
from helpdesk.channels.twilio_media import MediaFetcher
from helpdesk.channels.twilio_people import complete
from helpdesk.domain.delivery import SendOutcome
from helpdesk.domain.errors import InvalidSignature, SendFailed
from helpdesk.domain.messages import (
    AttachmentRef,
    ChannelCode,
    ChannelItem,
    DeliveryReport,
    Envelope,
    FetchedFile,
    OutboundMessage,
    SentCopy,
    WebhookRequest,
)

TIMEOUT_SECONDS: Final = 10.0
OTHER_HOSTS: Final = ("content.twilio.com", "monitor.twilio.com")
MAX_BODY: Final = 1600
"""Characters in `Body`; longer is error 21617."""
VALID_SECONDS: Final = 14_400
"""Longest stay in Twilio's queue; the default of ten hours would bring an answer in the night."""
_RETRY_REPORTS: Final = "#rc=5&rp=all"
"""Twilio repeats a callback only where it could not connect; this asks for five repeats after any failure.

Connection overrides stand in the fragment, which is neither sent nor signed (Twilio, webhooks connection
overrides, read 2026-11)."""

# At INFO the client logs every URL with the account's id and the headers of every answer.
logging.getLogger("twilio.http_client").setLevel(logging.WARNING)


def _sibling(base: str, host: str) -> str:
    """Return where another API is: at Twilio under a host of its own, beside a stand-in's other paths."""
    parts = urlsplit(base)
    name, _, rest = parts.netloc.partition(".")
    is_twilio = name == "api" and parts.netloc.endswith(".twilio.com")
    return parts._replace(netloc=f"{host.partition('.')[0]}.{rest}").geturl() if is_twilio else base


class RebasedHttpClient:
    """Twilio's HTTP client with the host of every call replaced: the phone simulator, a proxy, a test."""

    is_async = False

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/")
        self._others = {host: _sibling(self._base, host) for host in OTHER_HOSTS}
        self._inner = TwilioHttpClient(timeout=TIMEOUT_SECONDS)

    def request(self, method: str, url: str, **options: object) -> Response:
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""  # the next page of a list is named so
        base = self._others.get(parts.hostname or "", self._base)
        return self._inner.request(method, base + parts.path + query, **options)

    def close(self) -> None:
        self._inner.session.close()


class TwilioChannel(ABC):
    """A channel by Twilio's Messages API. Any `To` and `AccountSid` is ours if the signature holds."""

    code: ChannelCode
    capabilities = Capabilities(max_text=MAX_BODY)

    def __init__(
        self,
        *,
        account_sid: str,
        auth_tokens: tuple[str, ...],
        sender: str,
        api_base: str,
        sms_sender: str | None = None,
    ) -> None:
        """`sms_sender`: the sender of SMS where it is another than that of WhatsApp."""
        self._validators = [RequestValidator(token) for token in auth_tokens]
        self._sender = sender
        self._sms_sender = sms_sender
        self._http = RebasedHttpClient(api_base)
        self._client = Client(account_sid, auth_tokens[0], http_client=self._http)
        self._media = MediaFetcher(account_sid=account_sid, auth_token=auth_tokens[0], api_base=api_base)

    @abstractmethod
    def wire_address(self, address: str) -> str:
        """Return an address as `To` and `From` want it."""

    def verify(self, request: WebhookRequest) -> None:
        """Check the signature over the public address and every field, new ones and repeats too."""
        signature = request.headers.get("x-twilio-signature", "")
        if not signature or not _is_whole_in_form(request):
            raise InvalidSignature(f"{self.code}: no signature over a form")
        algorithm = get_signature_algorithm(request.headers.get(SIGNATURE_SETTINGS_HEADER.lower(), ""))
        fields = FormFields(request.form)
        try:
            is_genuine = any(
                validator.validate(request.url, fields, signature, algorithm)
                for validator in self._validators
            )
        except ValueError:  # text that has no UTF-8 form, an address that is none
            is_genuine = False
        if not is_genuine:
            raise InvalidSignature(f"{self.code}: wrong signature")

    def envelope(self, request: WebhookRequest) -> Envelope:
        return twilio_envelope(FormFields(request.form))

    def parse(self, request: WebhookRequest) -> list[ChannelItem]:
        fields = FormFields(request.form)
        medium = medium_of(fields, self.code, sms_sender=self._sms_sender)
        report = read_report(fields, medium)
        if report:
            return [report]
        message = complete(read_message(fields, medium), fields)
        if message.text or message.attachments or message.facts:
            return [message]
        # Something was said that the form does not carry (a reaction, an order): a person must ask back.
        return [replace(message, facts={"unsupported": fields.text("MessageType") or "empty"})]

    def send(self, message: OutboundMessage) -> str:
        """Send one text or template. The cause is cut off: its text quotes the recipient's number."""
        callback = message.status_callback
        try:
            sid = self._client.messages.create(
                to=self.wire_address(message.address),
                status_callback=callback + _RETRY_REPORTS if callback else values.unset,
                validity_period=VALID_SECONDS,
                **self._origin(),
                **_content(message),
            ).sid
        except CLIENT_ERRORS as error:
            raise send_failure(error) from None
        if not isinstance(sid, str) or not sid:
            raise SendFailed("bad_response", outcome=SendOutcome.UNKNOWN, detail="no sid")
        return sid

    def sent_to(self, address: str, *, since: datetime) -> list[SentCopy]:
        return list_sent(self._client, to=self.wire_address(address), since=since)

    def report_on(self, external_id: str) -> DeliveryReport:
        return report_on(self._client, self.code, external_id)

    def fetch(self, ref: AttachmentRef) -> FetchedFile:
        return self._media.fetch(ref)

    def list_received(self, since: datetime) -> Iterator[Listed]:
        """Return Twilio's list of messages to us; a Messaging Service has several numbers and no filter."""
        to = None if self._sender.startswith("MG") else self.wire_address(self._sender)
        return list_received(self._client, self.code, to=to, since=since)

    def complaints(self, since: datetime) -> list[Complaint]:
        return list_complaints(self._client, self.code, since)

    def close(self) -> None:
        self._http.close()

    def _origin(self) -> dict[str, str]:
        if self._sender.startswith("MG"):
            return {"messaging_service_sid": self._sender}
        return {"from_": self.wire_address(self._sender)}


def _content(message: OutboundMessage) -> dict[str, str]:
    if message.template is not None:
        content_id, variables = message.template.content_id, dict(message.template.variables)
    elif message.buttons_id:
        content_id, variables = message.buttons_id, {TEXT_VARIABLE: message.text}
    else:
        return {"body": message.text}
    return {"content_sid": content_id, "content_variables": json.dumps(variables, ensure_ascii=False)}


def credentials(settings: ChannelSettings) -> tuple[str, tuple[str, ...]] | None:
    """Return the account and its tokens, the primary one first, or None where Twilio is off."""
    tokens = tuple(token.strip() for token in (settings.twilio_auth_token or "").split(",") if token.strip())
    if not settings.twilio_account_sid or not tokens:
        return None
    return settings.twilio_account_sid, tokens


def _is_whole_in_form(request: WebhookRequest) -> bool:
    """Tell whether the signed fields are the whole body.

    With `bodySHA256` in the address the SDK accepts any body for an empty form (channels.md A1.2), so a body
    that was not read as a form is refused.
    """
    if "json" in request.headers.get("content-type", "").lower():
        return False
    return bool(request.form) or not request.body
