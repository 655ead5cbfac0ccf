"""What crosses the border between a channel and the rest: frozen, provider-free shapes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk.domain.channel_faults import ChannelFault
from helpdesk.domain.delivery import DeliveryStatus, SendOutcome


class ChannelCode(StrEnum):
    """The medium by which a complaint arrives (contract.md section 5)."""

    WHATSAPP = "whatsapp"
    SMS = "sms"
    TELEGRAM = "telegram"
    WEB = "web"
    APP = "app"
    PHONE = "phone"
    LWK = "lwk"
    VISIT = "visit"


WHATSAPP_WINDOW = timedelta(hours=24)
"""So long after a person's last message WhatsApp takes free texts to her; afterwards only templates."""

CHAT_CHANNELS = frozenset({ChannelCode.WHATSAPP, ChannelCode.SMS, ChannelCode.TELEGRAM})
"""Channels with a provider: they take webhooks and carry answers."""


class MediaKind(StrEnum):
    """What an attachment is to the person who sent it."""

    PHOTO = "photo"
    VOICE = "voice"
    AUDIO = "audio"
    VIDEO = "video"
    DOCUMENT = "document"
    CONTACT = "contact"
    STICKER = "sticker"


class Direction(StrEnum):
    """Which way an utterance goes; a note is internal and is never sent."""

    IN = "in"
    OUT = "out"
    NOTE = "note"


class Purpose(StrEnum):
    """Why a message was written; only `reply` and `answer` are a person's response."""

    STORY = "story"  # what the contact says
    REPLY = "reply"  # an agent's reply
    ANSWER = "answer"  # the decision on the complaint
    RECEIPT = "receipt"  # automatic: number and promised date
    CHAT = "chat"  # automatic: status, greeting, guidance
    NOTICE = "notice"  # automatic: something the contact must learn
    NOTE = "note"


RESPONSES = (Purpose.REPLY, Purpose.ANSWER)
"""What counts as a person's response."""


class OptOut(StrEnum):
    """A provider's or a person's word on further messages."""

    STOP = "stop"
    START = "start"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A provider's request as it arrived. `url` is the public address with raw path and query, as signed."""

    channel: str
    url: str
    headers: Mapping[str, str]
    """Names in lower case."""
    form: tuple[tuple[str, str], ...]
    """Every form field in order, repeats kept; empty for JSON."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a request tells before it is understood; None where the channel cannot say."""

    sender: str | None = None
    """Whose words it brings: they are taken in the order in which they came."""
    message_id: str | None = None
    """The provider's id of the message in it, as its `external_id` will be."""


@dataclass(frozen=True, slots=True)
class AttachmentRef:
    """A file that still lies with the provider. Only the adapter's fetch() knows what `reference` means."""

    reference: str
    kind: MediaKind
    media_type: str | None = None
    filename: str | None = None
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One utterance of a person outside."""

    channel: ChannelCode
    external_id: str
    """Provider's id; with the channel it makes a repeat a no-op. Telegram: `chat:message`."""
    address: str
    """Where an answer goes, exactly as the provider wants it back."""
    aliases: tuple[str, ...] = ()
    """Typed keys that name the same person: `tel:+62…`, `bsuid:ID.…`, `tg:123`; the first is the surest."""
    text: str = ""
    attachments: tuple[AttachmentRef, ...] = ()
    sent_at: datetime | None = None
    display_name: str | None = None
    reply_to_external_id: str | None = None
    opt_out: OptOut | None = None
    is_provider_answered: bool = False
    """The provider already answered this one (Twilio Advanced Opt-Out): we stay silent."""
    edits: str | None = None
    """External id of the first version, where this is a later one of the same message."""
    choice: str | None = None
    """Payload of a pressed button or list row."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Other things said without words: `latitude`, `longitude`, `place`, `contact_phone` and
    `contact_name` (her own card), `unsupported`."""

    @property
    def is_edit(self) -> bool:
        """Whether it changes what the person said before."""
        return self.edits is not None


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """A provider's statement about one of our messages."""

    channel: ChannelCode
    external_id: str
    status: DeliveryStatus
    error_code: str | None = None
    outcome: SendOutcome | None = None
    """What the code says of the address, where it failed."""
    fault: ChannelFault | None = None
    """What the code says of the channel itself."""
    message_id: str | None = None
    """Our own id, from a provider that gives back what we sent with the message."""


@dataclass(frozen=True, slots=True)
class ReachabilityChange:
    """The person blocked or unblocked our sender on this channel."""

    channel: ChannelCode
    address: str
    is_blocked: bool


ChannelItem = InboundMessage | DeliveryReport | ReachabilityChange


@dataclass(frozen=True, slots=True)
class Option:
    """Something that a person may press instead of typing it: a button, or a row of a list."""

    label: str
    """What it sends when pressed. At most 20 characters on a button and 24 on a row (WhatsApp)."""
    detail: str = ""
    """Second line of a row, at most 72 characters."""


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """A template that the provider knows, filled for one person."""

    content_id: str
    """The provider's name of it: Twilio's Content SID `HX…`, Meta's template name."""
    variables: Mapping[str, str]
    """By number, from "1"."""
    language: str = "id"
    """For providers that have the languages of a template under one name (Meta)."""


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message ready for a provider. `message_id` is ours and comes back in the status callback."""

    message_id: str
    channel: ChannelCode
    address: str
    text: str
    options: tuple[Option, ...] = ()
    """What may be pressed; a channel without buttons leaves them out, for the same words work when typed."""
    list_title: str = ""
    """Where it is not empty the options are rows of a list that opens under this word."""
    buttons_id: str = ""
    """The provider's name of these options, where it sends only what it keeps (Twilio's Content)."""
    phone_label: str = ""
    """Where it is not empty a button of this name shares her own number, where the channel can (Telegram)."""
    template: TemplateUse | None = None
    """Goes instead of the text, which says the same (WhatsApp outside the 24-hour window)."""
    status_callback: str | None = None
    """Public address for delivery reports, for providers that take one per message."""

    def with_callback(self, address: str) -> "OutboundMessage":
        """Return the same message with the address for its delivery reports."""
        return replace(self, status_callback=address)


@dataclass(frozen=True, slots=True)
class SentCopy:
    """A message of ours as the provider lists it."""

    external_id: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """Bytes of an attachment and what the provider said of them."""

    content: bytes
    media_type: str | None
    filename: str | None = None
