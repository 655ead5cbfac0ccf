"""Her word counts for what she has read, wherever the answer went and whoever brought it."""

from datetime import timedelta

import pytest
from answer_samples import answer, decision_in, item_of
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, decide, steps_of, tell, ticket_of
from word_samples import (
    CLOSED,
    DAY,
    DELIVERED,
    HOUR,
    LATER,
    MINUTE,
    OPEN,
    OTHER,
    RESOLVED,
    SENT,
    SMS,
    TELEGRAM,
    WHATSAPP,
    asks,
    begun,
    brings,
    climbs,
    loses,
    named,
    sends,
)

from helpdesk.domain.delivery import NOT_NEEDED, DeliveryStatus, SendOutcome
from helpdesk.domain.errors import Conflict
from helpdesk.domain.lifecycle import SetAside, TicketStatus
from helpdesk.domain.messages import ChannelCode, DeliveryReport, Direction, Purpose
from helpdesk.domain.outreach import TaskResult
from helpdesk.domain.segments import TextLimit
from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Message
from helpdesk.models.outreach import ContactTask
from helpdesk.models.tickets import Ticket
from helpdesk.queries import conversation
from helpdesk.services import (
    complaints,
    contact_tasks,
    delivery,
    invitations,
    moving,
    setting_aside,
)


@pytest.fixture
def ticket(session: Session) -> Ticket:
    return begun(session)


@pytest.mark.parametrize("word", ["YA", "1", "Belum", "Terima kasih", "mana bu beritanya"])
@pytest.mark.parametrize("hour", ["day", "night"])
def test_yes_to_the_question_opens_what_goes_or_went_by_sms_meanwhile(
    session: Session, ticket: Ticket, hour: str, word: str
) -> None:
    decision = asks(session, ticket)
    late = LATER + DAY + (11 * HOUR if hour == "night" else MINUTE)
    climbs(session, now=late)
    by_sms = sends(session, SMS, now=late)
    assert (decision.channel, len(by_sms)) == (SMS, 1 if hour == "day" else 0)
    tell(session, word, now=late + HOUR)
    assert ticket.status == RESOLVED
    [opened] = sends(session, now=late + HOUR)
    assert "ini jawaban untuk nomor" in opened
    assert sends(session, SMS, now=late + DAY) == []
    assert steps_of(session, ticket.id).count("T11") == 1
    tell(session, "1", now=late + 2 * HOUR)
    assert ticket.status == CLOSED


def test_what_the_sms_did_is_kept_when_she_reads_it_on_whatsapp_too(session: Session, ticket: Ticket) -> None:
    decision = asks(session, ticket)
    late = LATER + DAY + MINUTE
    climbs(session, now=late)
    sends(session, SMS, now=late)
    arrived = DeliveryReport(SMS, f"sms{item_of(session, decision).id}-{late:%d%H%M}", DELIVERED)
    delivery.apply_report(session, arrived, now=late)
    assert decision.delivery == DELIVERED
    tell(session, "YA", now=late + HOUR)
    [claimed] = delivery.claim_due(session, WHATSAPP, now=late + HOUR, window=DAY)
    delivery.record_failure(
        session, claimed.outbox_id, code="63018", outcome=SendOutcome.REJECTED, now=late + HOUR
    )
    assert (decision.delivery, ticket.status) == (DELIVERED, RESOLVED)
    tasks = select(ContactTask.id).where(ContactTask.message_id == decision.id)
    assert session.scalars(tasks).all() == []
    tell(session, "2", now=late + 2 * HOUR)
    assert ticket.status == OPEN


