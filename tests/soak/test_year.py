"""A simulated year: whoever sweeps, whenever and however often it is killed, each step is told once, at its instant."""

import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from installing import settings_for
from open_time import whole
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from year_clock import Clock
from year_desk import Desk
from year_office import Office, open_office
from year_oracle import TicketYear, replay
from year_rules import Place, Places, Rules
from year_story import Fact, Year, write_year
from year_worker import Workers

from helpdesk.models.people import Notification
from helpdesk.models.sla import Holiday, SlaClockEvent, SlaClockRow
from helpdesk.models.tickets import TicketEvent
from helpdesk.runtime import Runtime, build_runtime
from helpdesk.sla.escalation import StepAction

IS_WHOLE = bool(os.environ.get("HELPDESK_SOAK"))
SEED = int(os.environ.get("HELPDESK_SEED", "20261123"))
CREWS = {"sqlite": (1,), "postgresql": (1, 2, 4)}
"""How many workers sweep, one after the other through the year. SQLite has one writer."""
TICKETS = {"sqlite": 3_000, "postgresql": 20_000} if IS_WHOLE else {"sqlite": 40, "postgresql": 40}
CALM = 0.8 if IS_WHOLE else 0.2
SWEEPS = 1_200 if IS_WHOLE else 40
LIFETIME = 20_000 if IS_WHOLE else 400
"""After about so many statements a worker is killed."""
AT_ONCE = 200
"""Things that happen to tickets are committed in groups, as fast as they come."""
LAST = 2**40
"""An instant after everything."""

pytestmark = [
    pytest.mark.process,
    pytest.mark.xdist_group("year"),
    pytest.mark.timeout(6 * 3600 if IS_WHOLE else 600),
]


def test_every_step_of_a_year_is_told_once_at_its_true_instant(
    template: Callable[[Path], str], tmp_path: Path
) -> None:
    """What sla_clock_events holds after the year is what the oracle finds in the recorded history (year_oracle.py).

    A warning of a clock that was met before any sweep passed is told to nobody: the oracle follows that rule, and
    so depends on when sweeps came. Breaches do not: they are the same as if a single sweep had come at the end.
    """
    chance = random.Random(SEED)
    url = template(tmp_path)
    rt = build_runtime(settings_for(url, tmp_path))
    rt.load_keys()
    database = rt.engine.dialect.name
    try:
        office = rt.write(open_office)
        year = write_year(
            chance, tickets=TICKETS[database], sweeps=SWEEPS, places=len(office.units), calm=CALM
        )
        workers = Workers(url, tmp_path, chance, lifetime=LIFETIME)
        history = live_through(rt, year, office, workers=workers, crews=CREWS[database])
        ids, expected = history.ids, ask_the_oracle(rt, year, office, history.facts)
        assert workers.deaths >= 2  # the kills hit somebody
        compared = {
            "clocks": (rt.read(lambda session: clocks_of(session, ids)), told(expected, clock_line)),
            "steps": (rt.read(lambda session: steps_of(session, ids)), told(expected, step_lines)),
            "events": (rt.read(lambda session: events_of(session, ids)), event_lines(expected)),
            "notices": (rt.read(lambda session: notices_of(session, ids)), notices(year, office, expected)),
            "breaches": (
                breaches(expected),
                breaches(ask_the_oracle(rt, year, office, history.facts, sweeps=1)),
            ),
        }
        assert {name: apart(*pair) for name, pair in compared.items() if pair[0] != pair[1]} == {}
    finally:
        rt.close()


class History:
    """What was done to each ticket."""

    def __init__(self, desk: Desk) -> None:
        self.ids = desk.ids
        self.facts: dict[int, list[Fact]] = {}


