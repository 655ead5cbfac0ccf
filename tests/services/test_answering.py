"""Replies and their way out: the outbox, outcomes, reports in any order, and what a failure undoes."""

import itertools
from datetime import timedelta

import pytest
from answer_samples import again, answer, claim, clock, item_of, report, sent
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import decide, event_kinds, tell, ticket_of
from telegram.error import Forbidden

from helpdesk.channels.telegram_errors import send_failure
from helpdesk.domain.delivery import DeliveryStatus, SendOutcome, spread
from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode, DeliveryReport, Purpose, ReachabilityChange
from helpdesk.models.contacts import Handle
from helpdesk.models.messages import DeliveryEvent, Message
from helpdesk.models.tickets import Ticket
from helpdesk.services import delivery, privacy, unreachable
from helpdesk.sla.policy import Metric

MINUTE = timedelta(minutes=1)


@pytest.fixture
def ticket(session: Session) -> Ticket:
    return ticket_of(session, tell(session, now=NOW))


def test_a_reply_is_queued_meets_the_clocks_and_opens_the_ticket(session: Session, ticket: Ticket) -> None:
    message = answer(session, ticket)
    assert (message.delivery, item_of(session, message).lane) == (DeliveryStatus.QUEUED, 0)
    assert ticket.status == TicketStatus.OPEN
    assert clock(session, ticket, Metric.ACKNOWLEDGEMENT).met_at == NOW
    assert clock(session, ticket, Metric.FIRST_RESPONSE).met_at == NOW


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "required"),
        ("Ibu {nama}, sudah beres", "placeholder"),
        ("Tolong kirim PIN Ibu ya", "asks_secret"),
        ("PIN Ibu berapa?", "asks_secret"),
        ("NIK Ibu 3201014507850001 sudah benar", "secret"),
        ("x" * 4001, "too_long"),
    ],
    ids=["empty", "placeholder", "asks for the PIN", "asks which PIN", "full NIK", "too long"],
)
def test_a_text_that_must_not_go_out_is_refused_and_changes_nothing(
    session: Session, ticket: Ticket, text: str, code: str
) -> None:
    before = event_kinds(session, ticket.id)
    with pytest.raises(InvalidInput) as caught:
        answer(session, ticket, text)
    assert caught.value.code == code
    assert event_kinds(session, ticket.id) == before


def test_a_warning_never_to_tell_the_pin_may_go_out(session: Session, ticket: Ticket) -> None:
    assert answer(session, ticket, "Jangan beri PIN atau OTP kepada siapa pun, Ibu.").delivery == "queued"


def test_a_newer_message_blocks_sending_until_it_is_read(session: Session, ticket: Ticket) -> None:
    seen = session.scalars(
        select(Message.id).where(Message.ticket_id == ticket.id).order_by(Message.id)
    ).first()
    answer(session, ticket, seen_message_id=seen)
    with pytest.raises(Conflict) as caught:
        answer(session, ticket, "Jawaban kedua", seen_message_id=seen)
    assert caught.value.code == "newer"


def test_a_claimed_message_is_not_claimed_again(session: Session, ticket: Ticket) -> None:
    answer(session, ticket)
    first = {
        item.message.message_id
        for item in delivery.claim_due(session, ChannelCode.WHATSAPP, now=NOW, limit=1000)
    }
    second = {
        item.message.message_id
        for item in delivery.claim_due(session, ChannelCode.WHATSAPP, now=NOW, limit=1000)
    }
    assert len(first) == 3  # receipt, notice and reply
    assert second == set()


def test_answers_of_people_go_before_automatic_receipts(session: Session, ticket: Ticket) -> None:
    message = answer(session, ticket)
    (first,) = delivery.claim_due(session, ChannelCode.WHATSAPP, now=NOW, limit=1)
    assert first.message.message_id == message.public_id


ORDERS = list(itertools.permutations(["sent", "delivered", "read"]))


@pytest.mark.parametrize("order", ORDERS, ids=["-".join(order) for order in ORDERS])
def test_reports_in_any_order_end_in_read(session: Session, ticket: Ticket, order: tuple[str, ...]) -> None:
    message = answer(session, ticket)
    delivery.record_sent(session, claim(session, message), external_id="SMout", now=NOW)
    for status in (*order, *order):
        delivery.apply_report(
            session, DeliveryReport(ChannelCode.WHATSAPP, "SMout", DeliveryStatus(status)), now=NOW
        )
    assert message.delivery == DeliveryStatus.READ


