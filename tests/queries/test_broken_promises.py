"""SQL and the pure rules say the same of a clock: whether its promise was broken, and whether it was kept."""

from datetime import datetime

import pytest
from factories import NOW, make_ticket
from query_samples import DAY, HOUR, add_clock
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models.sla import SlaClockRow, SlaPauseRow
from helpdesk.queries.sla import clocks_of
from helpdesk.queries.terms import IS_KEPT, is_broken
from helpdesk.sla.clock import ClockState

DUE = NOW - HOUR
"""A due instant that has passed; before and after it is half an hour away."""
BEFORE, AFTER = DUE - HOUR / 2, DUE + HOUR / 2
LATER = NOW + HOUR
RUNNING, PAUSED, MET = ClockState.RUNNING, ClockState.PAUSED, ClockState.MET
BREACHED, SUPERSEDED = ClockState.BREACHED, ClockState.SUPERSEDED


@pytest.mark.parametrize(
    ("instants", "expected"),
    [
        pytest.param({"due_at": LATER}, RUNNING, id="not yet due"),
        pytest.param({"due_at": NOW}, BREACHED, id="due now"),
        pytest.param({"due_at": DUE}, BREACHED, id="due before"),
        pytest.param({"due_at": None}, PAUSED, id="paused"),
        pytest.param({"due_at": LATER, "breached_at": DUE}, BREACHED, id="on record, due later"),
        pytest.param({"due_at": DUE, "met_at": BEFORE}, MET, id="met before"),
        pytest.param({"due_at": DUE, "met_at": DUE}, MET, id="met at the instant"),
        pytest.param({"due_at": DUE, "met_at": AFTER}, BREACHED, id="met after"),
        pytest.param({"due_at": DUE, "met_at": BEFORE, "breached_at": DUE}, BREACHED, id="met, on record"),
        pytest.param({"due_at": LATER, "met_at": BEFORE}, MET, id="met long before"),
        pytest.param({"due_at": NOW + DAY, "met_at": NOW + 2 * DAY}, BREACHED, id="met late, seen earlier"),
        pytest.param({"due_at": DUE, "superseded_at": BEFORE}, SUPERSEDED, id="superseded before"),
        pytest.param({"due_at": DUE, "superseded_at": DUE}, SUPERSEDED, id="superseded at the instant"),
        pytest.param({"due_at": DUE, "superseded_at": AFTER}, BREACHED, id="superseded after"),
        pytest.param({"due_at": NOW, "superseded_at": DUE}, SUPERSEDED, id="superseded, would be due now"),
        pytest.param({"due_at": LATER, "superseded_at": BEFORE}, SUPERSEDED, id="superseded long before"),
        pytest.param(
            {"due_at": DUE, "superseded_at": BEFORE, "breached_at": DUE}, BREACHED, id="superseded, on record"
        ),
        pytest.param(
            {"due_at": DUE, "superseded_at": BEFORE, "met_at": AFTER}, SUPERSEDED, id="superseded, then met"
        ),
        pytest.param(
            {"due_at": DUE, "met_at": BEFORE, "superseded_at": AFTER}, MET, id="met, then superseded"
        ),
        pytest.param(
            {"due_at": DUE, "met_at": AFTER, "superseded_at": NOW}, BREACHED, id="met late, then superseded"
        ),
        pytest.param(
            {"due_at": DUE, "superseded_at": AFTER, "met_at": NOW}, BREACHED, id="superseded late, then met"
        ),
    ],
)
def test_a_promise_is_broken_in_sql_where_the_clock_says_so(
    session: Session, instants: dict[str, datetime | None], expected: ClockState
) -> None:
    ticket = make_ticket(session, received_at=NOW - DAY)
    clock = add_clock(session, ticket, **{"due_at": None, **instants})
    if instants["due_at"] is None:
        session.add(SlaPauseRow(clock_id=clock.id, started_at=clock.started_at, reason="x", actor="system"))
        session.flush()
    (line,) = clocks_of(session, ticket.id, now=NOW)
    found = session.execute(select(is_broken(NOW), IS_KEPT).where(SlaClockRow.id == clock.id)).one()
    assert line.state is expected
    assert (bool(found[0]), bool(found[1])) == (expected is BREACHED, expected is MET)
