"""One SLA clock: what it has used, when it is due, and in which state it is. Everything is derived."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo

from helpdesk.sla.calendar import BusinessCalendar, add_working_time, as_utc, working_time_between
from helpdesk.sla.policy import Metric

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """An interval in which a clock stands still; without an end it still lasts, but never beyond `ends_by`."""

    started_at: datetime
    ended_at: datetime | None
    reason: str
    actor: str = ""
    ends_by: datetime | None = None
    """When the cap on the pauses of its clock is used up."""


class ClockState(StrEnum):
    """Contract.md section 5."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class SlaClock:
    """One ticket measured against one target. A new target is a new clock with the same start and pauses."""

    metric: Metric
    started_at: datetime
    counts_from: datetime
    """Where its time begins: `started_at`, or the midnight after it for a clock of whole days."""
    target: timedelta
    calendar: BusinessCalendar
    strict_calendar: BusinessCalendar | None = None
    """A calendar with more working days, on which alarms are given earlier than the law asks."""
    pauses: tuple[Pause, ...] = ()
    met_at: datetime | None = None
    superseded_at: datetime | None = None
    breached_at: datetime | None = None
    """A breach on record."""
    promised_at: datetime | None = None
    """The due instant that was promised: holidays entered or taken back later do not move it. None: derived."""
    strict_promised_at: datetime | None = None
    """Likewise on the strict calendar."""

    @property
    def stopped_at(self) -> datetime | None:
        """When it was met or superseded, whichever came first; from then on nothing moves it."""
        stops = [instant for instant in (self.met_at, self.superseded_at) if instant is not None]
        return min(stops, default=None)


def counting_start(started_at: datetime, *, zone: ZoneInfo, is_day_based: bool) -> datetime:
    """Return from when a clock counts.

    The day of receipt is day 0 (domain.md 1.6), so whole days count from the local midnight after it: on a
    calendar open "00:00"-"24:00" on working days, N days are N x 24 hours and end at 24:00 of the due date.
    That is exact where clocks never change, as in Indonesia.
    """
    started_at = as_utc(started_at)
    if not is_day_based:
        return started_at
    tomorrow = started_at.astimezone(zone).date() + timedelta(days=1)
    return as_utc(datetime.combine(tomorrow, time(), tzinfo=zone))


def as_of(clock: SlaClock, now: datetime) -> SlaClock:
    """Return the clock as it stands at `now`: pauses whose cap is used up by then have ended, noticed or not."""
    if not any(_is_over(pause, now) for pause in clock.pauses):
        return clock
    pauses = (
        replace(pause, ended_at=pause.ends_by) if _is_over(pause, now) else pause for pause in clock.pauses
    )
    return replace(clock, pauses=tuple(pauses))


def pause_ends_by(clock: SlaClock, cap: timedelta, at: datetime) -> datetime:
    """Return until when a pause that begins at `at` may last, if all pauses together take out at most `cap`.

    `at` itself: nothing is left. Time in which the calendar is closed costs nothing.
    """
    left = cap - paused_for(clock, at)
    return add_working_time(clock.calendar, at, left) if left > timedelta() else at


def used(clock: SlaClock, now: datetime) -> timedelta:
    """Return the working time spent by `now`, pauses left out; it stays as it is once the clock stopped."""
    clock = as_of(clock, now)
    end = _end(clock, now)
    return working_time_between(clock.calendar, clock.counts_from, end, _intervals(clock, end))


def paused_for(clock: SlaClock, now: datetime) -> timedelta:
    """Return the working time that pauses have taken out: used() and this make up all of the working time."""
    end = _end(clock, now)
    return working_time_between(clock.calendar, clock.counts_from, end) - used(clock, now)


def due_at(clock: SlaClock) -> datetime | None:
    """Return the instant the target is used up, or None while an open pause keeps it away.

    An open pause that began at that instant or later changes nothing. Raises CalendarNeverOpen.
    """
    return clock.promised_at or instant_of(clock, clock.target)


