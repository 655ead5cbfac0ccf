"""Ways in which a message was tried, and what people do to reach a contact."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.crypto import EncryptedText
from helpdesk.db import Base, BigId, one_of
from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.outreach import TaskKind, TaskResult

_OPEN = text("done_at IS NULL")


class DeliveryAttempt(Base):
    """An earlier way of a message that is now tried another: what the provider still says of it is kept here."""

    __tablename__ = "delivery_attempts"
    __table_args__ = (
        Index("ix_delivery_attempts_message_id", "message_id", "id"),
        Index("ix_delivery_attempts_external_digest", "external_digest"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("messages.id"))
    channel: Mapped[ChannelCode] = mapped_column(one_of(ChannelCode, "channel"))
    handle_id: Mapped[int] = mapped_column(BigId, ForeignKey("handles.id"))
    external_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    status: Mapped[DeliveryStatus] = mapped_column(one_of(DeliveryStatus, "status"))
    error_code: Mapped[str | None]
    ended_at: Mapped[datetime]


class ContactTask(Base):
    """A call, a letter or a visit by which a person reaches the contact of a ticket."""

    __tablename__ = "contact_tasks"
    __table_args__ = (
        CheckConstraint("(done_at IS NULL) = (result IS NULL)", name="done_with_result"),
        Index("ix_contact_tasks_ticket_id", "ticket_id", "id"),
        Index("ix_contact_tasks_message_id", "message_id"),
        Index("ix_contact_tasks_open", "due_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    kind: Mapped[TaskKind] = mapped_column(one_of(TaskKind, "kind"))
    reason: Mapped[str]
    """Why: `not_arrived`, `unread`, `asked` …, in words in views/contact_task_words.py."""
    message_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("messages.id"))
    """What she is to be told."""
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    result: Mapped[TaskResult | None] = mapped_column(one_of(TaskResult, "result"))
    note: Mapped[str | None] = mapped_column(EncryptedText)
