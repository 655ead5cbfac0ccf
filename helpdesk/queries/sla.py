"""Clocks of tickets as pages, the API and `sla explain` show them, in a fixed number of statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from helpdesk.models.calendars import CalendarBook, clock_of
from helpdesk.models.people import OrgUnit
from helpdesk.models.sla import SlaClockEvent, SlaClockRow, SlaPauseRow, SlaPolicyRow
from helpdesk.models.tickets import Ticket
from helpdesk.sla.clock import (
    ClockState,
    SlaClock,
    as_of,
    breach_instant,
    due_at,
    paused_for,
    state,
    strict_due_at,
    used,
)
from helpdesk.sla.escalation import (
    Level,
    StepAction,
)
from helpdesk.sla.explain import latest_due
from helpdesk.sla.policy import CalendarCode, Metric


@dataclass(frozen=True, slots=True)
class PauseLine:
    """An interval in which the clock stood still; without an end it still does."""

    started_at: datetime
    ended_at: datetime | None
    ends_by: datetime | None
    """When the cap on the pauses is used up and the clock runs again by itself."""
    reason: str
    actor: str


@dataclass(frozen=True, slots=True)
class ClockEventLine:
    """A warning, breach or escalation. `at` is when it was due, `noticed_at` when it was carried out."""

    step: str
    action: StepAction
    at: datetime
    noticed_at: datetime
    level: Level | None
    acknowledged_at: datetime | None = None
    """When a person of that level or above answered the escalation."""


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One clock of a ticket at a moment. used_seconds and paused_seconds are time of its calendar.

    `breached_at` is the due instant that passed, whether or not a sweep has recorded it yet.
    """

    ticket_id: int
    metric: Metric
    state: ClockState
    started_at: datetime
    counts_from: datetime
    due_at: datetime | None
    strict_due_at: datetime | None
    met_at: datetime | None
    breached_at: datetime | None
    superseded_at: datetime | None
    next_step_at: datetime | None
    target_seconds: int
    used_seconds: int
    paused_seconds: int
    policy: str
    policy_version: int
    policy_name_id: str
    policy_name_en: str
    calendar: CalendarCode
    calendar_version: int
    zone: str
    is_pausable: bool
    pauses: tuple[PauseLine, ...]
    events: tuple[ClockEventLine, ...]
    latest_due_at: datetime | None = None
    """Of a live clock: when it is due at the latest, if it stands still until its cap."""

    @property
    def is_live(self) -> bool:
        """Whether it is still to be met."""
        return self.met_at is None and self.superseded_at is None

    @property
    def done(self) -> frozenset[str]:
        """Codes of the steps that were carried out; a sweep for a later instant runs ahead of the clock."""
        return frozenset(event.step for event in self.events)


Owned = TypeVar("Owned", SlaPauseRow, SlaClockEvent)

_Found = Row[SlaClockRow, SlaPolicyRow, OrgUnit]


def clocks_of(session: Session, ticket_id: int, *, now: datetime) -> list[ClockLine]:
    """Return the clocks of a ticket, oldest first. The caller has checked that the viewer may see it."""
    return clocks_of_many(session, [ticket_id], now=now).get(ticket_id, [])


def clocks_of_many(
    session: Session, ticket_ids: Sequence[int], *, now: datetime
) -> dict[int, list[ClockLine]]:
    """Return the clocks of several tickets with as many statements as for one."""
    lines: dict[int, list[ClockLine]] = {}
    for line, _ in lines_with_clocks(session, ticket_ids, now=now):
        lines.setdefault(line.ticket_id, []).append(line)
    return lines


@dataclass(frozen=True, slots=True)
class ClockStory:
    """A clock as a row and as the pure rules take it, and what the closed days of its calendar are called."""

    line: ClockLine
    clock: SlaClock
    holiday_names: Mapping[date, str]


def stories(session: Session, ticket_id: int, *, now: datetime) -> list[ClockStory]:
    """Return the clocks of a ticket with all that explains them, oldest first, in five statements."""
    book = CalendarBook(session)
    return [
        ClockStory(line, clock, _holiday_names(row, unit, book))
        for (row, _policy, unit), line, clock in _read(session, [ticket_id], book=book, now=now)
    ]


