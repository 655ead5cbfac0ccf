"""The SLA board of supervisors: every number has the definition of a queue filter, named beside it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from helpdesk.domain.lifecycle import ACTIVE_STATUSES
from helpdesk.domain.severity import Severity
from helpdesk.models.complaints import Rating
from helpdesk.models.people import Team
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import Ticket
from helpdesk.queries.filters import DueBand, QueueFilter, View
from helpdesk.queries.health import Guard, guard
from helpdesk.queries.paging import Page
from helpdesk.queries.periods import day_of
from helpdesk.queries.queue import QueueRow, queue_page
from helpdesk.queries.terms import (
    ACTIVE,
    IS_KEPT,
    band_term,
    is_broken,
    is_promise,
    is_unread,
    tally,
    view_term,
)
from helpdesk.queries.visibility import Action, Viewer, require, visible
from helpdesk.sla.policy import Metric

URGENT = frozenset({Severity.S1, Severity.S2})
S1_ROWS = 10
CSAT_DAYS = 30

OVERDUE = QueueFilter(view=View.ALL, band=DueBand.OVERDUE)
WITHIN_HOUR = QueueFilter(view=View.ALL, band=DueBand.HOUR)
UNASSIGNED_URGENT = QueueFilter(view=View.UNASSIGNED, severities=URGENT)
REOPENED = QueueFilter(view=View.REOPENED)
OPEN_S1 = QueueFilter(view=View.ALL, statuses=ACTIVE_STATUSES, severities=frozenset({Severity.S1}))


@dataclass(frozen=True, slots=True)
class Tile:
    """A number and the queue behind it: the same definition feeds both."""

    count: int
    filter: QueueFilter


@dataclass(frozen=True, slots=True)
class TeamLine:
    """Active tickets of one team by due band."""

    code: str
    name: str
    overdue: Tile
    hour: Tile
    today: Tile
    later: Tile


@dataclass(frozen=True, slots=True)
class HourLine:
    """What came in and was resolved in one hour of the viewer's day."""

    starts_at: datetime
    received: int
    resolved: int


@dataclass(frozen=True, slots=True)
class SlaBoard:
    """Design.md W5. Shares are 0..1, None where nothing was due yet."""

    at: datetime
    overdue: Tile
    hour: Tile
    unassigned_urgent: Tile
    reopened: Tile
    on_time_share: float | None
    on_time_count: int
    due_count: int
    """Promises that fell due today, up to now."""
    teams: tuple[TeamLine, ...]
    open_s1: tuple[QueueRow, ...]
    hours: tuple[HourLine, ...]
    received_today: int
    resolved_today: int
    oldest_unanswered_at: datetime | None
    csat_mean: float | None
    csat_count: int
    guard: Guard


def sla_board(session: Session, viewer: Viewer, *, now: datetime) -> SlaBoard:
    """Return the board over what the viewer may see, in eleven statements."""
    require(viewer, Action.READ_DASHBOARD)
    teams, totals = _teams(session, viewer, now=now)
    on_time, due = _on_time(session, viewer, now=now)
    hours = _hours(session, viewer, now=now)
    csat, csat_count = _csat(session, viewer, now=now)
    s1: Page[QueueRow] = queue_page(session, viewer, OPEN_S1, now=now, limit=S1_ROWS)
    return SlaBoard(
        at=now,
        overdue=Tile(sum(team.overdue.count for team in teams), OVERDUE),
        hour=Tile(sum(team.hour.count for team in teams), WITHIN_HOUR),
        unassigned_urgent=Tile(totals.unassigned, UNASSIGNED_URGENT),
        reopened=Tile(totals.reopened, REOPENED),
        on_time_share=on_time / due if due else None,
        on_time_count=on_time,
        due_count=due,
        teams=teams,
        open_s1=s1.items,
        hours=hours,
        received_today=sum(hour.received for hour in hours),
        resolved_today=sum(hour.resolved for hour in hours),
        oldest_unanswered_at=totals.oldest_unanswered_at,
        csat_mean=csat,
        csat_count=csat_count,
        guard=guard(session, now=now),
    )


