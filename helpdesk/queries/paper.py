"""Batches of paper forms: the list, one batch with its running tally, and what a form may repeat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Row, Select, case, func, or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import NotFound
from helpdesk.models.complaints import LwkBatch, LwkForm
from helpdesk.models.people import OrgUnit, User
from helpdesk.models.tickets import CategoryRow, Ticket
from helpdesk.queries.directory import within
from helpdesk.queries.terms import tally
from helpdesk.queries.visibility import Action, Viewer, barred, require, visible

LIMIT = 100
REPEAT_DAYS = 14
"""Same Mitra and category within these days may be the same complaint (design.md W4)."""


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch with its slip and what has been entered of it."""

    public_id: str
    unit_id: int
    unit: str
    zone: str
    received_on: date
    form_count: int
    amount_total: int
    entered_by: str
    created_at: datetime
    closed_at: datetime | None
    close_reason: str | None
    entered_count: int
    sealed_count: int
    amount_entered: int
    """Without what is sealed or kept from the viewer."""

    @property
    def is_balanced(self) -> bool:
        """Whether count and money agree with the slip."""
        return self.entered_count == self.form_count and self.amount_entered == self.amount_total


@dataclass(frozen=True, slots=True)
class FormRow:
    """One entered form. Sealed also is one whose ticket is kept from the viewer: that there is such a ticket
    would tell that somebody complained about her or her colleagues."""

    form_no: int
    number: str | None
    amount: int | None
    is_sealed: bool


@dataclass(frozen=True, slots=True)
class BatchPage:
    """One batch and its forms, the newest first."""

    batch: BatchRow
    forms: tuple[FormRow, ...]

    @property
    def next_form_no(self) -> int:
        """The number after the one entered last."""
        return self.forms[0].form_no + 1 if self.forms else 1

    @property
    def gaps(self) -> tuple[int, ...]:
        """Numbers below the highest that are missing: a sheet may have slipped."""
        known = {form.form_no for form in self.forms}
        return tuple(number for number in range(1, max(known, default=0)) if number not in known)


@dataclass(frozen=True, slots=True)
class Repeat:
    """An earlier complaint that may be the same."""

    number: str
    category_id: str | None
    category_en: str | None
    received_at: datetime


def batches(session: Session, viewer: Viewer) -> tuple[BatchRow, ...]:
    """Return the batches of the viewer's field of work: open ones first, then the newest."""
    require(viewer, Action.ENTER_LWK)
    order = (case((LwkBatch.closed_at.is_(None), 0), else_=1), LwkBatch.id.desc())
    return _rows(session, viewer, session.execute(_batches(viewer).order_by(*order).limit(LIMIT)).all())


def batch_page(session: Session, viewer: Viewer, public_id: str) -> BatchPage:
    """Return one batch. Raises NotFound also for one of another point."""
    require(viewer, Action.ENTER_LWK)
    heads = session.execute(_batches(viewer).where(LwkBatch.public_id == public_id)).all()
    if not heads:
        raise NotFound("no such batch")
    found = session.execute(
        select(LwkForm.form_no, Ticket.number, LwkForm.amount)
        .outerjoin(Ticket, (Ticket.id == LwkForm.ticket_id) & ~barred(viewer))
        .where(LwkForm.batch_id == heads[0][0].id)
        .order_by(LwkForm.id.desc())
    )
    (batch,) = _rows(session, viewer, heads)
    return BatchPage(batch, tuple(_form(*each) for each in found))


def may_repeat(session: Session, viewer: Viewer, number: str) -> tuple[Repeat, ...]:
    """Return earlier complaints of the same contact and category within a fortnight, as far as visible."""
    ticket = session.execute(
        select(Ticket.id, Ticket.contact_id, Ticket.category_code, Ticket.received_at).where(
            Ticket.number == number, ~barred(viewer)
        )
    ).first()
    if ticket is None or ticket.category_code is None:
        return ()
    span = timedelta(days=REPEAT_DAYS)
    found = session.execute(
        select(Ticket.number, CategoryRow.name_id, CategoryRow.name_en, Ticket.received_at)
        .outerjoin(CategoryRow, CategoryRow.code == Ticket.category_code)
        .where(
            Ticket.contact_id == ticket.contact_id,
            Ticket.category_code == ticket.category_code,
            Ticket.id != ticket.id,
            Ticket.received_at.between(ticket.received_at - span, ticket.received_at + span),
            visible(viewer),
        )
        .order_by(Ticket.received_at.desc())
        .limit(5)
    )
    return tuple(Repeat(*row) for row in found)


Head = Select[LwkBatch, str, str, str]


def _batches(viewer: Viewer) -> Head:
    return (
        select(LwkBatch, OrgUnit.name, OrgUnit.zone, User.name)
        .join(OrgUnit, OrgUnit.id == LwkBatch.unit_id)
        .join(User, User.id == LwkBatch.entered_by_id)
        .where(within(viewer))
    )


def _rows(
    session: Session, viewer: Viewer, heads: Sequence[Row[LwkBatch, str, str, str]]
) -> tuple[BatchRow, ...]:
    """Return the batches with their tallies, in which a hidden form counts as a sealed one does."""
    hidden = barred(viewer)
    found = session.execute(
        select(
            LwkForm.batch_id,
            func.count(),
            tally(or_(LwkForm.is_sealed.is_(True), hidden)),
            func.coalesce(func.sum(case((hidden, 0), else_=LwkForm.amount)), 0),
        )
        .outerjoin(Ticket, Ticket.id == LwkForm.ticket_id)
        .where(LwkForm.batch_id.in_([batch.id for batch, *_ in heads]))
        .group_by(LwkForm.batch_id)
    )
    tallies = {batch_id: (count, int(sealed), int(amount)) for batch_id, count, sealed, amount in found}
    return tuple(_row(*head, *tallies.get(head[0].id, (0, 0, 0))) for head in heads)


def _form(form_no: int, number: str | None, amount: int | None) -> FormRow:
    if number is None:
        return FormRow(form_no, None, None, is_sealed=True)
    return FormRow(form_no, number, amount, is_sealed=False)


def _row(
    batch: LwkBatch, unit: str, zone: str, entered_by: str, count: int, sealed: int, amount: int
) -> BatchRow:
    return BatchRow(
        public_id=batch.public_id,
        unit_id=batch.unit_id,
        unit=unit,
        zone=zone,
        received_on=batch.received_on,
        form_count=batch.form_count,
        amount_total=batch.amount_total,
        entered_by=entered_by,
        created_at=batch.created_at,
        closed_at=batch.closed_at,
        close_reason=batch.close_reason,
        entered_count=count,
        sealed_count=sealed,
        amount_entered=amount,
    )
