"""Messages, the outbox, delivery reports and attachments."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    UniqueConstraint,
    and_,
    false,
    literal_column,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.crypto import EncryptedJson, EncryptedText
from helpdesk.db import Base, BigId, one_of
from helpdesk.domain.delivery import DeliveryStatus, SendOutcome
from helpdesk.domain.media import HEARD, OF_STAFF
from helpdesk.domain.messages import ChannelCode, Direction, MediaKind, Purpose

_WAITING = text("status = 'queued' AND held_at IS NULL")
_HELD = text("held_at IS NOT NULL")
_SENT = text("status = 'sent'")
_LOOKED_FOR = text("look_at IS NOT NULL")
_SENDING = text("status = 'sending'")
_UNMATCHED = text("message_id IS NULL")
_PENDING_FILE = text("state = 'pending'")
_UNHEARD_FILE = text("state = 'stored' AND transcript IS NULL AND kind IN ('audio', 'voice')")
_UNPREPARED_FILE = text("state = 'stored' AND prepared_at IS NULL")


class Message(Base):
    """One utterance in a ticket's conversation; a note is internal and never sent."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("channel", "direction", "external_digest"),
        Index("ix_messages_ticket_id", "ticket_id", "id"),
        Index("ix_messages_handle_id", "handle_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    direction: Mapped[Direction] = mapped_column(one_of(Direction, "direction"))
    purpose: Mapped[Purpose] = mapped_column(one_of(Purpose, "purpose"))
    channel: Mapped[ChannelCode] = mapped_column(one_of(ChannelCode, "channel"))
    external_id: Mapped[str | None] = mapped_column(EncryptedText)
    """The provider's id; Telegram's names the chat of the person."""
    external_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Keyed digest of the provider's id, by which repeats and reports find the message."""
    handle_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("handles.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """The person who wrote it; none for the contact and for automatic messages."""
    body: Mapped[str] = mapped_column(EncryptedText)
    facts: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson)
    """Said without words: location, pressed button, edited, quoted message."""
    at: Mapped[datetime]
    sent_again_at: Mapped[datetime | None]
    """When a person last had it sent once more, after it had failed."""
    delivery: Mapped[DeliveryStatus | None] = mapped_column(one_of(DeliveryStatus, "delivery"))
    """Only of outbound messages that go through a provider."""
    error_code: Mapped[str | None]

    @property
    def counts_from(self) -> datetime:
        """When it was given as a reply: what it met was met at this instant (ADR 0006)."""
        return self.sent_again_at or self.at


class OutboxItem(Base):
    """The sending side of one outbound message, written in the same transaction as the message."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        Index(
            "ix_outbox_due",
            "channel",
            "lane",
            "next_attempt_at",
            "id",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index("ix_outbox_sent", "claimed_at", sqlite_where=_SENT, postgresql_where=_SENT),
        Index("ix_outbox_look_at", "look_at", sqlite_where=_LOOKED_FOR, postgresql_where=_LOOKED_FOR),
        Index("ix_outbox_held_at", "held_at", sqlite_where=_HELD, postgresql_where=_HELD),
        Index("ix_outbox_sending", "claimed_at", sqlite_where=_SENDING, postgresql_where=_SENDING),
        Index("ix_outbox_status", "status", "id"),
    )

    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("messages.id"), unique=True)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    status: Mapped[DeliveryStatus] = mapped_column(one_of(DeliveryStatus, "status"))
    """queued, sending, sent, failed; what the provider reports later stands on the message."""
    channel: Mapped[ChannelCode] = mapped_column(one_of(ChannelCode, "channel"))
    """The message's, so that each channel is sent by itself."""
    lane: Mapped[int]
    """0 answers of people, 1 automatic receipts and status, 2 notices."""
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    held_at: Mapped[datetime | None]
    """Since when it waits for her to write (WhatsApp's window); still `queued`, and not sent."""
    released_at: Mapped[datetime | None]
    """When she wrote, and it was let go."""
    template_id: Mapped[int | None] = mapped_column(ForeignKey("message_templates.id"))
    """Goes as this template, in or outside the window."""
    buttons_id: Mapped[int | None] = mapped_column(ForeignKey("kept_buttons.id"))
    """The set of buttons with which it went last."""
    is_plain: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Goes without buttons: with them it was refused."""
    is_in_doubt: Mapped[bool] = mapped_column(default=False, server_default=false())
    """It failed without anybody knowing whether it went (ADR 0010)."""
    look_at: Mapped[datetime | None]
    """When it is looked for at the provider."""
    rung: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many other ways were tried before this one."""


def waits_for_her() -> ColumnElement[bool]:
    """Return the condition on OutboxItem: it is queued until she writes (WhatsApp's window)."""
    return and_(OutboxItem.status == DeliveryStatus.QUEUED, OutboxItem.held_at.is_not(None))