@dataclass(frozen=True, slots=True)
class _Totals:
    unassigned: int
    reopened: int
    oldest_unanswered_at: datetime | None


def _teams(session: Session, viewer: Viewer, *, now: datetime) -> tuple[tuple[TeamLine, ...], _Totals]:
    """One walk over the active tickets feeds the bands, the tiles and the oldest unanswered message."""
    urgent = and_(view_term(viewer, View.UNASSIGNED), Ticket.severity.in_(sorted(URGENT)))
    found = session.execute(
        select(
            Team.code,
            Team.name,
            func.min(case((is_unread(), Ticket.last_inbound_at))),
            *(tally(band_term(viewer, band, now=now)) for band in DueBand),
            tally(urgent),
            tally(view_term(viewer, View.REOPENED)),
        )
        .join(Team, Team.id == Ticket.team_id)
        .where(ACTIVE, visible(viewer))
        .group_by(Team.code, Team.name)
        .order_by(Team.name)
    ).all()
    lines = tuple(_line(row[0], row[1], [int(count) for count in row[3:7]]) for row in found)
    unanswered: list[datetime] = [row[2] for row in found if row[2] is not None]
    oldest = min(unanswered, default=None)
    return lines, _Totals(sum(int(row[7]) for row in found), sum(int(row[8]) for row in found), oldest)


def _line(code: str, name: str, band_counts: list[int]) -> TeamLine:
    tiles = [
        Tile(count, QueueFilter(view=View.ALL, team=code, band=band))
        for band, count in zip(DueBand, band_counts, strict=True)
    ]
    return TeamLine(code, name, *tiles)


def _on_time(session: Session, viewer: Viewer, *, now: datetime) -> tuple[int, int]:
    """Return how many promises of today were kept, of those that are decided: met, or past their instant."""
    start, end = day_of(now, viewer.zone)
    found = session.execute(
        select(tally(IS_KEPT), func.count())
        .join(Ticket, Ticket.id == SlaClockRow.ticket_id)
        .where(
            SlaClockRow.metric.in_(list(Metric)),
            SlaClockRow.due_at >= start,
            SlaClockRow.due_at < end,
            is_promise(),
            or_(IS_KEPT, is_broken(now)),
            visible(viewer),
        )
    ).one()
    return int(found[0]), found[1]


def _hours(session: Session, viewer: Viewer, *, now: datetime) -> tuple[HourLine, ...]:
    """Count per hour in the database: one column for each hour of the day so far."""
    start, _ = day_of(now, viewer.zone)
    count = int((now - start) / timedelta(hours=1)) + 1
    begins = [start + timedelta(hours=hour) for hour in range(count)]
    received = _per_hour(session, viewer, Ticket.created_at, begins, until=now)
    resolved = _per_hour(session, viewer, Ticket.resolved_at, begins, until=now)
    return tuple(HourLine(*line) for line in zip(begins, received, resolved, strict=True))


def _per_hour(
    session: Session,
    viewer: Viewer,
    column: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    begins: list[datetime],
    *,
    until: datetime,
) -> list[int]:
    bounds = [(begin, begin + timedelta(hours=1)) for begin in begins]
    row = session.execute(
        select(*(tally(and_(column >= begin, column < end)) for begin, end in bounds))
        .select_from(Ticket)
        .where(column >= begins[0], column <= until, visible(viewer))
    ).one()
    return [int(count) for count in row]


def _csat(session: Session, viewer: Viewer, *, now: datetime) -> tuple[float | None, int]:
    found = session.execute(
        select(func.sum(Rating.score), func.count())
        .join(Ticket, Ticket.id == Rating.ticket_id)
        .where(Rating.at >= now - timedelta(days=CSAT_DAYS), visible(viewer))
    ).one()
    return (int(found[0]) / found[1] if found[1] else None), found[1]
