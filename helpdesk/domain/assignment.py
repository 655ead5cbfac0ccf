"""Chooses to whom a ticket is given: skill, then load, then who has waited longest; with the reasons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.severity import Severity

_NEVER = datetime.min.replace(tzinfo=UTC)
MOST_TOLD = 30
"""Candidates that an event keeps, the best first: a team is smaller."""


class Out(StrEnum):
    """Why somebody is not given a ticket."""

    OFF_SHIFT = "off_shift"
    OFFLINE = "offline"
    AWAY = "away"
    FULL = "full"
    BARRED = "barred"  # may not handle this ticket: a conflict of interest
    LOST_IT = "lost_it"  # had this ticket lately and did not react


_WHATEVER_TICKET = frozenset({Out.OFF_SHIFT, Out.OFFLINE, Out.AWAY, Out.FULL})


@dataclass(frozen=True, slots=True)
class AssignmentRules:
    """The figures of data/assignment.yaml."""

    weights: Mapping[Severity, int]
    capacity: int
    lost_for: timedelta


@dataclass(frozen=True, slots=True)
class Work:
    """What of a ticket matters for the choice."""

    category_group: str | None
    language: str
    channel: str

    @property
    def needs(self) -> tuple[str, ...]:
        """The words that a skill may match."""
        return tuple(filter(None, (self.category_group, self.language, self.channel)))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member of the team, as she stands at the moment of the choice."""

    id: int
    public_id: str
    skills: frozenset[str]
    held: Mapping[Severity, int]
    """Tickets that wait for her, by severity."""
    capacity: int | None
    """None: the rule's."""
    given_at: datetime | None
    """When a ticket was last given to her by itself."""
    is_on_shift: bool = True
    is_online: bool = True
    is_away: bool = False
    is_barred: bool = False
    has_lost_it: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a candidate stands in a choice: her place, or why she has none."""

    candidate: Candidate
    place: int | None
    matched: tuple[str, ...]
    load: int
    capacity: int
    out: tuple[Out, ...]

    def as_data(self) -> dict[str, object]:
        """Return it as the event of the assignment keeps it."""
        return {
            "person": self.candidate.public_id,
            "place": self.place,
            "skills": list(self.matched),
            "load": self.load,
            "count": _count(self.candidate),
            "capacity": self.capacity,
            "given_at": self.candidate.given_at.isoformat() if self.candidate.given_at else None,
            "out": list(self.out),
        }


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is chosen, and how everybody stood."""

    standings: tuple[Standing, ...]

    @property
    def chosen(self) -> Candidate | None:
        """The first in place; None where there is nobody."""
        return next((each.candidate for each in self.standings if each.place == 1), None)

    @property
    def is_team_busy(self) -> bool:
        """Whether nobody could be given any ticket of the team now, not this one only."""
        return all(_WHATEVER_TICKET.intersection(each.out) for each in self.standings)

    def as_data(self) -> list[dict[str, object]]:
        """Return the standings as the event keeps them."""
        return [each.as_data() for each in self.standings[:MOST_TOLD]]


def choose_assignee(work: Work, candidates: Iterable[Candidate], rules: AssignmentRules) -> Choice:
    """Rank the candidates for a ticket: most skills, then least load, then longest without, then id.

    Whoever lost it for not reacting does not get it back for a while: with nobody else it rests in the queue, where
    the supervisors, who were told of the loss, give it to somebody. Back and forth would tell them again each time.
    """
    judged = [_judge(work, each, rules) for each in candidates]
    free = [each for each in judged if not each.out]
    ranked = sorted(free, key=_rank)
    placed = [_placed(each, place) for place, each in enumerate(ranked, start=1)]
    rest = sorted((each for each in judged if each not in free), key=lambda each: each.candidate.id)
    return Choice((*placed, *rest))


def _judge(work: Work, candidate: Candidate, rules: AssignmentRules) -> Standing:
    capacity = rules.capacity if candidate.capacity is None else candidate.capacity
    tests = (
        (Out.OFF_SHIFT, not candidate.is_on_shift),
        (Out.OFFLINE, not candidate.is_online),
        (Out.AWAY, candidate.is_away),
        (Out.FULL, _count(candidate) >= capacity),
        (Out.BARRED, candidate.is_barred),
        (Out.LOST_IT, candidate.has_lost_it),
    )
    return Standing(
        candidate,
        place=None,
        matched=tuple(word for word in work.needs if word in candidate.skills),
        load=sum(rules.weights[severity] * count for severity, count in candidate.held.items()),
        capacity=capacity,
        out=tuple(reason for reason, holds in tests if holds),
    )


def _placed(standing: Standing, place: int) -> Standing:
    return Standing(
        standing.candidate, place, standing.matched, standing.load, standing.capacity, standing.out
    )


def _rank(standing: Standing) -> tuple[int, int, datetime, int]:
    candidate = standing.candidate
    return -len(standing.matched), standing.load, candidate.given_at or _NEVER, candidate.id


def _count(candidate: Candidate) -> int:
    return sum(candidate.held.values())


@cache
def assignment_rules() -> AssignmentRules:
    """Return the rules that ship with the product. Raises InvalidInput where a level has no weight."""
    document = load_yaml("assignment.yaml")
    weights = document["weights"]
    if not isinstance(weights, dict) or set(weights) != set(Severity):
        raise InvalidInput("assignment: weights needs every severity", field="weights")
    return AssignmentRules(
        weights={Severity(level): int(weight) for level, weight in weights.items()},
        capacity=int(str(document["capacity"])),
        lost_for=timedelta(hours=int(str(document["lost_hours"]))),
    )
