"""Opening hours as people write and read them: spans of a day, and days that are different, in ranges."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from helpdesk.domain.errors import InvalidInput
from helpdesk.sla.calendar import WEEKDAYS, BusinessCalendar
from helpdesk.sla.spans import DAY_SECONDS, Span, format_spans

WHOLE_DAY: tuple[Span, ...] = ((0, DAY_SECONDS),)
LONGEST_RANGE = timedelta(days=366)

_DAY = timedelta(days=1)
_TIME = r"(\d{1,2})(?:[.:](\d{2}))?"
_SPAN = re.compile(rf"\s*{_TIME}\s*(?:-|–|—|s/d|sampai|to)\s*{_TIME}\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Days:
    """The same spans on each day from `first` to `last`, both included; a range keeps to the days of the week
    that are open anyway, a single day stands as it is. No spans: closed.
    """

    first: date
    last: date
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class OpenHours:
    """When a calendar is open, without its holidays and its zone."""

    weekly: tuple[tuple[Span, ...], ...]
    """Seven days, Monday first."""
    special: tuple[Days, ...] = ()
    """Replaces the hours of those days."""
    breaks: tuple[Days, ...] = ()
    """Taken out of those days."""

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object]) -> "OpenHours":
        """Read what to_mapping() wrote, days of the same spans gathered into ranges. Raises InvalidCalendar."""
        cal = BusinessCalendar.from_mapping({**mapping, "zone": "UTC"})
        return cls(cal.weekly, _ranges(cal.weekly, cal.special_days), _ranges(cal.weekly, cal.breaks))

    def to_mapping(self) -> dict[str, object]:
        """Write the keys `hours`, `special_days` and `breaks` of contract.md 6."""
        return {
            "hours": {
                day: format_spans(spans) for day, spans in zip(WEEKDAYS, self.weekly, strict=True) if spans
            },
            "special_days": self._by_date(self.special),
            "breaks": self._by_date(self.breaks),
        }

    def dates_of(self, days: Days) -> tuple[date, ...]:
        """Return the dates of a range that it changes."""
        return tuple(_dates(self.weekly, days))

    def _by_date(self, ranges: Iterable[Days]) -> dict[str, list[list[str]]]:
        return {day.isoformat(): format_spans(days.spans) for days in ranges for day in self.dates_of(days)}


def check_hours(hours: OpenHours, *, is_day_based: bool) -> None:
    """Raise InvalidInput for hours that no calendar may have. Special days alone run out one day.

    A calendar by which whole days are counted has no shorter ones: a day there is 24 hours (sla/clock.py). Monday to
    Friday stay working days of it, so that no alarm comes later than the law's own count; holidays are entered apart.
    """
    if not any(hours.weekly):
        raise InvalidInput("the calendar never opens", field="hours", code="calendar_never_open")
    for name, ranges in (("special", hours.special), ("breaks", hours.breaks)):
        _check_ranges(hours, ranges, name)
    spans = [*hours.weekly, *(days.spans for days in hours.special)]
    if is_day_based and (hours.breaks or any(each not in ((), WHOLE_DAY) for each in spans)):
        raise InvalidInput("only whole days count here", field="hours", code="whole_days")
    if is_day_based and not all(hours.weekly[:5] + tuple(days.spans for days in hours.special)):
        raise InvalidInput("Monday to Friday are working days", field="hours", code="working_week")


def read_spans(text: str, *, field: str) -> tuple[Span, ...]:
    """Read `08.00–12.00, 13.00–17.00`; empty is closed. Raises InvalidInput.

    Spans that overlap are refused here: one of them is a slip of the pen.
    """
    pieces = [piece for piece in re.split(r"[,;\n]", text) if piece.strip()]
    spans = sorted(_read_span(piece, field) for piece in pieces)
    if any(first[1] > second[0] for first, second in pairwise(spans)):
        raise InvalidInput(f"spans overlap: {text[:80]!r}", field=field, code="hours_overlap")
    return tuple(spans)


def write_spans(spans: Iterable[Span]) -> str:
    """Write spans as read_spans() reads them."""
    return ", ".join("–".join(time.replace(":", ".") for time in pair) for pair in format_spans(spans))


def _read_span(text: str, field: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise InvalidInput(f"not a span of time: {text[:40]!r}", field=field, code="hours_format")
    opens, closes = (
        int(hours) * 3600 + int(minutes or 0) * 60
        for hours, minutes in (found.groups()[:2], found.groups()[2:])
    )
    if max(opens, closes) > DAY_SECONDS or any(int(part or 0) > 59 for part in found.groups()[1::2]):
        raise InvalidInput(f"not a time of a day: {text[:40]!r}", field=field, code="hours_format")
    if closes <= opens:
        raise InvalidInput(f"ends before it begins: {text[:40]!r}", field=field, code="hours_backwards")
    return opens, closes


def _check_ranges(hours: OpenHours, ranges: Sequence[Days], field: str) -> None:
    seen: set[date] = set()
    for days in ranges:
        if days.last < days.first:
            raise InvalidInput("a range ends before it begins", field=field, code="days_backwards")
        if days.last - days.first >= LONGEST_RANGE:
            raise InvalidInput("a range is longer than a year", field=field, code="days_long")
        dates = hours.dates_of(days)
        if not dates:
            raise InvalidInput("no day of the range is open", field=field, code="days_closed")
        if not seen.isdisjoint(dates):
            raise InvalidInput("a day is in two ranges", field=field, code="days_twice")
        seen.update(dates)


def _dates(weekly: Sequence[tuple[Span, ...]], days: Days) -> Iterator[date]:
    if days.first == days.last:
        yield days.first
        return
    for n in range((days.last - days.first).days + 1):
        day = days.first + n * _DAY
        if weekly[day.weekday()]:
            yield day


def _ranges(weekly: Sequence[tuple[Span, ...]], by_date: Mapping[date, tuple[Span, ...]]) -> tuple[Days, ...]:
    """Gather days with the same spans between which no other day is open."""
    ranges: list[Days] = []
    for day, spans in sorted(by_date.items()):
        last = ranges[-1] if ranges else None
        is_like = last is not None and last.spans == spans and day - last.first < LONGEST_RANGE
        if last is not None and is_like and _follows(weekly, last.last, day):
            ranges[-1] = Days(last.first, day, spans)
        else:
            ranges.append(Days(day, day, spans))
    return tuple(ranges)


def _follows(weekly: Sequence[tuple[Span, ...]], last: date, day: date) -> bool:
    """Say whether both days are open by the week, and none between them is."""
    between = (last + n * _DAY for n in range(1, (day - last).days))
    is_near = day - last < timedelta(days=7)
    return (
        is_near
        and bool(weekly[last.weekday()])
        and bool(weekly[day.weekday()])
        and not any(weekly[each.weekday()] for each in between)
    )
