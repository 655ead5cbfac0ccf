"""Reading Twilio's webhook forms: what SMS and WhatsApp have in common."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from helpdesk.channels.twilio_errors import FAULTS, OUTCOMES
from helpdesk.channels.wording import clean
from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.errors import CannotParse
from helpdesk.domain.messages import (
    AttachmentRef,
    ChannelCode,
    DeliveryReport,
    InboundMessage,
    MediaKind,
    OptOut,
)

STATUSES = {
    "queued": DeliveryStatus.QUEUED,
    "accepted": DeliveryStatus.QUEUED,
    "scheduled": DeliveryStatus.QUEUED,
    "sending": DeliveryStatus.SENDING,
    "sent": DeliveryStatus.SENT,
    "partially_delivered": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.READ,
    "undelivered": DeliveryStatus.FAILED,
    "failed": DeliveryStatus.FAILED,
    "canceled": DeliveryStatus.FAILED,
}
_INBOUND_STATUSES = frozenset({"", "receiving", "received"})
_OPT_OUTS = {"STOP": OptOut.STOP, "START": OptOut.START, "HELP": OptOut.HELP}
WHATSAPP_PREFIX = "whatsapp:"
_ONLY_WHATSAPP = ("WaId", "ProfileName", "ExternalUserId", "ChannelPrefix", "ChannelMetadata")
_MEDIA_URL = re.compile(r"MediaUrl([0-9]{1,2})")
_KINDS = {"image": MediaKind.PHOTO, "audio": MediaKind.AUDIO, "video": MediaKind.VIDEO}
_KINDS_EXACT = {
    "audio/ogg": MediaKind.VOICE,
    "image/webp": MediaKind.STICKER,
    "text/vcard": MediaKind.CONTACT,
    "text/x-vcard": MediaKind.CONTACT,
}


@dataclass(frozen=True, slots=True)
class FormFields:
    """A form with its repeats. Has `getlist` because Twilio's validator asks for it (django's QueryDict)."""

    pairs: tuple[tuple[str, str], ...]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def getlist(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]

    def text(self, name: str) -> str:
        """Return the field's first value, fit to be stored, or "" where Twilio left it out."""
        return clean(next(iter(self.getlist(name)), ""))


def medium_of(fields: FormFields, received_on: ChannelCode, *, sms_sender: str | None) -> ChannelCode:
    """Return the medium of a form, which a wrong address at Twilio's may bring to the other's webhook.

    `whatsapp:` before an address decides. WhatsApp sometimes leaves it out (channels.md A1.1), so without it a
    form at the WhatsApp address is an SMS only where it names our SMS sender. Countries and cities tell nothing:
    Twilio has sent them with WhatsApp messages too.
    """
    addresses = [fields.text(name) for name in ("From", "To")]
    if any(address.startswith(WHATSAPP_PREFIX) for address in addresses):
        return ChannelCode.WHATSAPP
    if any(fields.text(name) for name in _ONLY_WHATSAPP):
        return ChannelCode.WHATSAPP
    if sms_sender is not None and sms_sender in addresses:
        return ChannelCode.SMS
    return received_on


_OUTCOMES = {str(code): outcome for code, outcome in OUTCOMES.items()}
_FAULTS = {str(code): fault for code, fault in FAULTS.items()}


def is_report(fields: FormFields) -> bool:
    """Tell whether a form speaks of a message of ours; otherwise it is one of a person."""
    return _status_word(fields) not in _INBOUND_STATUSES


def _status_word(fields: FormFields) -> str:
    return fields.text("MessageStatus") or fields.text("SmsStatus")


def read_report(fields: FormFields, channel: ChannelCode) -> DeliveryReport | None:
    """Return the delivery report in a form, or None if the form is a message. Raises CannotParse."""
    word = _status_word(fields)
    if not is_report(fields):
        return None
    if word not in STATUSES:
        raise CannotParse(f"unknown message status {word!r}")
    error, status = fields.text("ErrorCode"), STATUSES[word]
    has_failed = status == DeliveryStatus.FAILED
    return DeliveryReport(
        channel=channel,
        external_id=_message_sid(fields),
        status=status,
        error_code=error if error not in ("", "0") else None,
        outcome=_OUTCOMES.get(error) if has_failed else None,
        fault=_FAULTS.get(error) if has_failed else None,
    )


def read_message(fields: FormFields, channel: ChannelCode) -> InboundMessage:
    """Return what both channels say alike; the adapter adds who it is. Raises CannotParse."""
    address = fields.text("From")
    if not address:
        raise CannotParse("neither a message nor a delivery report")
    opt_out_word = fields.text("OptOutType").upper()
    return InboundMessage(
        channel=channel,
        external_id=_message_sid(fields),
        address=address,
        text=fields.text("Body"),
        attachments=_attachments(fields),
        opt_out=_OPT_OUTS.get(opt_out_word),
        # Advanced Opt-Out sends its own answer before it tells us (Twilio, advanced-opt-out).
        is_provider_answered=bool(opt_out_word),
    )


def _message_sid(fields: FormFields) -> str:
    """Return the provider's id. An id that could forge a log line is not one."""
    sid = next((sid for name in ("MessageSid", "SmsMessageSid", "SmsSid") if (sid := fields.text(name))), "")
    if not sid or not sid.isprintable() or len(sid) > 100:
        raise CannotParse(f"no usable message id: {sid[:100]!r}")
    return sid


def _attachments(fields: FormFields) -> tuple[AttachmentRef, ...]:
    """Return one reference per MediaUrlN. NumMedia is not believed: it has been seen to lie."""
    numbers = {int(match[1]) for name in fields if (match := _MEDIA_URL.fullmatch(name))}
    return tuple(_attachment(fields, number) for number in sorted(numbers))


def _attachment(fields: FormFields, number: int) -> AttachmentRef:
    media_type = fields.text(f"MediaContentType{number}").partition(";")[0].strip().lower()
    kind = _KINDS_EXACT.get(media_type) or _KINDS.get(media_type.partition("/")[0], MediaKind.DOCUMENT)
    return AttachmentRef(reference=fields.text(f"MediaUrl{number}"), kind=kind, media_type=media_type or None)
