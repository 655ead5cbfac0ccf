"""A worked example: when each promise of a policy falls due for a ticket that arrives at an instant, and why then."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import InvalidInput
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.people import OrgUnit
from helpdesk.models.sla import Holiday
from helpdesk.sla.calendar import BusinessCalendar, add_working_time, open_intervals
from helpdesk.sla.clock import counting_start
from helpdesk.sla.policy import CalendarCode, Metric, SlaPolicy, SlaTarget

MOST_DAYS = 40
"""Closed days that are named one by one; a promise of months would list a year."""


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day on the way to the due instant that did not count; a holiday has a name."""

    on: date
    name: str


@dataclass(frozen=True, slots=True)
class DueExample:
    """One promise, worked out."""

    metric: Metric
    calendar: CalendarCode
    due_at: datetime
    is_from_midnight: bool
    """Whole days: the day of receipt does not count."""
    starts_closed: bool
    """It arrives while the calendar is closed, so the time begins at the next opening."""
    closed_days: tuple[ClosedDay, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the ticket of the example arrives."""

    code: str
    name: str
    zone: str


class ExampleBook:
    """Works examples out at one unit; reads its calendars and holidays once."""

    def __init__(self, session: Session, unit_code: str) -> None:
        unit = session.scalars(select(OrgUnit).where(OrgUnit.code == unit_code)).one_or_none()
        if unit is None:
            raise InvalidInput(f"no unit {unit_code}", field="unit", code="unknown_unit")
        self._session = session
        self._unit = unit
        self._book = CalendarBook(session)
        self.place = Place(unit.code, unit.name, unit.zone)

    def work_out(self, policy: SlaPolicy, at: datetime) -> tuple[DueExample, ...]:
        """Return when each promise falls due for a ticket that arrives at `at`. Raises CalendarNeverOpen."""
        found = [self._due(target, at) for target in policy.targets]
        names = self._names({day for _, days in found for day in days})
        return tuple(
            DueExample(
                metric=example.metric,
                calendar=example.calendar,
                due_at=example.due_at,
                is_from_midnight=example.is_from_midnight,
                starts_closed=example.starts_closed,
                closed_days=tuple(
                    ClosedDay(day, names.get(day, "") if is_holiday else "")
                    for day, is_holiday in days.items()
                ),
            )
            for example, days in found
        )

    def _due(self, target: SlaTarget, at: datetime) -> tuple[DueExample, dict[date, bool]]:
        calendar = self._book.calendar(target.calendar, self._unit)
        is_day_based = target.calendar.is_day_based
        start = counting_start(at, zone=ZoneInfo(self._unit.zone), is_day_based=is_day_based)
        due_at = add_working_time(calendar, start, target.duration)
        example = DueExample(
            metric=target.metric,
            calendar=target.calendar,
            due_at=due_at,
            is_from_midnight=is_day_based,
            starts_closed=not is_day_based and not calendar.is_open(start),
            closed_days=(),
        )
        return example, dict(_closed(calendar, start, due_at))

    def _names(self, days: Iterable[date]) -> dict[date, str]:
        """Return what each day is called: by the entry nearest to the unit."""
        wanted = list(days)
        if not wanted:
            return {}
        path = [int(part) for part in self._unit.path.strip("/").split("/")]
        rows = self._session.execute(
            select(Holiday.on, Holiday.name, Holiday.unit_id)
            .where(Holiday.on.in_(wanted), Holiday.is_cancelled.is_(False))
            .where(Holiday.unit_id.is_(None) | Holiday.unit_id.in_(path))
            .order_by(Holiday.id)
        )
        by_depth = sorted(rows, key=lambda row: path.index(row.unit_id) if row.unit_id else -1)
        return {row.on: row.name for row in by_depth}


def _closed(calendar: BusinessCalendar, start: datetime, due_at: datetime) -> Iterator[tuple[date, bool]]:
    """Yield (day, is a holiday) for the days between that have no opening at all."""
    day, last, told = calendar.local_date(start), calendar.local_date(due_at), 0
    while day <= last and told < MOST_DAYS:
        midnight = datetime.combine(day, time(), tzinfo=calendar.zone)
        if midnight < due_at and not any(open_intervals(calendar, midnight, midnight + timedelta(days=1))):
            told += 1
            yield day, day in calendar.holidays
        day += timedelta(days=1)