def strict_due_at(clock: SlaClock) -> datetime | None:
    """Return the due instant on the strict calendar; None if it has none, or as due_at()."""
    if clock.strict_calendar is None:
        return None
    return clock.strict_promised_at or instant_of(clock, clock.target, calendar=clock.strict_calendar)


def instant_of_share(clock: SlaClock, share: Fraction | Decimal, *, strict: bool) -> datetime | None:
    """Return when that share (1 is all) of the target is used up, or None as due_at().

    `strict` asks the strict calendar where there is one.
    """
    duration = int(clock.target // _TICK * Fraction(share)) * _TICK
    calendar = clock.strict_calendar if strict else None
    return instant_of(clock, duration, calendar=calendar)


def instant_of(
    clock: SlaClock, duration: timedelta, *, calendar: BusinessCalendar | None = None
) -> datetime | None:
    """Return when `duration` is used up, on the clock's calendar or another; None as due_at()."""
    return _unless_paused(
        clock,
        add_working_time(calendar or clock.calendar, clock.counts_from, duration, _closed_pauses(clock)),
    )


def state(clock: SlaClock, now: datetime) -> ClockState:
    """Return the state at `now`. In this order:

    1. A breach on record stays, whatever else is known.
    2. A stopped clock: met (or superseded) at the due instant or before is that; later it is breached, for
       the breach happened at the due instant, noticed or not. What is on record counts also if `now` is
       before it.
    3. Unmet at the due instant: breached.
    4. Within a pause: paused. A pause that began before the due instant moves that away, so a paused clock
       does not breach. A pause whose cap is used up is none any more.
    """
    if clock.breached_at is not None:
        return ClockState.BREACHED
    clock = as_of(clock, now)
    due = due_at(clock)
    stopped_at = clock.stopped_at
    if stopped_at is not None:
        if due is not None and stopped_at > due:
            return ClockState.BREACHED
        return ClockState.MET if stopped_at == clock.met_at else ClockState.SUPERSEDED
    if due is not None and due <= now:
        return ClockState.BREACHED
    return ClockState.PAUSED if _is_paused(clock, now) else ClockState.RUNNING


def is_breached(clock: SlaClock, now: datetime) -> bool:
    """Say whether the target was missed by `now`."""
    return state(clock, now) is ClockState.BREACHED


def breach_instant(clock: SlaClock, now: datetime) -> datetime | None:
    """Return when the breach happened: the due instant, whenever it was noticed; None without a breach."""
    if clock.breached_at is not None:
        return clock.breached_at
    return due_at(as_of(clock, now)) if is_breached(clock, now) else None


def _is_over(pause: Pause, now: datetime) -> bool:
    return pause.ended_at is None and pause.ends_by is not None and pause.ends_by <= now


def _end(clock: SlaClock, now: datetime) -> datetime:
    """Return up to where time is counted at `now`."""
    end = now if clock.stopped_at is None else min(now, clock.stopped_at)
    return max(end, clock.counts_from)


def _pause_end(clock: SlaClock, pause: Pause) -> datetime | None:
    """Return the end of a pause; stopping the clock ends every pause."""
    ends = [instant for instant in (pause.ended_at, clock.stopped_at) if instant is not None]
    return min(ends, default=None)


def _intervals(clock: SlaClock, end: datetime) -> list[tuple[datetime, datetime]]:
    return [(pause.started_at, _pause_end(clock, pause) or end) for pause in clock.pauses]


def _closed_pauses(clock: SlaClock) -> list[tuple[datetime, datetime]]:
    ends = [(pause.started_at, _pause_end(clock, pause)) for pause in clock.pauses]
    return [(begin, end) for begin, end in ends if end is not None and begin < end]


def _unless_paused(clock: SlaClock, instant: datetime) -> datetime | None:
    """Return `instant`, unless a pause without an end began before it."""
    begun = (pause.started_at for pause in clock.pauses if _pause_end(clock, pause) is None)
    return None if any(begin < instant for begin in begun) else instant


def _is_paused(clock: SlaClock, now: datetime) -> bool:
    return any(
        pause.started_at <= now and (pause.ended_at is None or now < pause.ended_at) for pause in clock.pauses
    )
