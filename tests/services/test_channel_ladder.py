"""What must arrive: the next channel of the same person, then a call or a letter; and the proof of what arrived."""

from datetime import timedelta

import pytest
from answer_samples import answered, claim, decision_in, item_of, report
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import event_kinds, tell

from helpdesk.domain.delivery import DeliveryStatus, SendOutcome
from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import WHATSAPP_WINDOW, ChannelCode, Purpose
from helpdesk.domain.outreach import TaskKind, TaskResult, ladder
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Message
from helpdesk.models.outreach import ContactTask, DeliveryAttempt
from helpdesk.models.tickets import Ticket
from helpdesk.services import channel_ladder, contact_tasks, contacts, delivery, invitations, privacy

DELIVERED, FAILED, QUEUED = DeliveryStatus.DELIVERED, DeliveryStatus.FAILED, DeliveryStatus.QUEUED
SMS, WHATSAPP = ChannelCode.SMS, ChannelCode.WHATSAPP
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ticket(session: Session) -> Ticket:
    return answered(session)


@pytest.fixture
def decision(session: Session, ticket: Ticket) -> Message:
    return decision_in(session, ticket)


def lose(session: Session, message: Message, code: str = "63003") -> None:
    """The provider takes the message and says later that it did not arrive."""
    delivery.record_sent(session, claim(session, message), external_id=f"lost {message.channel}", now=NOW)
    report(session, f"lost {message.channel}", FAILED)


def tasks(session: Session, ticket: Ticket) -> list[tuple[str, str]]:
    found = session.scalars(
        select(ContactTask).where(ContactTask.ticket_id == ticket.id).order_by(ContactTask.id)
    )
    return [(task.kind, task.reason) for task in found]


def test_a_lost_decision_takes_the_next_channel_and_stays_one_message(
    session: Session, ticket: Ticket, decision: Message
) -> None:
    lose(session, decision)
    assert (decision.channel, decision.delivery, ticket.status) == (SMS, QUEUED, TicketStatus.RESOLVED)
    assert "next_channel" in event_kinds(session, ticket.id)
    [claimed] = delivery.claim_due(session, SMS, now=NOW)
    assert claimed.message.address == "+6285711112222"
    assert "*" not in claimed.message.text
    delivery.record_sent(session, claimed.outbox_id, external_id="by sms", now=NOW)
    report_sms(session, "by sms", DELIVERED)
    assert decision.delivery == DELIVERED
    assert tasks(session, ticket) == []


def report_sms(session: Session, external_id: str, status: DeliveryStatus) -> None:
    from helpdesk.domain.messages import DeliveryReport

    delivery.apply_report(session, DeliveryReport(SMS, external_id, status, None), now=NOW)


@pytest.mark.parametrize(("word", "status"), [("1", TicketStatus.CLOSED), ("Belum", TicketStatus.OPEN)])
def test_what_she_says_to_the_answer_by_sms_belongs_to_it(
    session: Session, ticket: Ticket, decision: Message, word: str, status: TicketStatus
) -> None:
    lose(session, decision)
    [claimed] = delivery.claim_due(session, SMS, now=NOW)
    delivery.record_sent(session, claimed.outbox_id, external_id="by sms", now=NOW)
    received = tell(session, word, channel=SMS, now=NOW + MINUTE)
    assert (received.ticket_id, ticket.status) == (ticket.id, status)


def test_an_earlier_way_that_arrives_after_all_is_the_proof(
    session: Session, ticket: Ticket, decision: Message
) -> None:
    lose(session, decision)
    report(session, "lost whatsapp", DELIVERED)
    assert decision.delivery == DELIVERED
    assert delivery.claim_due(session, SMS, now=NOW) == []  # it stays here
    assert session.scalars(select(DeliveryAttempt.status)).one() == DELIVERED
    assert "delivery_recovered" in event_kinds(session, ticket.id)


def test_after_the_last_channel_a_person_calls_and_what_she_says_counts(
    session: Session, ticket: Ticket, decision: Message
) -> None:
    lose(session, decision)
    [claimed] = delivery.claim_due(session, SMS, now=NOW)
    delivery.record_failure(
        session, claimed.outbox_id, code="21614", outcome=SendOutcome.BAD_ADDRESS, now=NOW
    )
    assert (decision.delivery, ticket.status) == (FAILED, TicketStatus.OPEN)
    assert tasks(session, ticket) == [("call", "not_arrived")]
    task = session.scalars(select(ContactTask)).one()
    assert task.due_at == NOW + timedelta(days=1)  # eight service hours after Monday 10.00
    finish = {"note": "Sudah tahu. PIN saya 123456", "user_id": None, "actor": "user:x", "now": NOW + MINUTE}
    with pytest.raises(InvalidInput):
        contact_tasks.finish(session, ticket.id, task.public_id, result=TaskResult.SENT, **finish)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        contact_tasks.finish(session, ticket.id, "none", result=TaskResult.REACHED, **finish)  # type: ignore[arg-type]
    contact_tasks.finish(session, ticket.id, task.public_id, result=TaskResult.REACHED, **finish)  # type: ignore[arg-type]
    assert (decision.delivery, ticket.status) == (DELIVERED, TicketStatus.RESOLVED)
    assert "123456" not in (task.note or "")
    with pytest.raises(Conflict):
        contact_tasks.finish(session, ticket.id, task.public_id, result=TaskResult.REACHED, **finish)  # type: ignore[arg-type]


