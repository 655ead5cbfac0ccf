"""What is done as a clock runs out: warnings, the breach, and the ladder of levels (domain.md 7.3)."""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from helpdesk.domain.taxonomy import Severity
from helpdesk.sla.calendar import BusinessCalendar, add_working_time
from helpdesk.sla.clock import (
    ClockState,
    SlaClock,
    as_of,
    due_at,
    instant_of,
    instant_of_share,
    state,
)
from helpdesk.sla.ladder import (
    AnswerRule,
    Circumstance,
    EscalationRule,
    Level,
    Trigger,
    load_answers,
    load_rules,
    shipped_answers,
    shipped_rules,
)
from helpdesk.sla.policy import Metric

__all__ = [
    "BREACHED",
    "LAST_DAY",
    "WARNING_PERCENTS",
    "AnswerRule",
    "Circumstance",
    "EscalationRule",
    "Level",
    "Raised",
    "Step",
    "StepAction",
    "Trigger",
    "answer_by",
    "load_answers",
    "load_rules",
    "next_step_at",
    "shipped_answers",
    "shipped_rules",
    "steps",
    "steps_ahead",
    "steps_due",
    "unanswered_below",
    "unanswered_code",
]

WARNING_PERCENTS = (50, 75, 90)

BREACHED = "breached"
"""The code of the step that records a breach."""

LAST_DAY = "warning_last_day"
"""The code of the warning one working day before the due instant."""

_LAST_DAY_METRICS = frozenset({Metric.RESOLUTION, Metric.REGULATORY})


