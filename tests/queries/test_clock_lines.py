"""What pages and the API learn of clocks: true at the asked instant, in a fixed number of statements."""

from datetime import timedelta

import pytest
from factories import NOW, make_ticket
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.models.tickets import Ticket
from helpdesk.queries.sla import clocks_of, clocks_of_many
from helpdesk.queries.sla_explain import in_words
from helpdesk.services import sla, sweeps
from helpdesk.sla.clock import ClockState
from helpdesk.sla.escalation import StepAction
from helpdesk.sla.policy import CalendarCode, Metric

HOUR = 3600


def started(session: Session, **changes: object) -> Ticket:
    ticket = make_ticket(session, **changes)  # type: ignore[arg-type]
    sla.start_clocks(session, ticket, now=ticket.received_at)
    return ticket


def test_a_line_tells_the_promise_and_how_much_of_it_is_used(session: Session) -> None:
    ticket = started(session)
    first = clocks_of(session, ticket.id, now=NOW + timedelta(hours=1))[0]
    assert (first.metric, first.state) == (Metric.ACKNOWLEDGEMENT, ClockState.RUNNING)
    assert (first.used_seconds, first.paused_seconds, first.target_seconds) == (HOUR, 0, 8 * HOUR)
    assert (first.policy, first.policy_version, first.calendar) == (
        "complaint-s3-tertulis",
        2,
        CalendarCode.SERVICE,
    )
    assert first.is_live


def test_a_breach_shows_before_any_sweep_has_noticed(session: Session) -> None:
    ticket = started(session)
    first = clocks_of(session, ticket.id, now=NOW + timedelta(days=2))[0]
    assert (first.state, first.breached_at, first.events) == (ClockState.BREACHED, first.due_at, ())


def test_a_line_lists_what_the_enforcement_did(session: Session) -> None:
    ticket = started(session)
    sweeps.run_within(session, now=NOW + timedelta(days=1))
    first = clocks_of(session, ticket.id, now=NOW + timedelta(days=1))[0]
    assert [each.action for each in first.events][:4] == [StepAction.SLA_WARNING] * 3 + [
        StepAction.SLA_BREACHED
    ]
    assert {each.noticed_at for each in first.events} == {NOW + timedelta(days=1)}


def test_a_ticket_without_clocks_has_no_lines(session: Session) -> None:
    ticket = make_ticket(session)
    assert clocks_of(session, ticket.id, now=NOW) == []


def test_many_tickets_take_as_many_statements_as_one(session: Session) -> None:
    tickets = [started(session) for _ in range(6)]
    session.expunge_all()
    with counted(session) as statements:
        lines = clocks_of_many(session, [ticket.id for ticket in tickets], now=NOW)
    assert len(statements) == 5
    assert [len(lines[ticket.id]) for ticket in tickets] == [4] * 6


def test_a_sweep_with_nothing_due_is_one_statement(session: Session) -> None:
    started(session)
    session.flush()
    with counted(session) as statements:
        assert sweeps.run_within(session, now=NOW) == []
    assert len(statements) == 1


@pytest.mark.parametrize(
    ("seconds", "calendar", "english"),
    [
        pytest.param(8 * HOUR, CalendarCode.SERVICE, "1 working day", id="service-day"),
        pytest.param(12 * HOUR, CalendarCode.SERVICE, "1 working day 4 working hours", id="service-mixed"),
        pytest.param(48 * HOUR, CalendarCode.ALWAYS, "48 hours", id="wall-clock"),
        pytest.param(240 * HOUR, CalendarCode.REGULATORY, "10 working days", id="regulatory"),
        pytest.param(90 * 60, CalendarCode.ALWAYS, "1 hour 30 minutes", id="minutes"),
        pytest.param(5, CalendarCode.ALWAYS, "5 seconds", id="seconds"),
        pytest.param(0, CalendarCode.ALWAYS, "0 minutes", id="nothing"),
    ],
)
def test_durations_are_told_as_their_calendar_counts(
    seconds: int, calendar: CalendarCode, english: str
) -> None:
    assert in_words(seconds, calendar)[1] == english