@pytest.mark.parametrize("how", ["told", "posted"])
def test_what_a_person_brought_is_there_to_read_when_she_asks_for_it(
    session: Session, ticket: Ticket, how: str
) -> None:
    decision = asks(session, ticket)
    brings(session, ticket, decision, TaskResult.REACHED if how == "told" else TaskResult.SENT, now=LATER)
    assert decision.delivery == DELIVERED
    assert sends(session, now=LATER + HOUR) == []
    assert complaints.close_silent(session, ticket.id, now=ticket.closes_at or NOW) is True
    ticket.status, ticket.closed_at = RESOLVED, None
    tell(session, "YA", now=LATER + HOUR)
    assert ticket.status == RESOLVED
    assert len(sends(session, now=LATER + HOUR)) == 1
    tell(session, "1", now=LATER + 2 * HOUR)
    assert (ticket.status, decision.delivery) == (CLOSED, DELIVERED)


def test_who_was_told_before_she_was_asked_is_not_asked_and_answers_what_she_was_told(
    session: Session, ticket: Ticket
) -> None:
    decide(session, ticket, now=LATER)
    [outbox_id] = invitations.outside_ids(session, WHATSAPP, window=DAY, now=LATER)
    invitations.hold_due(session, outbox_id, window=DAY, now=LATER)
    brings(session, ticket, decision_in(session, ticket), TaskResult.REACHED, now=LATER)
    assert sends(session, now=LATER) == []
    asked = session.scalars(select(Message).where(Message.purpose == Purpose.NOTICE)).one()
    assert asked.error_code == NOT_NEEDED
    shown = conversation.messages_of(session, [ticket.id])[ticket.id]
    assert [row.may_be_sent_again for row in shown if row.public_id == asked.public_id] == [False]
    with pytest.raises(Conflict):
        delivery.send_again(session, ticket.id, message_id=asked.public_id, actor="user:x", now=LATER)
    tell(session, "1", now=LATER + HOUR)
    assert ticket.status == CLOSED
    assert not any("jawaban" in text for text in sends(session, now=LATER + HOUR))


@pytest.mark.parametrize("how", ["by SMS", "told", "posted"])
def test_a_question_of_long_ago_swallows_no_greeting(session: Session, ticket: Ticket, how: str) -> None:
    decision = asks(session, ticket)
    if how == "by SMS":
        climbs(session, now=LATER + DAY + MINUTE)
        assert sends(session, SMS, now=LATER + DAY + MINUTE)
    else:
        result = TaskResult.REACHED if how == "told" else TaskResult.SENT
        brings(session, ticket, decision, result, now=LATER)
    assert complaints.close_silent(session, ticket.id, now=NOW + 59 * DAY)
    heard = tell(session, "Assalamualaikum", now=NOW + 60 * DAY)
    assert (heard.is_new_ticket, steps_of(session, heard.ticket_id)) == (True, ["T01"])
    assert not any("ini jawaban" in text for text in sends(session, now=NOW + 60 * DAY))
    assert item_of(session, decision).held_at is None


def test_yes_on_whatsapp_opens_what_came_along_to_her_sms(session: Session, ticket: Ticket) -> None:
    decision = asks(session, ticket)
    tell(session, f"Nomor {named(ticket)} belum ada kabar", channel=SMS, now=LATER + HOUR)
    assert sends(session, SMS, now=LATER + HOUR)
    assert (decision.channel, decision.delivery) == (SMS, SENT)
    tell(session, "YA", now=LATER + 2 * HOUR)
    assert ticket.status == RESOLVED
    assert any("ini jawaban" in text for text in sends(session, now=LATER + 2 * HOUR))
    tell(session, "1", now=LATER + 3 * HOUR)
    assert ticket.status == CLOSED


@pytest.mark.parametrize("channel", [TELEGRAM, SMS])
@pytest.mark.parametrize("word", ["it is solved", "yes", "1"])
def test_on_no_channel_and_in_no_language_is_accepted_what_has_not_gone(
    session: Session, channel: ChannelCode, word: str
) -> None:
    story = "I paid my installment by VA but it is not recorded"
    ticket = ticket_of(session, tell(session, story, channel=channel, now=NOW))
    decide(session, ticket, now=NOW)
    tell(session, word, channel=channel, now=NOW)
    assert ticket.status == RESOLVED
    assert sends(session, channel, now=NOW)
    tell(session, word, channel=channel, now=NOW + HOUR)
    assert ticket.status == CLOSED


