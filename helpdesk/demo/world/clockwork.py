"""The clocks of one ticket of the past, driven by the same pure rules as services/clocks.py, without a database."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from helpdesk.demo.world.facts import ClockFacts, PauseFacts
from helpdesk.demo.world.rules import Rules
from helpdesk.domain.severity import Severity
from helpdesk.models.people import OrgUnit
from helpdesk.services.policies import PolicyInForce
from helpdesk.sla.calendar import BusinessCalendar, working_time_between
from helpdesk.sla.clock import Pause, SlaClock, counting_start, due_at, strict_due_at
from helpdesk.sla.escalation import BREACHED, Step, next_step_at, shipped_rules, steps
from helpdesk.sla.policy import CalendarCode, Metric

SWEEP_EVERY = timedelta(seconds=15)
"""How often the worker looks (helpdesk/jobs.py)."""

_FIRST_WARNING = 0.5


@dataclass(slots=True)
class Running:
    """One clock with its pauses and the steps that were taken."""

    row: ClockFacts
    target: timedelta
    calendar: BusinessCalendar
    strict_calendar: BusinessCalendar | None
    pauses: list[PauseFacts] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    plan: list[Step] | None = None
    """All steps as the pauses now stand; None before anybody asked."""

    @property
    def is_live(self) -> bool:
        """Whether it is neither met nor superseded."""
        return self.row.met_at is None and self.row.superseded_at is None

    @property
    def open_pause(self) -> PauseFacts | None:
        """The pause that still lasts."""
        return next((pause for pause in self.pauses if pause.ended_at is None), None)

    def as_clock(self) -> SlaClock:
        """Return it as the pure rules take it; models/calendars.py says the same of a stored one."""
        row = self.row
        return SlaClock(
            metric=row.metric,
            started_at=row.started_at,
            counts_from=row.counts_from,
            target=self.target,
            calendar=self.calendar,
            strict_calendar=self.strict_calendar,
            pauses=tuple(Pause(pause.started_at, pause.ended_at, pause.reason) for pause in self.pauses),
            met_at=row.met_at,
            superseded_at=row.superseded_at,
            breached_at=row.breached_at,
        )


@dataclass(frozen=True, slots=True)
class Owed:
    """A step that a sweep noticed at that moment."""

    clock: Running
    step: Step
    noticed_at: datetime


class Clockwork:
    """All clocks of a ticket. The caller sweeps before every change, so that no step is taken too late."""

    def __init__(self, rules: Rules, unit: OrgUnit, severity: Severity) -> None:
        self._rules = rules
        self._unit = unit
        self._severity = severity
        self.all: list[Running] = []

    def live(self, *metrics: Metric) -> list[Running]:
        """Return the clocks of these metrics (all, if none is named) that still run or stand still."""
        return [each for each in self.all if each.is_live and (not metrics or each.row.metric in metrics)]

    def start(self, policy: PolicyInForce, metric: Metric, *, at: datetime) -> bool:
        """Start a clock; False where the policy promises nothing."""
        target = policy.target(metric)
        if target is None:
            return False
        row = ClockFacts(
            metric=metric,
            policy_id=policy.id,
            target_seconds=int(target.duration.total_seconds()),
            calendar_id=self._rules.book.row(target.calendar).id,
            is_pausable=target.is_pausable,
            zone=self._unit.zone,
            started_at=at,
            counts_from=counting_start(
                at, zone=ZoneInfo(self._unit.zone), is_day_based=target.calendar.is_day_based
            ),
        )
        is_regulatory = target.calendar is CalendarCode.REGULATORY
        running = Running(
            row,
            target.duration,
            self._rules.book.calendar(row.calendar_id, self._unit),
            self._rules.book.calendar(CalendarCode.STRICT, self._unit) if is_regulatory else None,
        )
        self._derive(running)
        self.all.append(running)
        return True

    def meet(self, running: Running, *, at: datetime) -> None:
        """Record that the promise was kept."""
        running.row.met_at = max(at, running.row.started_at)
        self._end_pause(running, at=running.row.met_at)

    def supersede(self, running: Running, *, at: datetime) -> None:
        """End a clock without success."""
        running.row.superseded_at = at
        self._end_pause(running, at=at)

    def pause(self, running: Running, *, reason: str, actor: str, at: datetime) -> None:
        """Let a clock stand still."""
        running.pauses.append(PauseFacts(at, reason, actor))
        self._derive(running)

    def resume(self, running: Running, *, at: datetime) -> bool:
        """End the pause that lasts; False where there is none."""
        return self._end_pause(running, at=at)

    def overdue(self, at: datetime) -> list[Running]:
        """Return clocks whose breach no sweep has noticed at a moment at which they stop or pause."""
        return [
            each
            for each in self.live()
            if each.row.due_at is not None and each.row.due_at < at and BREACHED not in each.done
        ]

    def owed(self, until: datetime, *, created_at: datetime) -> list[Owed]:
        """Return the steps that sweeps notice up to `until`, in the order of noticing."""
        found = [
            Owed(running, step, noticed)
            for running in self.live()
            for step in self._reached(running, until)
            if step.code not in running.done
            if (noticed := _next_sweep(max(step.at, created_at))) <= until
        ]
        return sorted(found, key=lambda each: (each.noticed_at, each.step.at))

    def next_due_at(self) -> datetime | None:
        """Return the soonest due instant of a live clock."""
        return min((each.row.due_at for each in self.live() if each.row.due_at is not None), default=None)

    def finish(self, now: datetime) -> None:
        """Derive what is stored of each clock, as services/clocks.py leaves it at `now`."""
        for running in self.all:
            running.row.next_step_at = None
            if running.is_live:
                running.row.next_step_at = next_step_at(
                    running.as_clock(),
                    shipped_rules(),
                    severity=self._severity,
                    done=frozenset(running.done),
                    now=now,
                )

    def _end_pause(self, running: Running, *, at: datetime) -> bool:
        pause = running.open_pause
        if pause is None:
            return False
        pause.ended_at = max(at, pause.started_at)
        self._derive(running)
        return True

    def _derive(self, running: Running) -> None:
        clock = running.as_clock()
        running.row.due_at = due_at(clock)
        running.row.strict_due_at = strict_due_at(clock)
        running.plan = None

    def _reached(self, running: Running, until: datetime) -> Iterator[Step]:
        if running.open_pause is not None or self._is_early(running, until):
            return
        if running.plan is None:
            running.plan = steps(running.as_clock(), shipped_rules(), severity=self._severity)
        yield from (step for step in running.plan if step.at <= until)

    def _is_early(self, running: Running, until: datetime) -> bool:
        """Whether nothing can have come yet: spares the whole plan of clocks that were met soon."""
        row = running.row
        is_told_at_once = row.metric is Metric.RESOLUTION and self._severity <= Severity.S2
        if is_told_at_once and (not running.done or self._severity is Severity.S1):
            return False
        half = timedelta(seconds=row.target_seconds * _FIRST_WARNING)
        if until - row.counts_from < half:
            return True
        calendar = running.strict_calendar or running.calendar
        return working_time_between(calendar, row.counts_from, until) < half


def _next_sweep(at: datetime) -> datetime:
    """Return when the worker comes by next."""
    passed = timedelta(seconds=at.second % SWEEP_EVERY.seconds, microseconds=at.microsecond)
    return at + (SWEEP_EVERY - passed if passed else timedelta())
