"""A text that is too long for its channel: several parts, each sent once, one state for who looks at it."""

from datetime import timedelta

import pytest
from answer_samples import answer, item_of, report
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import event_kinds, tell, ticket_of

from helpdesk.domain.delivery import DeliveryStatus, SendOutcome
from helpdesk.domain.messages import ChannelCode, Purpose
from helpdesk.domain.outreach import TaskResult
from helpdesk.domain.segments import TextLimit
from helpdesk.models.messages import Dispatch, Message
from helpdesk.models.outreach import ContactTask
from helpdesk.models.tickets import Ticket
from helpdesk.services import contact_tasks, delivery, held

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


@pytest.mark.parametrize("is_first_gone", [False, True])
def test_a_refusal_of_the_call_for_the_closed_window_loses_no_part(
    session: Session, message: Message, is_first_gone: bool
) -> None:
    if is_first_gone:
        send(session, "P1")
    claimed = claim(session)
    assert claimed
    refused = SendOutcome.NEEDS_TEMPLATE
    delivery.record_failure(session, claimed.outbox_id, code="63016", outcome=refused, now=NOW)
    assert states(session, message)[is_first_gone:] == [QUEUED] * (2 - is_first_gone)
    assert message.handle_id
    held.release(session, message.handle_id, now=NOW)
    assert [send(session, f"Q{n}") for n in range(2 - is_first_gone)] == PARTS[is_first_gone:]
    assert (message.delivery, claim(session)) == (SENT, None)


def test_one_part_that_arrives_is_no_proof_of_what_went_another_way(
    session: Session, message: Message, ticket: Ticket
) -> None:
    message.purpose = Purpose.ANSWER
    send(session, "P1")
    report(session, "P1", DELIVERED)
    claimed = claim(session)
    assert claimed
    delivery.record_failure(session, claimed.outbox_id, code="63003", outcome=SendOutcome.REJECTED, now=NOW)
    assert (message.channel, message.delivery) == (ChannelCode.SMS, QUEUED)
    report(session, "P1", READ)
    assert (message.delivery, item_of(session, message).status) == (QUEUED, QUEUED)


@pytest.mark.parametrize("end", ["part waits", "part taken", "sent", "failed"])
def test_what_a_person_told_her_is_not_sent_any_more(
    session: Session, message: Message, ticket: Ticket, end: str
) -> None:
    if end.startswith("part"):
        send(session, "P1")
    if end == "part waits":
        outbox_id = item_of(session, message).id
    else:
        limit = LIMIT if end == "part taken" else None
        [claimed] = delivery.claim_due(
            session, ChannelCode.WHATSAPP, now=NOW + timedelta(days=1), longest=limit
        )
        outbox_id = claimed.outbox_id
    contact_tasks.for_message(session, ticket, message, reason="no_proof", now=NOW)
    task = session.scalars(select(ContactTask)).one()
    contact_tasks.finish(
        session, ticket.id, task.public_id, result=TaskResult.REACHED, note="", user_id=None,
        actor="user:x", now=NOW,
    )  # fmt: skip
    if end == "part waits":
        report(session, "P1", DELIVERED)
    elif end == "failed":
        delivery.record_failure(session, outbox_id, code="20429", outcome=SendOutcome.RETRY, now=NOW)
    else:
        delivery.record_sent(session, outbox_id, external_id="late", now=NOW)
    assert (message.delivery, item_of(session, message).status) == (DELIVERED, SENT)
    assert claim(session) is None
