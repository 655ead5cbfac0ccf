"""An answer to which nobody objects in time closes its ticket, once, and whatever is said before stops that."""

from datetime import UTC, datetime, timedelta

import pytest
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import decide, event_kinds, resolve, tell, ticket_of
from word_samples import DAY, HOUR, LATER, asks, begun, brings, sends

from helpdesk import jobs
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.outreach import TaskResult
from helpdesk.models.tickets import Ticket, TicketEvent
from helpdesk.runtime import Runtime
from helpdesk.services import complaints, contact_tasks, tickets

ENDS = datetime(2026, 12, 7, 17, tzinfo=UTC)
"""24.00 in Jakarta of Monday 7 December: ten working days after Monday 23 November."""


@pytest.fixture
def answered(session: Session) -> Ticket:
    ticket = ticket_of(session, tell(session, now=NOW))
    resolve(session, ticket, now=NOW)
    return ticket


def close_due(session: Session, now: datetime) -> list[bool]:
    return [
        complaints.close_silent(session, ticket_id, now=now)
        for ticket_id in complaints.silent_ids(session, now=now)
    ]


def test_ten_working_days_after_the_answer_it_closes_once_with_the_reason(
    session: Session, answered: Ticket
) -> None:
    assert answered.closes_at == ENDS
    assert close_due(session, ENDS - timedelta(seconds=1)) == []
    assert close_due(session, ENDS) == [True]
    assert close_due(session, ENDS + timedelta(days=1)) == []
    assert (answered.status, answered.closed_at, answered.closes_at) == (TicketStatus.CLOSED, ENDS, None)
    event = session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == answered.id).order_by(TicketEvent.serial.desc())
    ).first()
    assert event is not None
    assert (event.kind, event.actor, event.data) == (
        "status_changed",
        "system",
        {"from": "resolved", "to": "closed", "reason": "no_reply_in_time"},
    )


def test_a_holiday_gives_her_a_day_more(session: Session) -> None:
    # 25 December 2026 is a holiday, 24 December a cuti bersama.
    at = datetime(2026, 12, 21, 3, tzinfo=UTC)
    ticket = ticket_of(session, tell(session, now=at))
    resolve(session, ticket, now=at)
    assert ticket.closes_at is not None
    assert ticket.closes_at > at + timedelta(days=15)


@pytest.mark.parametrize("word", ["BELUM", "SUDAH", "0"])
def test_her_word_ends_the_wait(session: Session, answered: Ticket, word: str) -> None:
    tell(session, word, now=NOW + timedelta(hours=1))
    assert answered.closes_at is None
    before = event_kinds(session, answered.id)
    assert not complaints.close_silent(session, answered.id, now=ENDS)
    assert event_kinds(session, answered.id) == before


@pytest.mark.parametrize("how", [TaskResult.REACHED, TaskResult.SENT, "YA"])
def test_who_was_told_late_has_the_whole_time_too(session: Session, how: TaskResult | str) -> None:
    ticket = begun(session)
    decision = asks(session, ticket)
    ends = ticket.closes_at
    assert ends is not None
    assert close_due(session, ends) == [False]
    told_at = ends + HOUR
    if isinstance(how, TaskResult):
        brings(session, ticket, decision, how, now=told_at)
    else:
        tell(session, how, now=told_at)
        assert sends(session, now=told_at)
    assert close_due(session, ends + DAY) == [False]
    assert ticket.closes_at is not None
    assert ticket.closes_at > told_at + 10 * DAY
    assert close_due(session, ticket.closes_at) == [True]


def test_a_call_about_an_earlier_decision_holds_up_no_later_one(session: Session) -> None:
    ticket = begun(session)
    decision = asks(session, ticket)
    contact_tasks.for_message(session, ticket, decision, reason="not_arrived", now=LATER)
    tell(session, "YA", now=LATER + HOUR)
    sends(session, now=LATER + HOUR)
    tell(session, "Belum, uangnya belum masuk", now=LATER + 2 * HOUR)
    assert ticket.status == TicketStatus.OPEN
    decide(session, ticket, now=LATER + 3 * HOUR)
    sends(session, now=LATER + 3 * HOUR)
    assert ticket.closes_at is not None
    assert close_due(session, ticket.closes_at) == [True]


def test_opened_again_by_hand_it_does_not_close(session: Session, answered: Ticket) -> None:
    tickets.change_status(
        session, answered.id, TicketStatus.OPEN, reason="salah hitung", actor="user:x", now=NOW
    )
    assert answered.closes_at is None


def test_she_may_still_object_for_a_week_after_it_closed_in_silence(
    session: Session, answered: Ticket
) -> None:
    close_due(session, ENDS)
    tell(session, "belum selesai", now=ENDS + timedelta(days=1))
    assert answered.status == TicketStatus.OPEN


def test_what_is_due_is_found_by_its_index(session: Session) -> None:
    if session.get_bind().dialect.name == "sqlite":
        due = "SELECT id FROM tickets WHERE closes_at <= '2026-12-07' ORDER BY closes_at, id LIMIT 200"
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {due}").all()
        assert "ix_tickets_closes_at" in str(plan)


def test_the_worker_closes_what_is_due(rt: Runtime) -> None:
    at = NOW - timedelta(days=30)

    def answer(session: Session) -> int:
        ticket = ticket_of(session, tell(session, now=at))
        resolve(session, ticket, now=at)
        return ticket.id

    ticket_id = rt.write(answer)
    jobs.close_silent(rt)
    assert rt.read(lambda session: session.get_one(Ticket, ticket_id).status) == TicketStatus.CLOSED
    kinds = rt.read(lambda session: event_kinds(session, ticket_id))
    jobs.close_silent(rt)
    assert rt.read(lambda session: event_kinds(session, ticket_id)) == kinds
    assert jobs.close_silent in [job.run for job in jobs.SCHEDULE]
