"""What is done as a clock runs out: warnings, the breach, and the ladder of levels (domain.md 7.3)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib.resources import files

import yaml

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.taxonomy import Severity
from helpdesk.sla.clock import (
    ClockState,
    SlaClock,
    as_of,
    due_at,
    instant_of,
    instant_of_elapsed,
    instant_of_share,
    state,
)
from helpdesk.sla.durations import parse_duration
from helpdesk.sla.policy import Metric
from helpdesk.sla.reading import (
    check_unique,
    read_bool,
    read_list,
    read_mapping,
    read_text,
    read_word,
    read_words,
)

WARNING_PERCENTS = (50, 75, 90)

BREACHED = "breached"
"""The code of the step that records a breach."""

LAST_DAY = "warning_last_day"
"""The code of the warning one working day before the due instant."""

_LAST_DAY_METRICS = frozenset({Metric.RESOLUTION, Metric.REGULATORY})


class Level(StrEnum):
    """Who answers for a ticket (domain.md 7.3)."""

    L1 = "L1"  # the ticket's team
    L2 = "L2"  # area manager
    L3 = "L3"  # regional manager
    L4 = "L4"  # consumer protection unit at the head office
    L5 = "L5"  # committee: compliance, legal, audit, data protection, risk
    L6 = "L6"  # board of directors


class StepAction(StrEnum):
    """Kinds of event that the enforcement writes (contract.md section 5)."""

    SLA_WARNING = "sla_warning"
    SLA_BREACHED = "sla_breached"
    ESCALATED = "escalated"


class Trigger(StrEnum):
    """What a rule waits for."""

    START = "start"  # the clock's start
    SHARE = "share"  # a share of the target, on the strict calendar where there is one
    BREACH = "breach"  # the due instant
    AFTER = "after"  # working time of the clock's calendar
    ELAPSED = "elapsed"  # time by any clock on the wall, nights and weekends counted


@dataclass(frozen=True, slots=True)
class EscalationRule:
    """One rung: a level takes over, or is told, when the trigger comes. None in `severities` is any."""

    code: str
    metrics: frozenset[Metric]
    severities: frozenset[Severity] | None
    trigger: Trigger
    level: Level
    is_functional: bool
    """To another team; otherwise to a manager."""
    share: Fraction | None = None
    delay: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is done once per clock; `code` says what for ever."""

    code: str
    at: datetime
    """When it is due, whenever it is noticed."""
    action: StepAction
    level: Level | None = None
    share: Fraction | None = None
    is_functional: bool = False


_ORDER = list(StepAction)
_SECOND = timedelta(seconds=1)
_RULE_KEYS = ("code", "metrics", "severities", "at", "share", "after", "elapsed", "level", "functional")


def steps(clock: SlaClock, rules: Sequence[EscalationRule], *, severity: Severity) -> list[Step]:
    """Return all steps of a clock in the order of their instants; those behind an open pause are left out."""
    found = [*_warnings(clock), *_breach(clock), *_ladder(clock, rules, severity)]
    return sorted(found, key=lambda step: (step.at, _ORDER.index(step.action), step.level or "", step.code))


def steps_due(
    clock: SlaClock,
    rules: Sequence[EscalationRule],
    *,
    severity: Severity,
    done: frozenset[str],
    now: datetime,
) -> list[Step]:
    """Return the steps that have come by `now` and are not `done`, in the order of their true instants.

    A clock that is paused, met or superseded has none: what it missed before a pause comes when it runs
    again. One that was met too late has only its breach left: there is nobody to warn any more.
    """
    return [step for step in _left(clock, rules, severity=severity, done=done, now=now) if step.at <= now]


