"""Tells the story of a clock: which stretches counted, which did not and why, and what is still to come."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby, pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

from helpdesk.sla.calendar import as_utc, open_intervals
from helpdesk.sla.clock import Pause, SlaClock, due_at, used

FEW_LINES = 14
"""So many lines are read at a glance; a longer story is told by the day, the week or the month."""

_NO_NAMES: Mapping[date, str] = MappingProxyType({})
_NONE = timedelta()
_DAY = timedelta(days=1)


class StretchKind(StrEnum):
    """Why time counts or does not."""

    RUNNING = "running"
    CLOSED = "closed"
    HOLIDAY = "holiday"
    PAUSED = "paused"
    RECEIPT = "receipt"  # day 0 of a clock of whole days
    STOPPED = "stopped"  # met or superseded


@dataclass(frozen=True, slots=True)
class Stretch:
    """An unbroken piece of a clock's life, half open."""

    kind: StretchKind
    started_at: datetime
    ended_at: datetime
    note: str = ""
    """The name of a holiday, the reason of a pause."""
    actor: str = ""
    """Who paused."""
    total: timedelta = _NONE
    """What the clock has used by the end of it."""

    @property
    def length(self) -> timedelta:
        """How long it lasted by any clock."""
        return self.ended_at - self.started_at

    @property
    def counted(self) -> timedelta:
        """What of it the clock has used."""
        return self.length if self.kind is StretchKind.RUNNING else _NONE


@dataclass(frozen=True, slots=True)
class Fold:
    """Stretches that are told in one line: those that begin on one day, in one week or in one month."""

    parts: tuple[Stretch, ...]

    @property
    def started_at(self) -> datetime:
        """Where the first begins."""
        return self.parts[0].started_at

    @property
    def ended_at(self) -> datetime:
        """Where the last ends."""
        return self.parts[-1].ended_at

    @property
    def counted(self) -> timedelta:
        """What of it the clock has used."""
        return sum((part.counted for part in self.parts), _NONE)

    @property
    def total(self) -> timedelta:
        """What the clock has used by the end of it."""
        return self.parts[-1].total


def ledger(clock: SlaClock, now: datetime, *, holiday_names: Mapping[date, str] = _NO_NAMES) -> list[Stretch]:
    """Return the clock's life from its start to `now`; the running stretches add up to used().

    After its stop it is one stretch more.
    """
    now, stopped_at = as_utc(now), clock.stopped_at
    end = now if stopped_at is None else min(now, as_utc(stopped_at))
    told = list(_told(settled(clock), clock.started_at, end, names=holiday_names))
    if end < now:
        total = told[-1].total if told else _NONE
        told.append(Stretch(StretchKind.STOPPED, end, now, total=total))
    return told


def ahead(clock: SlaClock, now: datetime, *, holiday_names: Mapping[date, str] = _NO_NAMES) -> list[Stretch]:
    """Return what is to come from `now` to the due instant, if nothing happens; the totals go on from used().

    Nothing for a clock that has stopped, is overdue, or stands still without an end.
    """
    due = latest_due(clock)
    begin = max(as_utc(now), as_utc(clock.started_at))
    if clock.stopped_at is not None or due is None or due <= begin:
        return []
    return list(_told(settled(clock), begin, due, names=holiday_names, total=used(clock, now)))


def settled(clock: SlaClock) -> SlaClock:
    """Return the clock with every pause ended that can be: by its cap, or by the stop of the clock."""
    return replace(clock, pauses=tuple(_settled(pause, clock.stopped_at) for pause in clock.pauses))


def latest_due(clock: SlaClock) -> datetime | None:
    """Return the due instant, of a clock that stands still the latest that it can come to; None: there is none."""
    return due_at(clock) or due_at(settled(clock))


def fold(stretches: Sequence[Stretch], zone: ZoneInfo, *, limit: int = FEW_LINES) -> list[Fold]:
    """Return lines to read: each stretch one, else by the day, the week, and at last the month it begins in."""
    lines = [Fold((stretch,)) for stretch in stretches]
    for unit in (_day, _week, _month):
        if len(lines) <= limit:
            break
        groups = groupby(stretches, key=lambda each: unit(each.started_at.astimezone(zone).date()))
        lines = [Fold(tuple(group)) for _unit, group in groups]
    return lines


def _told(
    clock: SlaClock, start: datetime, end: datetime, *, names: Mapping[date, str], total: timedelta = _NONE
) -> Iterator[Stretch]:
    """Yield the stretches of [start, end); `total` is what was used before."""
    start = as_utc(start)
    cuts = sorted({cut for cut in (start, end, *_cuts(clock, start, end)) if start <= cut <= end})
    pieces = ((begins, ends, _describe(clock, begins, names)) for begins, ends in pairwise(cuts))
    for (kind, note, actor), group in groupby(pieces, key=lambda piece: piece[2]):
        parts = list(group)
        begins, ends = parts[0][0], parts[-1][1]
        total += ends - begins if kind is StretchKind.RUNNING else _NONE
        yield Stretch(kind, begins, ends, note, actor, total)


def _cuts(clock: SlaClock, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield every instant at which the story may turn."""
    calendar = clock.calendar
    yield as_utc(clock.counts_from)
    for interval in open_intervals(calendar, start, end):
        yield from interval
    for pause in clock.pauses:
        yield from (as_utc(pause.started_at), as_utc(pause.ended_at or end))
    day, last = calendar.local_date(start), calendar.local_date(end)
    while day <= last:
        yield as_utc(datetime.combine(day, time(), tzinfo=calendar.zone))
        day += _DAY


def _describe(clock: SlaClock, instant: datetime, names: Mapping[date, str]) -> tuple[StretchKind, str, str]:
    """Return what the time from `instant` on is, with the note and the actor."""
    calendar = clock.calendar
    if instant < clock.counts_from:
        return StretchKind.RECEIPT, "", ""
    if not calendar.is_open(instant):
        day = calendar.local_date(instant)
        if day in calendar.holidays:
            return StretchKind.HOLIDAY, names.get(day, ""), ""
        return StretchKind.CLOSED, "", ""
    for pause in clock.pauses:
        if pause.started_at <= instant and (pause.ended_at is None or instant < pause.ended_at):
            return StretchKind.PAUSED, pause.reason, pause.actor
    return StretchKind.RUNNING, "", ""


def _settled(pause: Pause, stopped_at: datetime | None) -> Pause:
    ends = [each for each in (pause.ended_at or pause.ends_by, stopped_at) if each is not None]
    return replace(pause, ended_at=min(ends, default=None))


def _day(day: date) -> date:
    return day


def _week(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _month(day: date) -> date:
    return day.replace(day=1)
