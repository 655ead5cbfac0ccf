"""WhatsApp by Meta's Cloud API, without a company in between (Meta for Developers, Cloud API, read 2026-11).

One request may bring several messages and reports. A file is named by an id, behind which lies an address that lives
for minutes. A person may come without a phone number: then the business-scoped user id (BSUID) is her address.
"""

import hashlib
import hmac
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final
from urllib.parse import urlsplit

import requests

from helpdesk.channels.base import Capabilities, ChannelSettings
from helpdesk.channels.downloads import Hop, download, no_redirect
from helpdesk.channels.json_fields import Json, list_in, loaded, map_in, text_in
from helpdesk.channels.meta_errors import ERRORS, send_failure
from helpdesk.channels.transport import transport_failure
from helpdesk.channels.wording import phone_key
from helpdesk.domain.delivery import DeliveryStatus, SendOutcome
from helpdesk.domain.errors import CannotParse, FetchFailed, InvalidSignature, SendFailed
from helpdesk.domain.messages import (
    WHATSAPP_WINDOW,
    AttachmentRef,
    ChannelCode,
    ChannelItem,
    DeliveryReport,
    Envelope,
    FetchedFile,
    InboundMessage,
    MediaKind,
    OutboundMessage,
    TemplateUse,
    WebhookRequest,
)
from helpdesk.domain.options import MAX_UNDER_BUTTONS

logger = logging.getLogger(__name__)

SIGNATURE_HEADER: Final = "x-hub-signature-256"
API_HOST: Final = "graph.facebook.com"
FILE_HOSTS: Final = frozenset({"lookaside.fbsbx.com", "mmg.whatsapp.net"})
MAX_BYTES: Final = 16 * 1024 * 1024
_SECONDS: Final = (5.0, 10.0)
_FILE_SECONDS: Final = 60.0
_ID: Final = re.compile(r"[A-Za-z0-9._=-]{1,200}")
_NUMBERS_NAMED: Final = 5
_NO_PHONE: Final = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")

STATUSES = {
    "sent": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.READ,
    "played": DeliveryStatus.READ,
    "failed": DeliveryStatus.FAILED,
}
_KINDS = {
    "image": MediaKind.PHOTO,
    "audio": MediaKind.AUDIO,
    "video": MediaKind.VIDEO,
    "document": MediaKind.DOCUMENT,
    "sticker": MediaKind.STICKER,
}


