"""The enforcement: what due clocks owe is done once, in the order of its true instants. It costs what is due."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import Ticket
from helpdesk.services.clocks import SweepAction, TicketClocks
from helpdesk.services.trail import lock_ticket

__all__ = [
    "Checked",
    "Due",
    "SweepAction",
    "check_clock",
    "due_clocks",
    "due_statement",
    "plan",
    "run",
    "run_within",
]

BATCH = 200
"""Clocks that are read at once."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look at one clock led to."""

    actions: list[SweepAction]
    next_at: datetime | None
    """When it must be looked at again, perhaps already past."""


Due = list[tuple[datetime, int]]
"""Clocks that have a step to take, each with when, the longest overdue first."""


def due_clocks(session: Session, *, now: datetime, limit: int | None = BATCH) -> Due:
    """Return the due clocks: one statement on one index."""
    found = session.execute(due_statement(now, limit))
    return [(at, clock_id) for at, clock_id in found if at is not None]


def due_statement(now: datetime, limit: int | None) -> Select[datetime | None, int]:
    """Return the statement on which the cost of a pass rests; the benchmark reads its plan."""
    return (
        select(SlaClockRow.next_step_at, SlaClockRow.id)
        .where(SlaClockRow.next_step_at <= now)
        .order_by(SlaClockRow.next_step_at, SlaClockRow.id)
        .limit(limit)
    )


def check_clock(session: Session, clock_id: int, *, now: datetime, until: datetime | None = None) -> Checked:
    """Take the steps that one clock owes by `now`; a clock that has moved on meanwhile owes none.

    `until`: only those up to this instant, for the step of another clock comes before the rest.
    """
    ticket_id = session.scalars(select(SlaClockRow.ticket_id).where(SlaClockRow.id == clock_id)).one()
    clocks = TicketClocks(session, lock_ticket(session, ticket_id))
    row = next(each for each in clocks.rows if each.id == clock_id)
    clocks.end_capped_pause(row, now=now)
    steps = [step for step in clocks.due_steps(row, now=now) if until is None or step.at <= until]
    actions = [clocks.carry_out(row, step, now=now) for step in steps]
    clocks.refresh(row, now=now)
    clocks.save()
    return Checked(actions, row.next_step_at)


def plan(session: Session, *, now: datetime) -> list[SweepAction]:
    """Return what a pass would do, in the order of the instants, and do nothing."""
    actions = []
    for _, clock_id in due_clocks(session, now=now, limit=None):
        row = session.get_one(SlaClockRow, clock_id)
        clocks = TicketClocks(session, session.get_one(Ticket, row.ticket_id))
        actions += [clocks.action(row, step) for step in clocks.due_steps(row, now=now)]
    return sorted(actions, key=lambda action: action.at)


def run(
    look: Callable[[int], Due], check: Callable[[int, datetime], Checked | None], *, now: datetime
) -> list[SweepAction]:
    """One pass: `look` for so many due clocks, `check` one up to an instant until nothing is due by `now`.

    What a stopped scheduler has missed comes in the order of its instants, whichever clock it belongs to: who is
    told of a step depends on the steps before it. A clock of which `check` returns None is left for the next pass.
    """
    done: list[SweepAction] = []
    skipped: set[int] = set()
    while True:
        limit = BATCH + len(skipped)
        found = look(limit)
        heap = [(at, clock_id) for at, clock_id in found if clock_id not in skipped]
        if not heap:
            return done
        # Behind the last of a full batch may lie steps of clocks that are not in it.
        horizon = found[-1][0] if len(found) == limit else now
        while heap and heap[0][0] <= horizon:
            at, clock_id = heappop(heap)
            checked = check(clock_id, min(heap[0][0], horizon) if heap else horizon)
            if checked is None:
                skipped.add(clock_id)
                continue
            done += checked.actions
            if checked.next_at is None or checked.next_at > now:
                continue
            if checked.next_at > at or checked.actions:
                heappush(heap, (checked.next_at, clock_id))
            else:
                skipped.add(clock_id)  # nothing that is due can be done here: do not come back for ever


def run_within(session: Session, *, now: datetime) -> list[SweepAction]:
    """One pass in the caller's transaction; the first error ends it."""

    def look(limit: int) -> Due:
        return due_clocks(session, now=now, limit=limit)

    def check(clock_id: int, until: datetime) -> Checked:
        return check_clock(session, clock_id, now=now, until=until)

    return run(look, check, now=now)
