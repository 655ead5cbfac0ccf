"""A year of a helpdesk, made up from a seed: when tickets come, what happens to them, and when sweeps pass."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""Monday 10.00 WIB; what an installation of the tests begins with is published then."""
YEAR = timedelta(days=365)
WIB = timedelta(hours=7)

KINDS = {"complaint": 7, "enquiry": 2, "request": 1}
SEVERITIES = {"S1": 1, "S2": 3, "S3": 4, "S4": 2}
CHANNELS = {"whatsapp": 8, "telegram": 2, "sms": 2, "web": 2, "app": 3, "phone": 2, "lwk": 2, "visit": 1}
CATEGORIES = {
    None: 6,
    "DAT-HAK": 1,
    "DAT-BOCOR": 1,
    "BYR-POST": 4,
    "PRD-LAMBAT": 4,
    "PRD-TOLAK": 2,
    "PNG-KASAR": 2,
}
FORMS = ("lisan", "tertulis")
LEVELS = ("L2", "L3", "L4", "L5", "L6")

# What may happen next in a status, with its weight, and the status that it leads to; None: it stays.
MOVES: dict[str, dict[tuple[str, str | None], float]] = {
    "new": {
        ("acknowledge", None): 1,
        ("take", None): 3, ("reply", "open"): 4, ("reply", "pending"): 2, ("write", None): 1, ("status", "pending"): 1,
        ("status", "on_hold"): 0.4, ("severity", None): 1, ("category", None): 0.7, ("form", None): 0.3,
        ("resolve", "resolved"): 1, ("withdraw", "closed"): 0.2,
    },
    "open": {
        ("acknowledge", None): 1,
        ("reply", None): 4, ("reply", "pending"): 2, ("write", None): 3, ("status", "pending"): 1,
        ("status", "on_hold"): 0.4, ("severity", None): 1, ("category", None): 0.7, ("form", None): 0.2,
        ("resolve", "resolved"): 3, ("withdraw", "closed"): 0.2,
    },
    "pending": {
        ("acknowledge", None): 1,
        ("write", "open"): 4, ("status", "open"): 1, ("status", "on_hold"): 0.3, ("reply", None): 1,
        ("severity", None): 0.7, ("category", None): 0.3, ("resolve", "resolved"): 1, ("withdraw", "closed"): 0.1,
    },
    "on_hold": {
        ("acknowledge", None): 1,
        ("reply", None): 1, ("write", None): 1, ("status", "open"): 2, ("status", "pending"): 1,
        ("severity", None): 0.5, ("resolve", "resolved"): 1,
    },
    "resolved": {("accept", "closed"): 3, ("object", "open"): 2, ("reopen", "open"): 0.5, ("end", None): 4},
    "closed": {("object", "open"): 0.5, ("reopen", "open"): 0.5, ("end", None): 5},
}  # fmt: skip


class Op(NamedTuple):
    """Something that happens to a ticket, in the order of its instants."""

    at: datetime
    serial: int
    """Of the ticket."""
    name: str
    status: str
    """Of the ticket, afterwards."""
    value: str | None = None
    level: str | None = None
    """Who does it, if somebody of the ladder."""


class Fact(NamedTuple):
    """One thing that happened to a ticket, and what the ticket was after it."""

    at: int
    op: str
    status: str
    kind: str
    severity: str
    form: str
    category: str | None
    is_about_staff: bool = False
    level: str | None = None
    """Of the person who did it, as far as she stands on the ladder."""
    is_at_head_office: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """A ticket as it comes in."""

    serial: int
    received_at: datetime
    created_at: datetime
    """Paper is entered days later."""
    kind: str
    severity: str
    channel: str
    category: str | None
    place: int
    """Which unit, by number."""


@dataclass(frozen=True, slots=True)
class Year:
    """The whole story."""

    arrivals: list[Arrival]
    ops: list[Op]
    sweeps: list[datetime]