class WhatsappMeta:
    """Our number at Meta; requests for another number of the same app are not for us."""

    code = ChannelCode.WHATSAPP
    capabilities = Capabilities(max_text=4096, has_options=True, has_templates=True, window=WHATSAPP_WINDOW)

    def __init__(
        self,
        *,
        access_token: str,
        phone_number_id: str,
        app_secrets: tuple[str, ...],
        verify_token: str,
        api_base: str,
    ) -> None:
        """`app_secrets`: several while they are exchanged; all verify. `api_base` ends with the API's version."""
        self._phone_number_id = phone_number_id
        self._secrets = tuple(secret.encode() for secret in app_secrets)
        self._verify_token = verify_token.encode()
        self._base = api_base.rstrip("/")
        self._is_own_base = urlsplit(self._base).hostname != API_HOST
        self._bearer = {"Authorization": f"Bearer {access_token}"}
        self._left_alone: set[str] = set()
        self._session = requests.Session()
        self._session.auth = self._authorise  # a .netrc would win over a header

    def handshake(self, query: Mapping[str, str]) -> str:
        given = query.get("hub.verify_token", "").encode("utf-8", "surrogatepass")
        if query.get("hub.mode") != "subscribe" or not hmac.compare_digest(given, self._verify_token):
            raise InvalidSignature("whatsapp: wrong verify token")
        return query.get("hub.challenge", "")

    def verify(self, request: WebhookRequest) -> None:
        """Check the signature over the raw body, and that the body is what it says: JSON, not a form."""
        given = request.headers.get(SIGNATURE_HEADER, "").encode("utf-8", "surrogatepass")
        expected = (hmac.new(secret, request.body, hashlib.sha256).hexdigest() for secret in self._secrets)
        if request.form or not any(hmac.compare_digest(given, b"sha256=" + e.encode()) for e in expected):
            raise InvalidSignature("whatsapp: wrong signature")

    def envelope(self, request: WebhookRequest) -> Envelope:
        """A batch of several people has no one sender: each message is one of its own to the inbox."""
        try:
            said = [item for item in self.parse(request) if isinstance(item, InboundMessage)]
        except CannotParse:
            return Envelope()
        senders = {message.address for message in said}
        return Envelope(
            senders.pop() if len(senders) == 1 else None, said[0].external_id if len(said) == 1 else None
        )

    def parse(self, request: WebhookRequest) -> list[ChannelItem]:
        """Return all that is understood. Raises CannotParse where nothing is, though something was said."""
        items: list[ChannelItem] = []
        faults: list[CannotParse] = []
        for value in self._values(_load(request.body)):
            contacts = list_in(value, "contacts")
            readers = [partial(_read_message, raw, contacts) for raw in list_in(value, "messages")]
            readers += [partial(_read_status, raw) for raw in list_in(value, "statuses")]
            for read in readers:
                try:
                    items += read()
                except CannotParse as fault:
                    faults.append(fault)
        if faults and not items:
            raise faults[0]
        return items

    def send(self, message: OutboundMessage) -> str:
        """Send one text, with what may be pressed, or a template. Texts of errors quote numbers: left out."""
        body = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            **_recipient(message.address),
            **_content(message),
            "biz_opaque_callback_data": message.message_id,
        }
        address = f"{self._base}/{self._phone_number_id}/messages"
        try:
            with self._session.post(address, json=body, timeout=_SECONDS, allow_redirects=False) as answer:
                if not answer.ok:
                    raise send_failure(answer.status_code, answer.content)
                sent = list_in(loaded(answer.content), "messages")
        except requests.RequestException as error:
            raise transport_failure(error) from None
        wamid = next((text_in(each, "id") for each in sent), "")
        if not wamid:
            raise SendFailed("bad_response", outcome=SendOutcome.UNKNOWN, detail="no id")
        return wamid

    def fetch(self, ref: AttachmentRef) -> FetchedFile:
        """Ask for the file's address of the minute, then for the file; the token goes to Meta's hosts only."""
        if not _ID.fullmatch(ref.reference):
            raise FetchFailed("foreign_address", is_final=True)
        first = Hop(f"{self._base}/{ref.reference}", self._bearer, is_ours=self._is_own_base)
        found = download(first, no_redirect, most_bytes=64 * 1024, seconds=_FILE_SECONDS)
        address = text_in(loaded(found.content), "url")
        file = download(self._file_hop(address), no_redirect, most_bytes=MAX_BYTES, seconds=_FILE_SECONDS)
        return FetchedFile(file.content, ref.media_type or file.media_type, ref.filename or file.filename)

    def close(self) -> None:
        self._session.close()

    def _authorise(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._bearer)
        return request

    def _file_hop(self, address: str) -> Hop:
        try:
            parts, base = urlsplit(address), urlsplit(self._base)
        except ValueError:
            raise FetchFailed("foreign_address", is_final=True) from None
        is_own = self._is_own_base and (parts.scheme, parts.netloc) == (base.scheme, base.netloc)
        if not (is_own or (parts.scheme == "https" and parts.netloc in FILE_HOSTS)):
            raise FetchFailed("foreign_address", is_final=True)
        return Hop(address, self._bearer, is_ours=is_own)

    def _values(self, update: Json) -> Iterator[Json]:
        """Return the parts of a request that concern messages of our number."""
        for entry in list_in(update, "entry"):
            for change in list_in(entry, "changes"):
                value = map_in(change, "value")
                if change.get("field") != "messages":
                    continue
                number = text_in(map_in(value, "metadata"), "phone_number_id")
                if number == self._phone_number_id:
                    yield value
                else:
                    self._leave_alone(number)

    def _leave_alone(self, number: str) -> None:
        """Say once of each number that it is not ours: META_PHONE_NUMBER_ID may be mistyped."""
        if number not in self._left_alone and len(self._left_alone) < _NUMBERS_NAMED:
            self._left_alone.add(number)
            logger.warning(
                "whatsapp: what comes for number id %r is left alone, ours is %r",
                number,
                self._phone_number_id,
            )


