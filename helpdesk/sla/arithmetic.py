"""How a due instant adds up: so much of each day, and which dates are day 1, 2, 3 ... of a clock of whole days."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby

from helpdesk.sla.calendar import BusinessCalendar, as_utc, working_time_between
from helpdesk.sla.clock import SlaClock, instant_of
from helpdesk.sla.explain import settled

_DAY = timedelta(days=1)
_NONE = timedelta()
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Addend:
    """What one local date gives, or each of several working dates in a row that give equally much."""

    first: date
    last: date
    count: int
    each: timedelta


class DayKind(StrEnum):
    """Why a date counts or does not."""

    COUNTED = "counted"
    RECEIPT = "receipt"  # day 0
    HOLIDAY = "holiday"
    CLOSED = "closed"  # a day of the week without opening hours


@dataclass(frozen=True, slots=True)
class CountedDay:
    """A date in the count of whole days, on the calendar of the clock and on the strict one."""

    on: date
    kind: DayKind
    number: int | None
    """1 is the first day; None where it does not count, or the count is over."""
    strict_number: int | None
    note: str = ""
    """The name of the holiday."""


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """The addends make up the target exactly, and end at `due_at`; of whole days each date is told.

    `due_at` is what the calendar gives now; a promise given earlier may differ. None, and no addends, while the
    clock stands still without an end.
    """

    target: timedelta
    addends: tuple[Addend, ...]
    days: tuple[CountedDay, ...]
    due_at: datetime | None
    strict_due_at: datetime | None


def reckon(clock: SlaClock, *, holiday_names: Mapping[date, str], by_days: bool) -> Arithmetic:
    """Add up to the due instant. `by_days`: a clock of whole days that never pauses."""
    clock = replace(settled(clock), met_at=None, superseded_at=None)
    due = instant_of(clock, clock.target)
    strict = None
    if clock.strict_calendar is not None:
        strict = instant_of(clock, clock.target, calendar=clock.strict_calendar)
    return Arithmetic(
        target=clock.target,
        addends=() if due is None else tuple(_addends(clock, due)),
        days=tuple(_days(clock, holiday_names)) if by_days else (),
        due_at=due,
        strict_due_at=strict,
    )


def _addends(clock: SlaClock, due: datetime) -> Iterator[Addend]:
    given = [(day, time_of_day) for day, time_of_day in _per_day(clock, due) if time_of_day]
    for each, group in groupby(given, key=lambda pair: pair[1]):
        dates = [day for day, _each in group]
        yield Addend(dates[0], dates[-1], len(dates), each)


def _per_day(clock: SlaClock, due: datetime) -> Iterator[tuple[date, timedelta]]:
    """Yield how much of the target each local date gives, in whole seconds that make up all of it."""
    calendar = clock.calendar
    pauses = [(pause.started_at, pause.ended_at) for pause in clock.pauses]
    closed = [(begins, ends) for begins, ends in pauses if ends is not None]
    day, last = calendar.local_date(clock.counts_from), calendar.local_date(due)
    so_far = _NONE
    while day <= last:
        ends = min(_midnight(day + _DAY, calendar), due)
        by_then = working_time_between(calendar, clock.counts_from, ends, closed)
        by_then -= by_then % _SECOND
        yield day, by_then - so_far
        so_far, day = by_then, day + _DAY


def _midnight(day: date, calendar: BusinessCalendar) -> datetime:
    return as_utc(datetime.combine(day, time(), tzinfo=calendar.zone))


def _days(clock: SlaClock, names: Mapping[date, str]) -> Iterator[CountedDay]:
    """Yield the dates from the receipt to the last that counts on either calendar."""
    calendar, strict_calendar = clock.calendar, clock.strict_calendar
    wanted = clock.target // _DAY
    received, day = calendar.local_date(clock.started_at), calendar.local_date(clock.counts_from)
    if received < day:
        yield CountedDay(received, DayKind.RECEIPT, None, None)
    number = strict_number = 0
    while number < wanted or (strict_calendar is not None and strict_number < wanted):
        is_worked = calendar.is_working_day(day)
        is_counted = is_worked and number < wanted
        is_strict = strict_calendar is not None and strict_calendar.is_working_day(day)
        is_strict = is_strict and strict_number < wanted
        number += is_counted
        strict_number += is_strict
        is_holiday = day in calendar.holidays
        kind = DayKind.COUNTED if is_worked else DayKind.HOLIDAY if is_holiday else DayKind.CLOSED
        yield CountedDay(
            day,
            kind,
            number if is_counted else None,
            strict_number if is_strict else None,
            names.get(day, "") if is_holiday else "",
        )
        day += _DAY
