"""What lies ahead of one promise, by the oracle's own reading of the ladder: warnings, breach, rungs, silence."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from open_time import reached
from year_clock import WALL, Clock, Step
from year_rules import Places, Rule, Rules

SETTLED = ("resolution", "regulatory")
ABOVE = {"L1": "L2", "L2": "L3", "L3": "L4", "L4": "L5", "L5": "L6"}


class Rated(NamedTuple):
    """What the ladder asks of a ticket."""

    severity: str
    is_about_staff: bool
    is_objected: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The ladder for a ticket as it is rated now."""

    rules: Rules
    places: Places
    rated: Rated

    def steps(self, clock: Clock, now: int) -> list[Step]:
        """All steps of a clock that are known at `now`, told or not, in the order of their instants."""
        found = [*self._warnings(clock, now), *self._ladder(clock, now), *self._unanswered(clock)]
        if (due := clock.due(now)) is not None:
            found.append(Step(due, "breached", "sla_breached", None))
        return sorted(found)

    def _warnings(self, clock: Clock, now: int) -> Iterator[Step]:
        target = clock.target
        calendar = "strict" if target.calendar == "regulatory" else target.calendar
        last_day = target.seconds - clock.place.working_day(target.calendar)
        ahead = {f"warning_{percent}": target.seconds * percent // 100 for percent in (50, 75, 90)}
        if clock.metric in SETTLED and last_day > 0 and last_day not in ahead.values():
            ahead["warning_last_day"] = last_day
        for code, seconds in ahead.items():
            if (at := clock.instant(seconds, now=now, calendar=calendar)) is not None:
                yield Step(at, code, "sla_warning", None)

    def _unanswered(self, clock: Clock) -> Iterator[Step]:
        raised = [done for done in clock.done.values() if done.reach is not None]
        soonest: dict[str, int] = {}
        for each in raised:
            level = str(each.reach)
            is_overtaken = any(
                str(other.reach) > level and other.noticed_at >= each.noticed_at for other in raised
            )
            if each.answered_at is None and not is_overtaken and level in ABOVE:
                by = self._answer_by(each.noticed_at)
                soonest[ABOVE[level]] = min(by, soonest.get(ABOVE[level], by))
        for level, at in soonest.items():
            yield Step(at, f"unanswered_{level}", "escalated", level)

    def _answer_by(self, told_at: int) -> int:
        limit = self.rules.answer(self.rated.severity)
        table = self.places.at(told_at).table("service") if limit.is_working_time else WALL
        return reached(table, told_at, limit.seconds)

    def _holds(self, when: str | None) -> bool:
        return when is None or (
            self.rated.is_about_staff if when == "about_staff" else self.rated.is_objected
        )

    def _ladder(self, clock: Clock, now: int) -> Iterator[Step]:
        for rule in self.rules.ladder:
            is_its = clock.metric in rule.metrics and self._holds(rule.when)
            if is_its and (not rule.severities or self.rated.severity in rule.severities):
                at = self._trigger(clock, rule, now)
                if at is not None:
                    yield Step(at, rule.code, "escalated", rule.level)

    def _trigger(self, clock: Clock, rule: Rule, now: int) -> int | None:
        match rule.trigger, rule.value:
            case "start", _:
                return clock.started_at
            case "breach", _:
                return clock.due(now)
            case "share", percent:
                calendar = "strict" if clock.target.calendar == "regulatory" else None
                return clock.instant(clock.target.seconds * percent // 100, now=now, calendar=calendar)
            case "after", seconds:
                return clock.instant(seconds, now=now)
            case "elapsed", seconds:
                return reached(WALL, clock.started_at, seconds)
            case "after_breach", seconds:  # whatever is paused by then
                table, due = clock.place.table(clock.target.calendar), clock.due(now)
                return None if due is None else reached(table, due, seconds)
        raise AssertionError(rule)
