"""A person's reply that never arrived: what that undoes, what stays, and what a late arrival puts back."""

from datetime import timedelta

import pytest
from answer_samples import again, answer, clock, fail, item_of, report, sent
from clock_samples import FIRST, NEXT, RESOLUTION, live
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, answer_goes, decide, event_kinds, tell, ticket_of

from helpdesk.domain.complaints import Disposition, ResolutionDraft
from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import Purpose
from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket, TicketEvent
from helpdesk.services import complaints, delivery, sweeps, tickets

MINUTE = timedelta(minutes=1)


@pytest.fixture
def ticket(session: Session) -> Ticket:
    """Of somebody who is reached by WhatsApp alone: her phone is not only hers."""
    ticket = ticket_of(session, tell(session, now=NOW))
    session.get_one(Contact, ticket.contact_id).phone_digest = None
    return ticket


def decision(session: Session, ticket: Ticket) -> Message:
    """The first answer of the ticket."""
    return session.scalars(
        select(Message)
        .where(Message.ticket_id == ticket.id, Message.purpose == Purpose.ANSWER)
        .order_by(Message.id)
        .limit(1)
    ).one()


def settle(session: Session, ticket: Ticket, how: str) -> None:
    """Bring the ticket to an end that its first answer does not carry alone."""
    if how == "duplicate":
        draft = ResolutionDraft(Disposition.DUPLICATE, None, (), "Sudah kami tangani di laporan lain, Ibu.")
        complaints.resolve(session, ticket.id, draft, author_id=None, actor="system", lender=LENDER, now=NOW)
        return
    decide(session, ticket, now=NOW)
    if how == "accepted":
        complaints.accept(session, ticket, now=NOW + MINUTE)
    if how == "answered again":
        complaints.reject(session, ticket, now=NOW + MINUTE)
        decide(session, ticket, now=NOW + 2 * MINUTE)
    if how == "silent":
        answer_goes(session, ticket, now=NOW)
        assert ticket.closes_at
        assert complaints.close_silent(session, ticket.id, now=ticket.closes_at)


@pytest.mark.parametrize("how", ["duplicate", "accepted", "answered again", "silent"])
def test_the_late_failure_of_an_answer_starts_nothing_in_a_finished_ticket(
    session: Session, ticket: Ticket, how: str
) -> None:
    settle(session, ticket, how)
    before = (ticket.status, ticket.resolved_at, ticket.closes_at, ticket.reopened_count)
    fail(session, decision(session, ticket), now=NOW + 3 * MINUTE)
    assert (ticket.status, ticket.resolved_at, ticket.closes_at, ticket.reopened_count) == before
    assert ticket.next_due_at is None
    assert sweeps.run_within(session, now=NOW + timedelta(days=60)) == []
    assert event_kinds(session, ticket.id).count("delivery_failed") == 1


def moved(session: Session, ticket: Ticket) -> list[tuple[str, str]]:
    """Moves of the status in order, with their reasons."""
    events = session.scalars(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "status_changed")
        .order_by(TicketEvent.serial)
    )
    return [((event.data or {})["to"], (event.data or {})["reason"]) for event in events]


def test_a_reply_that_arrived_after_all_met_its_clock_when_it_was_written(
    session: Session, ticket: Ticket
) -> None:
    message = answer(session, ticket, then_status=TicketStatus.PENDING)
    sent(session, message, "SMx")
    report(session, "SMx", DeliveryStatus.FAILED, now=NOW + MINUTE)
    assert (ticket.status, clock(session, ticket, FIRST).met_at) == (TicketStatus.OPEN, None)
    report(session, "SMx", DeliveryStatus.DELIVERED, now=NOW + 2 * MINUTE)
    assert (ticket.status, clock(session, ticket, FIRST).met_at) == (TicketStatus.PENDING, NOW)
    assert clock(session, ticket, RESOLUTION).due_at is None, "paused while we wait for her"
    assert moved(session, ticket)[-2:] == [("open", "delivery_failed"), ("pending", "delivery_recovered")]


def test_a_reply_sent_again_counts_from_then_and_is_undone_as_such(session: Session, ticket: Ticket) -> None:
    message = answer(session, ticket, then_status=TicketStatus.PENDING)
    fail(session, message)
    for minute in (5, 10):
        at = NOW + minute * MINUTE
        again(session, message, now=at)
        assert (ticket.status, ticket.last_human_at) == (TicketStatus.PENDING, at)
        assert clock(session, ticket, FIRST).met_at == at
        assert moved(session, ticket)[-1] == ("pending", "send_again")
        sent(session, message, f"SM{minute}", now=at)
        report(session, f"SM{minute}", DeliveryStatus.FAILED, now=at)
        assert (ticket.status, clock(session, ticket, FIRST).met_at) == (TicketStatus.OPEN, None)
    report(session, "SM10", DeliveryStatus.READ, now=NOW + 11 * MINUTE)
    assert (ticket.status, clock(session, ticket, FIRST).met_at) == (TicketStatus.PENDING, NOW + 10 * MINUTE)


def test_a_breach_stays_though_the_reply_arrived_after_all(session: Session, ticket: Ticket) -> None:
    message = answer(session, ticket)
    sent(session, message, "SMx")
    report(session, "SMx", DeliveryStatus.FAILED)
    due = clock(session, ticket, FIRST).due_at
    assert due
    sweeps.run_within(session, now=due)
    report(session, "SMx", DeliveryStatus.DELIVERED, now=due + MINUTE)
    first = clock(session, ticket, FIRST)
    assert (first.met_at, first.breached_at, first.next_step_at) == (NOW, due, None)


