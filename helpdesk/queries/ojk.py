"""The half-yearly figures for the regulator: they reconcile, each complaint counted once (domain.md 1.11)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, case, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from helpdesk.domain.complaints import Disposition
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.taxonomy import REGULATOR_TYPES
from helpdesk.models.complaints import Redress, Resolution
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import CategoryRow, Ticket
from helpdesk.queries.periods import Period
from helpdesk.queries.reports import is_last_resolution, resolved_in
from helpdesk.queries.terms import IS_KEPT, tally
from helpdesk.queries.visibility import Action, Viewer, require, visible
from helpdesk.sla.policy import Metric

GAP_NUMBERS = 50
UNCLASSIFIED = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """Open before, came in, resolved, open after: always `opening + received = resolved + closing`."""

    opening: int
    received: int
    resolved: int
    closing: int

    @property
    def is_reconciled(self) -> bool:
        """Whether the four agree."""
        return self.opening + self.received == self.resolved + self.closing


@dataclass(frozen=True, slots=True)
class OjkLine:
    """The balance of one problem type, channel or form. `name` is Indonesian, as in the regulator's form."""

    code: str
    name: str
    balance: Balance


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that must be mended before the report is signed: how many, and the first numbers to go to."""

    kind: str
    """`no_category` or `no_resolution`."""
    count: int
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OjkReport:
    """Complaints only; enquiries and requests are not reported."""

    period: Period
    total: Balance
    by_type: tuple[OjkLine, ...]
    by_channel: tuple[OjkLine, ...]
    by_form: tuple[OjkLine, ...]
    dispositions: tuple[tuple[Disposition, int], ...]
    in_time_count: int
    late_count: int
    redress_count: int
    redress_sum: int
    gaps: tuple[Gap, ...]


Word = TypeVar("Word", bound=str | None)


def ojk_report(session: Session, viewer: Viewer, period: Period) -> OjkReport:
    """Return the figures of the period as the register stands now; a signed one is kept as a file."""
    require(viewer, Action.READ_REPORTS)
    by_type = _lines(session, period, CategoryRow.regulator_type)
    in_time, late = _regulatory(session, period)
    redress_count, redress_sum = _redress(session, period)
    return OjkReport(
        period=period,
        total=_sum(by_type),
        by_type=by_type,
        by_channel=_lines(session, period, Ticket.channel),
        by_form=_lines(session, period, Ticket.form),
        dispositions=_dispositions(session, period),
        in_time_count=in_time,
        late_count=late,
        redress_count=redress_count,
        redress_sum=redress_sum,
        gaps=_gaps(session, viewer, period),
    )


def _lines(session: Session, period: Period, column: InstrumentedAttribute[Word]) -> tuple[OjkLine, ...]:
    # A complaint closed without an answer counts as done when it was closed.
    done_at = func.coalesce(Ticket.resolved_at, Ticket.closed_at)
    is_before = Ticket.received_at < period.start
    is_open_at_start = or_(done_at.is_(None), done_at >= period.start)
    is_open_at_end = or_(done_at.is_(None), done_at >= period.end)
    found = session.execute(
        select(
            column,
            tally(and_(is_before, is_open_at_start)),
            tally(not_(is_before)),
            tally(and_(done_at >= period.start, done_at < period.end)),
            tally(is_open_at_end),
        )
        .select_from(Ticket)
        .outerjoin(CategoryRow, CategoryRow.code == Ticket.category_code)
        .where(Ticket.received_at < period.end, Ticket.kind == TicketKind.COMPLAINT)
        .group_by(column)
    )
    lines = [
        OjkLine(str(word or UNCLASSIFIED), _name(word), Balance(*(int(n) for n in numbers)))
        for word, *numbers in found
    ]
    return tuple(sorted((line for line in lines if any(_parts(line.balance))), key=lambda line: line.code))


def _name(word: str | None) -> str:
    if word is None:
        return "Belum dikategorikan"
    return REGULATOR_TYPES[word].name_id if word in REGULATOR_TYPES else str(word)


def _parts(balance: Balance) -> tuple[int, int, int, int]:
    return balance.opening, balance.received, balance.resolved, balance.closing


def _sum(lines: tuple[OjkLine, ...]) -> Balance:
    columns = [sum(column) for column in zip(*(_parts(line.balance) for line in lines), strict=True)]
    return Balance(*columns) if columns else Balance(0, 0, 0, 0)


def _complaint_resolved(period: Period) -> ColumnElement[bool]:
    return and_(resolved_in(period), Ticket.kind == TicketKind.COMPLAINT)


def _dispositions(session: Session, period: Period) -> tuple[tuple[Disposition, int], ...]:
    found = session.execute(
        select(Resolution.disposition, func.count())
        .join(Ticket, Ticket.id == Resolution.ticket_id)
        .where(_complaint_resolved(period), is_last_resolution())
        .group_by(Resolution.disposition)
    )
    counts: dict[Disposition | None, int] = {row[0]: row[1] for row in found}
    return tuple((disposition, counts.get(disposition, 0)) for disposition in Disposition)


def _regulatory(session: Session, period: Period) -> tuple[int, int]:
    """Return complaints answered within the regulator's limit, and later: late in any round is late.

    One that was answered while her documents were awaited is in time: its limit had not begun (Ps. 75(1)), and
    the one that it had before was not broken.
    """
    # A reopened complaint has a clock for each round. Asked for each complaint, so that the walk begins at what
    # was resolved in the period and not at all regulatory clocks there ever were.
    was_ended_unbroken = and_(
        SlaClockRow.superseded_at <= SlaClockRow.due_at,
        SlaClockRow.met_at.is_(None),
        SlaClockRow.breached_at.is_(None),
    )
    is_over = or_(
        SlaClockRow.met_at.is_not(None),
        SlaClockRow.breached_at.is_not(None),
        SlaClockRow.superseded_at.is_not(None),
    )
    is_late = (
        select(func.max(case((or_(IS_KEPT, was_ended_unbroken), 0), else_=1)))
        .where(SlaClockRow.ticket_id == Ticket.id, SlaClockRow.metric == Metric.REGULATORY, is_over)
        .correlate(Ticket)
        .scalar_subquery()
        .label("is_late")
    )
    found = session.execute(
        select(is_late, func.count()).where(_complaint_resolved(period)).group_by("is_late")
    )
    counts: dict[int | None, int] = {row[0]: row[1] for row in found}
    return counts.get(0, 0), counts.get(1, 0)


def _redress(session: Session, period: Period) -> tuple[int, int]:
    found = session.execute(
        select(func.count(), func.coalesce(func.sum(Redress.amount), 0))
        .select_from(Redress)
        .join(Resolution, Resolution.id == Redress.resolution_id)
        .join(Ticket, Ticket.id == Resolution.ticket_id)
        .where(_complaint_resolved(period), Redress.paid_at.is_not(None))
    ).one()
    return found[0], int(found[1] or 0)


def _gaps(session: Session, viewer: Viewer, period: Period) -> tuple[Gap, ...]:
    of_period = and_(
        Ticket.received_at < period.end,
        Ticket.received_at >= period.start - timedelta(days=366),
        Ticket.kind == TicketKind.COMPLAINT,
    )
    has_resolution = select(Resolution.id).where(Resolution.ticket_id == Ticket.id).correlate(Ticket).exists()
    terms = {
        "no_category": and_(of_period, Ticket.category_code.is_(None)),
        "no_resolution": and_(_complaint_resolved(period), not_(has_resolution)),
    }
    gaps = []
    for kind, term in terms.items():
        count = session.scalar(select(func.count()).select_from(Ticket).where(term)) or 0
        numbers = session.scalars(
            select(Ticket.number).where(term, visible(viewer)).order_by(Ticket.received_at).limit(GAP_NUMBERS)
        )
        gaps.append(Gap(kind, count, tuple(numbers) if count else ()))
    return tuple(gaps)