def lines_with_clocks(
    session: Session, ticket_ids: Sequence[int], *, now: datetime
) -> list[tuple[ClockLine, SlaClock]]:
    """Return each clock as a row and as the pure rules take it, oldest first."""
    book = CalendarBook(session)
    return [(line, clock) for _row, line, clock in _read(session, ticket_ids, book=book, now=now)]


def _holiday_names(row: SlaClockRow, unit: OrgUnit, book: CalendarBook) -> Mapping[date, str]:
    return book.holiday_names(row.calendar_id, unit, as_of=row.calendar_as_of)


def _read(
    session: Session, ticket_ids: Sequence[int], *, book: CalendarBook, now: datetime
) -> list[tuple[_Found, ClockLine, SlaClock]]:
    found = session.execute(
        select(SlaClockRow, SlaPolicyRow, OrgUnit)
        .join(SlaPolicyRow, SlaPolicyRow.id == SlaClockRow.policy_id)
        .join(Ticket, Ticket.id == SlaClockRow.ticket_id)
        .join(OrgUnit, OrgUnit.id == Ticket.unit_id)
        .where(SlaClockRow.ticket_id.in_(ticket_ids))
        .order_by(SlaClockRow.id)
    ).all()
    ids = [row.SlaClockRow.id for row in found]
    pauses = _by_clock(
        session.scalars(
            select(SlaPauseRow).where(SlaPauseRow.clock_id.in_(ids)).order_by(SlaPauseRow.started_at)
        )
    )
    events = _by_clock(
        session.scalars(
            select(SlaClockEvent)
            .where(SlaClockEvent.clock_id.in_(ids))
            .order_by(SlaClockEvent.at, SlaClockEvent.id)
        )
    )
    return [
        (
            row,
            *_line(
                row,
                pauses.get(row.SlaClockRow.id, []),
                events.get(row.SlaClockRow.id, []),
                book=book,
                now=now,
            ),
        )
        for row in found
    ]


def _by_clock(rows: Iterable[Owned]) -> dict[int, list[Owned]]:
    grouped: dict[int, list[Owned]] = {}
    for row in rows:
        grouped.setdefault(row.clock_id, []).append(row)
    return grouped


def _line(
    found: _Found,
    pauses: Sequence[SlaPauseRow],
    events: Sequence[SlaClockEvent],
    *,
    book: CalendarBook,
    now: datetime,
) -> tuple[ClockLine, SlaClock]:
    row, policy, unit = found
    clock = as_of(clock_of(row, pauses, book=book, unit=unit), now)
    calendar = book.row(row.calendar_id)
    current = state(clock, now)
    line = ClockLine(
        ticket_id=row.ticket_id,
        metric=row.metric,
        state=current,
        started_at=row.started_at,
        counts_from=row.counts_from,
        due_at=None if current is ClockState.PAUSED else due_at(clock),
        strict_due_at=None if current is ClockState.PAUSED else strict_due_at(clock),
        met_at=row.met_at,
        breached_at=breach_instant(clock, now),
        superseded_at=row.superseded_at,
        next_step_at=row.next_step_at,
        target_seconds=row.target_seconds,
        used_seconds=int(used(clock, now).total_seconds()),
        paused_seconds=int(paused_for(clock, now).total_seconds()),
        policy=policy.code,
        policy_version=policy.version,
        policy_name_id=policy.name_id,
        policy_name_en=policy.name_en,
        calendar=calendar.code,
        calendar_version=calendar.version,
        zone=row.zone,
        is_pausable=row.is_pausable,
        pauses=tuple(
            PauseLine(each.started_at, each.ended_at, each.ends_by, each.reason, each.actor)
            for each in pauses
        ),
        events=tuple(
            ClockEventLine(
                each.step,
                each.action,
                each.at,
                each.noticed_at,
                Level(each.level) if each.level else None,
                each.acknowledged_at,
            )
            for each in events
        ),
        latest_due_at=latest_due(clock) if row.met_at is None and row.superseded_at is None else None,
    )
    return line, clock
