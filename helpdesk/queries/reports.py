"""Figures for management: promises kept, age of the backlog, root causes and redress."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from helpdesk.domain.complaints import Disposition, RedressKind
from helpdesk.domain.severity import Severity
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.complaints import Redress, Resolution
from helpdesk.models.people import OrgUnit, Team
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import Ticket
from helpdesk.queries.periods import Period
from helpdesk.queries.terms import ACTIVE, IS_KEPT, is_broken, is_promise, tally
from helpdesk.queries.visibility import Action, Viewer, barred, require
from helpdesk.sla.policy import CalendarCode, Metric
from helpdesk.sla.regulation import Rule, report_due, shipped_regulation

AGE_DAYS = (1, 3, 7, 14, 30)
"""Upper bounds of the age bands; the last band is older than all."""


@dataclass(frozen=True, slots=True)
class DueReport:
    """A report that the law asks of the lender, and the last day for it at the head office."""

    rule: Rule
    on: date
    days_left: int


@dataclass(frozen=True, slots=True)
class AttainmentRow:
    """Promises of one metric and severity that fell due in the period. `open_count`: due later than now."""

    metric: Metric
    severity: Severity
    met_count: int
    breached_count: int
    open_count: int

    @property
    def share(self) -> float | None:
        """Kept promises of those decided; None while there are none."""
        decided = self.met_count + self.breached_count
        return self.met_count / decided if decided else None


@dataclass(frozen=True, slots=True)
class BacklogRow:
    """Active tickets of one team by age since receipt; bands as AGE_DAYS, plus older."""

    team_code: str
    team: str
    bands: tuple[int, ...]
    total: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class CauseRow:
    """Tickets resolved in the period with this root cause and disposition (None: not a complaint)."""

    root_cause: str
    disposition: Disposition | None
    count: int


@dataclass(frozen=True, slots=True)
class RedressTotal:
    """What was given to complaints resolved in the period; sums in whole rupiah."""

    kind: RedressKind
    offered_count: int
    offered_sum: int
    accepted_count: int
    accepted_sum: int
    paid_count: int
    paid_sum: int


@dataclass(frozen=True, slots=True)
class LateRow:
    """Late answers to tickets resolved in the period, by the reason that was given."""

    code: str
    count: int


def due_reports(session: Session, *, now: datetime) -> tuple[DueReport, ...]:
    """Return when the regulator expects each report next, soonest first (domain.md 1.6, R1 and R2)."""
    office = session.scalars(select(OrgUnit).where(OrgUnit.parent_id.is_(None)).order_by(OrgUnit.id)).first()
    if office is None:
        return ()
    calendar = CalendarBook(session).calendar(CalendarCode.REGULATORY, office)
    today = now.astimezone(ZoneInfo(office.zone)).date()
    reports = [rule for rule in shipped_regulation().rules.values() if rule.due_on]
    dated = sorted((report_due(rule, today, calendar=calendar), rule.code) for rule in reports)
    by_code = {rule.code: rule for rule in reports}
    return tuple(DueReport(by_code[code], on, (on - today).days) for on, code in dated)


def late_reasons(session: Session, viewer: Viewer, period: Period) -> tuple[LateRow, ...]:
    """Return why answers came after a promise had run out; most frequent first."""
    require(viewer, Action.READ_REPORTS)
    found = session.execute(
        select(Resolution.late_code, func.count())
        .join(Ticket, Ticket.id == Resolution.ticket_id)
        .where(resolved_in(period), Resolution.late_code.is_not(None), ~barred(viewer))
        .group_by(Resolution.late_code)
        .order_by(func.count().desc(), Resolution.late_code)
    )
    return tuple(LateRow(code or "", count) for code, count in found)


def sla_attainment(
    session: Session, viewer: Viewer, period: Period, *, now: datetime
) -> tuple[AttainmentRow, ...]:
    """Return promises by metric and severity."""
    require(viewer, Action.READ_REPORTS)
    found = session.execute(
        select(SlaClockRow.metric, Ticket.severity, tally(IS_KEPT), tally(is_broken(now)), func.count())
        .join(Ticket, Ticket.id == SlaClockRow.ticket_id)
        .where(
            SlaClockRow.metric.in_(list(Metric)),
            SlaClockRow.due_at >= period.start,
            SlaClockRow.due_at < period.end,
            is_promise(),
            ~barred(viewer),
        )
        .group_by(SlaClockRow.metric, Ticket.severity)
    )
    rows = [
        AttainmentRow(metric, severity, int(met), int(late), total - int(met) - int(late))
        for metric, severity, met, late, total in found
    ]
    order = list(Metric)
    return tuple(sorted(rows, key=lambda row: (order.index(row.metric), row.severity)))


def backlog_age(session: Session, viewer: Viewer, *, now: datetime) -> tuple[BacklogRow, ...]:
    """Return the age of what is active, per team."""
    require(viewer, Action.READ_REPORTS)
    found = session.execute(
        select(
            Team.code,
            Team.name,
            func.min(Ticket.received_at),
            func.count(),
            *(tally(band) for band in _age_bands(now)),
        )
        .join(Team, Team.id == Ticket.team_id)
        .where(ACTIVE, ~barred(viewer))
        .group_by(Team.code, Team.name)
        .order_by(Team.name)
    )
    return tuple(
        BacklogRow(row[0], row[1], tuple(int(count) for count in row[4:]), row[3], row[2]) for row in found
    )


def _age_bands(now: datetime) -> Sequence[ColumnElement[bool]]:
    edges = [now - timedelta(days=days) for days in AGE_DAYS]
    bands = [Ticket.received_at > edges[0]]
    bands += [
        and_(Ticket.received_at <= newer, Ticket.received_at > older) for newer, older in pairwise(edges)
    ]
    return [*bands, Ticket.received_at <= edges[-1]]


def root_causes(session: Session, viewer: Viewer, period: Period) -> tuple[CauseRow, ...]:
    """Return why, by the last resolution of each ticket resolved in the period; most frequent first."""
    require(viewer, Action.READ_REPORTS)
    found = session.execute(
        select(Resolution.root_cause, Resolution.disposition, func.count())
        .join(Ticket, Ticket.id == Resolution.ticket_id)
        .where(resolved_in(period), is_last_resolution(), ~barred(viewer))
        .group_by(Resolution.root_cause, Resolution.disposition)
        .order_by(func.count().desc(), Resolution.root_cause, Resolution.disposition)
    )
    return tuple(CauseRow(*row) for row in found)


def redress_totals(session: Session, viewer: Viewer, period: Period) -> tuple[RedressTotal, ...]:
    """Return what was offered, accepted and paid, by kind."""
    require(viewer, Action.READ_REPORTS)
    found = session.execute(
        select(
            Redress.kind,
            func.count(),
            func.coalesce(func.sum(Redress.amount), 0),
            func.count(Redress.accepted_at),
            _sum_where(Redress.accepted_at.is_not(None)),
            func.count(Redress.paid_at),
            _sum_where(Redress.paid_at.is_not(None)),
        )
        .join(Resolution, Resolution.id == Redress.resolution_id)
        .join(Ticket, Ticket.id == Resolution.ticket_id)
        .where(resolved_in(period), ~barred(viewer))
        .group_by(Redress.kind)
        .order_by(Redress.kind)
    )
    return tuple(RedressTotal(row[0], *(int(number or 0) for number in row[1:])) for row in found)


def _sum_where(term: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(Redress.amount).filter(term), 0)


def resolved_in(period: Period) -> ColumnElement[bool]:
    """Return the condition that a ticket's answer fell in the period."""
    return and_(Ticket.resolved_at >= period.start, Ticket.resolved_at < period.end)


def is_last_resolution() -> ColumnElement[bool]:
    """Return the condition that no later resolution of the ticket stands: an objection may lead to one."""
    newest = select(func.max(Resolution.id)).where(Resolution.ticket_id == Ticket.id).correlate(Ticket)
    return Resolution.id == newest.scalar_subquery()