def test_who_is_not_reached_by_telephone_is_written_to(
    session: Session, ticket: Ticket, decision: Message
) -> None:
    contact_tasks.for_message(session, ticket, decision, reason="not_arrived", now=NOW)
    contact_tasks.for_message(session, ticket, decision, reason="not_arrived", now=NOW)  # one is enough
    call = session.scalars(select(ContactTask)).one()
    contact_tasks.finish(
        session, ticket.id, call.public_id, result=TaskResult.NOT_REACHED, note="", user_id=None,
        actor="user:x", now=NOW,
    )  # fmt: skip
    assert tasks(session, ticket) == [("call", "not_arrived"), ("letter", "not_reached")]
    session.get_one(Contact, ticket.contact_id).phone = None
    other = Message(
        direction="out", purpose=Purpose.NOTICE, channel=WHATSAPP, body="x", at=NOW, ticket_id=ticket.id,
        public_id="other",
    )  # fmt: skip
    session.add(other)
    session.flush()
    contact_tasks.for_message(session, ticket, other, reason="not_arrived", now=NOW)
    assert tasks(session, ticket)[-1] == ("letter", "not_arrived")


@pytest.mark.parametrize("why", ["shared phone", "blocked", "about staff", "long"])
def test_no_other_channel_learns_of_it(session: Session, ticket: Ticket, decision: Message, why: str) -> None:
    contact = session.get_one(Contact, ticket.contact_id)
    if why == "shared phone":
        other = contacts.stranger(session, contact, now=NOW)
        assert other.phone_digest == contact.phone_digest
    elif why == "blocked":
        contacts.new_handle(session, contact, SMS, contact.phone or "", now=NOW).is_blocked = True
    elif why == "about staff":
        ticket.is_about_staff = True
    else:
        decision.body = "Sudah kami cek. " * 30
    lose(session, decision)
    assert (decision.channel, decision.delivery) == (WHATSAPP, FAILED)
    assert tasks(session, ticket) == [("call", "not_arrived")]


def test_what_may_have_arrived_goes_no_other_way(session: Session, ticket: Ticket, decision: Message) -> None:
    delivery.record_failure(
        session, claim(session, decision), code="timeout", outcome=SendOutcome.UNKNOWN, now=NOW
    )
    assert (decision.channel, decision.delivery, tasks(session, ticket)) == (WHATSAPP, FAILED, [])


def test_what_she_does_not_open_and_what_nobody_proves_comes_to_a_person(
    session: Session, ticket: Ticket, decision: Message
) -> None:
    session.get_one(Contact, ticket.contact_id).phone_digest = None  # no other way
    first_id = claim(session, decision)
    delivery.record_sent(session, first_id, external_id="A", now=NOW)
    late = NOW + ladder().unread_after
    assert item_of(session, decision).id not in channel_ladder.unproven_ids(session, now=late - MINUTE)
    assert item_of(session, decision).id in channel_ladder.unproven_ids(session, now=late)
    channel_ladder.climb(session, first_id, now=late)
    assert tasks(session, ticket) == [("call", "no_proof")]
    assert first_id not in channel_ladder.unproven_ids(session, now=late)
    report(session, "A", DELIVERED)
    assert session.scalars(select(ContactTask.result)).one() == TaskResult.NEEDLESS


def test_an_answer_that_may_not_wait_for_a_template_goes_on_at_once(
    session: Session, ticket: Ticket, decision: Message
) -> None:
    """No template is approved: the window is closed, so it goes by SMS."""
    later = NOW + WHATSAPP_WINDOW
    ids = invitations.outside_ids(session, WHATSAPP, window=WHATSAPP_WINDOW, now=later)
    for outbox_id in ids:
        invitations.hold_due(session, outbox_id, window=WHATSAPP_WINDOW, now=later)
    assert (decision.channel, decision.delivery) == (SMS, QUEUED)


def test_erasure_takes_the_notes_and_the_traces(session: Session, ticket: Ticket, decision: Message) -> None:
    lose(session, decision)
    contact_tasks.open_task(session, ticket, TaskKind.CALL, reason="by_hand", now=NOW).note = "Ibu Siti"
    contact = session.get_one(Contact, ticket.contact_id)
    ticket.status, ticket.closed_at = TicketStatus.CLOSED, NOW
    session.flush()
    privacy.erase(session, ticket.contact_id, force=True, actor="cli", now=NOW)
    session.expire_all()
    assert session.scalars(select(ContactTask.note)).all() == [None]
    assert session.scalars(select(DeliveryAttempt.external_digest)).all() == [None]
    assert session.scalars(select(Handle).where(Handle.contact_id == contact.id)).all()
