"""A text that is too long for its channel: several parts, each sent once, one state for who looks at it."""

from datetime import timedelta

import pytest
from answer_samples import answer, item_of, report
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import event_kinds, tell, ticket_of

from helpdesk.domain.delivery import DeliveryStatus, SendOutcome
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.segments import TextLimit
from helpdesk.models.messages import Dispatch, Message
from helpdesk.models.tickets import Ticket
from helpdesk.services import delivery

LIMIT = TextLimit(60)
LONG = "Baik, Ibu. Bayaran tanggal 3 sudah kami temukan. Besok kami catat. Ibu tidak perlu bayar lagi."
PARTS = [
    "(1/2) Baik, Ibu. Bayaran tanggal 3 sudah kami temukan.",
    "(2/2) Besok kami catat. Ibu tidak perlu bayar lagi.",
]
DELIVERED, READ, FAILED = DeliveryStatus.DELIVERED, DeliveryStatus.READ, DeliveryStatus.FAILED
QUEUED, SENDING, SENT = DeliveryStatus.QUEUED, DeliveryStatus.SENDING, DeliveryStatus.SENT


@pytest.fixture
def ticket(session: Session) -> Ticket:
    return ticket_of(session, tell(session, now=NOW))


@pytest.fixture
def message(session: Session, ticket: Ticket) -> Message:
    for claimed in delivery.claim_due(session, ChannelCode.WHATSAPP, now=NOW, limit=10):
        delivery.record_sent(session, claimed.outbox_id, external_id=f"old {claimed.outbox_id}", now=NOW)
    return answer(session, ticket, LONG)


def claim(session: Session) -> delivery.Claimed | None:
    claimed = delivery.claim_due(session, ChannelCode.WHATSAPP, now=NOW + timedelta(days=1), longest=LIMIT)
    return claimed[0] if claimed else None


def send(session: Session, external_id: str) -> str:
    """Let the provider take the next part, and return its text."""
    claimed = claim(session)
    assert claimed
    delivery.record_sent(session, claimed.outbox_id, external_id=external_id, now=NOW)
    return claimed.message.text


def states(session: Session, message: Message) -> list[DeliveryStatus]:
    query = select(Dispatch.status).where(Dispatch.message_id == message.id).order_by(Dispatch.part)
    return list(session.scalars(query))


def test_the_parts_go_one_after_the_other_and_arrive_as_one(session: Session, message: Message) -> None:
    assert send(session, "P1") == PARTS[0]
    assert (message.delivery, message.external_id, item_of(session, message).status) == (QUEUED, "P1", QUEUED)
    report(session, "P1", DELIVERED)
    assert message.delivery == QUEUED
    assert send(session, "P2") == PARTS[1]
    assert (message.delivery, item_of(session, message).status) == (SENT, SENT)
    assert claim(session) is None
    report(session, "P2", READ)
    assert message.delivery == DELIVERED
    report(session, "P1", READ)
    assert message.delivery == READ


def test_what_follows_a_lost_part_waits_for_a_person_who_sends_only_that(
    session: Session, ticket: Ticket, message: Message
) -> None:
    send(session, "P1")
    report(session, "P1", FAILED)
    assert (message.delivery, message.error_code, claim(session)) == (FAILED, "30003", None)
    assert "delivery_failed" in event_kinds(session, ticket.id)
    delivery.send_again(session, ticket.id, message_id=message.public_id, actor="user:x", now=NOW)
    assert states(session, message) == [QUEUED, QUEUED]
    assert [send(session, "P1 again"), send(session, "P2")] == PARTS
    report(session, "P2", FAILED)
    report(session, "P1 again", DELIVERED)
    delivery.send_again(session, ticket.id, message_id=message.public_id, actor="user:x", now=NOW)
    assert send(session, "P2 again") == PARTS[1]
    report(session, "P1", FAILED)  # of the first try: it says nothing any more
    report(session, "P2 again", DELIVERED)
    assert (message.delivery, states(session, message)) == (DELIVERED, [DELIVERED, DELIVERED])


def test_a_part_that_arrived_after_all_lets_the_rest_go(session: Session, message: Message) -> None:
    send(session, "P1")
    report(session, "P1", FAILED)
    report(session, "P1", DELIVERED)
    assert (message.delivery, message.error_code) == (QUEUED, None)
    assert send(session, "P2") == PARTS[1]


def test_a_part_of_unknown_outcome_is_not_sent_again_by_itself(session: Session, message: Message) -> None:
    send(session, "P1")
    claimed = claim(session)
    assert claimed
    delivery.record_failure(session, claimed.outbox_id, code="timeout", outcome=SendOutcome.UNKNOWN, now=NOW)
    assert (message.delivery, states(session, message), claim(session)) == (FAILED, [SENT, FAILED], None)


def test_a_part_that_was_certainly_not_sent_goes_later(session: Session, message: Message) -> None:
    claimed = claim(session)
    assert claimed
    delivery.record_failure(session, claimed.outbox_id, code="20429", outcome=SendOutcome.RETRY, now=NOW)
    assert (message.delivery, states(session, message)) == (QUEUED, [QUEUED, QUEUED])
    assert [send(session, "P1"), send(session, "P2")] == PARTS
