"""What the SLA engine must have done in a year, computed from the recorded history alone.

It shares nothing with helpdesk.sla but the two data files: its own reading of them, its own arithmetic (a table of
open time), its own replay. The documented rules that it follows are those of sla/clock.py, sla/escalation.py and
services/sla.py:

- A step is told at the first sweep that finds it due, with its true instant. A clock that stands still has none but
  those of its start and those counted on the wall: what else came due before the pause is told by the first sweep
  after it. So a late sweep changes no instant.
- What a late sweep does change: a clock that was met or superseded has only its breach left, so warnings and
  escalations that no sweep saw before are dropped. They depend on when sweeps came; breaches never do.
- Whatever stops or pauses a clock records a breach before it, without a sweep. Nobody is warned after a breach.
- That a pause has lasted as long as it may is told by the first sweep after it, or by what replaces the clock before.
- A new promise takes over what was told of the one before, or of any from the same start, for the steps that have come
  by then, and that it went unanswered; only what now lies ahead is told again. Handing over is told again where the
  ticket has left the head office, and who could not answer meanwhile has her whole time from then.
- Whoever was told by an escalation answers in time, counted from when she was told, or the next level is told at
  which others stand.
"""

from bisect import bisect_left
from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import count

from open_time import midnight_after
from year_clock import Clock, Done, Step
from year_plan import ABOVE, SETTLED, Plan, Rated
from year_rules import DAY_BASED, Places, Rules
from year_story import Fact

ACTIVE = ("new", "open", "pending", "on_hold")
FROM_RECEIPT = ("acknowledgement", "first_response", "resolution", "regulatory")
ANSWERED = ("first_response", "next_response")
BELOW = {above: level for level, above in ABOVE.items()}
Levels = Mapping[str, Collection[str]]
"""For the person who acts for a level: all levels of which she is told."""


