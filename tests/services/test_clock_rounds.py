"""Promises that come back after answers, waits, documents and reopenings: what happened meanwhile counts."""

from datetime import datetime, timedelta

import pytest
from clock_samples import FIRST, NEXT, asks_again, line, live, newest, rate, sort, sweep
from factories import make_ladder, make_message, make_team, make_user
from installing import NOW
from regulation_samples import asked, regulatory, written
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from talk import LENDER, resolve, tell

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import Direction
from helpdesk.domain.severity import Severity
from helpdesk.models.messages import Message
from helpdesk.models.people import Position, Role
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import Ticket
from helpdesk.queries.sla import clocks_of
from helpdesk.queries.sla_explain import explain
from helpdesk.queries.sla_next import what_is_next
from helpdesk.services import complaints, documents, replies, sla, tickets, undelivered
from helpdesk.sla.clock import ClockState

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def reply(session: Session, ticket: Ticket, *, now: datetime) -> None:
    replies.reply(
        session,
        ticket.id,
        "Baik Ibu, kami periksa.",
        author_id=None,
        actor="user:x",
        seen_message_id=None,
        lender=LENDER,
        now=now,
    )


def reopen(session: Session, ticket: Ticket, *, now: datetime) -> None:
    tickets.change_status(
        session,
        ticket.id,
        TicketStatus.OPEN,
        reason="salah hitung",
        actor="user:x",
        now=now,
    )


def lose(session: Session, ticket: Ticket, message_id: int | None, *, now: datetime) -> None:
    message = session.get_one(Message, message_id)
    message.delivery, message.error_code = DeliveryStatus.FAILED, "30005"
    session.flush()
    undelivered.back_to_queue(session, ticket, message, now=now)


def finished(session: Session, *, is_accepted: bool) -> Ticket:
    """Answered and closed; the contact has written once more since."""
    ticket = written(session)
    rate(session, ticket, Severity.S3, now=NOW)
    reply(session, ticket, now=NOW + HOUR)
    resolve(session, ticket, now=NOW + 3 * HOUR)
    make_message(session, ticket, at=NOW + 4 * HOUR)
    ticket.last_inbound_at = NOW + 4 * HOUR
    if is_accepted:
        complaints.accept(session, ticket, now=NOW + 4 * HOUR)
    return ticket


def test_an_answer_is_promised_first_while_we_wait_for_the_contact(session: Session) -> None:
    ticket = asks_again(session, Severity.S4)
    tickets.change_status(session, ticket.id, TicketStatus.PENDING, actor="user:x", now=NOW + 3 * HOUR)
    rate(session, ticket, Severity.S3, now=NOW + 4 * HOUR)
    assert line(session, ticket, NEXT, now=NOW + 4 * HOUR).state is ClockState.PAUSED


def test_a_lost_request_for_documents_leaves_the_question_before_it_unanswered(session: Session) -> None:
    ticket = written(session)
    reply(session, ticket, now=NOW + HOUR)
    tell(session, "Uang saya mana, Bu", now=NOW + 2 * HOUR)
    period = asked(session, ticket, now=NOW + 3 * HOUR)
    lose(session, ticket, period.message_id, now=NOW + 4 * HOUR)
    assert ticket.status == TicketStatus.OPEN
    assert live(session, ticket, NEXT).started_at == NOW + 2 * HOUR


def test_what_was_answered_while_no_first_answer_was_promised_is_answered(session: Session) -> None:
    ticket = written(session)
    code = ticket.category_code or ""
    sort(session, ticket, "DAT-HAK", now=NOW + HOUR)
    reply(session, ticket, now=NOW + 2 * HOUR)
    sort(session, ticket, code, now=NOW + 4 * HOUR)
    clock = newest(session, ticket, FIRST)
    assert (clock.met_at, clock.breached_at) == (NOW + 2 * HOUR, None)


def test_a_lost_request_breaks_no_law_that_came_and_went(session: Session) -> None:
    ticket = written(session)
    code = ticket.category_code or ""
    period = asked(session, ticket, now=NOW + HOUR)
    sort(session, ticket, "DAT-BOCOR", now=NOW + 2 * HOUR)
    sort(session, ticket, code, now=NOW + 3 * HOUR)
    due = regulatory(session, ticket)[0].due_at
    lose(session, ticket, period.message_id, now=NOW + 100 * HOUR)
    clocks = regulatory(session, ticket)
    assert [each.breached_at for each in clocks if each.breached_at] == []
    assert clocks[-1].due_at == due


def test_whoever_could_not_answer_while_the_promise_was_away_has_her_whole_time(session: Session) -> None:
    region, area, point = make_ladder(session)
    for position, unit in ((Position.AM, area), (Position.RM, region)):
        make_user(session, Role.FIELD, position=position, unit=unit)
    make_user(session, Role.SUPERVISOR)
    ticket = asks_again(session, Severity.S2, unit=point, team=make_team(session))
    assert "ladder_L3_response_breach" in [code for code, _ in sweep(session, ticket, NOW + 50 * HOUR)]
    rate(session, ticket, Severity.S4, now=NOW + 51 * HOUR)
    back = NOW + 71 * HOUR
    rate(session, ticket, Severity.S2, now=back)
    assert "unanswered_L4" not in [code for code, _ in sweep(session, ticket, back)]
    told = [each for each in explain(session, ticket.id, now=back) if each.clock.metric is NEXT][-1]
    assert any("the time to answer counts from Thu 26 Nov 09:00" in why for why in told.why_en)


