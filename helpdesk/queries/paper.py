"""Batches of paper forms: the list, one batch with its running tally, and one of its forms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median

from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.orm import Session, aliased

from helpdesk.domain.errors import NotFound
from helpdesk.models.paper import LwkBatch, LwkForm, LwkPack, is_different, is_held
from helpdesk.models.people import OrgUnit, User
from helpdesk.models.tickets import Ticket
from helpdesk.queries.directory import within
from helpdesk.queries.paper_seen import shown
from helpdesk.queries.terms import tally
from helpdesk.queries.visibility import Action, Viewer, require

LIMIT = 100
_BREAK = timedelta(minutes=5)
"""A longer time between two forms was no typing."""


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch with its slip and what has been entered of it."""

    public_id: str
    unit_id: int
    unit: str
    zone: str
    received_on: date
    earlier_count: int
    """Batches of the same point and day before it."""
    officer: str | None
    pack_no: int | None
    first_no: int
    """The first number of its printed pack; 1 for other paper."""
    form_count: int
    amount_total: int
    number_total: int | None
    entered_by: str
    created_at: datetime
    close_asked_at: datetime | None
    close_asked_by_id: int | None
    close_asked_by: str | None
    close_reason: str | None
    closed_at: datetime | None
    closed_by: str | None
    entered_count: int
    sealed_count: int
    held_count: int
    repeat_count: int
    amount_entered: int
    """Without what is sealed or kept from the viewer."""
    number_entered: int
    unsettled_count: int

    @property
    def label(self) -> str:
        """How people call it: month, day and a letter, `0731-A`."""
        letter = (
            chr(ord("A") + self.earlier_count) if self.earlier_count < 26 else str(self.earlier_count + 1)
        )
        return f"{self.received_on:%m%d}-{letter}"

    @property
    def is_balanced(self) -> bool:
        """Whether count, money and form numbers agree with the slip."""
        return (
            self.entered_count == self.form_count
            and self.amount_entered == self.amount_total
            and self.number_total in (None, self.number_entered)
        )


@dataclass(frozen=True, slots=True)
class FormRow:
    """One entered form. Sealed also is one whose ticket is kept from the viewer: that there is such a ticket
    would tell that somebody complained about her or her colleagues."""

    form_no: int
    number: str | None
    amount: int | None
    is_sealed: bool
    is_held: bool = False
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one person types: forms per hour and the middle time for one form."""

    per_hour: int
    median_seconds: int


@dataclass(frozen=True, slots=True)
class BatchPage:
    """One batch and its forms, the newest first."""

    batch: BatchRow
    forms: tuple[FormRow, ...]
    pace: Pace | None

    @property
    def sealed_nos(self) -> frozenset[int]:
        """The numbers of the forms that are kept from the viewer."""
        return frozenset(form.form_no for form in self.forms if form.is_sealed)

    @property
    def next_form_no(self) -> int:
        """The number after the one entered last."""
        return self.forms[0].form_no + 1 if self.forms else self.batch.first_no

    @property
    def gaps(self) -> tuple[int, ...]:
        """Numbers between the lowest and the highest that are missing: a sheet may have slipped."""
        known = {form.form_no for form in self.forms}
        return tuple(
            number for number in range(self.batch.first_no, max(known, default=0)) if number not in known
        )


@dataclass(frozen=True, slots=True)
class FormPage:
    """One entered form with its neighbours; without a ticket number it is sealed for the viewer."""

    batch: BatchRow
    form_no: int
    number: str | None
    amount: int | None
    occurred_on: date | None
    has_signature: bool | None
    unreadable: tuple[str, ...]
    completed_at: datetime | None
    is_repeat: bool
    previous_no: int | None
    next_no: int | None


def batches(session: Session, viewer: Viewer) -> tuple[BatchRow, ...]:
    """Return the batches of the viewer's field of work: open ones first, then the newest."""
    require(viewer, Action.READ_LWK)
    order = (case((LwkBatch.closed_at.is_(None), 0), else_=1), LwkBatch.id.desc())
    return _rows(session, viewer, session.execute(_batches(viewer).order_by(*order).limit(LIMIT)).all())


def batch_page(session: Session, viewer: Viewer, public_id: str) -> BatchPage:
    """Return one batch. Raises NotFound also for one of another point."""
    batch, batch_id = _batch(session, viewer, public_id)
    found = session.execute(
        select(
            LwkForm.form_no,
            Ticket.number,
            LwkForm.amount,
            is_held(),
            LwkForm.is_repeat,
            LwkForm.entered_by_id,
            LwkForm.created_at,
        )
        .outerjoin(Ticket, (Ticket.id == LwkForm.ticket_id) & shown(viewer))
        .where(LwkForm.batch_id == batch_id)
        .order_by(LwkForm.id.desc())
    ).all()
    own = [row.created_at for row in found if row.entered_by_id == viewer.user_id]
    return BatchPage(batch, tuple(_form(*row[:5]) for row in found), _pace(own))


