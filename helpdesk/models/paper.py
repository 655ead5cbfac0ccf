"""Paper forms: the batch with its slip, and its forms with what became of them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    and_,
    false,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.crypto import EncryptedText
from helpdesk.db import Base, BigId, one_of

_IN_ENVELOPE = text("is_sealed")


class LwkPack(Base):
    """Forms that were printed for a point: their numbers are taken, none is printed twice for it."""

    __tablename__ = "lwk_packs"
    __table_args__ = (
        CheckConstraint("form_count > 0 AND first_no > 0", name="numbers"),
        UniqueConstraint("unit_id", "first_no"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    """Stands on the slip."""
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_units.id"))
    first_no: Mapped[int]
    form_count: Mapped[int]
    printed_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]


class PageUse(StrEnum):
    """What a scanned page is in its batch."""

    FORM = "form"
    """The next form."""
    MORE = "more"
    """More of the form before, such as its back."""
    OTHER = "other"
    """No form: the slip, an empty page."""


class LwkPage(Base):
    """A scanned page of a batch. Its picture is an attachment, which goes to the ticket of its form."""

    __tablename__ = "lwk_pages"
    __table_args__ = (
        CheckConstraint("skipped >= 0", name="skipped"),
        CheckConstraint("read_no > 0", name="read_no"),
        CheckConstraint("turn IN (0, 90, 180, 270)", name="turn"),
        Index("ix_lwk_pages_batch_id", "batch_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("lwk_batches.id"))
    position: Mapped[int]
    attachment_id: Mapped[int] = mapped_column(BigId, ForeignKey("attachments.id"), unique=True)
    use: Mapped[PageUse] = mapped_column(one_of(PageUse, "use"))
    skipped: Mapped[int] = mapped_column(default=0)
    """Forms before it that have no page."""
    turn: Mapped[int] = mapped_column(default=0)
    """Degrees by which it is shown turned to the right."""
    form_id: Mapped[int | None] = mapped_column(ForeignKey("lwk_forms.id"), index=True)
    """Of `read_no`; until somebody has read it, as the order of pages and forms has it (services/lwk_scans.py)."""
    read_no: Mapped[int | None]
    """The number of the form as a person read it on the page: only then is the picture with a message."""
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]


class LwkBatch(Base):
    """A bundle of paper forms from one point: header and control totals of its slip."""

    __tablename__ = "lwk_batches"
    __table_args__ = (
        CheckConstraint("form_count > 0", name="form_count"),
        CheckConstraint("closed_at IS NULL OR close_asked_at IS NULL", name="close_asked_while_open"),
        Index("ix_lwk_batches_unit_id", "unit_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_units.id"))
    received_on: Mapped[date]
    """When staff were handed the forms: the clocks start here."""
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Who collected the forms from the Mitra."""
    pack_id: Mapped[int | None] = mapped_column(ForeignKey("lwk_packs.id"), index=True)
    """The printed forms that it came back from; None for paper of another kind."""
    form_count: Mapped[int]
    amount_total: Mapped[int] = mapped_column(BigInteger, default=0)
    number_total: Mapped[int | None] = mapped_column(BigInteger)
    """Sum of the form numbers on the slip; None for batches from before slips had it."""
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    close_asked_at: Mapped[datetime | None]
    """When somebody gave a reason to close it in spite of a difference; a second person must agree."""
    close_asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Stays after closing: the first of the two persons."""
    close_reason: Mapped[str | None] = mapped_column(EncryptedText)
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class LwkForm(Base):
    """One paper form of a batch and the ticket it became; a sealed one (about staff) keeps only its number.

    A sealed one gets its ticket when head office has received the envelope and typed what is in it.
    """

    __tablename__ = "lwk_forms"
    __table_args__ = (
        UniqueConstraint("batch_id", "form_no"),
        Index("ix_lwk_forms_sealed", "id", sqlite_where=_IN_ENVELOPE, postgresql_where=_IN_ENVELOPE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("lwk_batches.id"))
    form_no: Mapped[int]
    ticket_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("tickets.id"), index=True)
    amount: Mapped[int | None] = mapped_column(BigInteger)
    has_signature: Mapped[bool | None]
    is_repeat: Mapped[bool] = mapped_column(default=False, server_default=false())
    """It was added to a complaint that was there."""
    unreadable: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    """Fields that nobody could read: the form is held back until the Mitra was called."""
    completed_at: Mapped[datetime | None]
    """When she was asked for what could not be read."""
    is_sealed: Mapped[bool] = mapped_column(default=False)
    arrived_at: Mapped[datetime | None]
    """When head office held the envelope in its hands."""
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    second_amount: Mapped[int | None] = mapped_column(BigInteger)
    """What a second person read, who did not see the first amount."""
    second_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    second_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    """When a difference between both was settled."""
    created_at: Mapped[datetime]


def is_held() -> ColumnElement[bool]:
    """Return the condition on LwkForm: something could not be read, and nobody has asked the Mitra yet."""
    return and_(func.json_array_length(LwkForm.unreadable) > 0, LwkForm.completed_at.is_(None))


def is_different() -> ColumnElement[bool]:
    """Return the condition on LwkForm: two persons read its amount differently, and nobody has settled it."""
    first, second = func.coalesce(LwkForm.amount, 0), func.coalesce(LwkForm.second_amount, 0)
    return and_(LwkForm.second_at.is_not(None), LwkForm.settled_at.is_(None), first != second)
