"""One promise as the oracle sees it: what it has used, its pauses with their cap, and what was told of it."""

from dataclasses import dataclass, field
from typing import NamedTuple

from open_time import Pause, WallTime, reached, spent
from year_rules import Place, Policy, Target

WALL = WallTime()


class Step(NamedTuple):
    """Something that is told once per clock."""

    at: int
    code: str
    action: str
    level: str | None


class Done(NamedTuple):
    """A step that was told."""

    step: Step
    noticed_at: int
    is_copied: bool
    """Taken over from the clock before: remembered, and not told again."""
    answered_at: int | None = None
    """When somebody of that level, or above, said that she has it."""
    reach: str | None = None
    """Of an escalation: the highest level at which the same people stand."""
    serial: int = 0
    """In the order in which it was told or taken over."""


@dataclass(slots=True)
class Wait:
    """A pause: it ends when somebody says so, or by itself when the cap is used up."""

    begins: int
    ends_by: int | None
    ended: int | None = None

    def end_at(self, now: int) -> int | None:
        """When it was over, as far as that is so by `now`, noticed or not."""
        if self.ended is not None:
            return self.ended
        return self.ends_by if self.ends_by is not None and self.ends_by <= now else None


@dataclass(slots=True)
class Clock:
    """One promise."""

    metric: str
    policy: Policy
    target: Target
    place: Place
    started_at: int
    counts_from: int
    waits: list[Wait] = field(default_factory=list)
    met_at: int | None = None
    superseded_at: int | None = None
    breached_at: int | None = None
    done: dict[str, Done] = field(default_factory=dict)
    capped: list[tuple[int, int]] = field(default_factory=list)
    """When the cap of a pause was used up, and when that was noticed."""

    @property
    def is_live(self) -> bool:
        return self.met_at is None and self.superseded_at is None

    @property
    def stopped_at(self) -> int | None:
        stops = [at for at in (self.met_at, self.superseded_at) if at is not None]
        return min(stops, default=None)

    @property
    def wait(self) -> Wait | None:
        """The pause that nobody has ended yet."""
        return next((wait for wait in self.waits if wait.ended is None), None)

    def instant(self, seconds: int, *, now: int, calendar: str | None = None) -> int | None:
        """When so much time is used up, as it looks at `now`; None behind a pause that lasts."""
        table = self.place.table(calendar or self.target.calendar)
        return self._unless_paused(reached(table, self.counts_from, seconds, self._pauses(now)), now)

    def due(self, now: int) -> int | None:
        return self.instant(self.target.seconds, now=now)

    def stands_still(self, now: int) -> bool:
        return any(wait.begins <= now < (wait.end_at(now) or now + 1) for wait in self.waits)

    def begin_wait(self, at: int) -> None:
        """Stand still, unless all pauses together have cost what the cap allows."""
        ends_by = self._cap_reached(at)
        if ends_by is None or ends_by > at:
            self.waits.append(Wait(at, ends_by))

    def take_over(self, waits: list[Wait], now: int) -> None:
        """Have stood still when the clock before did; a pause that lasts goes on under the cap of this one."""
        self.waits = [Wait(wait.begins, None, wait.end_at(now)) for wait in waits]
        lasting = self.wait
        if lasting is not None:
            lasting.ended = now
            lasting.ends_by = self._cap_reached(now)
            lasting.ended = None

    def _cap_reached(self, at: int) -> int | None:
        if self.target.pause_cap is None:
            return None
        table = self.place.table(self.target.calendar)
        all_time = spent(table, self.counts_from, at)
        left = self.target.pause_cap - (all_time - spent(table, self.counts_from, at, self._pauses(at)))
        return reached(table, at, left) if left > 0 else at

    def _pauses(self, now: int) -> list[Pause]:
        return [(wait.begins, end) for wait in self.waits if (end := wait.end_at(now)) is not None]

    def _unless_paused(self, instant: int, now: int) -> int | None:
        is_behind = any(wait.end_at(now) is None and wait.begins < instant for wait in self.waits)
        return None if is_behind else instant
