"""The oracle's own reading of policies, ladder and calendars: two data files, and the days the database has closed."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import yaml
from open_time import OpenTime

import helpdesk

DATA = Path(helpdesk.__file__).parent / "sla" / "data"
DAY_BASED = ("regulatory", "strict")
_UNITS = {"m": 60, "h": 3600, "wd": 8 * 3600, "d": 24 * 3600}


class Described(Protocol):
    """What a policy looks at."""

    kind: str
    severity: str
    form: str
    category: str | None


@dataclass(frozen=True, slots=True)
class Target:
    """One promise of a policy."""

    seconds: int
    calendar: str
    is_pausable: bool
    pause_cap: int | None
    """The most that all pauses of one clock may take out."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Promises by metric, and the tickets they hold for."""

    code: str
    when: Mapping[str, list[str]]
    targets: Mapping[str, Target]

    def fits(self, it: Described) -> bool:
        facts = {"kinds": it.kind, "severities": it.severity, "forms": it.form, "categories": it.category}
        return all(facts[name] in words for name, words in self.when.items())


@dataclass(frozen=True, slots=True)
class Rule:
    """One rung of the ladder: what it waits for, with seconds or per cent."""

    code: str
    metrics: list[str]
    severities: list[str]
    when: str | None
    trigger: str
    value: int
    level: str


@dataclass(frozen=True, slots=True)
class Answer:
    """How long a level has to answer."""

    severities: list[str]
    seconds: int
    is_working_time: bool


Caps = Mapping[tuple[str, str], int]
"""By policy and metric: the simulation's own, much tighter than what is shipped."""


class Rules:
    """Both files."""

    def __init__(self, caps: Caps) -> None:
        self.policies = [_policy(entry, caps) for entry in _read("policies.yaml")["policies"]]
        escalation = _read("escalation.yaml")
        self.ladder = [_rule(entry) for entry in escalation["rules"]]
        self.handovers = {
            entry["code"]
            for entry in escalation["rules"]
            if entry.get("functional") and entry["level"] == "L4"
        }
        """Codes of the rungs that give the ticket to the head office."""
        self._answers = [_answer(entry) for entry in escalation["answers"]]

    def answer(self, severity: str) -> Answer:
        """The first that fits."""
        return next(each for each in self._answers if severity in each.severities)

    def policy_of(self, it: Described) -> Policy:
        """The first that fits."""
        return next(policy for policy in self.policies if policy.fits(it))


class Place:
    """The calendars as they hold at one unit."""

    def __init__(self, zone: str, calendars: Mapping[str, tuple[Mapping[str, Any], Iterable[date]]]) -> None:
        self.zone = zone
        self._tables = {
            code: OpenTime(hours, set(closed), zone) for code, (hours, closed) in calendars.items()
        }
        self._days = {code: _longest(hours) for code, (hours, _) in calendars.items()}

    def table(self, calendar: str) -> OpenTime:
        return self._tables[calendar]

    def working_day(self, calendar: str) -> int:
        """Seconds of the longest day of the week."""
        return self._days[calendar]


class Places:
    """One unit as it stood: a promise counts by the closed days that were known when it was given."""

    def __init__(self, states: Mapping[int, Place]) -> None:
        self._since = sorted(states)
        self._states = states

    def at(self, instant: int) -> Place:
        """As it stood then."""
        return self._states[self._since[bisect_right(self._since, instant) - 1]]


def _longest(hours: Mapping[str, list[list[str]]]) -> int:
    def seconds(clock: str) -> int:
        return int(clock[:2]) * 3600 + int(clock[3:]) * 60

    return max(sum(seconds(end) - seconds(start) for start, end in spans) for spans in hours.values())


def _read(name: str) -> Any:
    return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))


def _seconds(text: str) -> int:
    digits = "".join(filter(str.isdigit, text))
    return int(digits) * _UNITS[text.removeprefix(digits)]


def _policy(entry: Mapping[str, Any], caps: Caps) -> Policy:
    targets = {
        metric: Target(
            _seconds(target["within"]),
            target["calendar"],
            target.get("pausable", False),
            caps.get((entry["code"], metric)),
        )
        for metric, target in entry["targets"].items()
    }
    return Policy(entry["code"], entry.get("when", {}), targets)


def _rule(entry: Mapping[str, Any]) -> Rule:
    trigger, value = entry.get("at", ""), 0
    if "share" in entry:
        trigger, value = "share", entry["share"]
    for name in ("after", "elapsed", "after_breach"):
        if name in entry:
            trigger, value = name, _seconds(entry[name])
    when, severities = entry.get("when"), entry.get("severities", [])
    return Rule(entry["code"], entry["metrics"], severities, when, trigger, value, entry["level"])


def _answer(entry: Mapping[str, Any]) -> Answer:
    is_working_time = "after" in entry
    return Answer(
        entry["severities"], _seconds(entry["after" if is_working_time else "elapsed"]), is_working_time
    )
