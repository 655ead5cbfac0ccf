"""A number that is not hers: our answers go there no more, and who writes from it is a stranger."""

from datetime import timedelta

import pytest
from answer_samples import claim
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, PAID, decide, event_kinds, tell, ticket_of

from helpdesk.domain.delivery import WRONG_NUMBER, DeliveryStatus, SendOutcome
from helpdesk.domain.errors import Conflict
from helpdesk.domain.messages import ChannelCode, Purpose
from helpdesk.domain.outreach import TaskKind
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Message
from helpdesk.models.outreach import ContactTask
from helpdesk.models.tickets import Ticket
from helpdesk.queries import conversation
from helpdesk.services import delivery, registration, replies, wrong_address
from helpdesk.services.contacts import Person

HOUR = timedelta(hours=1)
PHONE = "+6285766667777"
AGENT = "user:x"


@pytest.fixture
def ticket(session: Session) -> Ticket:
    """A complaint by web, acknowledged by SMS to the number that was typed, with a reply on its way."""
    filed = registration.Submission(
        channel=ChannelCode.WEB, text=PAID, person=Person(name="Siti", phone=PHONE), received_at=NOW
    )
    number = registration.register(session, filed, scope="web", key=None, lender=LENDER, now=NOW).number
    ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
    replies.reply(
        session, ticket.id, "Kami cek dulu, Ibu.", author_id=None, actor=AGENT, seen_message_id=None,
        lender=LENDER, now=NOW + HOUR,
    )  # fmt: skip
    return ticket


def test_nothing_of_hers_goes_there_any_more(session: Session, ticket: Ticket) -> None:
    handle_id = ticket.handle_id
    wrong_address.not_hers(session, ticket.id, actor=AGENT, now=NOW + 2 * HOUR)
    contact = session.get_one(Contact, ticket.contact_id)
    assert (ticket.handle_id, contact.phone, contact.phone_digest) == (None, None, None)
    assert "address_dropped" in event_kinds(session, ticket.id)
    waited = session.scalars(select(Message).where(Message.handle_id == handle_id)).all()
    assert {(message.delivery, message.error_code) for message in waited} == {
        (DeliveryStatus.FAILED, WRONG_NUMBER)
    }
    tasks = session.scalars(select(ContactTask)).all()
    assert {task.kind for task in tasks} <= {TaskKind.LETTER}, "no call to a stranger"
    said = replies.reply(
        session, ticket.id, "Sudah beres, Ibu.", author_id=None, actor=AGENT, seen_message_id=None,
        lender=LENDER, now=NOW + 3 * HOUR,
    )  # fmt: skip
    assert (said.handle_id, said.delivery) == (None, None)


def test_who_writes_from_it_is_a_stranger_with_a_ticket_of_his_own(session: Session, ticket: Ticket) -> None:
    handle = session.get_one(Handle, ticket.handle_id)
    wrong_address.not_hers(session, ticket.id, actor=AGENT, now=NOW + 2 * HOUR)
    received = tell(session, "halo ini siapa", now=NOW + 3 * HOUR, phone=PHONE, channel=ChannelCode.SMS)
    assert received.ticket_id != ticket.id
    assert handle.contact_id != ticket.contact_id
    assert ticket_of(session, received).contact_id == handle.contact_id


def test_it_is_not_taken_from_who_wrote_from_it_herself(session: Session, ticket: Ticket) -> None:
    hers = ticket_of(session, tell(session, PAID, now=NOW))
    with pytest.raises(Conflict) as caught:
        wrong_address.not_hers(session, hers.id, actor=AGENT, now=NOW)
    assert caught.value.code == "wrote"
    wrong_address.not_hers(session, ticket.id, actor=AGENT, now=NOW + 2 * HOUR)
    with pytest.raises(Conflict) as caught:
        wrong_address.not_hers(session, ticket.id, actor=AGENT, now=NOW + 2 * HOUR)
    assert caught.value.code == "no_address"


def test_what_failed_or_is_under_way_to_a_stranger_is_not_sent_to_him_again(
    session: Session, ticket: Ticket
) -> None:
    [claimed] = delivery.claim_due(session, ChannelCode.SMS, now=NOW + HOUR)
    failed = replies.reply(
        session, ticket.id, "Satu lagi, Ibu.", author_id=None, actor=AGENT, seen_message_id=None,
        lender=LENDER, now=NOW + HOUR,
    )  # fmt: skip
    wrong_address.not_hers(session, ticket.id, actor=AGENT, now=NOW + 2 * HOUR)
    limited = SendOutcome.RETRY
    delivery.record_failure(session, claimed.outbox_id, code="20429", outcome=limited, now=NOW + 2 * HOUR)
    lost = session.scalars(
        select(Message).where(Message.ticket_id == ticket.id, Message.delivery == DeliveryStatus.FAILED)
    ).all()
    assert failed in lost
    assert len(lost) > 1
    shown = conversation.messages_of(session, [ticket.id])[ticket.id]
    assert not any(row.may_be_sent_again for row in shown)
    for message in lost:
        with pytest.raises(Conflict):
            delivery.send_again(
                session, ticket.id, message_id=message.public_id, actor=AGENT, now=NOW + 3 * HOUR
            )
    assert delivery.claim_due(session, ChannelCode.SMS, now=NOW + 9 * HOUR) == []


def test_an_answer_of_her_chat_that_waits_for_that_number_does_not_go_there(session: Session) -> None:
    hers = ticket_of(session, tell(session, PAID, now=NOW))
    decide(session, hers, now=NOW)
    lost = session.scalars(select(Message).where(Message.purpose == Purpose.ANSWER)).one()
    outbox_id = claim(session, lost)
    delivery.record_failure(session, outbox_id, code="63003", outcome=SendOutcome.REJECTED, now=NOW)
    assert (lost.channel, lost.delivery) == (ChannelCode.SMS, DeliveryStatus.QUEUED)
    filed = registration.Submission(
        channel=ChannelCode.PHONE, text=PAID, person=Person(contact_id=hers.contact_id), received_at=NOW
    )
    number = registration.register(session, filed, scope="web", key=None, lender=LENDER, now=NOW).number
    told = session.scalars(select(Ticket).where(Ticket.number == number)).one()
    wrong_address.not_hers(session, told.id, actor=AGENT, now=NOW + HOUR)
    assert (lost.delivery, lost.error_code) == (DeliveryStatus.FAILED, WRONG_NUMBER)
    assert delivery.claim_due(session, ChannelCode.SMS, now=NOW + 2 * HOUR) == []
    assert hers.handle_id, "she wrote from there"
