"""The clocks of one ticket of the past, driven by the same pure rules as services/clocks.py, without a database."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from helpdesk.demo.world.facts import ClockFacts, PauseFacts
from helpdesk.demo.world.rows import Row
from helpdesk.demo.world.rules import Rules
from helpdesk.domain.severity import Severity
from helpdesk.models.people import OrgUnit
from helpdesk.services.policies import PolicyInForce
from helpdesk.sla.calendar import BusinessCalendar, working_time_between
from helpdesk.sla.clock import Pause, SlaClock, counting_start, due_at, pause_ends_by, strict_due_at
from helpdesk.sla.escalation import (
    BREACHED,
    Circumstance,
    Level,
    Raised,
    Step,
    StepAction,
    Trigger,
    answer_by,
    next_step_at,
    shipped_answers,
    shipped_rules,
    steps,
    steps_due,
)
from helpdesk.sla.policy import CalendarCode, Metric

SWEEP_EVERY = timedelta(seconds=15)
"""How often the worker looks (helpdesk/jobs.py)."""

_NEVER = datetime.max.replace(tzinfo=UTC)
_FIRST_WARNING = 0.5
"""Share of the target at which the first warning comes."""
_FIRST_ELAPSED = timedelta(hours=24)
"""Nothing is escalated by the clock on the wall before that (sla/data/escalation.yaml)."""


@dataclass(slots=True)
class Running:
    """One clock with its pauses and the steps that were taken."""

    row: ClockFacts
    target: timedelta
    calendar: BusinessCalendar
    strict_calendar: BusinessCalendar | None
    pauses: list[PauseFacts] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    raised: list[Row] = field(default_factory=list)
    """Escalations that were carried out, with who answered."""
    plan: list[Step] | None = None
    """All steps as the pauses now stand; None before anybody asked."""
    quiet_until: datetime = _NEVER
    """Before this instant there is nothing to notice."""

    @property
    def is_live(self) -> bool:
        """Whether it is neither met nor superseded."""
        return self.row.met_at is None and self.row.superseded_at is None

    @property
    def open_pause(self) -> PauseFacts | None:
        """The pause that still lasts."""
        return next((pause for pause in self.pauses if pause.ended_at is None), None)

    @property
    def day_key(self) -> tuple[object, ...]:
        """What the due instants of a clock of whole days depend on."""
        return self.row.counts_from, self.target, id(self.calendar), id(self.strict_calendar)

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
            pauses=tuple(
                Pause(each.started_at, each.ended_at, each.reason, each.actor, each.ends_by)
                for each in self.pauses
            ),
            met_at=row.met_at,
            superseded_at=row.superseded_at,
            breached_at=row.breached_at,
            promised_at=row.due_at,
            strict_promised_at=row.strict_due_at,
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
        self.circumstances: set[Circumstance] = set()
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
            calendar_as_of=at,
            is_pausable=target.is_pausable,
            pause_cap_seconds=None if target.pause_cap is None else int(target.pause_cap.total_seconds()),
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
        found = []
        for running in self.all:
            if until < running.quiet_until or not running.is_live:
                continue
            for step in self._reached(running, until):
                noticed_at = _next_sweep(max(step.at, created_at))
                if step.code in running.done:
                    continue
                if noticed_at <= until:
                    found.append(Owed(running, step, noticed_at))
                else:
                    running.quiet_until = until  # the next sweep will see it
        return sorted(found, key=lambda each: (each.noticed_at, each.step.at))

    def next_due_at(self) -> datetime | None:
        """Return the soonest due instant of a live clock."""
        return min((each.row.due_at for each in self.live() if each.row.due_at is not None), default=None)

    @property
    def office(self) -> BusinessCalendar:
        """The service hours at the ticket's unit."""
        return self._rules.book.calendar(CalendarCode.SERVICE, self._unit)

    def finish(self, now: datetime) -> None:
        """Derive what is stored of each clock, as services/clocks.py leaves it at `now`."""
        for running in self.all:
            running.row.next_step_at = None
            if running.is_live:
                _cap(running)
                running.row.next_step_at = next_step_at(
                    running.as_clock(),
                    shipped_rules(),
                    severity=self._severity,
                    circumstances=self.circumstances,
                    raised=[self._raised(event) for event in running.raised],
                    done=frozenset(running.done),
                    now=now,
                )

    def _raised(self, event: Row) -> Raised:
        limits = shipped_answers()
        until = answer_by(event["noticed_at"], limits, severity=self._severity, office=self.office)
        return Raised(Level(event["level"]), event["noticed_at"], until, event["acknowledged_at"])

    def _end_pause(self, running: Running, *, at: datetime) -> bool:
        pause = running.open_pause
        if pause is None:
            return False
        pause.ended_at = max(at, pause.started_at)
        self._derive(running)
        return True

    def _derive(self, running: Running) -> None:
        """Derive the due instants; a clock of whole days that never paused has the same as any of its day."""
        row = running.row
        row.due_at = row.strict_due_at = None
        clock = running.as_clock()
        running.plan = None
        running.quiet_until = row.started_at
        if running.pauses or running.strict_calendar is None:
            row.due_at, row.strict_due_at = due_at(clock), strict_due_at(clock)
            return
        dues = self._rules.dues_of_days
        key = running.day_key
        if key not in dues:
            dues[key] = due_at(clock), strict_due_at(clock)
        row.due_at, row.strict_due_at = dues[key]

    def _reached(self, running: Running, until: datetime) -> list[Step]:
        """Return the steps that have come, and remember up to when no other can."""
        if running.open_pause is not None:
            return self._due_in_pause(running, until)
        quiet = self._quiet_for(running, until)
        if quiet > timedelta():
            running.quiet_until = until + quiet
            return list(self._at_once(running))
        if running.plan is None:
            running.plan = self._plan(running)
        running.quiet_until = next((step.at for step in running.plan if step.at > until), _NEVER)
        return [step for step in running.plan if step.at <= until]

    def _due_in_pause(self, running: Running, until: datetime) -> list[Step]:
        return steps_due(
            running.as_clock(),
            shipped_rules(),
            severity=self._severity,
            circumstances=self.circumstances,
            done=frozenset(running.done),
            now=until,
        )

    def _plan(self, running: Running) -> list[Step]:
        if running.pauses or running.strict_calendar is None:
            return self._steps(running)
        plans = self._rules.plans_of_days
        key = (*running.day_key, self._severity, frozenset(self.circumstances))
        if key not in plans:
            plans[key] = self._steps(running)
        return plans[key]

    def _steps(self, running: Running) -> list[Step]:
        return steps(
            running.as_clock(), shipped_rules(), severity=self._severity, circumstances=self.circumstances
        )

    def _at_once(self, running: Running) -> Iterator[Step]:
        """What is escalated with the start of the clock."""
        row = running.row
        for rule in shipped_rules():
            is_meant = row.metric in rule.metrics and self._severity in (rule.severities or Severity)
            holds = rule.circumstance is None or rule.circumstance in self.circumstances
            if rule.trigger is Trigger.START and is_meant and holds:
                yield Step(
                    rule.code,
                    row.started_at,
                    StepAction.ESCALATED,
                    level=rule.level,
                )

    def _quiet_for(self, running: Running, until: datetime) -> timedelta:
        """Return for how long nothing but the start can have come: spares the plan of clocks that are met soon."""
        row = running.row
        half = timedelta(seconds=row.target_seconds * _FIRST_WARNING)
        passed = until - row.counts_from
        if passed < min(half, _FIRST_ELAPSED):
            return min(half, _FIRST_ELAPSED) - passed
        if self._severity is Severity.S1 and row.metric is Metric.RESOLUTION:
            return timedelta()  # the committee hears of it after a day on the wall
        calendar = running.strict_calendar or running.calendar
        # Working time never runs faster than the wall clock.
        return half - min(passed, working_time_between(calendar, row.counts_from, until))


def _cap(running: Running) -> None:
    """Say by when the pause that lasts will have used up its cap."""
    pause, cap = running.open_pause, running.row.pause_cap_seconds
    if pause is not None and cap is not None:
        pause.ends_by = pause_ends_by(running.as_clock(), timedelta(seconds=cap), pause.started_at)


def _next_sweep(at: datetime) -> datetime:
    """Return when the worker comes by next."""
    passed = timedelta(seconds=at.second % SWEEP_EVERY.seconds, microseconds=at.microsecond)
    return at + (SWEEP_EVERY - passed if passed else timedelta())