def write_year(chance: random.Random, *, tickets: int, sweeps: int, places: int, calm: float) -> Year:
    """Make one up, with a share of tickets that are simply answered."""
    arrivals = [_arrival(chance, serial, places) for serial in range(tickets)]
    ops = sorted(op for arrival in arrivals for op in _life(chance, arrival, is_calm=chance.random() < calm))
    return Year(arrivals, ops, _sweeps(chance, sweeps, taken={op.at for op in ops}))


def _arrival(chance: random.Random, serial: int, places: int) -> Arrival:
    channel = _pick(chance, CHANNELS)
    received_at = _moment(chance)
    is_paper = channel in ("lwk", "visit")
    late = timedelta(seconds=chance.randrange(1, 9 * 86_400)) if is_paper else timedelta()
    return Arrival(
        serial,
        received_at,
        received_at + late,
        _pick(chance, KINDS),
        _pick(chance, SEVERITIES),
        channel,
        _pick(chance, CATEGORIES),
        chance.randrange(places),
    )


def _moment(chance: random.Random) -> datetime:
    """Mostly by day, less in the night and at weekends."""
    while True:
        at = START + timedelta(seconds=chance.randrange(int(YEAR.total_seconds())))
        wall = at + WIB
        weight = (1.0 if 8 <= wall.hour < 20 else 0.25) * (0.5 if wall.weekday() >= 5 else 1.0)
        if chance.random() < weight:
            return at


CALM = (
    ("take", "new", 1),
    ("reply", "open", 2),
    ("write", "open", 5),
    ("reply", "open", 4),
    ("resolve", "resolved", 9),
)
"""What happens to most tickets: the status after it, and about how many hours it takes."""


def _life(chance: random.Random, arrival: Arrival, *, is_calm: bool) -> Iterator[Op]:
    at, status = arrival.created_at, "new"
    yield Op(at, arrival.serial, "open", status)
    if is_calm:
        for name, target, hours in CALM:
            at += timedelta(seconds=1 + int(chance.expovariate(1 / (hours * 3600))))
            yield Op(at, arrival.serial, name, target)
        return
    length = 0 if chance.random() < 0.1 else chance.choice((1, 3, 5, 8, 13))  # some are never looked at
    for _ in range(length):
        at += _gap(chance)
        name, target = _pick(chance, MOVES[status])
        if name == "end":
            return
        status = target or status
        level = chance.choice(LEVELS) if name == "acknowledge" or chance.random() < 0.2 else None
        yield Op(at, arrival.serial, name, status, _value(chance, name), level)


def _gap(chance: random.Random) -> timedelta:
    hours = chance.choice((0.05, 1, 4, 12, 48, 140))
    return timedelta(seconds=1 + int(chance.expovariate(1 / (hours * 3600))))


def _value(chance: random.Random, name: str) -> str | None:
    if name == "severity":
        return f"I{chance.randint(1, 4)} U{chance.randint(1, 3)}"
    if name == "category":
        return chance.choice([code for code in CATEGORIES if code])
    return chance.choice(FORMS) if name == "form" else None


def _sweeps(chance: random.Random, count: int, taken: set[datetime]) -> list[datetime]:
    """Instants of sweeps: often within minutes, at times not for days; then twice after the last thing happened."""
    weights = [chance.choice((0.01, 0.3, 1, 4)) * chance.random() for _ in range(count)]
    share = YEAR / sum(weights)
    at, instants = START, set()
    for weight in weights:
        at += timedelta(seconds=1 + int((share * weight).total_seconds()))
        instants.add(at)
    end = max(at, max(taken)) + timedelta(days=1)
    # Nothing says whether a sweep or a press of a button in the same second comes first.
    return [*sorted(instants - taken), end, end + timedelta(days=120)]


def _pick(chance: random.Random, weights: dict):  # type: ignore[no-untyped-def, type-arg]
    return chance.choices(list(weights), list(weights.values()))[0]