def next_step_at(
    clock: SlaClock,
    rules: Sequence[EscalationRule],
    *,
    severity: Severity,
    done: frozenset[str],
    now: datetime,
) -> datetime | None:
    """Return when to look at the clock next, perhaps already past; None if nothing is left as it stands.

    A paused clock runs again by itself when the cap of its pause is used up.
    """
    if state(clock, now) is ClockState.PAUSED:
        return min(
            (pause.ends_by for pause in clock.pauses if pause.ends_by and not pause.ended_at), default=None
        )
    return next((step.at for step in _left(clock, rules, severity=severity, done=done, now=now)), None)


def load_rules(mapping: Mapping[str, object]) -> tuple[EscalationRule, ...]:
    """Read `{"rules": […]}`. Raises InvalidInput."""
    document = read_mapping(mapping, "document", allowed=("rules",))
    entries = read_list(document.get("rules"), "rules")
    rules = tuple(_read_rule(entry, f"rules[{at}]") for at, entry in enumerate(entries))
    check_unique((rule.code for rule in rules), "rules")
    return rules


@cache
def shipped_rules() -> tuple[EscalationRule, ...]:
    """Return the ladder of domain.md 7.3, as the package ships it."""
    text = files("helpdesk.sla").joinpath("data", "escalation.yaml").read_text(encoding="utf-8")
    return load_rules(yaml.safe_load(text))


def _left(
    clock: SlaClock,
    rules: Sequence[EscalationRule],
    *,
    severity: Severity,
    done: frozenset[str],
    now: datetime,
) -> list[Step]:
    current = state(clock, now)
    if current in (ClockState.PAUSED, ClockState.MET, ClockState.SUPERSEDED):
        return []
    clock = as_of(clock, now)
    found = list(_breach(clock)) if clock.stopped_at is not None else steps(clock, rules, severity=severity)
    return [step for step in found if step.code not in done]


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


def _ladder(clock: SlaClock, rules: Sequence[EscalationRule], severity: Severity) -> Iterator[Step]:
    for rule in rules:
        if clock.metric not in rule.metrics or not (rule.severities is None or severity in rule.severities):
            continue
        if (at := _trigger_instant(clock, rule)) is not None:
            yield Step(
                rule.code,
                at,
                StepAction.ESCALATED,
                level=rule.level,
                share=rule.share,
                is_functional=rule.is_functional,
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
            return instant_of_elapsed(clock, delay)


def _read_rule(value: object, field: str) -> EscalationRule:
    entry = read_mapping(value, field, allowed=_RULE_KEYS)
    code = read_text(entry, "code", field)
    trigger, share, delay = _read_trigger(entry, code)
    return EscalationRule(
        code=code,
        metrics=frozenset(
            read_word(Metric, metric, f"{code}.metrics")
            for metric in read_list(entry.get("metrics"), f"{code}.metrics")
        ),
        severities=read_words(Severity, entry.get("severities"), f"{code}.severities"),
        trigger=trigger,
        level=read_word(Level, entry.get("level"), f"{code}.level"),
        is_functional=read_bool(entry, "functional", code, default=False),
        share=share,
        delay=delay,
    )


def _read_trigger(
    entry: Mapping[str, object], code: str
) -> tuple[Trigger, Fraction | None, timedelta | None]:
    said = [key for key in ("at", "share", "after", "elapsed") if key in entry]
    if len(said) != 1:
        raise InvalidInput(f"{code}: exactly one of at, share, after, elapsed is needed", field=code)
    key, value = said[0], entry[said[0]]
    if key == "at":
        trigger = read_word(Trigger, value, f"{code}.at")
        if trigger not in (Trigger.START, Trigger.BREACH):
            raise InvalidInput(f"{code}.at: start or breach, not {value!r}", field=f"{code}.at")
        return trigger, None, None
    if key == "share":
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= 100:
            raise InvalidInput(
                f"{code}.share: a percentage from 1 to 100, not {value!r}", field=f"{code}.share"
            )
        return Trigger.SHARE, Fraction(value, 100), None
    return Trigger(key), None, parse_duration(value, f"{code}.{key}")[0]
