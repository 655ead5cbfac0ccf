"""What a complaint leads to: resolutions, redress, ratings and improvements."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.crypto import EncryptedText
from helpdesk.db import Base, BigId, one_of
from helpdesk.domain.complaints import Disposition, RedressKind


class ImprovementStatus(StrEnum):
    """Columns of the improvements board (design.md W6)."""

    NEW = "new"
    INVESTIGATING = "investigating"
    FIXING = "fixing"
    TOLD = "told"


class Resolution(Base):
    """Disposition and root cause of one answer; an objection leads to another row, never to a changed one."""

    __tablename__ = "resolutions"
    __table_args__ = (Index("ix_resolutions_ticket_id", "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    disposition: Mapped[Disposition | None] = mapped_column(one_of(Disposition, "disposition"))
    """None where nothing was to be decided: enquiries and requests."""
    root_cause: Mapped[str] = mapped_column(index=True)
    summary: Mapped[str | None] = mapped_column(EncryptedText)
    late_code: Mapped[str | None]
    """Why it came after a promise had run out, of late_reasons.yaml; asked for then, and never otherwise."""
    late_reason: Mapped[str | None] = mapped_column(EncryptedText)
    """The same in words."""
    resolved_by: Mapped[str]
    at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    rejected_at: Mapped[datetime | None]


class Redress(Base):
    """What is given, from offer to payment. Amounts in whole rupiah."""

    __tablename__ = "redress"
    __table_args__ = (CheckConstraint("amount IS NULL OR amount > 0", name="amount_positive"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    resolution_id: Mapped[int] = mapped_column(BigId, ForeignKey("resolutions.id"), index=True)
    kind: Mapped[RedressKind] = mapped_column(one_of(RedressKind, "kind"))
    amount: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(default="IDR")
    offered_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]


class Rating(Base):
    """How the contact rated the service, 1 to 5; the last one counts."""

    __tablename__ = "ratings"
    __table_args__ = (CheckConstraint("score BETWEEN 1 AND 5", name="score"),)

    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"), primary_key=True)
    score: Mapped[int]
    comment: Mapped[str | None] = mapped_column(EncryptedText)
    at: Mapped[datetime] = mapped_column(index=True)


class Improvement(Base):
    """A product finding that tickets are linked to, with an owner and a decision."""

    __tablename__ = "improvements"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    finding: Mapped[str]
    category_code: Mapped[str | None] = mapped_column(ForeignKey("categories.code"), index=True)
    status: Mapped[ImprovementStatus] = mapped_column(one_of(ImprovementStatus, "status"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    decision: Mapped[str | None]
    due_on: Mapped[date | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ImprovementTicket(Base):
    """A ticket that shows the finding."""

    __tablename__ = "improvement_tickets"

    improvement_id: Mapped[int] = mapped_column(ForeignKey("improvements.id"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"), primary_key=True, index=True)