def build(settings: ChannelSettings) -> WhatsappMeta | None:
    """Return the channel, or None without credentials."""
    token, number = settings.meta_access_token, settings.meta_phone_number_id
    secrets = tuple(part.strip() for part in (settings.meta_app_secret or "").split(",") if part.strip())
    if not (token and number and secrets and settings.meta_verify_token):
        return None
    return WhatsappMeta(
        access_token=token,
        phone_number_id=number,
        app_secrets=secrets,
        verify_token=settings.meta_verify_token,
        api_base=settings.meta_api_base,
    )


def _read_message(raw: Json, contacts: Sequence[Json]) -> list[ChannelItem]:
    """Return what a person said; groups and what WhatsApp itself says (a changed number) say nothing to us."""
    kind = text_in(raw, "type")
    if raw.get("group_id") or kind == "system":
        return []
    user_id = text_in(raw, "from_user_id")
    address, external_id = text_in(raw, "from") or user_id, text_in(raw, "id")
    if not address or not external_id or len(external_id) > 200 or not external_id.isprintable():
        raise CannotParse("a message without sender or id")
    content, reaction = map_in(raw, kind), map_in(raw, "reaction")
    if kind == "reaction" and not text_in(reaction, "emoji"):
        return []  # taken back
    text, choice = _words(raw, kind, content)
    attachments = _attachments(kind, content)
    facts = _place(content) if kind == "location" else {}
    if not (text or attachments or facts) or kind == "unsupported":
        facts = {"unsupported": kind or "unknown"} if not text else {}
    person = _person(contacts, address, user_id)
    return [
        InboundMessage(
            channel=ChannelCode.WHATSAPP,
            external_id=external_id,
            address=address,
            aliases=_keys(raw, person),
            text=text,
            attachments=attachments,
            sent_at=_instant(raw),
            display_name=text_in(map_in(person, "profile"), "name") or None,
            reply_to_external_id=text_in(map_in(raw, "context"), "id")
            or text_in(reaction, "message_id")
            or None,
            choice=choice or None,
            facts=facts,
        )
    ]


def _words(raw: Json, kind: str, content: Json) -> tuple[str, str]:
    """Return the words, and what a pressed button or row carries besides them."""
    match kind:
        case "button":
            return text_in(content, "text"), text_in(content, "payload")
        case "interactive":
            pressed = map_in(content, text_in(content, "type"))
            return text_in(pressed, "title") or text_in(pressed, "body"), text_in(pressed, "id")
        case "contacts":
            return "\n".join(map(_card, list_in(raw, "contacts"))), ""
        case "reaction":
            return text_in(content, "emoji"), ""
    return text_in(content, "caption") or text_in(map_in(raw, "text"), "body"), ""


def _card(card: Json) -> str:
    """Anybody can share anybody's card: it says a name and numbers, and names nobody as the sender."""
    numbers = (text_in(phone, "phone") for phone in list_in(card, "phones"))
    return " ".join(filter(None, (text_in(map_in(card, "name"), "formatted_name"), *numbers)))


def _attachments(kind: str, content: Json) -> tuple[AttachmentRef, ...]:
    if kind not in _KINDS or not text_in(content, "id"):
        return ()
    media_type = text_in(content, "mime_type").partition(";")[0].strip().lower()
    is_voice = content.get("voice") is True
    return (
        AttachmentRef(
            reference=text_in(content, "id"),
            kind=MediaKind.VOICE if is_voice else _KINDS[kind],
            media_type=media_type or None,
            filename=text_in(content, "filename") or None,
        ),
    )


def _place(content: Json) -> dict[str, str]:
    latitude, longitude = content.get("latitude"), content.get("longitude")
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return {}
    place = ", ".join(filter(None, (text_in(content, "name"), text_in(content, "address"))))
    return {"latitude": str(latitude), "longitude": str(longitude)} | ({"place": place} if place else {})


