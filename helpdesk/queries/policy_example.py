"""A worked example: when each promise of a policy falls due for a ticket that arrives at an instant, and why then."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import InvalidInput
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.people import OrgUnit
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
        self._unit = unit
        self._book = CalendarBook(session)
        self.place = Place(unit.code, unit.name, unit.zone)

    def work_out(self, policy: SlaPolicy, at: datetime) -> tuple[DueExample, ...]:
        """Return when each promise falls due for a ticket that arrives at `at`. Raises CalendarNeverOpen."""
        return tuple(self._due(target, at) for target in policy.targets)

    def _due(self, target: SlaTarget, at: datetime) -> DueExample:
        calendar = self._book.calendar(target.calendar, self._unit)
        names = self._book.holiday_names(target.calendar, self._unit)
        is_day_based = target.calendar.is_day_based
        start = counting_start(at, zone=ZoneInfo(self._unit.zone), is_day_based=is_day_based)
        due_at = add_working_time(calendar, start, target.duration)
        return DueExample(
            metric=target.metric,
            calendar=target.calendar,
            due_at=due_at,
            is_from_midnight=is_day_based,
            starts_closed=not is_day_based and not calendar.is_open(start),
            closed_days=tuple(ClosedDay(day, names.get(day, "")) for day in _closed(calendar, start, due_at)),
        )


def _closed(calendar: BusinessCalendar, start: datetime, due_at: datetime) -> Iterator[date]:
    """Yield the days between that have no opening at all."""
    day, last, told = calendar.local_date(start), calendar.local_date(due_at), 0
    while day <= last and told < MOST_DAYS:
        midnight = datetime.combine(day, time(), tzinfo=calendar.zone)
        if midnight < due_at and not any(open_intervals(calendar, midnight, midnight + timedelta(days=1))):
            told += 1
            yield day
        day += timedelta(days=1)
