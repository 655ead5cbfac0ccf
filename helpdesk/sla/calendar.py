"""Business calendars and the arithmetic of working time, to the second (contract.md section 6)."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, wraps
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
    _week_time: timedelta = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        days = sorted({*self.holidays, *self.special_days, *self.breaks})
        seconds = sum(closes - opens for spans in self.weekly for opens, closes in spans)
        object.__setattr__(self, "_exceptions", tuple(days))
        object.__setattr__(self, "_week_time", timedelta(seconds=seconds))

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object]) -> "BusinessCalendar":
        """Read the format of contract.md 6; keys it does not know are left alone. Raises InvalidCalendar."""
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
        """Say whether the local date has any opening hours."""
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

    def is_over(self, day: date, *, step: int) -> bool:
        """Say whether no day from `day` on can be open: no weekly hours, and every special day passed."""
        if self._week_time:
            return False
        if not self.special_days:
            return True
        return day > max(self.special_days) if step > 0 else day < min(self.special_days)

    def plain_week(self, first_day: date) -> timedelta | None:
        """Return the working time of the seven days from `first_day`, or None if they need a closer look."""
        at = bisect_left(self._exceptions, first_day)
        if at < len(self._exceptions) and self._exceptions[at] < first_day + _WEEK:
            return None
        midnight = datetime(first_day.year, first_day.month, first_day.day, tzinfo=self.zone)
        if midnight.utcoffset() != (midnight + _WEEK).utcoffset():
            return None
        return self._week_time or None


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
    Raises CalendarNeverOpen.
    """
    step = -1 if days < 0 else 1
    day = _working_day(cal, day, step)
    for _ in range(abs(days)):
        day = _working_day(cal, day + step * _DAY, step)
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
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise NaiveInstant(f"{instant.isoformat()} has no time zone")
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


def _forward(cal: BusinessCalendar, instant: datetime) -> Iterator[Interval]:
    """Yield the open intervals that end after `instant`."""
    day = cal.local_date(instant)
    while not cal.is_over(day, step=1):
        yield from (interval for interval in _intervals(cal, day) if interval[1] > instant)
        day += _DAY
    raise CalendarNeverOpen(f"the calendar has no opening time after {instant.isoformat()}")


def _backward(cal: BusinessCalendar, instant: datetime) -> Iterator[Interval]:
    """Yield the open intervals that begin before `instant`, the last one first."""
    day = cal.local_date(instant)
    while not cal.is_over(day, step=-1):
        yield from (interval for interval in reversed(_intervals(cal, day)) if interval[0] < instant)
        day -= _DAY
    raise CalendarNeverOpen(f"the calendar has no opening time before {instant.isoformat()}")


def _add_forward(cal: BusinessCalendar, start: datetime, left: timedelta) -> datetime:
    day = cal.local_date(start)
    while not cal.is_over(day, step=1):
        for opens, closes in _intervals(cal, day):
            begins = max(opens, start)
            if left <= closes - begins:
                return begins + left
            left -= max(closes - begins, _NONE)
        day += _DAY
        # Strictly more than the week has, so that the exact end of it is found by the walk as a closing time.
        while left > cal._week_time and (week := cal.plain_week(day)):
            left -= week
            day += _WEEK
    raise CalendarNeverOpen(f"the calendar has not enough opening time after {start.isoformat()}")


def _add_backward(cal: BusinessCalendar, start: datetime, left: timedelta) -> datetime:
    day = cal.local_date(start)
    while not cal.is_over(day, step=-1):
        for opens, closes in reversed(_intervals(cal, day)):
            ends = min(closes, start)
            if left <= ends - opens:
                return ends - left
            left -= max(ends - opens, _NONE)
        day -= _DAY
        while left > cal._week_time and (week := cal.plain_week(day - _WEEK + _DAY)):
            left -= week
            day -= _WEEK
    raise CalendarNeverOpen(f"the calendar has not enough opening time before {start.isoformat()}")


def _open_time(cal: BusinessCalendar, start: datetime, end: datetime) -> timedelta:
    first, last = cal.local_date(start), cal.local_date(end)
    total, day = _NONE, first
    while day <= last and not cal.is_over(day, step=1):
        week = cal.plain_week(day) if first < day and day + _WEEK <= last else None
        if week is not None:
            total += week
            day += _WEEK
            continue
        for opens, closes in _intervals(cal, day):
            total += max(min(closes, end) - max(opens, start), _NONE)
        day += _DAY
    return total


def _working_day(cal: BusinessCalendar, day: date, step: int) -> date:
    while not cal.is_working_day(day):
        if cal.is_over(day, step=step):
            raise CalendarNeverOpen(f"the calendar has no working day beyond {day.isoformat()}")
        day += step * _DAY
    return day


def _merged(pauses: Iterable[Interval]) -> list[Interval]:
    """Return the pauses in order and without overlap; one that ends before it begins is none."""
    merged: list[Interval] = []
    for begins, ends in sorted((as_utc(begins), as_utc(ends)) for begins, ends in pauses):
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
        elif begins < ends:
            merged.append((begins, ends))
    return merged
