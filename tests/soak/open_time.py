"""Working time looked up in a table: the oracle's own reading of hours, holidays and zones. Seconds since 1970."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

FIRST, LAST = date(2026, 9, 1), date(2028, 9, 30)
"""The days that the table knows."""

Pause = tuple[int, int]


class OpenTime:
    """Every open interval of one calendar at one place, and how much was open before it."""

    def __init__(self, hours: Mapping[str, list[list[str]]], closed: Collection[date], zone: str) -> None:
        spans = [
            (_instant(day, opens, zone), _instant(day, closes, zone))
            for day in _days()
            if day not in closed
            for opens, closes in hours.get(day.strftime("%a").lower(), [])
        ]
        self._starts = [start for start, _ in spans]
        self._sums = [0, *accumulate(end - start for start, end in spans)]

    def before(self, instant: int) -> int:
        """Open seconds from the beginning of the table to `instant`."""
        at = bisect_right(self._starts, instant) - 1
        if at < 0:
            return 0
        return min(self._sums[at] + instant - self._starts[at], self._sums[at + 1])

    def reached(self, seconds: int) -> int:
        """The earliest instant by which so many seconds of the table were open."""
        at = bisect_left(self._sums, seconds) - 1
        assert 0 <= at < len(self._starts), "the table ends too early"
        return self._starts[at] + seconds - self._sums[at]


class WallTime:
    """Every second counts."""

    def before(self, instant: int) -> int:
        return instant

    def reached(self, seconds: int) -> int:
        return seconds


Table = OpenTime | WallTime


def spent(table: Table, start: int, end: int, pauses: Iterable[Pause] = ()) -> int:
    """Open seconds of [start, end) outside pauses, which do not overlap."""
    lost = sum(_within(table, start, end, pause) for pause in pauses)
    return table.before(end) - table.before(start) - lost if end > start else 0


def reached(table: Table, start: int, seconds: int, pauses: Iterable[Pause] = ()) -> int:
    """The earliest instant by which so many open seconds outside pauses have passed since `start`.

    What pauses before the answer take out moves the answer, until it moves no more.
    """
    if not seconds:
        return start
    known = list(pauses)
    base = table.before(start) + seconds
    answer = table.reached(base)
    while True:
        moved = table.reached(base + sum(_within(table, start, answer, pause) for pause in known))
        if moved == answer:
            return answer
        answer = moved


def midnight_after(instant: int, zone: str) -> int:
    """The local midnight that ends the day of `instant`."""
    day = datetime.fromtimestamp(instant, ZoneInfo(zone)).date() + timedelta(days=1)
    return _instant(day, "00:00", zone)


def whole(instant: datetime) -> int:
    """Seconds since 1970 of an instant that has no fraction."""
    assert not instant.microsecond
    return int(instant.timestamp())


def _within(table: Table, start: int, end: int, pause: Pause) -> int:
    begins, ends = max(pause[0], start), min(pause[1], end)
    return table.before(ends) - table.before(begins) if begins < ends else 0


def _days() -> Iterable[date]:
    return (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days))


def _instant(day: date, clock: str, zone: str) -> int:
    hour, minute = int(clock[:2]), int(clock[3:])
    midnight = datetime.combine(day, time(), tzinfo=UTC)
    wall = midnight + timedelta(hours=hour, minutes=minute)
    offset: Callable[[datetime], timedelta | None] = ZoneInfo(zone).utcoffset
    return whole(wall) - int((offset(wall.replace(tzinfo=None)) or timedelta()).total_seconds())
