"""The rules of the escalation ladder: who is told when, and how long she has to answer (domain.md 7.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import cast

import yaml

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.taxonomy import Severity
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

_TRIGGER_KEYS = ("at", "share", "after", "elapsed", "after_breach")
_RULE_KEYS = ("code", "metrics", "severities", "when", *_TRIGGER_KEYS, "level", "functional")
_DOCUMENT_KEYS = ("rules", "answers", "notices")


class Level(StrEnum):
    """Who answers for a ticket (domain.md 7.3)."""

    L1 = "L1"  # the ticket's team
    L2 = "L2"  # area manager
    L3 = "L3"  # regional manager
    L4 = "L4"  # consumer protection unit at the head office
    L5 = "L5"  # committee: compliance, legal, audit, data protection, risk
    L6 = "L6"  # board of directors

    @property
    def above(self) -> "Level | None":
        """The next one up; None for the top."""
        levels = tuple(Level)
        here = levels.index(self)
        return levels[here + 1] if here + 1 < len(levels) else None


class Circumstance(StrEnum):
    """What a rule may ask of a ticket besides its severity."""

    ABOUT_STAFF = "about_staff"  # somebody of the lender is complained about
    OBJECTION = "objection"  # the contact did not accept the answer


class Trigger(StrEnum):
    """What a rule waits for."""

    START = "start"  # the clock's start
    SHARE = "share"  # a share of the target, on the strict calendar where there is one
    BREACH = "breach"  # the due instant
    AFTER = "after"  # working time of the clock's calendar
    ELAPSED = "elapsed"  # time by any clock on the wall: nights, weekends and pauses counted
    AFTER_BREACH = "after_breach"  # working time of the clock's calendar since the due instant, still unmet


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
    circumstance: Circumstance | None = None
    """Only for tickets of which this is true; None: for all."""


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """How long a level that was told has to say that it has the ticket. None in `severities` is any."""

    severities: frozenset[Severity] | None
    delay: timedelta
    is_working_time: bool
    """Counted in service hours; otherwise by any clock on the wall."""


def load_rules(mapping: Mapping[str, object]) -> tuple[EscalationRule, ...]:
    """Read the `rules` of a document. Raises InvalidInput."""
    document = read_mapping(mapping, "document", allowed=_DOCUMENT_KEYS)
    entries = read_list(document.get("rules"), "rules")
    rules = tuple(_read_rule(entry, f"rules[{at}]") for at, entry in enumerate(entries))
    check_unique((rule.code for rule in rules), "rules")
    return rules


def load_answers(mapping: Mapping[str, object]) -> tuple[AnswerRule, ...]:
    """Read the `answers` of a document: of every severity there must be one. Raises InvalidInput."""
    document = read_mapping(mapping, "document", allowed=_DOCUMENT_KEYS)
    limits = tuple(
        _read_answer(entry, f"answers[{at}]")
        for at, entry in enumerate(read_list(document.get("answers"), "answers"))
    )
    for severity in Severity:
        if not any(each.severities is None or severity in each.severities for each in limits):
            raise InvalidInput(f"answers: no time is given for {severity}", field="answers")
    return limits


@cache
def shipped_rules() -> tuple[EscalationRule, ...]:
    """Return the ladder of domain.md 7.3, as the package ships it."""
    return load_rules(shipped_document())


@cache
def shipped_answers() -> tuple[AnswerRule, ...]:
    """Return how long each severity may wait for an answer of the people who were told."""
    return load_answers(shipped_document())


def shipped_document() -> Mapping[str, object]:
    """Return data/escalation.yaml as it is written."""
    text = files("helpdesk.sla").joinpath("data", "escalation.yaml").read_text(encoding="utf-8")
    return cast(Mapping[str, object], yaml.safe_load(text))


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
        circumstance=None
        if (when := entry.get("when")) is None
        else read_word(Circumstance, when, f"{code}.when"),
    )


def _read_answer(value: object, field: str) -> AnswerRule:
    entry = read_mapping(value, field, allowed=("severities", "after", "elapsed"))
    said = [key for key in ("after", "elapsed") if key in entry]
    if len(said) != 1:
        raise InvalidInput(f"{field}: exactly one of after, elapsed is needed", field=field)
    return AnswerRule(
        severities=read_words(Severity, entry.get("severities"), f"{field}.severities"),
        delay=parse_duration(entry[said[0]], f"{field}.{said[0]}")[0],
        is_working_time=said[0] == "after",
    )


def _read_trigger(
    entry: Mapping[str, object], code: str
) -> tuple[Trigger, Fraction | None, timedelta | None]:
    said = [key for key in _TRIGGER_KEYS if key in entry]
    if len(said) != 1:
        raise InvalidInput(f"{code}: exactly one of {', '.join(_TRIGGER_KEYS)} is needed", field=code)
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
