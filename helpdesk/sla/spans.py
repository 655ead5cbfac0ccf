"""Opening spans of one local day: read and write them, take breaks out, turn them into instants."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from helpdesk.domain.errors import InvalidInput

DAY_SECONDS = 24 * 60 * 60

Span = tuple[int, int]
"""Seconds of local wall time since midnight, half open; 86400 is the midnight that ends the day."""

Interval = tuple[datetime, datetime]
"""Two UTC instants, half open."""


class InvalidCalendar(InvalidInput, ValueError):
    """A calendar's description breaks the format of contract.md 6; `field` says where."""


def parse_spans(value: object, field: str) -> tuple[Span, ...]:
    """Read `[["08:00", "12:00"], …]` in any order. Overlapping spans become one, touching ones stay two."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise InvalidCalendar(f"{field}: a list of [open, close] pairs is needed, not {value!r}", field=field)
    return _merge(sorted(_parse_span(pair, field) for pair in value))


def parse_day(value: object, field: str) -> date:
    """Read a `YYYY-MM-DD`; YAML may have made it a date already."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise InvalidCalendar(f"{field}: {value!r} is not a date such as 2026-12-25", field=field) from None


def parse_days(value: object, field: str) -> dict[date, tuple[Span, ...]]:
    """Read `{"2026-12-24": [["08:00", "12:00"]]}`."""
    if not isinstance(value, Mapping):
        raise InvalidCalendar(f"{field}: a mapping of dates to spans is needed", field=field)
    return {parse_day(day, field): parse_spans(spans, f"{field}.{day}") for day, spans in value.items()}


def format_spans(spans: Iterable[Span]) -> list[list[str]]:
    """Write spans as parse_spans() reads them."""
    return [[_format_time(opens), _format_time(closes)] for opens, closes in spans]


def subtract(spans: Iterable[Span], breaks: Iterable[Span]) -> tuple[Span, ...]:
    """Return what is left of `spans` without `breaks`."""
    left = list(spans)
    for begins, ends in breaks:
        left = [
            piece
            for opens, closes in left
            for piece in ((opens, min(closes, begins)), (max(opens, ends), closes))
            if piece[0] < piece[1]
        ]
    return tuple(left)


def to_instants(day: date, spans: Iterable[Span], zone: tzinfo) -> tuple[Interval, ...]:
    """Return the instants at which a clock on the wall in `zone` shows a time within one of the spans.

    An hour that daylight saving skips is not there; one that it repeats counts twice.
    """
    midnight = datetime.combine(day, time())
    stretches = _stretches_of_one_offset(midnight, zone)
    intervals: list[Interval] = []
    for opens, closes in spans:
        pieces: list[Interval] = []
        for begins, ends, offset in stretches:
            start = max(begins, (midnight + timedelta(seconds=opens) - offset).replace(tzinfo=UTC))
            end = min(ends, (midnight + timedelta(seconds=closes) - offset).replace(tzinfo=UTC))
            if start < end:
                pieces.append((start, end))
        intervals.extend(_join_touching(pieces))
    return tuple(sorted(intervals))


def _parse_span(pair: object, field: str) -> Span:
    if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
        raise InvalidCalendar(f"{field}: {pair!r} is not an [open, close] pair", field=field)
    opens, closes = _parse_time(pair[0], field), _parse_time(pair[1], field)
    if opens >= closes:
        raise InvalidCalendar(
            f"{field}: {pair[0]} to {pair[1]} does not end after it begins; "
            'write a night as two spans, the first up to "24:00"',
            field=field,
        )
    return opens, closes


def _parse_time(value: object, field: str) -> int:
    parts = value.split(":") if isinstance(value, str) else []
    if len(parts) in (2, 3) and all(len(part) == 2 and part.isascii() and part.isdigit() for part in parts):
        hours, minutes, seconds = (*map(int, parts), 0)[:3]
        total = hours * 3600 + minutes * 60 + seconds
        if minutes < 60 and seconds < 60 and total <= DAY_SECONDS:
            return total
    raise InvalidCalendar(f'{field}: {value!r} is not a time such as "08:00" or "24:00"', field=field)


def _format_time(seconds: int) -> str:
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
    return f"{text}:{seconds % 60:02}" if seconds % 60 else text


def _merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for opens, closes in spans:
        if merged and opens < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
        else:
            merged.append((opens, closes))
    return tuple(merged)


def _stretches_of_one_offset(midnight: datetime, zone: tzinfo) -> list[tuple[datetime, datetime, timedelta]]:
    """Cut the local day at its change of clocks, if it has one; two in one day are not looked for."""
    begins = min(_instant(midnight, zone, fold) for fold in (0, 1))
    ends = max(_instant(midnight + timedelta(days=1), zone, fold) for fold in (0, 1))
    before, after = _offset(begins, zone), _offset(ends, zone)
    if before == after:
        return [(begins, ends, before)]
    change = _first_instant_with(after, begins, ends, zone=zone)
    return [(begins, change, before), (change, ends, after)]


def _first_instant_with(offset: timedelta, low: datetime, high: datetime, *, zone: tzinfo) -> datetime:
    """Return the second at which `zone` turns to `offset`; at `high` it already has it, at `low` not yet."""
    reach = (high - low) // timedelta(seconds=1)
    without, has = 0, reach
    while has - without > 1:
        middle = (without + has) // 2
        if _offset(low + timedelta(seconds=middle), zone) == offset:
            has = middle
        else:
            without = middle
    return low + timedelta(seconds=has)


def _instant(wall: datetime, zone: tzinfo, fold: int) -> datetime:
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _offset(instant: datetime, zone: tzinfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _join_touching(pieces: list[Interval]) -> list[Interval]:
    """Make one again of a span that was only cut by a change of clocks in the middle of it."""
    if any(first[1] != second[0] for first, second in pairwise(pieces)):
        return pieces
    return [(pieces[0][0], pieces[-1][1])] if pieces else []