def test_a_letter_in_the_post_is_not_read_yet(session: Session, ticket: Ticket) -> None:
    """It was lost on every channel; she writes before the postman came."""
    session.get_one(Contact, ticket.contact_id).phone_digest = None  # no other way
    decide(session, ticket, now=NOW)
    decision = decision_in(session, ticket)
    loses(session, decision, now=NOW)
    assert ticket.status == OPEN
    task = session.scalars(select(ContactTask)).one()
    how = {"note": "", "user_id": None, "actor": "user:x", "now": NOW + HOUR}
    contact_tasks.finish(session, ticket.id, task.public_id, result=TaskResult.NOT_REACHED, **how)
    letter = session.scalars(select(ContactTask).where(ContactTask.done_at.is_(None))).one()
    contact_tasks.finish(session, ticket.id, letter.public_id, result=TaskResult.SENT, **how)
    assert (ticket.status, decision.delivery) == (RESOLVED, DELIVERED)
    tell(session, "Terima kasih", now=NOW + 2 * HOUR)
    assert ticket.status == RESOLVED
    assert any("ini jawaban" in text for text in sends(session, now=NOW + 2 * HOUR))
    tell(session, "Terima kasih", now=NOW + 3 * HOUR)
    assert ticket.status == CLOSED


@pytest.mark.parametrize(("word", "status"), [("Belum", OPEN), ("1", CLOSED)])
def test_her_word_from_elsewhere_counts_once_the_letter_was_posted(
    session: Session, ticket: Ticket, word: str, status: TicketStatus
) -> None:
    """It still waits on WhatsApp too; by SMS nobody asked her whether she wants to read."""
    tell(session, f"Nomor {named(ticket)} {OTHER}", channel=SMS, now=NOW + HOUR)
    sends(session, SMS, now=NOW + HOUR)
    tell(session, "Bu ini saya lagi, uang saya belum dicatat juga ya", now=NOW + 2 * HOUR)
    sends(session, now=NOW + 2 * HOUR)
    late = LATER + DAY
    decide(session, ticket, now=late)
    decision = decision_in(session, ticket)
    assert sends(session, now=late) == ["T22"]
    brings(session, ticket, decision, TaskResult.SENT, now=late + 2 * HOUR)
    tell(session, word, channel=SMS, now=late + 5 * DAY)
    assert ticket.status == status


@pytest.mark.parametrize("seconds", [2, 90])
def test_yes_twice_is_yes_once(session: Session, ticket: Ticket, seconds: int) -> None:
    """The second was on its way before she could read; any other word is her word to the answer."""
    asks(session, ticket)
    tell(session, "YA", now=LATER + HOUR)
    assert sends(session, now=LATER + HOUR)
    tell(session, "YA", now=LATER + HOUR + timedelta(seconds=seconds))
    assert ticket.status == RESOLVED
    tell(session, "1", now=LATER + HOUR + timedelta(seconds=seconds + 1))
    assert ticket.status == CLOSED


@pytest.mark.parametrize("word", ["1", "ya", "sudah", "Terima kasih", "3"])
def test_an_answer_that_has_not_gone_is_not_accepted(session: Session, ticket: Ticket, word: str) -> None:
    decide(session, ticket, now=NOW)
    [claimed] = delivery.claim_due(session, WHATSAPP, now=NOW)
    tell(session, word, now=NOW)
    assert ticket.status == RESOLVED
    delivery.record_failure(session, claimed.outbox_id, code="429", outcome=SendOutcome.RETRY, now=NOW)
    tell(session, word, now=NOW)
    assert ticket.status == RESOLVED
    assert sends(session, now=NOW + HOUR)
    tell(session, "1", now=NOW + HOUR)
    assert ticket.status == CLOSED