def test_a_report_that_comes_before_the_id_is_known_is_matched_later(
    session: Session, ticket: Ticket
) -> None:
    message = answer(session, ticket)
    outbox_id = claim(session, message)
    delivery.apply_report(
        session, DeliveryReport(ChannelCode.WHATSAPP, "SMearly", DeliveryStatus.DELIVERED), now=NOW
    )
    delivery.record_sent(session, outbox_id, external_id="SMearly", now=NOW)
    assert message.delivery == DeliveryStatus.DELIVERED
    assert session.scalars(select(DeliveryEvent.message_id)).all() == [message.id]


def test_a_retry_waits_longer_each_time_and_then_gives_up(session: Session, ticket: Ticket) -> None:
    message = answer(session, ticket)
    now, waits = NOW, []
    for _ in range(len(delivery.RETRY_AFTER) + 1):
        delivery.claim_due(session, ChannelCode.WHATSAPP, now=now, limit=1000)
        item = item_of(session, message)
        delivery.record_failure(session, item.id, code="20429", outcome=SendOutcome.RETRY, now=now)
        if item.status == DeliveryStatus.FAILED:
            break
        waits.append(item.next_attempt_at - now)
        now = item.next_attempt_at
    expected = [
        spread(wait, f"{message.public_id}:{tries}")
        for tries, wait in enumerate(delivery.RETRY_AFTER, start=1)
    ]
    assert waits == expected
    assert message.delivery == DeliveryStatus.FAILED


@pytest.mark.parametrize("outcome", [SendOutcome.UNKNOWN, SendOutcome.REJECTED, SendOutcome.NEEDS_TEMPLATE])
def test_what_may_have_been_sent_or_never_can_be_is_not_sent_again(
    session: Session, ticket: Ticket, outcome: SendOutcome
) -> None:
    message = answer(session, ticket)
    delivery.record_failure(session, claim(session, message), code="x", outcome=outcome, now=NOW)
    later = delivery.claim_due(session, ChannelCode.WHATSAPP, now=NOW + timedelta(days=9), limit=1000)
    assert message.public_id not in {item.message.message_id for item in later}


def test_a_final_failure_returns_the_ticket_to_the_queue_and_its_clock_runs_again(
    session: Session, ticket: Ticket
) -> None:
    message = answer(session, ticket, then_status=TicketStatus.PENDING)
    delivery.record_failure(
        session, claim(session, message), code="21617", outcome=SendOutcome.REJECTED, now=NOW
    )
    assert ticket.status == TicketStatus.OPEN
    assert clock(session, ticket, Metric.FIRST_RESPONSE).met_at is None
    assert message.error_code == "21617"
    assert "delivery_failed" in event_kinds(session, ticket.id)


def fail(session: Session, message: Message, *, minute: int) -> None:
    item = item_of(session, message)
    at = NOW + minute * MINUTE
    delivery.record_failure(session, item.id, code="30003", outcome=SendOutcome.UNKNOWN, now=at)


def test_the_late_failure_of_an_earlier_reply_leaves_an_answered_ticket_answered(
    session: Session, ticket: Ticket
) -> None:
    earlier = answer(session, ticket)
    decide(session, ticket, now=NOW + MINUTE)
    closes_at = ticket.closes_at
    delivery.claim_due(session, ChannelCode.WHATSAPP, now=NOW + MINUTE, limit=1000)
    fail(session, earlier, minute=2)
    assert (ticket.status, ticket.reopened_count) == (TicketStatus.RESOLVED, 0)
    assert (ticket.resolved_at, ticket.closes_at) == (NOW + MINUTE, closes_at)
    assert clock(session, ticket, Metric.RESOLUTION).met_at == NOW + MINUTE
    assert clock(session, ticket, Metric.FIRST_RESPONSE).met_at == NOW + MINUTE  # by the answer, which stands
    assert (earlier.delivery, earlier.error_code) == (DeliveryStatus.FAILED, "30003")
    assert event_kinds(session, ticket.id).count("delivery_failed") == 1


def test_an_answered_ticket_is_open_again_when_its_newest_answer_failed(
    session: Session, ticket: Ticket
) -> None:
    decide(session, ticket, now=NOW)
    decision = session.scalars(
        select(Message).where(Message.ticket_id == ticket.id, Message.purpose == Purpose.ANSWER)
    ).one()
    answer(session, ticket, "Semoga membantu, Ibu.", now=NOW + MINUTE)
    delivery.claim_due(session, ChannelCode.WHATSAPP, now=NOW + MINUTE, limit=1000)
    fail(session, decision, minute=2)
    assert (ticket.status, ticket.reopened_count, ticket.closes_at) == (TicketStatus.OPEN, 1, None)


