"""Where nothing may be sent any more: a number that was a stranger's all along keeps nothing as told to her."""

from datetime import datetime, timedelta

import pytest
from answer_samples import answer, clock, decision_in, item_of
from installing import NOW
from overlap import overlap
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, PAID, decide, resolve, tell, ticket_of

from helpdesk.domain.delivery import WRONG_NUMBER, DeliveryStatus, SendOutcome
from helpdesk.domain.errors import Conflict
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode, DeliveryReport, Purpose
from helpdesk.domain.outreach import TaskKind, TaskResult
from helpdesk.domain.segments import TextLimit
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Dispatch, Message
from helpdesk.models.outreach import ContactTask
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import (
    channel_ladder,
    complaints,
    contact_tasks,
    contacts,
    delivery,
    reconciling,
    registration,
    unreachable,
)
from helpdesk.services.contacts import Person
from helpdesk.services.wrong_address import not_hers
from helpdesk.sla.policy import Metric

SMS, WHATSAPP = ChannelCode.SMS, ChannelCode.WHATSAPP
FAILED = DeliveryStatus.FAILED
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LIMIT = TextLimit(100, len)
LONG = "Ibu Siti, uang Ibu sudah ada. " * 8
AGENT = "user:x"
LOST = (FAILED, WRONG_NUMBER)


def registered(session: Session, **person: object) -> Ticket:
    """A complaint that staff wrote down, with a number that was typed."""
    known = Person(**(person or {"name": "Siti", "phone": "+6285766667777"}))  # type: ignore[arg-type]
    filed = registration.Submission(channel=ChannelCode.PHONE, text=PAID, person=known, received_at=NOW)
    number = registration.register(session, filed, scope="web", key=None, lender=LENDER, now=NOW).number
    return session.scalars(select(Ticket).where(Ticket.number == number)).one()


@pytest.fixture
def ticket(session: Session) -> Ticket:
    """A complaint by telephone whose receipt went by SMS."""
    ticket = registered(session)
    assert send_all(session, now=NOW)
    return ticket


def send_all(session: Session, channel: ChannelCode = SMS, *, now: datetime) -> list[str]:
    """Let the provider take all that is due, and return what it was."""
    gone = []
    while claimed := delivery.claim_due(session, channel, now=now, longest=LIMIT):
        gone.append(claimed[0].message.text)
        external_id = f"{claimed[0].outbox_id}/{len(gone)}"
        delivery.record_sent(session, claimed[0].outbox_id, external_id=external_id, now=now)
    return gone


def under_way(session: Session, *, now: datetime) -> int:
    """Claim the next part or message, and return its item."""
    [claimed] = delivery.claim_due(session, SMS, now=now, longest=LIMIT)
    return claimed.outbox_id


def state(message: Message) -> tuple[DeliveryStatus | None, str | None]:
    return message.delivery, message.error_code


def tasks(session: Session, ticket: Ticket, message: Message | None = None) -> list[TaskKind]:
    """Kinds of what a person still has to do."""
    found = select(ContactTask).where(ContactTask.ticket_id == ticket.id, ContactTask.done_at.is_(None))
    if message is not None:
        found = found.where(ContactTask.message_id == message.id)
    return [task.kind for task in session.scalars(found.order_by(ContactTask.id))]


@pytest.mark.parametrize("claims", [1, 2], ids=["first part", "second part"])
def test_the_rest_of_a_long_text_does_not_go_to_a_stranger(
    session: Session, ticket: Ticket, claims: int
) -> None:
    reply = answer(session, ticket, LONG, now=NOW + HOUR)
    if claims == 2:
        delivery.record_sent(session, under_way(session, now=NOW + HOUR), external_id="p1", now=NOW + HOUR)
    outbox_id = under_way(session, now=NOW + HOUR)
    not_hers(session, ticket.id, actor=AGENT, now=NOW + HOUR)
    delivery.record_sent(session, outbox_id, external_id=f"p{claims}", now=NOW + HOUR)
    assert send_all(session, now=NOW + 9 * HOUR) == []
    assert state(reply) == LOST
    assert tasks(session, ticket, reply) == [TaskKind.LETTER]
    parts = session.scalars(select(Dispatch.status).where(Dispatch.message_id == reply.id)).all()
    assert set(parts) == {DeliveryStatus.SENT, FAILED}
    assert clock(session, ticket, Metric.FIRST_RESPONSE).met_at is None