def test_a_reply_sent_again_takes_the_place_of_another_from_then(session: Session, ticket: Ticket) -> None:
    early = answer(session, ticket)
    fail(session, early)
    late = answer(session, ticket, "Tanggal berapa, Ibu?", now=NOW + MINUTE)
    again(session, early, now=NOW + 5 * MINUTE)
    fail(session, late, now=NOW + 6 * MINUTE)
    assert clock(session, ticket, FIRST).met_at == NOW + 5 * MINUTE


@pytest.mark.parametrize("way", ["sent again", "arrived after all"])
def test_an_answer_that_counts_after_all_answers_the_ticket_again(
    session: Session, ticket: Ticket, way: str
) -> None:
    decide(session, ticket, now=NOW)
    message = decision(session, ticket)
    sent(session, message, "SMx")
    report(session, "SMx", DeliveryStatus.FAILED, now=NOW + MINUTE)
    assert (ticket.status, ticket.reopened_count) == (TicketStatus.OPEN, 1)
    later = NOW + timedelta(days=1)
    if way == "sent again":
        again(session, message, now=later)
    else:
        report(session, "SMx", DeliveryStatus.DELIVERED, now=later)
    answered = later if way == "sent again" else NOW
    assert (ticket.status, ticket.reopened_count) == (TicketStatus.RESOLVED, 0)
    assert (ticket.resolved_at, ticket.next_due_at) == (answered, None)
    assert clock(session, ticket, RESOLUTION).met_at == clock(session, ticket, FIRST).met_at == answered
    assert ticket.closes_at
    assert ticket.closes_at > later + timedelta(days=10), "she has the whole time from now"


@pytest.mark.parametrize("meanwhile", ["she wrote", "we replied", "the status was set", "another one failed"])
def test_the_status_stays_where_something_else_happened_meanwhile(
    session: Session, ticket: Ticket, meanwhile: str
) -> None:
    message = answer(session, ticket)
    question = answer(session, ticket, "Tanggal berapa, Ibu?", then_status=TicketStatus.PENDING)
    sent(session, message, "SMearly")
    delivery.record_sent(session, item_of(session, question).id, external_id="SMx", now=NOW)
    lost = ("SMearly", "SMx") if meanwhile == "another one failed" else ("SMx",)
    for external_id in lost:
        report(session, external_id, DeliveryStatus.FAILED, now=NOW + MINUTE)
    at = NOW + 2 * MINUTE
    if meanwhile == "she wrote":
        tell(session, "Kok belum dibalas ya Bu, saya tunggu dari kemarin", now=at)
    if meanwhile == "we replied":
        answer(session, ticket, "Sedang kami cek, Ibu.", now=at)
    if meanwhile == "the status was set":
        for status in (TicketStatus.ON_HOLD, TicketStatus.OPEN):
            tickets.change_status(session, ticket.id, status, actor="user:x", now=at)
    before = moved(session, ticket)
    report(session, lost[0], DeliveryStatus.DELIVERED, now=NOW + 3 * MINUTE)
    assert (ticket.status, moved(session, ticket)) == (TicketStatus.OPEN, before)


def test_who_wrote_after_the_reply_that_arrived_waits_for_the_next(session: Session, ticket: Ticket) -> None:
    message = answer(session, ticket)
    sent(session, message, "SMx")
    report(session, "SMx", DeliveryStatus.FAILED)
    for minute in (1, 2):
        tell(session, f"Saya tunggu kabarnya ya Bu {minute}", now=NOW + minute * MINUTE)
    report(session, "SMx", DeliveryStatus.DELIVERED, now=NOW + 3 * MINUTE)
    assert clock(session, ticket, FIRST).met_at == NOW
    assert live(session, ticket, NEXT).started_at == NOW + MINUTE


def test_an_automatic_text_sent_again_answers_nobody(session: Session, ticket: Ticket) -> None:
    receipt = session.scalars(select(Message).where(Message.purpose == Purpose.RECEIPT)).one()
    fail(session, receipt)
    again(session, receipt, now=NOW + MINUTE)
    assert clock(session, ticket, FIRST).met_at is None
    assert ticket.last_human_at is None


def test_the_wait_for_an_answer_to_a_question_that_never_arrived_counts(
    session: Session, ticket: Ticket
) -> None:
    promised = live(session, ticket, RESOLUTION).due_at
    asked_at = NOW + timedelta(hours=1)
    question = answer(session, ticket, now=asked_at, then_status=TicketStatus.PENDING)
    sent(session, question, "q1", now=asked_at)
    assert live(session, ticket, RESOLUTION).due_at is None  # it waits for her
    report(session, "q1", DeliveryStatus.FAILED, now=asked_at + timedelta(days=2))
    assert ticket.status == TicketStatus.OPEN
    assert live(session, ticket, RESOLUTION).due_at == promised
    assert "sla_pause_voided" in event_kinds(session, ticket.id)


def test_an_earlier_wait_stays_where_a_later_question_fails(session: Session, ticket: Ticket) -> None:
    answer(session, ticket, now=NOW, then_status=TicketStatus.PENDING)
    tell(session, "Ini buktinya Bu, sudah saya kirim kemarin", now=NOW + timedelta(days=3))
    moved = live(session, ticket, RESOLUTION).due_at
    asked_at = NOW + timedelta(days=3, hours=1)
    question = answer(session, ticket, now=asked_at, then_status=TicketStatus.PENDING)
    sent(session, question, "q2", now=asked_at)
    report(session, "q2", DeliveryStatus.FAILED, now=asked_at + timedelta(days=2))
    assert live(session, ticket, RESOLUTION).due_at == moved