@pytest.mark.parametrize(
    ("failing", "status"),
    [
        ((0,), TicketStatus.PENDING),
        ((1,), TicketStatus.OPEN),
        ((0, 1), TicketStatus.OPEN),
        ((1, 0), TicketStatus.OPEN),
    ],
    ids=["the earlier", "the later", "the earlier, then the later", "the later, then the earlier"],
)
def test_a_question_that_stands_keeps_the_ticket_waiting_for_its_answer(
    session: Session, ticket: Ticket, failing: tuple[int, ...], status: TicketStatus
) -> None:
    asked = [
        answer(session, ticket),
        answer(session, ticket, "Tanggal berapa, Ibu?", now=NOW + MINUTE, then_status=TicketStatus.PENDING),
    ]
    delivery.claim_due(session, ChannelCode.WHATSAPP, now=NOW + MINUTE, limit=1000)
    for which in failing:
        fail(session, asked[which], minute=2)
    assert ticket.status == status
    assert event_kinds(session, ticket.id).count("delivery_failed") == len(failing)


def test_late_proof_of_arrival_withdraws_a_failure(session: Session, ticket: Ticket) -> None:
    message = answer(session, ticket)
    delivery.record_sent(session, claim(session, message), external_id="SMx", now=NOW)
    for status in (DeliveryStatus.FAILED, DeliveryStatus.DELIVERED):
        delivery.apply_report(session, DeliveryReport(ChannelCode.WHATSAPP, "SMx", status, "30003"), now=NOW)
    assert (message.delivery, message.error_code) == (DeliveryStatus.DELIVERED, None)


def test_an_opted_out_person_is_not_written_to_again(session: Session, ticket: Ticket) -> None:
    message = answer(session, ticket)
    delivery.record_failure(
        session, claim(session, message), code="21610", outcome=SendOutcome.OPTED_OUT, now=NOW
    )
    handle = session.get_one(Handle, message.handle_id)
    assert (handle.is_blocked, handle.opted_out_at) == (True, NOW)
    next_one = answer(session, ticket)
    waiting = claim(session, next_one)
    assert (next_one.delivery, unreachable.due_ids(session, now=NOW)) == (DeliveryStatus.QUEUED, [waiting])
    assert unreachable.lose(session, waiting, now=NOW)
    assert (next_one.delivery, next_one.error_code) == (DeliveryStatus.FAILED, "address_blocked")
    again(session, next_one)  # a person insists: the provider is asked once
    claim(session, next_one)
    assert next_one.delivery == DeliveryStatus.SENDING


def test_who_blocks_us_and_takes_it_back_is_written_to_again(session: Session, ticket: Ticket) -> None:
    message = answer(session, ticket)
    blocked = send_failure(Forbidden("Forbidden: bot was blocked by the user"))
    delivery.record_failure(
        session, claim(session, message), code=blocked.code, outcome=blocked.outcome, now=NOW
    )
    handle = session.get_one(Handle, message.handle_id)
    assert handle.is_blocked
    change = ReachabilityChange(handle.channel, handle.address, is_blocked=False)
    delivery.apply_reachability(session, change)
    session.refresh(handle)
    assert (handle.is_blocked, handle.opted_out_at) == (False, None)


@pytest.mark.parametrize("is_early", [False, True], ids=["after the id", "before the id"])
def test_an_opt_out_that_only_the_report_tells_of_is_kept_too(
    session: Session, ticket: Ticket, is_early: bool
) -> None:
    message = answer(session, ticket)
    outbox_id = claim(session, message)
    told = DeliveryReport(
        ChannelCode.WHATSAPP, "SMx", DeliveryStatus.FAILED, "21610", outcome=SendOutcome.OPTED_OUT
    )
    if is_early:
        delivery.apply_report(session, told, now=NOW)
    delivery.record_sent(session, outbox_id, external_id="SMx", now=NOW)
    if not is_early:
        delivery.apply_report(session, told, now=NOW)
    assert session.get_one(Handle, message.handle_id).opted_out_at == NOW


def test_a_send_whose_process_died_ends_as_unknown(session: Session, ticket: Ticket) -> None:
    message = answer(session, ticket)
    claim(session, message)
    assert delivery.fail_stuck(session, now=NOW + timedelta(minutes=9)) == 0
    delivery.fail_stuck(session, now=NOW + timedelta(minutes=11))
    assert message.error_code == delivery.UNKNOWN_OUTCOME


