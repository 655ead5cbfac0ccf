"""Tells the story of a clock: which stretches counted, which did not, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from helpdesk.sla.calendar import as_utc, open_intervals
from helpdesk.sla.clock import SlaClock


class StretchKind(StrEnum):
    """Why time counts or does not."""

    RUNNING = "running"
    CLOSED = "closed"
    HOLIDAY = "holiday"
    PAUSED = "paused"
    RECEIPT = "receipt"  # day 0 of a clock of whole days


@dataclass(frozen=True, slots=True)
class Stretch:
    """An unbroken piece of a clock's life, half open."""

    kind: StretchKind
    started_at: datetime
    ended_at: datetime
    note: str = ""
    """The reason of a pause."""


def ledger(clock: SlaClock, now: datetime) -> list[Stretch]:
    """Return the clock's life from its start to `now` or its stop; the running stretches add up to used()."""
    end = as_utc(now if clock.stopped_at is None else min(now, clock.stopped_at))
    cuts = sorted({cut for cut in _cuts(clock, end) if clock.started_at <= cut <= end})
    told: list[Stretch] = []
    for begins, ends in pairwise(cuts):
        kind, note = _describe(clock, begins)
        if told and (told[-1].kind, told[-1].note) == (kind, note):
            begins = told.pop().started_at
        told.append(Stretch(kind, begins, ends, note))
    return told


def _cuts(clock: SlaClock, end: datetime) -> Iterator[datetime]:
    """Yield every instant at which the story may turn."""
    calendar = clock.calendar
    yield from (as_utc(clock.started_at), as_utc(clock.counts_from), end)
    for interval in open_intervals(calendar, clock.started_at, end):
        yield from interval
    for pause in clock.pauses:
        yield from (as_utc(pause.started_at), as_utc(pause.ended_at or end))
    day, last = calendar.local_date(clock.started_at), calendar.local_date(end)
    while day <= last:
        yield as_utc(datetime.combine(day, time(), tzinfo=calendar.zone))
        day += timedelta(days=1)


def _describe(clock: SlaClock, instant: datetime) -> tuple[StretchKind, str]:
    calendar = clock.calendar
    if instant < clock.counts_from:
        return StretchKind.RECEIPT, ""
    if not calendar.is_open(instant):
        is_holiday = calendar.local_date(instant) in calendar.holidays
        return (StretchKind.HOLIDAY if is_holiday else StretchKind.CLOSED), ""
    for pause in clock.pauses:
        if pause.started_at <= instant and (pause.ended_at is None or instant < pause.ended_at):
            return StretchKind.PAUSED, pause.reason
    return StretchKind.RUNNING, ""