def waits_for_its_hour(now: datetime) -> ColumnElement[bool]:
    """Return the condition on OutboxItem: her night has not passed. What failed and is tried again is none of these."""
    return and_(
        OutboxItem.status == DeliveryStatus.QUEUED,
        OutboxItem.held_at.is_(None),
        OutboxItem.attempts == 0,
        OutboxItem.last_error.is_(None),
        OutboxItem.next_attempt_at > now,
    )


class Dispatch(Base):
    """One of several parts in which a message goes out: each is handed over once, together they are its delivery.

    A message that fits into one has none: its own columns tell all.
    """

    __tablename__ = "dispatches"
    __table_args__ = (
        UniqueConstraint("message_id", "part"),
        Index("ix_dispatches_external_digest", "external_digest"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("messages.id"))
    part: Mapped[int]
    """From 1."""
    starts: Mapped[int]
    ends: Mapped[int]
    """Its place in the text of the message, which is kept once."""
    status: Mapped[DeliveryStatus] = mapped_column(one_of(DeliveryStatus, "status"))
    external_id: Mapped[str | None] = mapped_column(EncryptedText)
    external_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    error_code: Mapped[str | None]


class DeliveryEvent(Base):
    """Every delivery report as it came; one that comes before its message is known waits unmatched."""

    __tablename__ = "delivery_events"
    __table_args__ = (
        Index(
            "ix_delivery_events_unmatched",
            "channel",
            "external_digest",
            sqlite_where=_UNMATCHED,
            postgresql_where=_UNMATCHED,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("messages.id"), index=True)
    channel: Mapped[ChannelCode] = mapped_column(one_of(ChannelCode, "channel"))
    external_digest: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[DeliveryStatus] = mapped_column(one_of(DeliveryStatus, "status"))
    error_code: Mapped[str | None]
    outcome: Mapped[SendOutcome | None] = mapped_column(one_of(SendOutcome, "outcome"))
    """What the code says of the address, for a report that comes before its message is known."""
    at: Mapped[datetime]


class Attachment(Base):
    """A file of a message. The row exists before its bytes do: a failed fetch never loses the message."""

    __tablename__ = "attachments"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'stored', 'failed')", name="state"),
        Index(
            "ix_attachments_due",
            "channel",
            "turn",
            "next_attempt_at",
            "id",
            sqlite_where=_PENDING_FILE,
            postgresql_where=_PENDING_FILE,
        ),
        Index(
            "ix_attachments_unheard",
            "message_id",
            sqlite_where=_UNHEARD_FILE,
            postgresql_where=_UNHEARD_FILE,
        ),
        Index(
            "ix_attachments_unprepared",
            "turn",
            "next_attempt_at",
            "id",
            sqlite_where=_UNPREPARED_FILE,
            postgresql_where=_UNPREPARED_FILE,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    message_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("messages.id"), index=True)
    """None between the upload by the API and the complaint that names it."""
    channel: Mapped[ChannelCode] = mapped_column(one_of(ChannelCode, "channel"))
    kind: Mapped[MediaKind] = mapped_column(one_of(MediaKind, "kind"))
    reference: Mapped[str | None] = mapped_column(EncryptedText)
    """Where the provider keeps it; only the adapter understands this."""
    media_type: Mapped[str | None]
    filename: Mapped[str | None] = mapped_column(EncryptedText)
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    content_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """SHA-256 of the plain bytes as they lie here: evidence that nothing was changed."""
    original_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """SHA-256 of what came: of a picture only the clean copy is kept (ADR 0023)."""
    storage_key: Mapped[str | None]
    """Name of the encrypted file under STORAGE_DIR."""
    thumb_key: Mapped[str | None]
    """The small copy of a picture, a file like it."""
    playable_key: Mapped[str | None]
    """The copy of a sound that every browser plays, a file like it."""
    duration_seconds: Mapped[int | None]
    state: Mapped[str] = mapped_column(default="pending")
    prepared_at: Mapped[datetime | None]
    """When a stored file was cleaned and its copies were made, or had nothing to be made of it."""
    error_code: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    """At what is to be done next: to fetch it, then to prepare it."""
    next_attempt_at: Mapped[datetime | None]
    turn: Mapped[int] = mapped_column(default=0, server_default="0")
    """Whose turn it is, lowest first: files of one sender stand behind each other, those of several side by side."""
    transcript: Mapped[str | None] = mapped_column(EncryptedText)
    """What is said in a sound, written down by a person; None until somebody has listened."""
    created_at: Mapped[datetime]


def unheard_in(*which: ColumnElement[bool]) -> Select[int]:
    """Return the query of tickets with a voice of the contact that nobody has written down; `which` narrows it.

    The kinds are spelt as in the partial index: with parameters it would not be used.
    """
    heard = [literal_column(f"'{kind}'", type_=Attachment.kind.type) for kind in sorted(HEARD)]
    return (
        select(Message.ticket_id)
        .join(Attachment, Attachment.message_id == Message.id)
        .where(
            Message.direction == Direction.IN,
            Message.channel.not_in(OF_STAFF),
            Attachment.kind.in_(heard),
            Attachment.state == literal_column("'stored'"),
            Attachment.transcript.is_(None),
            *which,
        )
    )