def form_page(session: Session, viewer: Viewer, public_id: str, form_no: int) -> FormPage:
    """Return one entered form and the numbers of those entered before and after it. Raises NotFound."""
    batch, batch_id = _batch(session, viewer, public_id)
    order = session.scalars(
        select(LwkForm.form_no).where(LwkForm.batch_id == batch_id).order_by(LwkForm.id)
    ).all()
    if form_no not in order:
        raise NotFound("no such form")
    place = order.index(form_no)
    form, number, occurred_on = session.execute(
        select(LwkForm, Ticket.number, Ticket.occurred_on)
        .outerjoin(Ticket, (Ticket.id == LwkForm.ticket_id) & shown(viewer))
        .where(LwkForm.batch_id == batch_id, LwkForm.form_no == form_no)
    ).one()
    is_open = number is not None
    return FormPage(
        batch=batch,
        form_no=form_no,
        number=number,
        amount=form.amount if is_open else None,
        occurred_on=occurred_on,
        has_signature=form.has_signature if is_open else None,
        unreadable=tuple(form.unreadable) if is_open else (),
        completed_at=form.completed_at if is_open else None,
        is_repeat=form.is_repeat and is_open,
        previous_no=order[place - 1] if place else None,
        next_no=order[place + 1] if place + 1 < len(order) else None,
    )


Head = Select[LwkBatch, str, str, str, int, str | None, str | None, str | None, int | None]


def _batches(viewer: Viewer) -> Head:
    officer, asker, closer, other = aliased(User), aliased(User), aliased(User), aliased(LwkBatch)
    earlier = (
        select(func.count(other.id))
        .where(
            other.unit_id == LwkBatch.unit_id,
            other.received_on == LwkBatch.received_on,
            other.id < LwkBatch.id,
        )
        .scalar_subquery()
    )
    return (
        select(
            LwkBatch,
            OrgUnit.name,
            OrgUnit.zone,
            User.name,
            earlier,
            officer.name,
            asker.name,
            closer.name,
            LwkPack.first_no,
        )
        .join(OrgUnit, OrgUnit.id == LwkBatch.unit_id)
        .join(User, User.id == LwkBatch.entered_by_id)
        .outerjoin(officer, officer.id == LwkBatch.officer_id)
        .outerjoin(asker, asker.id == LwkBatch.close_asked_by_id)
        .outerjoin(closer, closer.id == LwkBatch.closed_by_id)
        .outerjoin(LwkPack, LwkPack.id == LwkBatch.pack_id)
        .where(within(viewer))
    )


def _batch(session: Session, viewer: Viewer, public_id: str) -> tuple[BatchRow, int]:
    require(viewer, Action.READ_LWK)
    heads = session.execute(_batches(viewer).where(LwkBatch.public_id == public_id)).all()
    if not heads:
        raise NotFound("no such batch")
    (batch,) = _rows(session, viewer, heads)
    return batch, heads[0][0].id


@dataclass(frozen=True, slots=True)
class _Tally:
    entered_count: int = 0
    sealed_count: int = 0
    held_count: int = 0
    repeat_count: int = 0
    amount_entered: int = 0
    number_entered: int = 0
    unsettled_count: int = 0


def _rows(
    session: Session,
    viewer: Viewer,
    heads: Sequence[Row[LwkBatch, str, str, str, int, str | None, str | None, str | None, int | None]],
) -> tuple[BatchRow, ...]:
    """Return the batches with their tallies, in which a hidden form counts as a sealed one does."""
    is_shown = shown(viewer)
    found = session.execute(
        select(
            LwkForm.batch_id,
            func.count(),
            tally(~is_shown),
            tally(is_held() & is_shown),
            tally(LwkForm.is_repeat & is_shown),
            func.coalesce(func.sum(case((is_shown, LwkForm.amount), else_=0)), 0),
            func.coalesce(func.sum(LwkForm.form_no), 0),
            tally(is_different() & is_shown),
        )
        .outerjoin(Ticket, Ticket.id == LwkForm.ticket_id)
        .where(LwkForm.batch_id.in_([head[0].id for head in heads]))
        .group_by(LwkForm.batch_id)
    )
    tallies = {batch_id: _Tally(*map(int, numbers)) for batch_id, *numbers in found}
    return tuple(_row(*head, tally=tallies.get(head[0].id, _Tally())) for head in heads)


def _form(form_no: int, number: str | None, amount: int | None, is_held: bool, is_repeat: bool) -> FormRow:
    if number is None:
        return FormRow(form_no, None, None, is_sealed=True)
    return FormRow(form_no, number, amount, is_sealed=False, is_held=is_held, is_repeat=is_repeat)


def _pace(newest_first: Sequence[datetime]) -> Pace | None:
    gaps = [
        (later - earlier).total_seconds()
        for later, earlier in pairwise(newest_first)
        if later - earlier <= _BREAK
    ]
    if len(gaps) < 3 or not sum(gaps):
        return None
    return Pace(round(3600 * len(gaps) / sum(gaps)), round(median(gaps)))


def _row(
    batch: LwkBatch,
    unit: str,
    zone: str,
    entered_by: str,
    earlier: int,
    officer: str | None,
    asker: str | None,
    closer: str | None,
    first_no: int | None,
    *,
    tally: _Tally,
) -> BatchRow:
    return BatchRow(
        public_id=batch.public_id,
        unit_id=batch.unit_id,
        unit=unit,
        zone=zone,
        received_on=batch.received_on,
        earlier_count=earlier,
        officer=officer,
        pack_no=batch.pack_id,
        first_no=first_no or 1,
        form_count=batch.form_count,
        amount_total=batch.amount_total,
        number_total=batch.number_total,
        entered_by=entered_by,
        created_at=batch.created_at,
        close_asked_at=batch.close_asked_at,
        close_asked_by_id=batch.close_asked_by_id,
        close_asked_by=asker,
        close_reason=batch.close_reason,
        closed_at=batch.closed_at,
        closed_by=closer,
        entered_count=tally.entered_count,
        sealed_count=tally.sealed_count,
        held_count=tally.held_count,
        repeat_count=tally.repeat_count,
        amount_entered=tally.amount_entered,
        number_entered=tally.number_entered,
        unsettled_count=tally.unsettled_count,
    )
