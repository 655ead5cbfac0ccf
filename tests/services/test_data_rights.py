"""DATA in chat is a request with clocks of its own: 72 hours by any clock on the wall, from her word."""

from datetime import timedelta

import pytest
from clock_samples import REGULATORY, line, live, newest, wib
from installing import NOW
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from talk import LENDER, event_kinds, resolve, said, step_of, tell, ticket_of

from helpdesk.domain.lifecycle import TicketKind, TicketStatus
from helpdesk.models.tickets import Ticket
from helpdesk.services import replies, tickets
from helpdesk.sla.clock import ClockState

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FRIDAY_EVENING = wib("2026-11-27", "19:30")


def test_beside_a_complaint_it_is_a_request_of_its_own_with_its_number(session: Session) -> None:
    complaint = ticket_of(session, tell(session, now=NOW))
    request = ticket_of(session, tell(session, "DATA", now=NOW + MINUTE))
    assert request.id != complaint.id
    assert (request.kind, request.category_code) == (TicketKind.REQUEST, "DAT-HAK")
    assert (request.received_at, request.acknowledged_at) == (NOW + MINUTE, NOW + MINUTE)
    assert f"{request.number[:4]}-{request.number[4:]}" in said(session, request.id)[-1]
    assert "26 Nov 10.01" in said(session, request.id)[-1]
    assert "data_requested" not in event_kinds(session, complaint.id)


def test_its_clock_runs_72_hours_over_night_and_weekend(session: Session) -> None:
    request = ticket_of(session, tell(session, "DATA", now=FRIDAY_EVENING))
    clock = live(session, request, REGULATORY)
    assert clock.due_at == FRIDAY_EVENING + timedelta(hours=72)
    sunday = FRIDAY_EVENING + timedelta(hours=48)
    assert line(session, request, REGULATORY, now=sunday).used_seconds == 48 * 3600


def test_its_clock_never_pauses(session: Session) -> None:
    request = ticket_of(session, tell(session, "DATA", now=FRIDAY_EVENING))
    tickets.change_status(
        session, request.id, TicketStatus.PENDING, actor="user:x", now=FRIDAY_EVENING + HOUR
    )
    later = FRIDAY_EVENING + timedelta(hours=71)
    found = line(session, request, REGULATORY, now=later)
    assert (found.state, found.paused_seconds, found.due_at) == (
        ClockState.RUNNING, 0, FRIDAY_EVENING + timedelta(hours=72),
    )  # fmt: skip


def test_a_second_word_within_the_request_opens_no_second(session: Session) -> None:
    complaint = tell(session, now=NOW)
    request = tell(session, "DATA", now=NOW + MINUTE)
    wish = tell(session, "3 Hapus", now=NOW + 2 * MINUTE)
    again = tell(session, "hapus data", now=NOW + HOUR)
    assert {wish.ticket_id, again.ticket_id} == {request.ticket_id}
    assert "26 Nov 10.01" in said(session, request.ticket_id)[-1], "the date counts from her first word"
    assert session.scalar(select(func.count()).select_from(Ticket)) == 2
    assert complaint.ticket_id != request.ticket_id


def test_the_words_after_it_belong_to_the_complaint_again(session: Session) -> None:
    complaint = tell(session, now=NOW)
    request = tell(session, "DATA", now=NOW + MINUTE)
    wish = tell(session, "1", now=NOW + 2 * MINUTE)
    assert wish.ticket_id == request.ticket_id
    assert step_of(session, request.ticket_id) == "T23b"
    story = tell(session, "tadi petugas datang lagi dan marah", now=NOW + 3 * MINUTE)
    assert story.ticket_id == complaint.ticket_id
    assert tell(session, "STATUS", now=NOW + HOUR).ticket_id == complaint.ticket_id


def test_an_answer_to_a_person_stays_in_the_request(session: Session) -> None:
    tell(session, now=NOW)
    request = ticket_of(session, tell(session, "DATA", now=NOW + MINUTE))
    replies.reply(
        session, request.id, "Data yang mana, Ibu?", author_id=None, actor="user:x", seen_message_id=None,
        lender=LENDER, now=NOW + HOUR,
    )  # fmt: skip
    answer = tell(session, "nomor hp saya yang lama", now=NOW + 2 * HOUR)
    assert answer.ticket_id == request.id


def test_the_first_word_of_all_may_be_data(session: Session) -> None:
    request = ticket_of(session, tell(session, "DATA", now=NOW))
    assert (request.kind, step_of(session, request.id)) == (TicketKind.REQUEST, "T23")
    story = tell(session, "angsuran saya dobel", now=NOW + MINUTE)
    assert ticket_of(session, story).kind == TicketKind.COMPLAINT
    assert story.ticket_id != request.id


def test_a_greeting_before_it_becomes_the_request(session: Session) -> None:
    greeting = tell(session, "Assalamualaikum", now=NOW)
    request = tell(session, "DATA", now=NOW + HOUR)
    assert request.ticket_id == greeting.ticket_id
    ticket = ticket_of(session, request)
    assert (ticket.kind, ticket.category_code) == (TicketKind.REQUEST, "DAT-HAK")
    assert newest(session, ticket, REGULATORY).due_at == NOW + HOUR + timedelta(hours=72)


def test_her_wish_has_its_date_where_staff_corrected_the_category_meanwhile(session: Session) -> None:
    tell(session, "halo", now=NOW)
    request = ticket_of(session, tell(session, "hapus data saya", now=NOW + HOUR))
    tickets.set_category(session, request.id, "BYR-POST", actor="user:x", now=NOW + 2 * HOUR)
    wish = tell(session, "1", now=NOW + 3 * HOUR)
    assert (wish.ticket_id, step_of(session, request.id)) == (request.id, "T23b")
    assert "26 Nov 11.00" in said(session, request.id)[-1]


@pytest.mark.parametrize("is_answered", [True, False], ids=["answered", "open"])
def test_after_an_answer_another_word_is_another_request(session: Session, is_answered: bool) -> None:
    request = ticket_of(session, tell(session, "DATA", now=NOW))
    if is_answered:
        resolve(session, request, now=NOW + HOUR)
    again = tell(session, "DATA", now=NOW + 2 * HOUR)
    assert (again.ticket_id != request.id) is is_answered