def live_through(
    rt: Runtime, year: Year, office: Office, *, workers: Workers, crews: tuple[int, ...]
) -> History:
    """Let things happen up to each sweep, and sweep."""
    desk = Desk(office)
    history = History(desk)
    arrivals = {arrival.serial: arrival for arrival in year.arrivals}
    ops = iter([*year.ops, None])
    following = next(ops)
    try:
        for at, sweep in enumerate(year.sweeps):
            waiting = []
            while following is not None and following.at < sweep:
                waiting.append(following)
                following = next(ops)
            for group in (waiting[n : n + AT_ONCE] for n in range(0, len(waiting), AT_ONCE)):
                facts = rt.write(
                    lambda session, group=group: [
                        (
                            op.serial,
                            desk.open(session, arrivals[op.serial])
                            if op.name == "open"
                            else desk.do(session, op),
                        )
                        for op in group
                    ]
                )
                for serial, fact in facts:
                    history.facts.setdefault(serial, []).append(fact)
            workers.sweep(sweep, crews[at * len(crews) // len(year.sweeps)])
    finally:
        workers.close()
    return history


def ask_the_oracle(
    rt: Runtime, year: Year, office: Office, facts: dict[int, list[Fact]], *, sweeps: int | None = None
) -> dict[int, list[Clock]]:
    """Compute the clocks of every ticket; with only the last sweeps, if so asked."""
    rules = Rules(rt.read(caps_of))
    places = rt.read(lambda session: [places_of(session, unit_id) for unit_id in office.units])
    instants = [whole(at) for at in year.sweeps][-(sweeps or 0) :]
    return {
        arrival.serial: replay(
            TicketYear(
                rules,
                places[arrival.place],
                whole(arrival.received_at),
                office.levels_of(arrival.place),
                office.reach_of(arrival.place),
            ),
            facts[arrival.serial],
            instants,
        )
        for arrival in year.arrivals
    }


def caps_of(session: Session) -> dict[tuple[str, str], int]:
    """Read the caps on pauses straight from the tables."""
    columns = "SELECT code, metric, pause_cap_seconds FROM sla_targets JOIN sla_policies ON id = policy_id"
    rows = session.execute(text(f"{columns} WHERE retired_at IS NULL AND pause_cap_seconds IS NOT NULL"))
    return {(code, metric): cap for code, metric, cap in rows}


def places_of(session: Session, unit_id: int) -> Places:
    """Read hours and closed days of a unit straight from the tables, as they stood after each change."""
    select_unit = text("SELECT path, zone FROM org_units WHERE id = :id")
    path, zone = session.execute(select_unit, {"id": unit_id}).one()
    columns = (
        Holiday.on,
        Holiday.kind,
        Holiday.unit_id,
        Holiday.is_cancelled,
        Holiday.entered_at,
        Holiday.withdrawn_at,
    )
    entries = [Closed(*row) for row in session.execute(select(*columns))]
    hours = session.execute(text("SELECT code, hours, closed_kinds FROM sla_calendars")).all()
    changes = {whole(at) for entry in entries for at in (entry.entered_at, entry.withdrawn_at) if at}

    def state(since: int) -> Place:
        closed = closed_days([entry for entry in entries if entry.stands(since)], path)
        return Place(
            zone,
            {
                code: (_json(week), [on for kind in _json(kinds) for on in closed.get(kind, [])])
                for code, week, kinds in hours
            },
        )

    return Places({since: state(since) for since in (0, *changes)})


class Closed(NamedTuple):
    """An entry of the table of closed days."""

    on: date
    kind: str
    unit_id: int | None
    is_cancelled: bool
    entered_at: datetime | None
    withdrawn_at: datetime | None

    def stands(self, instant: int) -> bool:
        entered = whole(self.entered_at) if self.entered_at else 0
        return entered <= instant and (self.withdrawn_at is None or instant < whole(self.withdrawn_at))


def closed_days(entries: list[Closed], path: str) -> dict[str, list[date]]:
    """The closed days by kind: of one kind and day, the entry nearest to the unit decides."""
    above = [None, *map(int, path.strip("/").split("/"))]
    nearest: dict[tuple[date, str], Closed] = {}
    for entry in sorted(
        (each for each in entries if each.unit_id in above), key=lambda each: above.index(each.unit_id)
    ):
        nearest[entry.on, entry.kind] = entry
    closed: dict[str, list[date]] = {}
    for (on, kind), entry in nearest.items():
        if not entry.is_cancelled:
            closed.setdefault(str(kind), []).append(on)
    return closed


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


# ---------------------------------------------------------------------- what was told, and what should have been


Lines = Counter[tuple[object, ...]]


def told(expected: dict[int, list[Clock]], lines: Callable[[Clock], Iterable[tuple[object, ...]]]) -> Lines:
    """Count lines of all clocks, each with its ticket, metric, and which clock of the metric it is."""
    return Counter((*name, *line) for name, clock in named(expected) for line in lines(clock))


def named(expected: dict[int, list[Clock]]) -> Iterable[tuple[tuple[object, ...], Clock]]:
    for serial, clocks in expected.items():
        nth: Counter[str] = Counter()
        for clock in clocks:
            nth[clock.metric] += 1
            yield (serial, clock.metric, nth[clock.metric]), clock


def clock_line(clock: Clock) -> Iterable[tuple[object, ...]]:
    yield clock.started_at, clock.due(LAST), clock.met_at, clock.superseded_at, clock.breached_at


def step_lines(clock: Clock) -> Iterable[tuple[object, ...]]:
    for done in clock.done.values():
        yield (
            done.step.code,
            done.step.action,
            done.step.at,
            done.noticed_at,
            done.reach,
            done.answered_at,
        )


def event_lines(expected: dict[int, list[Clock]]) -> Lines:
    return Counter(
        (serial, clock.metric, step.code, step.action, step.at, noticed_at)
        for serial, clocks in expected.items()
        for clock in clocks
        for step, noticed_at, is_copied, *_ in clock.done.values()
        if not is_copied
    ) + Counter(
        (serial, clock.metric, "pause_capped", "sla_resumed", ended_at, noticed_at)
        for serial, clocks in expected.items()
        for clock in clocks
        for ended_at, noticed_at in clock.capped
    )


def breaches(expected: dict[int, list[Clock]]) -> Lines:
    return Counter(
        (*name, clock.breached_at) for name, clock in named(expected) if clock.breached_at is not None
    )


def apart(found: Lines, wanted: Lines) -> dict[str, list[tuple[object, ...]]]:
    """What one has and the other has not. A whole year takes hours: one run names all that differs."""
    return {"too much": list((found - wanted).elements()), "missing": list((wanted - found).elements())}


def _names(session: Session, ids: dict[int, int]) -> dict[int, tuple[object, ...]]:
    """Name each clock of the database as named() does."""
    serials = {ticket_id: serial for serial, ticket_id in ids.items()}
    nth: Counter[tuple[int, str]] = Counter()
    names: dict[int, tuple[object, ...]] = {}
    for row in session.execute(
        select(SlaClockRow.id, SlaClockRow.ticket_id, SlaClockRow.metric).order_by(SlaClockRow.id)
    ):
        nth[row.ticket_id, row.metric] += 1
        names[row.id] = (serials[row.ticket_id], row.metric.value, nth[row.ticket_id, row.metric])
    return names


def clocks_of(session: Session, ids: dict[int, int]) -> Lines:
    names = _names(session, ids)
    rows = session.scalars(select(SlaClockRow))
    return Counter(
        (
            *names[row.id],
            *(
                at and whole(at)
                for at in (row.started_at, row.due_at, row.met_at, row.superseded_at, row.breached_at)
            ),
        )
        for row in rows
    )


def steps_of(session: Session, ids: dict[int, int]) -> Lines:
    names = _names(session, ids)
    return Counter(
        (
            *names[row.clock_id],
            row.step,
            row.action.value,
            whole(row.at),
            whole(row.noticed_at),
            row.level,
            row.acknowledged_at and whole(row.acknowledged_at),
        )
        for row in session.scalars(select(SlaClockEvent))
    )


def events_of(session: Session, ids: dict[int, int]) -> Lines:
    """Tickets' own events of steps; they do not say which clock of its metric it was."""
    serials = {ticket_id: serial for serial, ticket_id in ids.items()}
    found: Lines = Counter()
    kinds = [*StepAction, "sla_resumed"]
    for event in session.scalars(select(TicketEvent).where(TicketEvent.kind.in_(kinds))):
        data = event.data or {}
        if event.kind == "sla_resumed":
            if data.get("reason") != "pause_capped":
                continue
            data = {"metric": data["metrics"], "step": "pause_capped", "at": data["since"]}
        at = whole(datetime.fromisoformat(data["at"]))
        found[serials[event.ticket_id], data["metric"], data["step"], event.kind, at, whole(event.at)] += 1
    return found


def notices_of(session: Session, ids: dict[int, int]) -> Lines:
    """Notices of steps, each with its recipient."""
    serials = {ticket_id: serial for serial, ticket_id in ids.items()}
    rows = session.scalars(select(Notification).where(Notification.kind.in_(list(StepAction))))
    return Counter(
        (
            serials[row.ticket_id],
            row.kind,
            row.level,
            whole(row.created_at),
            _recipient(row.level, row.user_id),
        )
        for row in rows
    )


def notices(year: Year, office: Office, expected: dict[int, list[Clock]]) -> Lines:
    """One for each step and person at its level."""
    found: Lines = Counter()
    for arrival in year.arrivals:
        standing = office.levels[arrival.place]
        for clock in expected[arrival.serial]:
            for step, noticed_at, is_copied, *_ in clock.done.values():
                level = step.level or "L1"
                people = set() if is_copied else {_recipient(level, user_id) for user_id in standing[level]}
                found.update((arrival.serial, step.action, level, noticed_at, who) for who in people)
    return found


def _recipient(level: str | None, user_id: int) -> int | str:
    return "of its team" if level == "L1" else user_id