def test_what_a_stranger_got_is_told_to_nobody_and_owed_again(session: Session, ticket: Ticket) -> None:
    reply = answer(session, ticket, now=NOW + HOUR)
    send_all(session, now=NOW + HOUR)
    resolve(session, ticket, now=NOW + 2 * HOUR)
    decision = decision_in(session, ticket)
    send_all(session, now=NOW + 2 * HOUR)
    external_id = decision.external_id or ""
    delivered = DeliveryReport(SMS, external_id, DeliveryStatus.DELIVERED)
    delivery.apply_report(session, delivered, now=NOW + 2 * HOUR)
    assert (ticket.status, decision.delivery) == (TicketStatus.RESOLVED, DeliveryStatus.DELIVERED)
    not_hers(session, ticket.id, actor=AGENT, now=NOW + 3 * HOUR)
    assert (ticket.status, ticket.closes_at) == (TicketStatus.OPEN, None)
    receipt = session.scalars(select(Message).where(Message.purpose == Purpose.RECEIPT)).one()
    for message in (receipt, reply, decision):
        assert state(message) == LOST
        assert tasks(session, ticket, message) == [TaskKind.LETTER]
    assert clock(session, ticket, Metric.FIRST_RESPONSE).met_at is None
    read = DeliveryReport(SMS, external_id, DeliveryStatus.READ)
    delivery.apply_report(session, read, now=NOW + 4 * HOUR)
    assert (state(decision), ticket.status) == (LOST, TicketStatus.OPEN), "a stranger has read it"
    letter = session.scalars(select(ContactTask).where(ContactTask.message_id == decision.id)).one()
    contact_tasks.finish(
        session, ticket.id, letter.public_id, result=TaskResult.SENT, note="", user_id=None, actor=AGENT,
        now=NOW + 5 * HOUR,
    )  # fmt: skip
    assert (ticket.status, decision.delivery) == (TicketStatus.RESOLVED, DeliveryStatus.DELIVERED)


def test_a_decision_that_a_stranger_got_goes_to_her_chat_with_all_the_time_to_answer(
    session: Session,
) -> None:
    hers = ticket_of(session, tell(session, PAID, now=NOW))
    told = registered(session, contact_id=hers.contact_id)
    resolve(session, told, now=NOW)
    send_all(session, now=NOW)
    decision, before = decision_in(session, told), told.closes_at
    at_strangers = decision.external_id or ""
    tell(session, "halo", now=NOW + 5 * DAY)
    not_hers(session, told.id, actor=AGENT, now=NOW + 5 * DAY)
    assert (decision.channel, decision.delivery) == (WHATSAPP, DeliveryStatus.QUEUED)
    assert told.status == TicketStatus.RESOLVED
    assert before
    assert told.closes_at
    assert told.closes_at > before
    arrived = DeliveryReport(SMS, at_strangers, DeliveryStatus.DELIVERED)
    delivery.apply_report(session, arrived, now=NOW + 5 * DAY)
    assert decision.delivery == DeliveryStatus.QUEUED, "that the stranger has it proves nothing"
    assert any("betulkan" in text for text in send_all(session, WHATSAPP, now=NOW + 5 * DAY))


def test_what_a_person_told_her_stays_told(session: Session, ticket: Ticket) -> None:
    resolve(session, ticket, now=NOW)
    send_all(session, now=NOW)
    decision = decision_in(session, ticket)
    contact_tasks.for_message(session, ticket, decision, reason="no_proof", now=NOW)
    call = session.scalars(select(ContactTask).where(ContactTask.message_id == decision.id)).one()
    contact_tasks.finish(
        session, ticket.id, call.public_id, result=TaskResult.REACHED, note="", user_id=None, actor=AGENT,
        now=NOW + HOUR,
    )  # fmt: skip
    not_hers(session, ticket.id, actor=AGENT, now=NOW + 2 * HOUR)
    assert (decision.delivery, ticket.status) == (DeliveryStatus.DELIVERED, TicketStatus.RESOLVED)


def test_that_an_earlier_way_arrived_at_a_stranger_proves_nothing(session: Session) -> None:
    """Lost by SMS it was to go by WhatsApp; then the SMS arrived after all, and it stayed here."""
    hers = ticket_of(session, tell(session, PAID, now=NOW))
    told = registered(session, contact_id=hers.contact_id)
    resolve(session, told, now=NOW)
    send_all(session, now=NOW)
    decision = decision_in(session, told)
    by_sms = decision.external_id or ""
    for status in (FAILED, DeliveryStatus.DELIVERED):
        delivery.apply_report(session, DeliveryReport(SMS, by_sms, status, "30003"), now=NOW)
    assert (decision.channel, decision.delivery) == (WHATSAPP, DeliveryStatus.DELIVERED)
    not_hers(session, told.id, actor=AGENT, now=NOW + HOUR)
    assert (state(decision), told.status) == (LOST, TicketStatus.OPEN)
    assert tasks(session, told, decision) == [TaskKind.LETTER]


