"""What may have been sent: never sent again by itself, found in the provider's list, or decided by a person."""

from datetime import timedelta

import pytest
from answer_samples import answered, claim, decision_in, item_of
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import event_kinds

from helpdesk.domain.delivery import DeliveryStatus, SendOutcome
from helpdesk.domain.errors import Conflict, NotFound
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode, DeliveryReport, Purpose, SentCopy
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from helpdesk.services import delivery, reconciling

WHATSAPP = ChannelCode.WHATSAPP
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ticket(session: Session) -> Ticket:
    return answered(session)


@pytest.fixture
def lost(session: Session, ticket: Ticket) -> Message:
    """A decision whose sending timed out: the ticket is open again."""
    message = decision_in(session, ticket)
    delivery.record_failure(
        session, claim(session, message), code="timeout", outcome=SendOutcome.UNKNOWN, now=NOW
    )
    assert (message.delivery, ticket.status) == (DeliveryStatus.FAILED, TicketStatus.OPEN)
    return message


def look(session: Session, message: Message, *copies: SentCopy, at: timedelta = 2 * MINUTE) -> bool:
    """Look for it, with this list at the provider."""
    item = item_of(session, message)
    assert item.id in reconciling.due_ids(session, now=NOW + at)
    doubt = reconciling.take(session, item.id, now=NOW + at)
    assert doubt
    assert doubt.text == message.body
    return reconciling.found(session, doubt, copies, now=NOW + at)


def test_the_copy_in_the_provider_s_list_is_taken_for_it_with_its_reports(
    session: Session, ticket: Ticket, lost: Message
) -> None:
    said = DeliveryReport(WHATSAPP, "SMx", DeliveryStatus.DELIVERED, None)
    delivery.apply_report(session, said, now=NOW)  # by an id that we never got to know
    assert look(session, lost, SentCopy("SMx", lost.body, NOW))
    assert (lost.delivery, lost.error_code, ticket.status) == (
        DeliveryStatus.DELIVERED,
        None,
        TicketStatus.RESOLVED,
    )
    assert "delivery_recovered" in event_kinds(session, ticket.id)
    assert not reconciling.due_ids(session, now=NOW + timedelta(days=1))


@pytest.mark.parametrize("which", ["other words", "an older one", "another of ours", "none"])
def test_what_is_another_message_is_not_taken_for_it_and_none_is_sent_again(
    session: Session, lost: Message, which: str
) -> None:
    copies = {
        "other words": [SentCopy("SMx", "Halo", NOW)],
        "an older one": [SentCopy("SMx", lost.body, NOW - timedelta(hours=1))],
        "another of ours": [SentCopy("SMy", lost.body, NOW)],
        "none": [],
    }[which]
    other = session.scalars(select(Message).where(Message.purpose == Purpose.RECEIPT)).one()
    delivery.record_sent(session, item_of(session, other).id, external_id="SMy", now=NOW)
    assert not look(session, lost, *copies)
    assert not look(session, lost, *copies, at=20 * MINUTE)  # the list may have been behind
    assert not reconciling.due_ids(session, now=NOW + timedelta(days=1))
    assert lost.delivery == DeliveryStatus.FAILED
    assert lost.public_id not in {
        each.message.message_id
        for each in delivery.claim_due(session, WHATSAPP, now=NOW + timedelta(days=1), limit=100)
    }


def test_a_person_says_that_it_arrived(session: Session, ticket: Ticket, lost: Message) -> None:
    reconciling.confirm(session, ticket.id, message_id=lost.public_id, actor="user:x", now=NOW)
    assert (lost.delivery, ticket.status) == (DeliveryStatus.DELIVERED, TicketStatus.RESOLVED)
    assert "arrival_confirmed" in event_kinds(session, ticket.id)
    with pytest.raises(Conflict):
        reconciling.confirm(session, ticket.id, message_id=lost.public_id, actor="user:x", now=NOW)
    with pytest.raises(NotFound):
        reconciling.confirm(session, ticket.id, message_id="none", actor="user:x", now=NOW)
    assert reconciling.take(session, item_of(session, lost).id, now=NOW + timedelta(hours=1)) is None


def test_what_a_person_sends_again_is_in_no_doubt_any_more(
    session: Session, ticket: Ticket, lost: Message
) -> None:
    delivery.send_again(session, ticket.id, message_id=lost.public_id, actor="user:x", now=NOW)
    assert not reconciling.due_ids(session, now=NOW + timedelta(hours=1))
    with pytest.raises(Conflict):
        reconciling.confirm(session, ticket.id, message_id=lost.public_id, actor="user:x", now=NOW)
