"""What a Telegram message holds: text, files and the things said without words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from telegram import Contact, Message, Sticker
from telegram.constants import MessageType

from helpdesk.domain.messages import AttachmentRef, MediaKind

_FILES: Final = (
    # An animation comes with a copy as a document, so it is asked for first.
    ("animation", MediaKind.VIDEO, "video/mp4"),
    ("audio", MediaKind.AUDIO, "audio/mpeg"),
    ("document", MediaKind.DOCUMENT, None),
    ("video", MediaKind.VIDEO, "video/mp4"),
    ("video_note", MediaKind.VIDEO, "video/mp4"),
    ("voice", MediaKind.VOICE, "audio/ogg"),
)
_SAID_BUT_NOT_READ: Final = frozenset(
    {"checklist", "dice", "game", "gift", "giveaway", "invoice", "live_photo", "paid_media", "passport_data"}
    | {"poll", "story", "successful_payment", "unique_gift", "users_shared", "chat_shared"}
)
"""Kinds by which a person says something that we cannot show; all others Telegram itself says."""
_BESIDE_CONTENT: Final = frozenset(
    {"business_connection_id", "effect_id", "reply_to_story", "sender_boost_count", "sender_business_bot"}
    | {"suggested_post_info"}
)
"""Named as kinds by the library, but they accompany a content."""


@dataclass(frozen=True, slots=True)
class Content:
    """What one message holds. `facts` are those of InboundMessage, with `album` for a picture of several."""

    text: str = ""
    attachments: tuple[AttachmentRef, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    choice: str | None = None


class _File(Protocol):
    @property
    def file_id(self) -> str: ...
    @property
    def file_size(self) -> int | None: ...


def read_content(message: Message) -> Content | None:
    """Return what the person said, or None for a service message (pinned, title changed, moved)."""
    content = Content(
        text=_text(message),
        attachments=tuple(_attachments(message)),
        facts=_facts(message),
        choice=message.web_app_data.data if message.web_app_data else None,
    )
    if content.text or content.attachments or content.facts:
        return content
    kinds = {str(kind) for kind in MessageType if getattr(message, kind, None)} - _BESIDE_CONTENT
    if kinds and not kinds & _SAID_BUT_NOT_READ:
        return None
    return Content(facts={"unsupported": min(kinds & _SAID_BUT_NOT_READ, default="unknown")})


def _text(message: Message) -> str:
    """Return the words; a sticker says its emoji, another person's card its name and number."""
    if message.contact and not _is_own(message.contact, message):
        return f"{_name_on(message.contact)} {message.contact.phone_number}"
    if message.web_app_data:
        return message.web_app_data.button_text
    sticker = message.sticker.emoji if message.sticker else None
    return message.text or message.caption or sticker or ""


def _name_on(card: Contact) -> str:
    return f"{card.first_name} {card.last_name or ''}".strip()


def _is_own(contact: Contact, message: Message) -> bool:
    """Anybody can share anybody's card; only the sender's own number names the sender."""
    return message.from_user is not None and contact.user_id == message.from_user.id


def _facts(message: Message) -> dict[str, str]:
    facts: dict[str, str] = {}
    location = message.venue.location if message.venue else message.location
    if location:
        facts |= {"latitude": str(location.latitude), "longitude": str(location.longitude)}
    if message.venue:
        facts["place"] = ", ".join(part for part in (message.venue.title, message.venue.address) if part)
    if message.contact and _is_own(message.contact, message):
        # Telegram leaves out the plus sign (seen in request_contact answers).
        facts["contact_phone"] = "+" + message.contact.phone_number.removeprefix("+")
        facts["contact_name"] = _name_on(message.contact)
    if message.media_group_id:
        facts["album"] = message.media_group_id
    return facts


def _attachments(message: Message) -> list[AttachmentRef]:
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return [_reference(largest, MediaKind.PHOTO, media_type="image/jpeg")]
    if message.sticker:
        return [_reference(message.sticker, MediaKind.STICKER, media_type=_sticker_type(message.sticker))]
    for name, kind, media_type in _FILES:
        file: _File | None = getattr(message, name)
        if file:
            return [_reference(file, kind, media_type=getattr(file, "mime_type", None) or media_type)]
    return []


def _reference(file: _File, kind: MediaKind, *, media_type: str | None) -> AttachmentRef:
    """Name the file by its id only: the address of a Telegram file contains the token."""
    return AttachmentRef(
        reference=file.file_id,
        kind=kind,
        media_type=media_type,
        filename=getattr(file, "file_name", None),
        size_bytes=file.file_size,
    )


def _sticker_type(sticker: Sticker) -> str:
    if sticker.is_animated:
        return "application/x-tgsticker"
    return "video/webm" if sticker.is_video else "image/webp"
