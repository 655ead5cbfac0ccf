"""Which clock of a ticket is next, and why that one."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from helpdesk.queries.sla import ClockLine
from helpdesk.queries.sla_words import CALENDARS, METRICS, Pair, due


def next_clock(clocks: Sequence[ClockLine], *, now: datetime) -> ClockLine | None:
    """Return the live clock that falls due soonest from now on; one that stands still has no due instant."""
    coming = [(each.due_at, each) for each in clocks if each.is_live and each.due_at and each.due_at > now]
    return min(coming, key=lambda pair: pair[0], default=(None, None))[1]


def what_is_next(clocks: Sequence[ClockLine], *, now: datetime) -> tuple[Pair, ...]:
    """Say which clocks are late, which is next and why, and which stand still; of finished ones what was late."""
    live = [each for each in clocks if each.is_live]
    late = [each for each in live if each.due_at is not None and each.due_at <= now]
    still = [each for each in live if each.due_at is None]
    told: list[Pair] = []
    last = {each.metric: each for each in clocks if not each.superseded_at}
    before = {each.metric: each for each in clocks if each.superseded_at and each.breached_at}
    broken = [
        before[metric]
        for metric, each in last.items()
        if metric in before
        and not each.breached_at
        and each.started_at < (before[metric].superseded_at or now)
    ]
    if broken:
        told.append(_list(("Sudah terlewat sebelum diganti", "Late before it was replaced"), broken, now=now))
    if late:
        told.append(_list(("Sudah terlewat", "Already late"), late, now=now))
    if (coming := next_clock(live, now=now)) is not None:
        told.append(_next(coming, len(live) - len(late) - len(still), now=now))
    if still:
        told.append(_list(("Sedang dijeda", "Standing still"), still, now=now))
    return tuple(told)


def _next(clock: ClockLine, of: int, *, now: datetime) -> Pair:
    name, calendar = METRICS[clock.metric], CALENDARS[clock.calendar]
    if clock.due_at is None:
        return name
    until = due(clock.due_at, ZoneInfo(clock.zone), now=now)
    why = ("satu-satunya yang berjalan", "the only one running")
    if of > 1:
        why = (f"paling dekat dari {of} janji yang berjalan", f"the nearest of {of} promises that run")
    return (
        f"Berikutnya: {name[0]}, {until[0]}: {why[0]}, dihitung menurut {calendar[0]}.",
        f"Next: {name[1]}, {until[1]}: {why[1]}, counted in {calendar[1]}.",
    )


def _list(head: Pair, clocks: Sequence[ClockLine], *, now: datetime) -> Pair:
    names = [_named(each, now=now) for each in clocks]
    return (
        f"{head[0]}: {', '.join(name[0] for name in names)}.",
        f"{head[1]}: {', '.join(name[1] for name in names)}.",
    )


def _named(clock: ClockLine, *, now: datetime) -> Pair:
    """Return what a clock is called; of one that stands still by when it is due at the latest."""
    name = METRICS[clock.metric]
    if clock.due_at is not None or clock.latest_due_at is None:
        return name
    latest = due(clock.latest_due_at, ZoneInfo(clock.zone), now=now)
    return f"{name[0]} (paling lambat {latest[0]})", f"{name[1]} (due {latest[1]} at the latest)"
