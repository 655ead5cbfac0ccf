"""Tickets, their subjects, search words, and the audit chain of their events."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.crypto import EncryptedJson, EncryptedText
from helpdesk.db import Base, BigId, one_of
from helpdesk.domain.lifecycle import SetAside, TicketKind, TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.severity import Impact, Severity, Urgency
from helpdesk.sla.policy import Form

_WAITS_FOR_WORD = text("closes_at IS NOT NULL")
_SET_ASIDE = text("set_aside_at IS NOT NULL")
_WAITS_FOR_ASSIGNEE = text("react_by IS NOT NULL")
_ACTIVE = text("status IN ('new', 'open', 'pending', 'on_hold')")
SPELT_ACTIVE = text("tickets.status IN ('new', 'open', 'pending', 'on_hold')")
"""The condition of the partial indexes as they spell it: with parameters the planner would not see them."""


class CategoryRow(Base):
    """The taxonomy as the database knows it (foreign keys); written from domain/data/taxonomy.yaml."""

    __tablename__ = "categories"

    code: Mapped[str] = mapped_column(primary_key=True)
    group_code: Mapped[str]
    name_id: Mapped[str]
    name_en: Mapped[str]
    regulator_type: Mapped[str]
    default_severity: Mapped[Severity] = mapped_column(one_of(Severity, "default_severity"))
    is_conduct: Mapped[bool]
    """About staff: hidden from their own point."""
    retired_at: Mapped[datetime | None]


class Ticket(Base):
    """The unit of work, queueing and measurement."""

    __tablename__ = "tickets"
    __table_args__ = (
        CheckConstraint("length(number) >= 8", name="number_length"),
        CheckConstraint("amount IS NULL OR amount >= 0", name="amount_not_negative"),
        # The queue: active tickets by next deadline, then severity, then id (keyset).
        Index(
            "ix_tickets_queue",
            "next_due_at",
            "severity",
            "id",
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
        Index(
            "ix_tickets_team_queue",
            "team_id",
            "next_due_at",
            "severity",
            "id",
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
        Index("ix_tickets_assignee_id_status", "assignee_id", "status"),
        Index("ix_tickets_status_next_due_at", "status", "next_due_at"),
        Index("ix_tickets_contact_id_created_at", "contact_id", "created_at"),
        Index("ix_tickets_handle_id_status", "handle_id", "status"),
        Index("ix_tickets_unit_id_created_at", "unit_id", "created_at"),
        Index("ix_tickets_category_code_received_at", "category_code", "received_at"),
        Index("ix_tickets_received_at", "received_at", "id"),
        Index("ix_tickets_created_at", "created_at", "id"),
        Index("ix_tickets_resolved_at", "resolved_at"),
        Index(
            "ix_tickets_closes_at",
            "closes_at",
            sqlite_where=_WAITS_FOR_WORD,
            postgresql_where=_WAITS_FOR_WORD,
        ),
        Index(
            "ix_tickets_set_aside",
            "created_at",
            "id",
            sqlite_where=_SET_ASIDE,
            postgresql_where=_SET_ASIDE,
        ),
        Index(
            "ix_tickets_react_by",
            "react_by",
            sqlite_where=_WAITS_FOR_ASSIGNEE,
            postgresql_where=_WAITS_FOR_ASSIGNEE,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[TicketKind] = mapped_column(one_of(TicketKind, "kind"))
    status: Mapped[TicketStatus] = mapped_column(one_of(TicketStatus, "status"))
    subject: Mapped[str] = mapped_column(EncryptedText)
    """Beginning of the story, for lists."""
    category_code: Mapped[str | None] = mapped_column(ForeignKey("categories.code"))
    category_source: Mapped[str] = mapped_column(default="none")
    """Who chose the category: none, suggested, contact, agent."""
    severity: Mapped[Severity] = mapped_column(one_of(Severity, "severity"))
    impact: Mapped[Impact] = mapped_column(one_of(Impact, "impact"))
    urgency: Mapped[Urgency] = mapped_column(one_of(Urgency, "urgency"))
    severity_reasons: Mapped[list[dict[str, str]]] = mapped_column(EncryptedJson)
    """Encrypted, for a reason may quote the words that it was found by."""
    matrix_version: Mapped[int]
    is_severity_overridden: Mapped[bool] = mapped_column(default=False)
    routing_reason: Mapped[dict[str, str]] = mapped_column(JSON)
    channel: Mapped[ChannelCode] = mapped_column(one_of(ChannelCode, "channel"))
    place: Mapped[str | None]
    """Of a visit: office (written) or field (verbal)."""
    form: Mapped[Form] = mapped_column(one_of(Form, "form"))
    is_form_overridden: Mapped[bool] = mapped_column(default=False)
    """A person decided it, with a reason; otherwise it follows from the channel."""
    language: Mapped[str] = mapped_column(default="id")
    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contacts.id"))
    handle_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("handles.id"))
    """Where answers go; none for paper and phone without a number."""
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_units.id"))
    """Point of the Mitra, or head office while unknown."""
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    assigned_at: Mapped[datetime | None]
    react_by: Mapped[datetime | None]
    """By when the assignee must have done something, or the ticket goes back; None once she has."""
    returned_at: Mapped[datetime | None]
    """When it was taken from an assignee who did not react or was not there; None once somebody has it again."""
    registered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    is_about_staff: Mapped[bool] = mapped_column(default=False)
    """Category concerns conduct, or a subject is named: hidden from the point (queries/visibility.py)."""
    amount: Mapped[int | None] = mapped_column(BigInteger)
    """Rupiah at stake."""
    occurred_on: Mapped[date | None]
    received_at: Mapped[datetime]
    """When it reached the lender: starts every clock. Paper may be entered days later."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    """When the number was first told to the contact (automatic receipt)."""
    last_inbound_at: Mapped[datetime | None]
    last_human_at: Mapped[datetime | None]
    """Last message or note of a member of staff; older than last_inbound_at means unread."""
    resolved_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    """When an answered ticket closes by itself if the contact says nothing; only while it is resolved."""
    closed_at: Mapped[datetime | None]
    set_aside_as: Mapped[SetAside | None] = mapped_column(one_of(SetAside, "set_aside_as"))
    """Spam or a wrong number: closed, of kind enquiry, in the view of its own."""
    set_aside_at: Mapped[datetime | None]
    reopened_count: Mapped[int] = mapped_column(default=0)
    next_due_at: Mapped[datetime | None]
    """Soonest due instant of a live clock; written only by services/clocks.py."""
    follow_up_code_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Of the kode kabar (web form without a phone) that opens the status page with the number."""
    version: Mapped[int] = mapped_column(default=0)
    """Raised with every event; a form that carries an older one is refused where it matters."""
    chain_head: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    """Keyed digest of the newest event's link: it goes into the next one, and a cut end shows."""

    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012


