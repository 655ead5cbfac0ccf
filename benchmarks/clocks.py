"""The SLA engine: arithmetic per second, and what a sweep costs while open clocks grow to a million (PostgreSQL)."""

import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.measures import Figures, percentiles
from helpdesk import jobs
from helpdesk.domain.messages import ChannelCode
from helpdesk.models.contacts import Contact
from helpdesk.models.people import OrgUnit, Position, Role, TeamMember, User
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import tickets
from helpdesk.services.sweeps import due_statement
from helpdesk.sla.calendar import WEEKDAYS, BusinessCalendar, add_working_time

SIZES = (1_000, 10_000, 100_000, 1_000_000)
"""Open clocks."""
FEW, MANY = 200, 10_000
"""Clocks that are due: FEW at every size, for what one costs; MANY at the last."""

OPENED = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
BEFORE_STEP, AT_STEP = OPENED + timedelta(hours=1), OPENED + timedelta(hours=6)
"""Half of the eight working hours for the acknowledgement have passed: one warning per ticket, and nothing else."""
LATER = timedelta(days=3)
"""So much later came the tickets that have nothing due yet."""
PARKED = timedelta(days=36_500)
"""So far away are the steps of the pattern itself."""

CALLS = 2_000


def arithmetic(rt: Runtime, app: Flask) -> Figures:
    """add_working_time() per second: hours, with pauses, and over a year. No database: the same code for both."""
    hours = dict.fromkeys(WEEKDAYS[:5], (("08:00", "12:00"), ("13:00", "17:00")))
    closed = [f"2027-{month:02}-{day:02}" for month in range(1, 13) for day in (1, 15)]
    cal = BusinessCalendar.from_mapping({"zone": "Asia/Jakarta", "hours": hours, "holidays": closed})
    chance = random.Random(1)
    starts = [OPENED + timedelta(seconds=chance.randrange(180 * 86_400)) for _ in range(CALLS)]

    def pauses(start: datetime) -> list[tuple[datetime, datetime]]:
        begins = [start + timedelta(hours=9 * n) for n in (1, 2, 3)]
        return [(begin, begin + timedelta(hours=5)) for begin in begins]

    paused = [(start, pauses(start)) for start in starts]
    return {
        "8 working hours added, per second": _per_second(
            lambda: [add_working_time(cal, start, timedelta(hours=8)) for start in starts]
        ),
        "64 working hours with 3 pauses, per second": _per_second(
            lambda: [add_working_time(cal, start, timedelta(hours=64), gaps) for start, gaps in paused]
        ),
        "a working year added, per second": _per_second(
            lambda: [add_working_time(cal, start, timedelta(hours=2_000)) for start in starts]
        ),
    }


def _per_second(act: Callable[[], object]) -> float:
    act()
    started = time.perf_counter()
    act()
    return CALLS / (time.perf_counter() - started)


def growth(rt: Runtime) -> dict[int, Figures]:
    """The sweep at each size, on a database of its own that has nothing but what is needed."""
    pattern = rt.write(_pattern)
    figures: dict[int, Figures] = {}
    for size in SIZES:
        pattern.fill(rt, clocks=size - pattern.count(rt) - FEW * pattern.clocks, later=LATER)
        pattern.fill(rt, clocks=FEW * pattern.clocks, later=timedelta())
        figures[size] = _swept(rt, FEW)
    pattern.fill(rt, clocks=MANY * pattern.clocks, later=timedelta())
    figures[SIZES[-1]] |= {f"sweep with {MANY:,} due, s": _seconds(rt, MANY)}
    return figures


def _swept(rt: Runtime, due: int) -> Figures:
    rt.now = lambda: BEFORE_STEP
    assert jobs.sla_sweep(rt) == []
    index = rt.read(_index_of_sweep)
    assert index == "ix_sla_clocks_next_step_at", index
    idle = percentiles(lambda: jobs.sla_sweep(rt))
    return {
        **{f"sweep with nothing due, {share} ms": value for share, value in idle.items()},
        "one due clock, ms": _seconds(rt, due) / due * 1000,
    }


def _seconds(rt: Runtime, due: int) -> float:
    rt.now = lambda: AT_STEP
    started = time.perf_counter()
    done = len(jobs.sla_sweep(rt))
    seconds = time.perf_counter() - started
    assert done == due, (done, due)
    return seconds