def test_a_person_may_send_again_what_was_refused(session: Session, ticket: Ticket) -> None:
    message = answer(session, ticket)
    delivery.record_failure(session, claim(session, message), code="x", outcome=SendOutcome.REJECTED, now=NOW)
    again(session, message)
    claimed = delivery.claim_due(session, ChannelCode.WHATSAPP, now=NOW, limit=1000)
    assert [item.message.message_id for item in claimed] == [message.public_id]
    assert event_kinds(session, ticket.id)[-1] == "send_again"


def test_a_person_may_send_again_what_the_provider_took_and_then_lost(
    session: Session, ticket: Ticket
) -> None:
    message = answer(session, ticket)
    sent(session, message, "SMfirst")
    report(session, "SMfirst", DeliveryStatus.FAILED)
    again(session, message)
    sent(session, message, "SMsecond")
    report(session, "SMsecond", DeliveryStatus.DELIVERED)
    assert (message.delivery, message.error_code) == (DeliveryStatus.DELIVERED, None)


@pytest.mark.parametrize("late", [DeliveryStatus.FAILED, DeliveryStatus.DELIVERED])
def test_a_late_report_of_the_first_send_says_nothing_of_the_second(
    session: Session, ticket: Ticket, late: DeliveryStatus
) -> None:
    message = answer(session, ticket)
    sent(session, message, "SMfirst")
    report(session, "SMfirst", DeliveryStatus.FAILED)
    again(session, message)
    report(session, "SMfirst", late)
    assert (message.delivery, item_of(session, message).status) == (DeliveryStatus.QUEUED,) * 2
    sent(session, message, "SMsecond")
    report(session, "SMfirst", late)
    assert message.delivery == DeliveryStatus.SENT
    report(session, "SMsecond", DeliveryStatus.FAILED)
    assert (message.delivery, message.error_code) == (DeliveryStatus.FAILED, "30003")


@pytest.mark.parametrize("state", [None, *DeliveryStatus])
def test_only_what_failed_is_sent_again(
    session: Session, ticket: Ticket, state: DeliveryStatus | None
) -> None:
    message = answer(session, ticket)
    message.delivery = state
    if state == DeliveryStatus.FAILED:
        again(session, message)
        return
    with pytest.raises(Conflict) as caught:
        again(session, message)
    assert (caught.value.code, message.delivery) == ("not_failed", state)


def test_what_was_erased_is_not_sent_again(session: Session, ticket: Ticket) -> None:
    message = answer(session, ticket)
    sent(session, message, "SMfirst")
    report(session, "SMfirst", DeliveryStatus.FAILED)
    privacy.erase(session, ticket.contact_id, force=True, actor="user:x", now=NOW)
    session.refresh(message)
    with pytest.raises(Conflict):
        again(session, message)
    assert delivery.claim_due(session, ChannelCode.WHATSAPP, now=NOW, limit=1000) == []


def test_a_message_is_not_found_in_another_ticket(session: Session, ticket: Ticket) -> None:
    message = answer(session, ticket)
    other = ticket_of(session, tell(session, now=NOW, phone="+6285733334444"))
    with pytest.raises(NotFound):
        delivery.send_again(session, other.id, message_id=message.public_id, actor="user:x", now=NOW)


def test_a_send_that_ends_after_erasure_writes_nothing_back(session: Session, ticket: Ticket) -> None:
    message = answer(session, ticket)
    outbox_id = claim(session, message)
    privacy.erase(session, ticket.contact_id, force=True, actor="user:x", now=NOW)
    before = event_kinds(session, ticket.id)
    delivery.record_sent(session, outbox_id, external_id="777123:1", now=NOW)
    session.refresh(message)
    assert (message.external_id, message.external_digest) == (None, None)
    assert (message.delivery, message.error_code) == (DeliveryStatus.FAILED, "erased")
    assert event_kinds(session, ticket.id) == before


@pytest.mark.parametrize("outcome", SendOutcome)
def test_a_send_that_fails_after_erasure_is_not_tried_again(
    session: Session, ticket: Ticket, outcome: SendOutcome
) -> None:
    message = answer(session, ticket)
    outbox_id = claim(session, message)
    privacy.erase(session, ticket.contact_id, force=True, actor="user:x", now=NOW)
    before = event_kinds(session, ticket.id)
    delivery.record_failure(session, outbox_id, code="x", outcome=outcome, now=NOW)
    item = item_of(session, message)
    assert (item.status, item.last_error, message.error_code) == (DeliveryStatus.FAILED, "erased", "erased")
    assert event_kinds(session, ticket.id) == before
    later = NOW + timedelta(days=9)
    assert delivery.claim_due(session, ChannelCode.WHATSAPP, now=later, limit=1000) == []