@pytest.mark.parametrize("word", ["", "accepted"])
def test_a_decision_that_closed_by_silence_at_a_strangers_is_still_brought_to_her(
    session: Session, ticket: Ticket, word: str
) -> None:
    resolve(session, ticket, now=NOW)
    send_all(session, now=NOW)
    decision = decision_in(session, ticket)
    if word:
        complaints.accept(session, ticket, now=NOW)
    else:
        assert complaints.close_silent(session, ticket.id, now=NOW + 60 * DAY)
    not_hers(session, ticket.id, actor=AGENT, now=NOW + 61 * DAY)
    assert ticket.status == TicketStatus.CLOSED
    assert tasks(session, ticket) == ([] if word else [TaskKind.LETTER])
    assert decision.delivery == (DeliveryStatus.SENT if word else FAILED)


@pytest.mark.parametrize("how", ["sent", "unknown", "retry", "refused", "stuck"])
def test_what_is_under_way_to_a_stranger_ends_as_lost(session: Session, ticket: Ticket, how: str) -> None:
    reply = answer(session, ticket, now=NOW + HOUR)
    outbox_id = under_way(session, now=NOW + HOUR)
    not_hers(session, ticket.id, actor=AGENT, now=NOW + HOUR)
    assert reply.delivery == DeliveryStatus.SENDING
    later = NOW + 2 * HOUR
    if how == "sent":
        delivery.record_sent(session, outbox_id, external_id="zz", now=later)
        delivery.apply_report(session, DeliveryReport(SMS, "zz", DeliveryStatus.DELIVERED), now=later)
    elif how == "stuck":
        assert delivery.fail_stuck(session, now=later) == 1
    else:
        outcome = {"unknown": SendOutcome.UNKNOWN, "retry": SendOutcome.RETRY}.get(how, SendOutcome.REJECTED)
        delivery.record_failure(session, outbox_id, code="30003", outcome=outcome, now=later)
    assert state(reply) == LOST
    assert tasks(session, ticket, reply) == [TaskKind.LETTER]
    assert clock(session, ticket, Metric.FIRST_RESPONSE).met_at is None
    assert reconciling.due_ids(session, now=NOW + 9 * HOUR) == []
    assert channel_ladder.unproven_ids(session, now=NOW + 2 * DAY) == []


def test_what_may_have_gone_to_a_stranger_is_not_looked_for(session: Session, ticket: Ticket) -> None:
    reply = answer(session, ticket, LONG, now=NOW + HOUR)
    outbox_id = under_way(session, now=NOW + HOUR)
    delivery.record_failure(session, outbox_id, code="timeout", outcome=SendOutcome.UNKNOWN, now=NOW + HOUR)
    assert item_of(session, reply).is_in_doubt
    not_hers(session, ticket.id, actor=AGENT, now=NOW + HOUR)
    assert state(reply) == LOST
    assert reconciling.due_ids(session, now=NOW + 9 * HOUR) == []
    with pytest.raises(Conflict):
        reconciling.confirm(session, ticket.id, message_id=reply.public_id, actor=AGENT, now=NOW + 2 * HOUR)
    assert tasks(session, ticket, reply) == [TaskKind.LETTER]


def test_who_wanted_a_call_is_visited_where_no_number_is_left(session: Session) -> None:
    ticket = registered(session)
    other = registered(session, contact_id=ticket.contact_id)
    for each in (ticket, other):
        contact_tasks.wanted(session, each, reason="asked", now=NOW)
    due_at = session.scalars(select(ContactTask.due_at).where(ContactTask.ticket_id == other.id)).one()
    contact_tasks.for_message(session, other, answer(session, other, now=NOW), reason="not_arrived", now=NOW)
    not_hers(session, ticket.id, actor=AGENT, now=NOW + HOUR)
    assert tasks(session, ticket).count(TaskKind.MEET) == 1
    assert TaskKind.CALL not in tasks(session, ticket) + tasks(session, other)
    assert tasks(session, other).count(TaskKind.LETTER) == 2, "the reply and the receipt"
    visit = select(ContactTask).where(ContactTask.ticket_id == other.id, ContactTask.kind == TaskKind.MEET)
    task = session.scalars(visit).one()
    assert (task.reason, task.due_at) == ("asked", due_at)