def _index_of_sweep(session: Session) -> str:
    """The index by which the sweep finds what is due, as the database plans it."""
    query = due_statement(BEFORE_STEP, 200).compile(
        session.get_bind(), compile_kwargs={"literal_binds": True}
    )
    plan = "\n".join(session.scalars(text(f"EXPLAIN {query}")))
    found = [line for line in plan.splitlines() if " on sla_clocks" in line]
    assert len(found) == 1, plan
    return found[0].split(" using ")[-1].split(" on ")[0].strip()


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A ticket with its clocks, made by the services, that is copied with SQL."""

    ticket_id: int
    clocks: int
    columns: dict[str, list[str]]
    numbers: "itertools.count[int]"

    def count(self, rt: Runtime) -> int:
        live = "SELECT count(*) FROM sla_clocks WHERE met_at IS NULL AND superseded_at IS NULL"
        return rt.read(lambda session: session.scalars(text(live)).one())

    def fill(self, rt: Runtime, *, clocks: int, later: timedelta) -> None:
        """Add tickets with so many clocks in all, received so much later than the pattern."""
        wanted = clocks // self.clocks
        first = 30_000_000 + next(self.numbers) * 1_000_000
        rt.write(lambda session: self._copy(session, first, wanted, later))
        with rt.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE tickets, sla_clocks, sla_clock_events, ticket_events")

    def _copy(self, session: Session, first: int, wanted: int, later: timedelta) -> None:
        values = {
            "pattern": self.ticket_id,
            "first": first,
            "wanted": wanted,
            "later": later,
            "parked": PARKED,
        }
        session.execute(
            text(
                f"INSERT INTO tickets (number, {_names(self.columns['tickets'])}) "
                f"SELECT CAST(:first + n AS text), {_names(self.columns['tickets'])} "
                "FROM tickets, generate_series(1, :wanted) AS n WHERE id = :pattern"
            ),
            values,
        )
        shifted = ("started_at", "counts_from", "due_at", "strict_due_at", "next_step_at")
        kept = [name for name in self.columns["sla_clocks"] if name not in shifted]
        session.execute(
            text(
                f"INSERT INTO sla_clocks (ticket_id, {_names(kept)}, {', '.join(shifted)}) "
                f"SELECT copy.id, {_names(kept, 'clock')}, "
                f"{', '.join(f'clock.{name} + CAST(:later AS interval)' for name in shifted)} "
                "- CAST(:parked AS interval) "
                "FROM sla_clocks clock, tickets copy WHERE clock.ticket_id = :pattern "
                "AND copy.number BETWEEN CAST(:first + 1 AS text) AND CAST(:first + :wanted AS text)"
            ),
            values,
        )


def _pattern(session: Session) -> _Pattern:
    unit = session.query(OrgUnit).order_by(OrgUnit.id).first()
    assert unit is not None
    contact = Contact(public_id="bench", name="Ibu Mitra", created_at=OPENED)
    session.add(contact)
    session.flush()
    ticket = tickets.open_ticket(
        session,
        tickets.NewTicket(
            ChannelCode.APP, contact.id, "aplikasi lambat", OPENED, category="DIG-AKSES", unit_id=unit.id
        ),
        now=OPENED,
    )
    session.flush()
    _staff(session, ticket)
    park = "UPDATE sla_clocks SET next_step_at = next_step_at + CAST(:parked AS interval)"
    session.execute(text(park), {"parked": PARKED})
    columns = {
        table: [name for name in _columns(session, table) if name not in ("id", own)]
        for table, own in (("tickets", "number"), ("sla_clocks", "ticket_id"))
    }
    clocks = session.scalars(
        text("SELECT count(*) FROM sla_clocks WHERE ticket_id = :id"), {"id": ticket.id}
    ).one()
    return _Pattern(ticket.id, clocks, columns, itertools.count())


def _staff(session: Session, ticket: Ticket) -> None:
    """One person in the ticket's team, who is told."""
    user = User(
        public_id="bench",
        email="agen@contoh.id",
        name="Agen",
        password_hash="!",
        role=Role.AGENT,
        position=Position.HO,
        unit_id=ticket.unit_id,
        created_at=OPENED,
    )
    session.add(user)
    session.flush()
    session.add(TeamMember(team_id=ticket.team_id, user_id=user.id))
    session.flush()


def _columns(session: Session, table: str) -> list[str]:
    query = "SELECT column_name FROM information_schema.columns WHERE table_name = :table AND table_schema = 'public'"
    return list(session.scalars(text(query), {"table": table}))


def _names(names: list[str], table: str = "") -> str:
    prefix = f"{table}." if table else ""
    return ", ".join(f'{prefix}"{name}"' for name in names)
