"""What pages and the API learn of clocks: true at the asked instant, in a fixed number of statements."""

from datetime import timedelta

import pytest
from factories import NOW, make_ticket
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.severity import Severity
from helpdesk.models.tickets import Ticket
from helpdesk.queries.sla import clocks_of, clocks_of_many
from helpdesk.queries.sla_explain import explain, in_words
from helpdesk.services import sla
from helpdesk.sla.clock import ClockState
from helpdesk.sla.escalation import StepAction
from helpdesk.sla.explain import StretchKind
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
    sla.check_due(session, now=NOW + timedelta(days=1))
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
        assert sla.check_due(session, now=NOW) == []
    assert len(statements) == 1


def test_an_explanation_tells_the_story_in_both_languages(session: Session) -> None:
    ticket = started(session)
    sla.pause(session, ticket, reason="waiting_for_contact", actor="system", at=NOW + timedelta(hours=1))
    sla.resume(session, ticket, at=NOW + timedelta(hours=4))
    found = {each.clock.metric: each for each in explain(session, ticket.id, now=NOW + timedelta(hours=5))}
    resolution = found[Metric.RESOLUTION]
    assert [each.kind for each in resolution.stretches] == [
        StretchKind.RUNNING,
        StretchKind.PAUSED,
        StretchKind.CLOSED,
        StretchKind.PAUSED,
        StretchKind.RUNNING,
    ]
    assert resolution.why_en == (
        "Policy S3 complaint, written, version 2, promises 8 working days, counted in service hours.",
        "Counted from its start.",
        "It stood still 1 time, together 2 working hours.",
        "Used 2 working hours; 7 working days 6 working hours left.",
    )
    assert resolution.why_id[3] == "Terpakai 2 jam kerja; tersisa 7 hari kerja 6 jam kerja."
    assert found[Metric.REGULATORY].why_en[1:3] == (
        "The day of receipt is day 0; counted from the local midnight after it.",
        "It never stands still.",
    )


@pytest.mark.parametrize(
    ("state", "words"),
    [
        pytest.param(ClockState.PAUSED, "It stands still after", id="paused"),
        pytest.param(ClockState.MET, "Met after", id="met"),
        pytest.param(ClockState.SUPERSEDED, "Replaced or ended after", id="superseded"),
        pytest.param(ClockState.BREACHED, "Late: ", id="breached"),
    ],
)
def test_every_state_has_its_sentence(session: Session, state: ClockState, words: str) -> None:
    ticket = started(session, kind=TicketKind.ENQUIRY)
    now = NOW + timedelta(hours=1)
    match state:
        case ClockState.PAUSED:
            sla.pause(session, ticket, reason="waiting_for_contact", actor="system", at=now)
        case ClockState.MET:
            sla.resolved(session, ticket, at=now)
        case ClockState.SUPERSEDED:
            ticket.severity = Severity.S1
            sla.severity_changed(session, ticket, now=now)
        case _:
            now = NOW + timedelta(days=30)
    told = [each for each in explain(session, ticket.id, now=now) if each.clock.state is state]
    assert told
    assert all(each.why_en[-1].startswith(words) for each in told)


@pytest.mark.parametrize(
    ("seconds", "calendar", "english"),
    [
        pytest.param(8 * HOUR, CalendarCode.SERVICE, "1 working day", id="service-day"),
        pytest.param(12 * HOUR, CalendarCode.SERVICE, "1 working day 4 working hours", id="service-mixed"),
        pytest.param(48 * HOUR, CalendarCode.ALWAYS, "48 hours", id="wall-clock"),
        pytest.param(240 * HOUR, CalendarCode.REGULATORY, "10 working days", id="regulatory"),
        pytest.param(90 * 60, CalendarCode.ALWAYS, "1 hour 30 minutes", id="minutes"),
        pytest.param(5, CalendarCode.ALWAYS, "0 minutes", id="seconds"),
    ],
)
def test_durations_are_told_as_their_calendar_counts(
    seconds: int, calendar: CalendarCode, english: str
) -> None:
    assert in_words(seconds, calendar)[1] == english