class TicketSubject(Base):
    """A member of staff who is complained about; barred from the ticket in every read."""

    __tablename__ = "ticket_subjects"

    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)


class TicketWord(Base):
    """Keyed digest of each word of a ticket's messages, for `q`."""

    __tablename__ = "ticket_words"
    __table_args__ = (Index("ix_ticket_words_ticket_id", "ticket_id"), {"sqlite_with_rowid": False})

    word: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True
    )


PERSONAL_DATA_ERASED = "personal_data_erased"
"""Kind of the event before which the details of a ticket's events may be gone, and after it its texts."""

MOVED_OUT = "message_moved_out"
"""Kind of the event after which a message that was recorded in the ticket lies in another."""

MOVED_IN = "message_moved_in"
"""Kind of the event with which a message of another ticket has come to lie in this one."""

MERGED_OUT = "merged_into"
"""Kind of the event of a ticket that was merged into another: all its messages (`left`) went there."""

MERGED_IN = "merged_from"
"""Kind of the event of the other one; `sealed`: the messages that came, each with its seal."""

UNMERGED_OUT = "merge_undone"
"""Kind of the event after which messages (`left`) lie again where they came from."""

UNMERGED_IN = "unmerged"
"""Kind of the event of the ticket that has its messages back (`sealed`)."""


class TicketEvent(Base):
    """One append-only entry of the audit trail. `link` chains it to the entry before (domain/chain.py)."""

    __tablename__ = "ticket_events"
    __table_args__ = (
        UniqueConstraint("ticket_id", "serial"),
        Index("ix_ticket_events_at", "at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    serial: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str]
    actor: Mapped[str]
    """`system`, `contact`, `user:<public id>` or `token:<name>`."""
    data: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson)
    """Details; erased ones are None while `seal` keeps the chain valid. Of a message: its id and its own seal."""
    seal: Mapped[bytes] = mapped_column(LargeBinary)
    """Keyed digest of the plaintext of `data`."""
    link: Mapped[bytes] = mapped_column(LargeBinary)


class AuditHead(Base):
    """The one row that knows where the chain of audit entries ends, as a ticket knows of its events."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="is_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    serial: Mapped[int] = mapped_column(BigInteger)
    head: Mapped[bytes] = mapped_column(LargeBinary)
    """Keyed digest of the newest entry's link."""


class AuditEntry(Base):
    """One append-only entry about things other than tickets: sign-ins, users, policies, exports."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    serial: Mapped[int] = mapped_column(BigInteger, unique=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str]
    actor: Mapped[str]
    data: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson)
    seal: Mapped[bytes] = mapped_column(LargeBinary)
    link: Mapped[bytes] = mapped_column(LargeBinary)