def test_a_question_is_not_late_for_the_one_before_it(session: Session) -> None:
    ticket = asks_again(session, Severity.S3)
    sweep(session, ticket, NOW + 5 * DAY)
    at = NOW + 5 * DAY + HOUR
    rate(session, ticket, Severity.S2, now=at)
    sla.person_replied(session, ticket, at=at)
    make_message(session, ticket, direction=Direction.OUT, at=at)
    make_message(session, ticket, at=at + HOUR)
    sla.contact_wrote(session, ticket, at=at + HOUR)
    now = at + 2 * HOUR
    said = what_is_next(clocks_of(session, ticket.id, now=now), now=now)
    assert not any("Late before it was replaced" in english for _, english in said)


@pytest.mark.parametrize("is_accepted", [True, False])
def test_a_rating_after_a_reopening_owes_no_answer_from_before_it(
    session: Session, *, is_accepted: bool
) -> None:
    ticket = finished(session, is_accepted=is_accepted)
    again = NOW + 10 * DAY
    reopen(session, ticket, now=again)
    rate(session, ticket, Severity.S4, Severity.S3, now=again + HOUR)
    assert sweep(session, ticket, again + HOUR) == []
    owed = select(SlaClockRow.started_at).where(
        SlaClockRow.ticket_id == ticket.id, SlaClockRow.metric == NEXT, SlaClockRow.met_at.is_(None)
    )
    assert set(session.scalars(owed)) == (set() if is_accepted else {again})


def test_a_note_answers_nobody(session: Session) -> None:
    ticket = finished(session, is_accepted=False)
    tickets.add_note(session, ticket.id, "akan dilihat", author_id=None, actor="user:x", now=NOW + 5 * HOUR)
    reopen(session, ticket, now=NOW + 6 * HOUR)
    assert live(session, ticket, NEXT).started_at == NOW + 6 * HOUR


@pytest.mark.parametrize("is_answered_before", [True, False], ids=["answered before", "withdrawn before"])
def test_hours_of_another_law_count_from_the_reopening(session: Session, *, is_answered_before: bool) -> None:
    ticket = written(session)
    if is_answered_before:
        resolve(session, ticket, now=NOW + 2 * HOUR)
    else:
        asked(session, ticket, now=NOW + HOUR)
        complaints.withdraw(session, ticket, now=NOW + 2 * HOUR)
    again = NOW + 10 * DAY
    reopen(session, ticket, now=again)
    asked(session, ticket, now=again + HOUR)
    sort(session, ticket, "DAT-BOCOR", now=again + 2 * HOUR)
    assert regulatory(session, ticket)[-1].started_at == again
    assert live(session, ticket, regulatory(session, ticket)[-1].metric).due_at == again + 3 * DAY


def test_documents_of_a_reopened_complaint_begin_its_days_also_after_another_law(session: Session) -> None:
    ticket = written(session)
    code = ticket.category_code or ""
    resolve(session, ticket, now=NOW + 2 * HOUR)
    again = NOW + 10 * DAY
    reopen(session, ticket, now=again)
    asked(session, ticket, now=again + HOUR)
    sort(session, ticket, "DAT-BOCOR", now=again + 2 * HOUR)
    sort(session, ticket, code, now=again + 3 * HOUR)
    documents.complete(session, ticket.id, actor="user:x", now=again + 4 * HOUR)
    assert regulatory(session, ticket)[-1].started_at == again + 4 * HOUR


def test_a_lost_answer_is_owed_again_when_it_is_promised_again(session: Session) -> None:
    ticket = written(session)
    code = ticket.category_code or ""
    due = live(session, ticket, FIRST).due_at
    reply(session, ticket, now=NOW + HOUR)
    newest_id = session.scalar(select(func.max(Message.id)).where(Message.ticket_id == ticket.id))
    sort(session, ticket, "DAT-HAK", now=NOW + 2 * HOUR)
    lose(session, ticket, newest_id, now=NOW + 9 * DAY)
    assert newest(session, ticket, FIRST).superseded_at == NOW + HOUR
    sort(session, ticket, code, now=NOW + 9 * DAY)
    assert live(session, ticket, FIRST).due_at == due


def test_a_late_answer_that_never_arrived_is_late_once(session: Session) -> None:
    ticket = written(session)
    rate(session, ticket, Severity.S3, now=NOW)
    reply(session, ticket, now=NOW + HOUR)
    make_message(session, ticket, at=NOW + 2 * HOUR)
    sla.contact_wrote(session, ticket, at=NOW + 2 * HOUR)
    late = NOW + 5 * DAY
    assert "breached" in [code for code, _ in sweep(session, ticket, late)]
    reply(session, ticket, now=late)
    newest_id = session.scalar(select(func.max(Message.id)).where(Message.ticket_id == ticket.id))
    lose(session, ticket, newest_id, now=late + HOUR)
    rate(session, ticket, ticket.severity, now=late + 2 * HOUR)
    clocks = select(func.count()).where(
        SlaClockRow.ticket_id == ticket.id,
        SlaClockRow.metric == NEXT,
        SlaClockRow.started_at == NOW + 2 * HOUR,
    )
    assert session.scalar(clocks) == 1