def test_half_an_answer_is_not_accepted_and_more_words_object(session: Session, ticket: Ticket) -> None:
    decide(session, ticket, now=NOW)
    limit = TextLimit(60, len)
    for _part in range(2):
        [claimed] = delivery.claim_due(session, WHATSAPP, now=NOW, longest=limit)
        if _part == 0:
            delivery.record_sent(session, claimed.outbox_id, external_id="p1", now=NOW)
    delivery.record_failure(
        session, claimed.outbox_id, code="429", outcome=SendOutcome.RETRY, retry_after=2 * HOUR, now=NOW
    )
    tell(session, "Terima kasih", now=NOW + HOUR)
    assert ticket.status == RESOLVED
    assert not complaints.close_silent(session, ticket.id, now=ticket.closes_at or NOW)
    tell(session, "Petugasnya datang lagi tadi pagi minta uang denda yang sama", now=NOW + HOUR)
    assert ticket.status == OPEN


def test_what_was_refused_while_it_waited_is_sent_again_when_a_person_says_so(
    session: Session, ticket: Ticket
) -> None:
    """The first part met the closed window while the second was under way, and was refused."""
    reply, limit = answer(session, ticket, "Ibu Siti, uang Ibu. " * 9, now=NOW), TextLimit(100, len)
    [first] = delivery.claim_due(session, WHATSAPP, now=NOW, longest=limit)
    delivery.record_sent(session, first.outbox_id, external_id="p1", now=NOW)
    delivery.claim_due(session, WHATSAPP, now=NOW, longest=limit)
    closed = DeliveryReport(WHATSAPP, "p1", DeliveryStatus.FAILED, "63016", SendOutcome.NEEDS_TEMPLATE)
    delivery.apply_report(session, closed, now=NOW)
    delivery.record_failure(session, first.outbox_id, code="21602", outcome=SendOutcome.REJECTED, now=NOW)
    assert item_of(session, reply).held_at is None
    delivery.send_again(session, ticket.id, message_id=reply.public_id, actor="user:x", now=NOW + HOUR)
    assert len(delivery.claim_due(session, WHATSAPP, now=NOW + HOUR, longest=limit)) == 1


@pytest.mark.parametrize("why", ["set aside", "lost"])
def test_one_question_is_for_all_that_waits_on_the_phone(session: Session, ticket: Ticket, why: str) -> None:
    """It was asked in one complaint of hers; what waits in the other is not forgotten with it."""
    tell(session, OTHER, now=NOW)
    said = session.scalars(select(Message).where(Message.direction == Direction.IN)).all()[-1]
    other = moving.split(session, ticket.id, said.public_id, lender=LENDER, actor="user:x", now=NOW)
    sends(session, now=NOW)
    held = [answer(session, each, text, now=LATER) for each, text in ((ticket, "Satu."), (other, "Dua."))]
    for outbox_id in invitations.outside_ids(session, WHATSAPP, window=DAY, now=LATER):
        invitations.hold_due(session, outbox_id, window=DAY, now=LATER)
    tasks = select(ContactTask.message_id).order_by(ContactTask.message_id)
    if why == "set aside":
        setting_aside.set_aside(session, ticket.id, SetAside.SPAM, is_leader=True, actor="user:x", now=LATER)
        assert sends(session, now=LATER) == ["T22"]
        assert session.scalars(tasks).all() == []
        tell(session, "YA", now=LATER + HOUR)
        assert sends(session, now=LATER + HOUR)[0] == "Dua."
    else:
        [claimed] = delivery.claim_due(session, WHATSAPP, now=LATER, window=DAY)
        delivery.record_failure(
            session, claimed.outbox_id, code="63024", outcome=SendOutcome.BAD_ADDRESS, now=LATER
        )
        assert sends(session, now=LATER) == []
        assert session.scalars(tasks).all() == [each.id for each in held]
