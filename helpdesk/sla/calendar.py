"""Business calendars and the arithmetic of working time, to the second (contract.md section 6)."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, wraps
from itertools import pairwise
from typing import ParamSpec, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from helpdesk.domain.errors import HelpdeskError, InvalidInput
from helpdesk.sla.spans import (
    Interval,
    InvalidCalendar,
    Span,
    format_spans,
    parse_day,
    parse_days,
    parse_spans,
    subtract,
    to_instants,
)

P = ParamSpec("P")
T = TypeVar("T")

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_NONE = timedelta()
_TICK = timedelta(microseconds=1)


class CalendarNeverOpen(HelpdeskError, ValueError):
    """The calendar has no opening time left in the direction of the search, or none before the year 10000."""


def _within_the_years_of_dates(search: Callable[P, T]) -> Callable[P, T]:
    """Say in our own words that a search left the years 1 to 9999, the only ones that Python's dates have."""

    @wraps(search)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return search(*args, **kwargs)
        except OverflowError:
            raise CalendarNeverOpen("the calendar has no opening time in the years 1 to 9999") from None

    return checked


class NaiveInstant(InvalidInput, ValueError):
    """An instant without a time zone: nobody can say when it is."""


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Opening hours in one time zone. A holiday wins over a special day, which replaces the weekly hours."""

    zone: ZoneInfo
    weekly: tuple[tuple[Span, ...], ...]
    """Seven days, Monday first."""
    holidays: frozenset[date] = frozenset()
    special_days: Mapping[date, tuple[Span, ...]] = field(default_factory=dict, hash=False)
    breaks: Mapping[date, tuple[Span, ...]] = field(default_factory=dict, hash=False)
    _exceptions: tuple[date, ...] = field(init=False, repr=False, compare=False)
    _specials: tuple[date, ...] = field(init=False, repr=False, compare=False)
    _week_time: timedelta = field(init=False, repr=False, compare=False)
    _week_days: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        days = sorted({*self.holidays, *self.special_days, *self.breaks})
        seconds = sum(closes - opens for spans in self.weekly for opens, closes in spans)
        object.__setattr__(self, "_exceptions", tuple(days))
        object.__setattr__(self, "_specials", tuple(sorted(self.special_days)))
        object.__setattr__(self, "_week_time", timedelta(seconds=seconds))
        object.__setattr__(self, "_week_days", sum(map(bool, self.weekly)))

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object]) -> "BusinessCalendar":
        """Read the format of contract.md 6; keys it does not know are left alone. Raises InvalidCalendar."""
        if not isinstance(mapping, Mapping):
            raise InvalidCalendar(f"{mapping!r} is no calendar", field="calendar")
        hours = mapping.get("hours") or {}
        holidays = mapping.get("holidays") or ()
        if not isinstance(hours, Mapping) or not set(hours) <= set(WEEKDAYS):
            raise InvalidCalendar(f"hours: a mapping with days out of {', '.join(WEEKDAYS)}", field="hours")
        if not isinstance(holidays, Iterable) or isinstance(holidays, str | Mapping):
            raise InvalidCalendar("holidays: a list of dates is needed", field="holidays")
        return cls(
            zone=_parse_zone(mapping.get("zone")),
            weekly=tuple(parse_spans(hours.get(day) or (), f"hours.{day}") for day in WEEKDAYS),
            holidays=frozenset(parse_day(day, "holidays") for day in holidays),
            special_days=parse_days(mapping.get("special_days") or {}, "special_days"),
            breaks=parse_days(mapping.get("breaks") or {}, "breaks"),
        )

    def to_mapping(self) -> dict[str, object]:
        """Write the calendar as from_mapping() reads it, with nothing but JSON types."""
        return {
            "zone": self.zone.key,
            "hours": {
                day: format_spans(spans) for day, spans in zip(WEEKDAYS, self.weekly, strict=True) if spans
            },
            "holidays": [day.isoformat() for day in sorted(self.holidays)],
            "special_days": {
                day.isoformat(): format_spans(spans) for day, spans in sorted(self.special_days.items())
            },
            "breaks": {day.isoformat(): format_spans(spans) for day, spans in sorted(self.breaks.items())},
        }

    def day_spans(self, day: date) -> tuple[Span, ...]:
        """Return the opening spans of a local date, in wall time."""
        if day in self.holidays:
            return ()
        spans = self.special_days.get(day, self.weekly[day.weekday()])
        return subtract(spans, self.breaks[day]) if day in self.breaks else spans

    @property
    def working_day(self) -> timedelta:
        """The working time of the longest day of the week: what one working day is worth here."""
        return timedelta(seconds=max(sum(closes - opens for opens, closes in spans) for spans in self.weekly))

    def is_working_day(self, day: date) -> bool:
        """Say whether the local date has any opening hours. Raises ValueError for an instant: its date has a zone."""
        if isinstance(day, datetime):
            raise ValueError(f"{day.isoformat()} is an instant, a date is needed")
        return bool(self.day_spans(day))

    @_within_the_years_of_dates
    def is_open(self, instant: datetime) -> bool:
        """Say whether `instant` is within opening hours: the opening second is, the closing one is not."""
        instant = as_utc(instant)
        return any(start <= instant < end for start, end in _intervals(self, self.local_date(instant)))

    @_within_the_years_of_dates
    def next_open(self, instant: datetime) -> datetime:
        """Return `instant` itself if it is open, else the next opening. Raises CalendarNeverOpen."""
        instant = as_utc(instant)
        return max(instant, next(_forward(self, instant))[0])

    @_within_the_years_of_dates
    def prev_open(self, instant: datetime) -> datetime:
        """Return `instant` itself if it was open until then (closing counts), else the closing before it."""
        instant = as_utc(instant)
        return min(instant, next(_backward(self, instant))[1])

    @_within_the_years_of_dates
    def next_close(self, instant: datetime) -> datetime:
        """Return the end of the span that holds `instant`, else the end of the next one."""
        return next(_forward(self, as_utc(instant)))[1]

    def local_date(self, instant: datetime) -> date:
        """Return the date on the wall at `instant`."""
        return instant.astimezone(self.zone).date()

    def possible_day(self, day: date, *, step: int) -> date | None:
        """Return the first day from `day` on (or back) that may be open, None if there is none.

        With weekly hours that is `day` itself; without, only special days may be.
        """
        if self._week_time:
            return day
        at = bisect_left(self._specials, day) if step > 0 else bisect_right(self._specials, day) - 1
        return self._specials[at] if 0 <= at < len(self._specials) else None

    def plain_weeks(self, day: date, most: int, *, step: int, minds_clocks: bool = True) -> int:
        """Return how many whole weeks from `day` on (or back), at most `most`, are like any other.

        Such a week has no exception and, where `minds_clocks`, no change of clocks. Raises OverflowError where
        nothing keeps them from leaving the years of dates.
        """
        if most <= 0 or not self._week_time:
            return 0
        exception = self._next_exception(day, step)
        weeks = most if exception is None else min(most, abs((exception - day).days) // 7)
        if not weeks or not minds_clocks:
            return weeks
        years = range(day.year, (day + step * weeks * _WEEK).year + step, step)
        changes = (change for year in years for change in _clock_changes(self.zone, year)[::step])
        first = next((change for change in changes if (change - day) * step >= _NONE), None)
        return weeks if first is None else min(weeks, abs((first - day).days) // 7)

    def _next_exception(self, day: date, step: int) -> date | None:
        at = bisect_left(self._exceptions, day) if step > 0 else bisect_right(self._exceptions, day) - 1
        return self._exceptions[at] if 0 <= at < len(self._exceptions) else None


@_within_the_years_of_dates
def add_working_time(
    cal: BusinessCalendar, start: datetime, duration: timedelta, pauses: Iterable[Interval] = ()
) -> datetime:
    """Return the earliest instant by which `duration` of open, unpaused time has passed since `start`.

    Used up exactly at closing, that is the closing time. A negative duration counts back: the latest
    instant, so an opening time. Zero is `start`. Raises CalendarNeverOpen.
    """
    start = as_utc(start)
    left = abs(duration)
    if not left:
        return start
    if duration > _NONE:
        for begins, ends in _merged(pauses):
            ready = working_time_between(cal, start, begins) if begins > start else _NONE
            if ready >= left:
                break
            if ends > start:
                left -= ready
                start = ends
        return _add_forward(cal, start, left)
    for begins, ends in reversed(_merged(pauses)):
        ready = working_time_between(cal, ends, start) if ends < start else _NONE
        if ready >= left:
            break
        if begins < start:
            left -= ready
            start = begins
    return _add_backward(cal, start, left)


@_within_the_years_of_dates
def working_time_between(
    cal: BusinessCalendar, start: datetime, end: datetime, pauses: Iterable[Interval] = ()
) -> timedelta:
    """Return the open, unpaused time in [start, end); negative when `end` is before `start`."""
    start, end = as_utc(start), as_utc(end)
    if end < start:
        return -working_time_between(cal, end, start, pauses)
    paused = (
        _open_time(cal, max(start, begins), min(end, ends))
        for begins, ends in _merged(pauses)
        if begins < end and ends > start
    )
    return _open_time(cal, start, end) - sum(paused, _NONE)


@_within_the_years_of_dates
def add_working_days(cal: BusinessCalendar, day: date, days: int) -> date:
    """Return the date `days` working days on (negative: back).

    A `day` that is not a working day moves first to the next one (negative: the one before).
    Raises CalendarNeverOpen, TypeError for an instant or a part of a day.
    """
    if isinstance(day, datetime) or not isinstance(days, int):
        raise TypeError("a date and a whole number of days")
    step = -1 if days < 0 else 1
    day, left = _working_day(cal, day, step), abs(days)
    while left:
        day += step * _DAY
        # Strictly fewer than are left, so that the last one is found by looking at its day.
        weeks = cal.plain_weeks(day, (left - 1) // max(cal._week_days, 1), step=step, minds_clocks=False)
        left -= weeks * cal._week_days
        day = _working_day(cal, day + step * weeks * _WEEK, step)
        left -= 1
    return day


def open_intervals(cal: BusinessCalendar, start: datetime, end: datetime) -> Iterator[Interval]:
    """Yield the open intervals within [start, end), cut off at both."""
    start, end = as_utc(start), as_utc(end)
    day = cal.local_date(start)
    while day <= cal.local_date(end):
        for opens, closes in _intervals(cal, day):
            if max(opens, start) < min(closes, end):
                yield max(opens, start), min(closes, end)
        day += _DAY


def as_utc(instant: datetime) -> datetime:
    """Return the same instant in UTC. Raises NaiveInstant.

    Python compares and subtracts two datetimes of one zone by the clock on the wall, which is wrong
    across a change of clocks; in UTC it cannot be.
    """
    if not isinstance(instant, datetime) or instant.utcoffset() is None:
        raise NaiveInstant(f"{instant} is no instant with a time zone")
    return instant.astimezone(UTC)


def _parse_zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(name if isinstance(name, str) else "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidCalendar(
            f"zone: {name!r} is not a time zone such as Asia/Jakarta", field="zone"
        ) from None


@lru_cache(maxsize=8192)
def _intervals(cal: BusinessCalendar, day: date) -> tuple[Interval, ...]:
    spans = cal.day_spans(day)
    return to_instants(day, spans, cal.zone) if spans else ()


@lru_cache(maxsize=4096)
def _clock_changes(zone: ZoneInfo, year: int) -> tuple[date, ...]:
    """Return the dates of a year on which the clocks of the zone change; two in one week are not looked for."""
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    weeks = [*range(first, last, 7), min(last + 1, date.max.toordinal())]
    offsets = [_midnight_offset(zone, day) for day in weeks]
    return tuple(
        date.fromordinal(day)
        for week, after, (before, then) in zip(weeks, weeks[1:], pairwise(offsets), strict=False)
        if before != then
        for day in range(week, after)
        if _midnight_offset(zone, day) != _midnight_offset(zone, day + 1)
    )


def _midnight_offset(zone: ZoneInfo, ordinal: int) -> timedelta | None:
    return datetime.fromordinal(ordinal).replace(tzinfo=zone).utcoffset()


def _forward(cal: BusinessCalendar, instant: datetime) -> Iterator[Interval]:
    """Yield the open intervals that end after `instant`."""
    day = cal.possible_day(cal.local_date(instant), step=1)
    while day is not None:
        yield from (interval for interval in _intervals(cal, day) if interval[1] > instant)
        day = cal.possible_day(day + _DAY, step=1)
    raise CalendarNeverOpen(f"the calendar has no opening time after {instant.isoformat()}")


def _backward(cal: BusinessCalendar, instant: datetime) -> Iterator[Interval]:
    """Yield the open intervals that begin before `instant`, the last one first."""
    day = cal.possible_day(cal.local_date(instant), step=-1)
    while day is not None:
        yield from (interval for interval in reversed(_intervals(cal, day)) if interval[0] < instant)
        day = cal.possible_day(day - _DAY, step=-1)
    raise CalendarNeverOpen(f"the calendar has no opening time before {instant.isoformat()}")


def _add_forward(cal: BusinessCalendar, start: datetime, left: timedelta) -> datetime:
    day = cal.possible_day(cal.local_date(start), step=1)
    while day is not None:
        for opens, closes in _intervals(cal, day):
            begins = max(opens, start)
            if left <= closes - begins:
                return begins + left
            left -= max(closes - begins, _NONE)
        day += _DAY
        weeks = cal.plain_weeks(day, _weeks_within(cal, left), step=1)
        left -= weeks * cal._week_time
        day = cal.possible_day(day + weeks * _WEEK, step=1)
    raise CalendarNeverOpen(f"the calendar has not enough opening time after {start.isoformat()}")


def _add_backward(cal: BusinessCalendar, start: datetime, left: timedelta) -> datetime:
    day = cal.possible_day(cal.local_date(start), step=-1)
    while day is not None:
        for opens, closes in reversed(_intervals(cal, day)):
            ends = min(closes, start)
            if left <= ends - opens:
                return ends - left
            left -= max(ends - opens, _NONE)
        day -= _DAY
        weeks = cal.plain_weeks(day, _weeks_within(cal, left), step=-1)
        left -= weeks * cal._week_time
        day = cal.possible_day(day - weeks * _WEEK, step=-1)
    raise CalendarNeverOpen(f"the calendar has not enough opening time before {start.isoformat()}")


def _weeks_within(cal: BusinessCalendar, left: timedelta) -> int:
    """Return how many weeks use up less than `left`: its exact end is then found by looking, as a closing time."""
    return (left - _TICK) // cal._week_time if cal._week_time else 0


def _open_time(cal: BusinessCalendar, start: datetime, end: datetime) -> timedelta:
    last = cal.local_date(end)
    total, day = _NONE, cal.possible_day(cal.local_date(start), step=1)
    while day is not None and day <= last:
        for opens, closes in _intervals(cal, day):
            total += max(min(closes, end) - max(opens, start), _NONE)
        if day == last:
            break
        day += _DAY
        weeks = cal.plain_weeks(day, (last - day).days // 7, step=1)
        total += weeks * cal._week_time
        day = cal.possible_day(day + weeks * _WEEK, step=1)
    return total


def _working_day(cal: BusinessCalendar, day: date, step: int) -> date:
    possible = cal.possible_day(day, step=step)
    while possible is not None and not cal.is_working_day(possible):
        possible = cal.possible_day(possible + step * _DAY, step=step)
    if possible is None:
        raise CalendarNeverOpen(f"the calendar has no working day beyond {day.isoformat()}")
    return possible


def _merged(pauses: Iterable[Interval]) -> list[Interval]:
    """Return the pauses in order and without overlap; one that ends before it begins is none."""
    merged: list[Interval] = []
    for begins, ends in sorted((as_utc(begins), as_utc(ends)) for begins, ends in pauses):
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
        elif begins < ends:
            merged.append((begins, ends))
    return merged