class StepAction(StrEnum):
    """Kinds of event that the enforcement writes (contract.md section 5)."""

    SLA_WARNING = "sla_warning"
    SLA_BREACHED = "sla_breached"
    ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class Raised:
    """A level was told and has until `answer_by` to say that it has the ticket; then it goes on up."""

    level: Level
    told_at: datetime
    answer_by: datetime
    acknowledged_at: datetime | None = None

    def waits(self, among: Iterable["Raised"]) -> bool:
        """Whether it still asks for an answer; not once a higher level was told since: then that one must."""
        is_overtaken = any(each.level > self.level and each.told_at >= self.told_at for each in among)
        return self.acknowledged_at is None and not is_overtaken


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is done once per clock; `code` says what for ever."""

    code: str
    at: datetime
    """When it is due, whenever it is noticed."""
    action: StepAction
    level: Level | None = None
    share: Fraction | None = None


_ORDER = list(StepAction)
_SECOND = timedelta(seconds=1)
_UNANSWERED = "unanswered_"


def steps(
    clock: SlaClock,
    rules: Sequence[EscalationRule],
    *,
    severity: Severity,
    circumstances: Set[Circumstance] = frozenset(),
    raised: Iterable[Raised] = (),
) -> list[Step]:
    """Return all steps of a clock in the order of their instants; those behind an open pause are left out.

    `raised` is what was escalated on this clock: where nobody answers, the next level up is told.
    """
    found = [
        *_warnings(clock),
        *_breach(clock),
        *_ladder(clock, rules, severity, circumstances),
        *_unanswered(raised),
    ]
    return sorted(found, key=_in_order)


def steps_due(
    clock: SlaClock,
    rules: Sequence[EscalationRule],
    *,
    severity: Severity,
    circumstances: Set[Circumstance] = frozenset(),
    raised: Iterable[Raised] = (),
    done: frozenset[str],
    now: datetime,
) -> list[Step]:
    """Return the steps that have come by `now` and are not `done`, in the order of their true instants.

    A clock that is met or superseded has none, a paused one those of its start and of the wall's clock: what else
    it missed before a pause comes when it runs again. One that was met too late has only its breach
    left: there is nobody to warn any more.
    """
    every = steps_ahead(
        clock, rules, severity=severity, circumstances=circumstances, raised=raised, done=done, now=now
    )
    return _not_overtaken([step for step in every if step.at <= now])


def _not_overtaken(found: Sequence[Step]) -> list[Step]:
    """Leave out that a level did not answer, where a step before it in the same pass told a higher one (Raised)."""
    left: list[Step] = []
    for step in found:
        below = unanswered_below(step.code)
        if below is None or not any(each.level is not None and each.level > below for each in left):
            left.append(step)
    return left


def next_step_at(
    clock: SlaClock,
    rules: Sequence[EscalationRule],
    *,
    severity: Severity,
    circumstances: Set[Circumstance] = frozenset(),
    raised: Iterable[Raised] = (),
    done: frozenset[str],
    now: datetime,
) -> datetime | None:
    """Return when to look at the clock next, perhaps already past; None if nothing is left as it stands.

    A clock that stands still, broken or not, runs again by itself when the cap of its pause is used up.
    """
    if clock.stopped_at is None:
        caps = [pause.ends_by for pause in clock.pauses if pause.ends_by and not pause.ended_at]
    else:
        caps = []
    ahead = steps_ahead(
        clock, rules, severity=severity, circumstances=circumstances, raised=raised, done=done, now=now
    )
    return min((*caps, *(step.at for step in ahead[:1])), default=None)


def steps_ahead(
    clock: SlaClock,
    rules: Sequence[EscalationRule],
    *,
    severity: Severity,
    circumstances: Set[Circumstance] = frozenset(),
    raised: Iterable[Raised] = (),
    done: frozenset[str],
    now: datetime,
) -> list[Step]:
    """Return the steps that are not `done`, come or to come, in order, if the clock goes on as it stands at `now`."""
    standing = state(clock, now)
    clock = as_of(clock, now)
    if standing in (ClockState.MET, ClockState.SUPERSEDED):
        return []
    if clock.stopped_at is not None:
        every = list(_breach(clock))
    elif standing is ClockState.PAUSED:
        on_the_wall = [rule for rule in rules if rule.trigger in (Trigger.START, Trigger.ELAPSED)]
        every = sorted(_ladder(clock, on_the_wall, severity, circumstances), key=_in_order)
    else:
        every = steps(clock, rules, severity=severity, circumstances=circumstances, raised=raised)
    # Whoever knows that a promise is broken is not warned that it may be.
    is_over = BREACHED in done
    return [
        step
        for step in every
        if step.code not in done and not (is_over and step.action is StepAction.SLA_WARNING)
    ]


def answer_by(
    told_at: datetime, limits: Sequence[AnswerRule], *, severity: Severity, office: BusinessCalendar
) -> datetime:
    """Return until when a level that was told at `told_at` must have answered; `office`: the service hours.

    It counts from when the people were told, not from when they should have been: after a standstill of the
    enforcement nobody is passed over.
    """
    limit = next(each for each in limits if each.severities is None or severity in each.severities)
    if limit.is_working_time:
        return add_working_time(office, told_at, limit.delay)
    return told_at + limit.delay


def unanswered_code(level: Level) -> str:
    """Return the code of the step that tells `level` because the one below did not answer."""
    return f"{_UNANSWERED}{level}"


def unanswered_below(code: str) -> Level | None:
    """Return the level that did not answer, for a code of unanswered_code(); None for any other code."""
    if not code.startswith(_UNANSWERED):
        return None
    told = Level(code.removeprefix(_UNANSWERED))
    return next(level for level in Level if level.above is told)


def _in_order(step: Step) -> tuple[datetime, int, str, str]:
    return step.at, _ORDER.index(step.action), step.level or "", step.code


def _warnings(clock: SlaClock) -> Iterator[Step]:
    for percent in WARNING_PERCENTS:
        share = Fraction(percent, 100)
        if (at := instant_of_share(clock, share, strict=True)) is not None:
            yield Step(f"warning_{percent}", at, StepAction.SLA_WARNING, share=share)
    before_last_day = clock.target - clock.calendar.working_day
    if clock.metric not in _LAST_DAY_METRICS or before_last_day <= timedelta():
        return
    if any(before_last_day * 100 == clock.target * percent for percent in WARNING_PERCENTS):
        return  # the last day of ten is the 90 % warning already
    if (at := instant_of(clock, before_last_day, calendar=clock.strict_calendar)) is not None:
        yield Step(
            LAST_DAY,
            at,
            StepAction.SLA_WARNING,
            share=Fraction(before_last_day // _SECOND, clock.target // _SECOND),
        )


def _breach(clock: SlaClock) -> Iterator[Step]:
    if (at := due_at(clock)) is not None:
        yield Step(BREACHED, at, StepAction.SLA_BREACHED, share=Fraction(1))


def _unanswered(raised: Iterable[Raised]) -> Iterator[Step]:
    """One step for the level above one that has not answered, when the first escalation to that is out of time."""
    every = list(raised)
    soonest: dict[Level, datetime] = {}
    for each in every:
        up = each.level.above
        if up is not None and each.waits(every):
            soonest[up] = min(each.answer_by, soonest.get(up, each.answer_by))
    for level, at in soonest.items():
        yield Step(unanswered_code(level), at, StepAction.ESCALATED, level=level)


def _ladder(
    clock: SlaClock,
    rules: Sequence[EscalationRule],
    severity: Severity,
    circumstances: Set[Circumstance],
) -> Iterator[Step]:
    for rule in rules:
        if clock.metric not in rule.metrics or not (rule.severities is None or severity in rule.severities):
            continue
        if rule.circumstance is not None and rule.circumstance not in circumstances:
            continue
        if (at := _trigger_instant(clock, rule)) is not None:
            yield Step(
                rule.code,
                at,
                StepAction.ESCALATED,
                level=rule.level,
                share=rule.share,
            )


def _trigger_instant(clock: SlaClock, rule: EscalationRule) -> datetime | None:
    delay = rule.delay or timedelta()
    match rule.trigger:
        case Trigger.START:
            return clock.started_at
        case Trigger.SHARE:
            return instant_of_share(clock, rule.share or Fraction(1), strict=True)
        case Trigger.BREACH:
            return due_at(clock)
        case Trigger.AFTER:
            return instant_of(clock, delay)
        case Trigger.ELAPSED:
            # Whoever waits for the contact still has a day on the wall, and no more, to tell the committee.
            return clock.started_at + delay
        case Trigger.AFTER_BREACH:
            # What is late does not become less late by waiting: a pause after the breach takes nothing out.
            due = due_at(clock)
            return None if due is None else add_working_time(clock.calendar, due, delay)
