"""Raw webhooks as stored before they are understood, and keys that make a repeated request a no-op."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.crypto import EncryptedBytes, EncryptedJson
from helpdesk.db import Base, BigId, one_of
from helpdesk.domain.setbacks import Setback

_OPEN = text("state = 'received'")


class WebhookState(StrEnum):
    """received: to be processed or tried again; stuck: waits for a person."""

    RECEIVED = "received"
    PROCESSED = "processed"
    STUCK = "stuck"


class WebhookOrigin(StrEnum):
    """How an event came to us."""

    WEBHOOK = "webhook"  # the provider called
    POLLED = "polled"  # we asked, as installations without a public address do
    HEALED = "healed"  # its webhook never reached us, and the provider's own list had it


class WebhookEvent(Base):
    """A provider's request, on disk before it was answered. Its raw body is dropped once processed."""

    __tablename__ = "webhook_events"
    __table_args__ = (
        UniqueConstraint("channel", "body_digest"),
        UniqueConstraint("channel", "token_digest"),
        Index("ix_webhook_events_due", "next_attempt_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_webhook_events_state", "state", "id"),
        Index(
            "ix_webhook_events_sender",
            "channel",
            "sender_digest",
            "id",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_webhook_events_message", "channel", "message_digest"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel: Mapped[str]
    body_digest: Mapped[bytes] = mapped_column(LargeBinary)
    """Keyed digest of the whole request: the same bytes again are a repeat."""
    token_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Keyed digest of the provider's own word for this delivery and its repeats (I-Twilio-Idempotency-Token)."""
    sender_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Keyed digest of whose words it brings: events of one sender are processed in their order."""
    message_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Keyed digest of the provider's id of the message, before and after it was understood."""
    origin: Mapped[WebhookOrigin] = mapped_column(
        one_of(WebhookOrigin, "origin"), default=WebhookOrigin.WEBHOOK, server_default=WebhookOrigin.WEBHOOK
    )
    url: Mapped[str]
    headers: Mapped[dict[str, str]] = mapped_column(EncryptedJson)
    body: Mapped[bytes | None] = mapped_column(EncryptedBytes)
    state: Mapped[WebhookState] = mapped_column(one_of(WebhookState, "state"))
    received_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    reason: Mapped[Setback | None] = mapped_column(one_of(Setback, "reason"))
    """Why the last try failed."""
    error: Mapped[str | None]
    """Class and place of the last failure, for developers; nothing that quotes the person."""


class IdempotencyKey(Base):
    """Answer of a request that carried a key: the same key again gets the same answer (contract.md 5)."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("scope", "key_digest"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    scope: Mapped[str]
    """Who may repeat: `web`, `staff:<user>`, `token:<id>` plus the route."""
    key_digest: Mapped[bytes] = mapped_column(LargeBinary)
    request_digest: Mapped[bytes] = mapped_column(LargeBinary)
    """Of the request's content: the same key with another content is refused."""
    result: Mapped[dict[str, str]] = mapped_column(EncryptedJson)
    created_at: Mapped[datetime] = mapped_column(index=True)


class FormDraft(Base):
    """Answers of an unfinished public form, kept for a day under a random token."""

    __tablename__ = "form_drafts"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    answers: Mapped[dict[str, str]] = mapped_column(EncryptedJson)
    created_at: Mapped[datetime] = mapped_column(index=True)


class RateBucket(Base):
    """Requests of one sender in one window, for limits that hold across processes."""

    __tablename__ = "rate_buckets"

    bucket: Mapped[str] = mapped_column(primary_key=True)
    """`<limit>:<keyed digest of the sender>`."""
    window_at: Mapped[datetime] = mapped_column(primary_key=True, index=True)
    hits: Mapped[int]