def _person(contacts: Sequence[Json], address: str, user_id: str) -> Json:
    """Return the entry of the sender among the people that a request names."""
    ids = {address, user_id} - {""}
    named = (each for each in contacts if {text_in(each, "wa_id"), text_in(each, "user_id")} & ids)
    return next(named, contacts[0] if len(contacts) == 1 else {})


def _keys(raw: Json, person: Json) -> tuple[str, ...]:
    """Return the person's keys, the phone first: a user id belongs to one business only."""
    written = [text_in(raw, "from"), text_in(person, "wa_id")]
    phones = [phone_key(f"+{number}") for number in written if number.isdecimal()]
    user_ids = [number for number in written if _NO_PHONE.fullmatch(number)]
    user_ids += [text_in(raw, "from_user_id"), text_in(person, "user_id")]
    user_ids += [text_in(raw, "from_parent_user_id"), text_in(person, "parent_user_id")]
    keys = [*phones, *(f"bsuid:{user_id}" for user_id in user_ids if user_id)]
    return tuple(dict.fromkeys(key for key in keys if key)) or (f"whatsapp:{text_in(raw, 'from')}",)


def _read_status(raw: Json) -> list[ChannelItem]:
    word, external_id = text_in(raw, "status"), text_in(raw, "id")
    if word == "deleted":
        return []
    if word not in STATUSES or not external_id:
        raise CannotParse(f"unknown message status {word!r}")
    has_failed = STATUSES[word] is DeliveryStatus.FAILED
    code = next((error.get("code") for error in list_in(raw, "errors") if has_failed), None)
    outcome, fault = ERRORS.get(code, (None, None)) if isinstance(code, int) else (None, None)
    return [
        DeliveryReport(
            channel=ChannelCode.WHATSAPP,
            external_id=external_id,
            status=STATUSES[word],
            error_code=str(code) if isinstance(code, int) else None,
            outcome=outcome,
            fault=fault,
            message_id=text_in(raw, "biz_opaque_callback_data") or None,
        )
    ]


def _recipient(address: str) -> dict[str, str]:
    """Return where it goes: a number to `to`, a user id to `recipient`, whichever provider it came from."""
    bare = address.removeprefix("whatsapp:").removeprefix("+")
    return {"recipient": bare} if _NO_PHONE.fullmatch(bare) else {"to": bare}


def _content(message: OutboundMessage) -> dict[str, object]:
    if message.template is not None:
        return {"type": "template", "template": _template(message.template)}
    if not message.options or len(message.text) > MAX_UNDER_BUTTONS:
        return {"type": "text", "text": {"body": message.text, "preview_url": False}}
    if message.list_title:
        rows = [
            {"id": option.label, "title": option.label}
            | ({"description": option.detail} if option.detail else {})
            for option in message.options
        ]
        action: dict[str, object] = {"button": message.list_title, "sections": [{"rows": rows}]}
    else:
        replies = ({"id": option.label, "title": option.label} for option in message.options)
        action = {"buttons": [{"type": "reply", "reply": reply} for reply in replies]}
    kind = "list" if message.list_title else "button"
    return {
        "type": "interactive",
        "interactive": {"type": kind, "body": {"text": message.text}, "action": action},
    }


def _template(use: TemplateUse) -> dict[str, object]:
    values = [value for _, value in sorted(use.variables.items(), key=lambda pair: int(pair[0]))]
    parameters = [{"type": "text", "text": value} for value in values]
    body = {"components": [{"type": "body", "parameters": parameters}]} if parameters else {}
    return {"name": use.content_id, "language": {"code": use.language}, **body}


def _load(body: bytes) -> Json:
    found = loaded(body)
    if found.get("object") != "whatsapp_business_account":
        raise CannotParse("no update of a WhatsApp account")
    return found


def _instant(raw: Json) -> datetime | None:
    seconds = text_in(raw, "timestamp")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 12):
        return None
    return datetime.fromtimestamp(int(seconds), UTC)