def test_who_has_another_number_is_still_called(session: Session) -> None:
    ticket = registered(session)
    contact_tasks.wanted(session, ticket, reason="asked", now=NOW)
    contact = session.get_one(Contact, ticket.contact_id)
    contact.phone, contact.phone_digest = "+6281299990000", None
    not_hers(session, ticket.id, actor=AGENT, now=NOW + HOUR)
    assert TaskKind.CALL in tasks(session, ticket)


def test_a_number_that_she_wrote_from_is_not_taken_from_any_ticket_of_hers(session: Session) -> None:
    hers = ticket_of(session, tell(session, PAID, now=NOW, channel=SMS))
    told = registered(session, contact_id=hers.contact_id)
    assert told.handle_id == hers.handle_id
    with pytest.raises(Conflict) as caught:
        not_hers(session, told.id, actor=AGENT, now=NOW + HOUR)
    assert caught.value.code == "wrote"
    assert session.get_one(Handle, hers.handle_id).contact_id == hers.contact_id
    again = tell(session, "Belum masuk bu", now=NOW + 2 * HOUR, channel=SMS)
    assert ticket_of(session, again).contact_id == hers.contact_id


def test_what_became_anothers_while_it_waited_is_never_claimed_and_ends(session: Session) -> None:
    """Somebody else says that the phone is his: her decision that waited for it is not read to him."""
    hers = ticket_of(session, tell(session, PAID, now=NOW))
    decide(session, hers, now=NOW)
    decision = decision_in(session, hers)
    item = item_of(session, decision)
    handle = contacts.handle_of_phone(session, session.get_one(Contact, hers.contact_id), now=NOW)
    assert handle is not None
    item.channel = decision.channel = SMS
    decision.handle_id, session.get_one(Handle, hers.handle_id).is_blocked = handle.id, True
    assert item.id not in unreachable.due_ids(session, now=NOW)
    handle.contact_id = registered(session).contact_id
    assert all("betulkan" not in text for text in send_all(session, now=NOW))
    assert item.id in unreachable.due_ids(session, now=NOW)
    assert unreachable.lose(session, item.id, now=NOW)
    assert not unreachable.lose(session, item.id, now=NOW)
    assert (state(decision), hers.status) == (LOST, TicketStatus.OPEN)
    assert tasks(session, hers, decision) == [TaskKind.CALL]


@pytest.mark.parametrize("is_claimed", [False, True], ids=["claim", "outcome"])
@pytest.mark.parametrize("drops_first", [False, True], ids=["sender first", "drop first"])
def test_a_sender_and_who_drops_the_number_at_once_let_nothing_more_go(
    rt: Runtime, drops_first: bool, is_claimed: bool
) -> None:
    """Whoever is first: a part that is under way is the last, and what a stranger got of it counts for nothing."""

    def prepare(session: Session) -> tuple[int, int, int]:
        ticket = registered(session)
        send_all(session, now=NOW)
        reply = answer(session, ticket, LONG, now=NOW)
        return ticket.id, reply.id, under_way(session, now=NOW) if is_claimed else item_of(session, reply).id

    ticket_id, reply_id, outbox_id = rt.write(prepare)
    parts: list[int] = []

    def sender(session: Session) -> None:
        if is_claimed:
            delivery.record_sent(session, outbox_id, external_id="first", now=NOW)
        else:
            claimed = delivery.claim_due(session, SMS, now=NOW, longest=LIMIT)
            parts[:] = [each.outbox_id for each in claimed]

    def drop(session: Session) -> None:
        not_hers(session, ticket_id, actor=AGENT, now=NOW)

    overlap(rt, *((drop, sender) if drops_first else (sender, drop)))
    for each in parts:
        rt.write(lambda session, each=each: delivery.record_sent(session, each, external_id="1", now=NOW))
    assert len(parts) == (not is_claimed and not drops_first)

    def look(session: Session) -> tuple[object, ...]:
        reply, ticket = session.get_one(Message, reply_id), session.get_one(Ticket, ticket_id)
        return state(reply), tasks(session, ticket, reply), send_all(session, now=NOW + DAY)

    assert rt.write(look) == (LOST, [TaskKind.LETTER], [])