class TicketYear:
    """Replays one ticket: its facts, and the sweeps in between."""

    def __init__(
        self, rules: Rules, places: Places, received_at: int, levels: Levels, reach: Mapping[str, str]
    ) -> None:
        self.levels, self.reach = levels, reach
        self.rules, self.places, self.received_at = rules, places, received_at
        self.clocks: list[Clock] = []
        self.fact = Fact(received_at, "", "new", "", "", "", None)
        self.last_in = received_at
        self.inbound: list[int] = []
        self.replies: list[int] = []
        self.outcomes: list[int] = []
        self.accepted: list[int] = []
        self.was_resolved = False
        self.reopened_count = 0
        self.is_objected = False
        self.is_at_head_office = False
        self._serials = count()

    # ------------------------------------------------------------------ what happens

    def apply(self, fact: Fact) -> None:
        """Let a fact change the clocks."""
        before, self.fact = self.fact, fact
        self.is_at_head_office = fact.is_at_head_office
        if before.status == "pending" != fact.status:
            for clock in self.live():
                self._end_pause(clock, fact.at)
        getattr(self, f"_{fact.op}")(fact.at)
        if fact.status == "pending" != before.status:
            for clock in self.live():
                if clock.target.is_pausable and clock.wait is None:
                    self._settle(clock, fact.at)
                    clock.begin_wait(fact.at)
        if fact.op in ("status", "severity", "category"):
            self._human(fact.at)
        if fact.level is not None and fact.op in ("status", "severity", "category", "reply", "reopen"):
            self._answer(self._told(fact.level), fact.at)

    def sweep(self, now: int) -> None:
        """Tell what is due, and that a pause has lasted as long as it may."""
        for clock in self.clocks:
            if clock.is_live:
                self._notice_cap(clock, now)
            while left := self._left(clock, now):  # in order: who was told overtakes who has not answered
                self._do(clock, left[0], now)

    def next_step_at(self, now: int) -> int | None:
        """When a sweep has something to do, as things stand."""
        ahead = [step.at for clock in self.clocks for step in self._left(clock, None, now)]
        ahead += [
            clock.wait.ends_by for clock in self.live() if clock.wait and clock.wait.ends_by is not None
        ]
        return min(ahead, default=None)

    def _open(self, at: int) -> None:
        self.last_in = at
        for metric in FROM_RECEIPT:
            self._start(metric, self.received_at)

    def _take(self, at: int) -> None:
        self._human(at)

    def _reply(self, at: int) -> None:
        self.replies.append(at)
        for clock in self.live("acknowledgement", *ANSWERED):
            self._meet(clock, at)

    def _write(self, at: int) -> None:
        self.inbound.append(at)
        self.last_in = at
        self._wait(at)

    def _status(self, at: int) -> None:
        """By hand: to pending, on hold, or open again."""

    def _reopen(self, at: int) -> None:
        self._restart(at)
        self._human(at)

    def _acknowledge(self, at: int) -> None:
        """The button: it counts for whoever stands at the level, told or not."""
        level = self.fact.level
        self._answer(level and self.reach[level], at)

    def _object(self, at: int) -> None:
        self.is_objected = True
        self.inbound.append(at)
        self.last_in = at
        self._restart(at)
        self._wait(at)

    def _severity(self, at: int) -> None:
        self._fit(at)

    def _category(self, at: int) -> None:
        self._fit(at)

    def _form(self, at: int) -> None:
        self._fit(at)

    def _resolve(self, at: int) -> None:
        self._reply(at)
        self._human(at)
        self._settle_all(at)

    def _withdraw(self, at: int) -> None:
        self._settle_all(at)

    def _accept(self, at: int) -> None:
        """A word that stops nothing: all clocks stopped when it was resolved."""
        self.accepted.append(at)

    # ------------------------------------------------------------------ how clocks follow

    def live(self, *metrics: str) -> list[Clock]:
        return [clock for clock in self.clocks if clock.is_live and (not metrics or clock.metric in metrics)]

    def _start(self, metric: str, at: int) -> Clock | None:
        policy = self.rules.policy_of(self.fact)
        target = policy.targets.get(metric)
        if target is None:
            return None
        place = self.places.at(self.fact.at)
        counts_from = midnight_after(at, place.zone) if target.calendar in DAY_BASED else at
        clock = Clock(metric, policy, target, place, at, counts_from)
        self.clocks.append(clock)
        return clock

    def _human(self, at: int) -> None:
        for clock in self.live("acknowledgement"):
            self._meet(clock, at)

    def _wait(self, at: int) -> None:
        if self.fact.status in ACTIVE and not self.live(*ANSWERED):
            self._start("next_response", at)

    def _restart(self, at: int) -> None:
        self.reopened_count += 1
        self.was_resolved = False
        for metric in SETTLED:
            if not self.live(metric):
                self._start(metric, at)
        said = max(*self.replies, *self.outcomes, *self.accepted, -1, -1)
        if self.last_in > said and not self.live(*ANSWERED):
            self._start("next_response", at)

    def _settle_all(self, at: int) -> None:
        self.was_resolved = True
        self.outcomes.append(at)
        for clock in self.live(*ANSWERED):
            self._supersede(clock, at)
        for clock in self.live("acknowledgement", *SETTLED):
            self._meet(clock, at)

    def _fit(self, now: int) -> None:
        policy = self.rules.policy_of(self.fact)
        for clock in self.live():
            if clock.policy is not policy:
                self._replace(clock, now)
            else:
                self._take_over(clock, clock, now)
        returned: list[Clock] = []
        if self.fact.status not in ACTIVE:
            return
        began = max([self.received_at, *(clock.started_at for clock in self.live("resolution"))])
        for metric in FROM_RECEIPT:
            if not self._is_covered(metric, began):
                at = began if metric == "regulatory" else self.received_at
                returned += self._start_or_return(metric, at, now)
        for clock in self.live("first_response") if self.replies else ():
            self._meet(clock, self.replies[0])  # given while no first answer was promised
        said = max(*self.replies, *self.accepted, -1, -1)
        asked = [at for at in self.inbound if self.replies and at > said]
        if asked and not self.live(*ANSWERED):
            returned += self._start_or_return("next_response", max(min(asked), began), now)
        if self.fact.status == "pending":
            self._wait_too(returned, now)

    def _start_or_return(self, metric: str, at: int, now: int) -> list[Clock]:
        """Where a policy without this promise ended it, it goes on with what it used and what was told."""
        ended = [
            clock
            for clock in self.clocks
            if clock.metric == metric and clock.started_at == at and clock.superseded_at is not None
        ]
        if not ended:
            self._start(metric, at)
            return []
        successor = self._replace(ended[-1], now)
        return [successor] if successor else []

    def _wait_too(self, returned: list[Clock], now: int) -> None:
        """New clocks of a ticket that waits stand still like the others, those that return since they ended."""
        since = min((clock.wait.begins for clock in self.live() if clock.wait), default=now)
        for clock in self.live():
            if clock.target.is_pausable and (clock in returned or not clock.waits):
                ended = [wait.ended for wait in clock.waits if wait.ended is not None]
                at = max(since, clock.started_at, *ended)
                self._settle(clock, at)
                clock.begin_wait(at)

    def _is_covered(self, metric: str, began: int) -> bool:
        clocks = [clock for clock in self.clocks if clock.metric == metric]
        since = began if metric == "regulatory" else self.received_at
        if any(clock.superseded_at is None and (clock.met_at or since) >= since for clock in clocks):
            return True
        was_answered = self.was_resolved or self.reopened_count > 0
        return bool(clocks) and was_answered and metric == "first_response"

    def _notice_cap(self, clock: Clock, now: int) -> None:
        wait = clock.wait
        if wait is not None and wait.end_at(now) is not None:
            wait.ended = wait.ends_by
            clock.capped.append((wait.ends_by or 0, now))

    def _replace(self, clock: Clock, now: int) -> Clock | None:
        self._notice_cap(clock, now)
        waits = [replace(wait) for wait in clock.waits]
        was_away = clock.superseded_at is not None
        if not was_away:
            self._supersede(clock, now)
        successor = self._start(clock.metric, clock.started_at)
        if successor is None:
            return None
        if successor.target.calendar == clock.target.calendar:
            successor.place = clock.place  # the closed days that were known when it was first promised
        if successor.target.is_pausable:
            successor.take_over(waits, now)
        self._copy(_late(clock.done, now) if was_away else clock.done, successor, now)
        self._take_over(clock, successor, now)
        return successor

    def _take_over(self, before: Clock, after: Clock, now: int) -> None:
        """What was told before `before`."""
        told: dict[str, Done] = {}
        for each in self.clocks[: self.clocks.index(before)]:
            if each.metric == after.metric and each.started_at == after.started_at:
                told |= each.done
        kept = {
            code: done
            for code, done in _late(told, now).items()
            if code not in before.done
            and (self.is_at_head_office or code not in self.rules.handovers)
            and (before is not after or done.step.action == "escalated")
        }
        self._copy(kept, after, now)

    def _copy(self, told: Mapping[str, Done], successor: Clock, now: int) -> None:
        planned = {
            step.code: step.at
            for step in self._plan(successor, now)
            if not step.code.startswith("unanswered_")
        }
        levels: set[str | None] = set()
        for code, done in sorted(told.items(), key=lambda each: each[1].serial):
            below = BELOW.get(code.removeprefix("unanswered_")) if code.startswith("unanswered_") else None
            at = planned.get(code)
            has_come = at is not None and (at <= now or at == done.step.at)
            if has_come or (below is not None and below in levels):
                levels.add(done.reach)
                step = done.step._replace(at=at) if at is not None and has_come else done.step
                successor.done[code] = done._replace(step=step, is_copied=True, serial=next(self._serials))
                if code == "breached":
                    successor.breached_at = step.at

    def _meet(self, clock: Clock, at: int) -> None:
        clock.met_at = max(at, clock.started_at)
        self._end_pause(clock, clock.met_at)
        self._settle(clock, clock.met_at)

    def _supersede(self, clock: Clock, at: int) -> None:
        clock.superseded_at = at
        self._end_pause(clock, at)
        self._settle(clock, at)

    def _told(self, level: str) -> str | None:
        """The highest level at which a person of `level` was told of the ticket."""
        every = [done for clock in self.clocks for done in clock.done.values()]
        mine = self.levels[level]
        return max((str(done.reach) for done in every if done.step.level in mine), default=None)

    def _answer(self, level: str | None, at: int) -> None:
        for clock in self.live():
            for code, done in clock.done.items():
                raised = done.reach
                if level is not None and raised is not None and raised <= level and done.answered_at is None:
                    clock.done[code] = done._replace(answered_at=at)

    def _end_pause(self, clock: Clock, at: int) -> None:
        wait = clock.wait
        if wait is not None:
            wait.ended = max(min(at, at if wait.ends_by is None else wait.ends_by), wait.begins)

    # ------------------------------------------------------------------ what is told

    def _settle(self, clock: Clock, now: int) -> None:
        for step in self._left(clock, now):
            if step.code == "breached":
                self._do(clock, step, now)

    def _do(self, clock: Clock, step: Step, now: int) -> None:
        reach = None if step.level is None else self.reach[step.level]
        clock.done[step.code] = Done(step, now, is_copied=False, reach=reach, serial=next(self._serials))
        if step.code == "breached":
            clock.breached_at = step.at
        self.is_at_head_office |= step.code in self.rules.handovers

    def _left(self, clock: Clock, until: int | None, now: int | None = None) -> list[Step]:
        """Steps not yet told, up to an instant (None: all that lie ahead), as the clock is at `now`."""
        now = until if now is None else now
        assert now is not None
        due, stopped_at = clock.due(now), clock.stopped_at
        is_broken = clock.breached_at is not None or (
            due is not None and (due < stopped_at if stopped_at is not None else due <= now)
        )
        if not is_broken and stopped_at is not None:
            return []
        planned = self._plan(clock, now)
        if not is_broken and clock.stands_still(now):
            on_the_wall = {rule.code for rule in self.rules.ladder if rule.trigger in ("start", "elapsed")}
            planned = [step for step in planned if step.code in on_the_wall]
        if stopped_at is not None:
            planned = [step for step in planned if step.code == "breached"]
        if "breached" in clock.done:
            planned = [step for step in planned if step.action != "sla_warning"]
        return [
            step for step in planned if step.code not in clock.done and (until is None or step.at <= until)
        ]

    def _plan(self, clock: Clock, now: int) -> list[Step]:
        rated = Rated(self.fact.severity, self.fact.is_about_staff, self.is_objected)
        return Plan(self.rules, self.places, rated).steps(clock, now)


def _late(told: Mapping[str, Done], now: int) -> dict[str, Done]:
    """Whoever has not answered could not until now."""
    return {
        code: done._replace(noticed_at=now) if done.reach and done.answered_at is None else done
        for code, done in told.items()
    }


def replay(year: TicketYear, facts: list[Fact], sweeps: list[int]) -> list[Clock]:
    """Run the facts of a ticket and the sweeps between them, in the order of time; return its clocks."""
    at = bisect_left(sweeps, facts[0].at)
    for fact, following in zip(facts, [*facts[1:], None], strict=True):
        year.apply(fact)
        end = following.at if following else None
        while at < len(sweeps) and (end is None or sweeps[at] < end):
            ahead = year.next_step_at(sweeps[at])
            if ahead is None:
                break
            at = max(at, bisect_left(sweeps, ahead))
            if at >= len(sweeps) or (end is not None and sweeps[at] >= end):
                break
            year.sweep(sweeps[at])
            at += 1
        if end is not None:
            at = bisect_left(sweeps, end)
    return year.clocks
