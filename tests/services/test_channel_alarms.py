"""Faults of a channel itself: what stops one, what is shown, and when it is over."""

from datetime import datetime, timedelta

import pytest
from answer_samples import answer, claim, item_of
from installing import NOW
from sqlalchemy.orm import Session
from talk import tell, ticket_of

from helpdesk.domain.channel_faults import FEW, HELD, LASTS, PROBE_AFTER, ChannelFault
from helpdesk.domain.delivery import DeliveryStatus, SendOutcome
from helpdesk.domain.messages import ChannelCode, DeliveryReport, WebhookRequest
from helpdesk.models.messages import Message
from helpdesk.queries.channel_alarms import alarms
from helpdesk.services import channel_alarms, delivery, webhooks

WHATSAPP, SMS = ChannelCode.WHATSAPP, ChannelCode.SMS
MINUTE = timedelta(minutes=1)


@pytest.fixture
def message(session: Session) -> Message:
    return answer(session, ticket_of(session, tell(session, now=NOW)))


def refuse(session: Session, message: Message, *, now: datetime) -> None:
    delivery.record_failure(
        session,
        claim(session, message, now=now),
        code="20003",
        outcome=SendOutcome.RETRY,
        fault=ChannelFault.AUTH,
        now=now,
    )


def shown(session: Session, *, now: datetime = NOW) -> list[tuple[str, str, int]]:
    return [(alarm.channel, alarm.fault, alarm.times) for alarm in alarms(session, now=now)]


def test_a_refused_token_stops_its_channel_and_one_message_tries_later(
    session: Session, message: Message
) -> None:
    refuse(session, message, now=NOW)
    item = item_of(session, message)
    assert (item.status, item.attempts, message.delivery) == (DeliveryStatus.QUEUED, 0, DeliveryStatus.QUEUED)
    assert delivery.claim_due(session, WHATSAPP, now=NOW + PROBE_AFTER - MINUTE, limit=9) == []
    assert shown(session) == [("whatsapp", "auth", 1)]

    (probe,) = [
        each
        for each in delivery.claim_due(session, WHATSAPP, now=NOW + PROBE_AFTER, limit=9)
        if each.outbox_id == item.id
    ]
    delivery.record_sent(session, probe.outbox_id, external_id="SM1", now=NOW + PROBE_AFTER)
    assert shown(session) == []
    assert not channel_alarms.is_stopped(session, WHATSAPP, now=NOW)


def test_a_message_waits_no_longer_for_a_stopped_channel_than_half_a_day(
    session: Session, message: Message
) -> None:
    now = NOW
    while now < NOW + HELD:
        refuse(session, message, now=now)
        assert message.delivery == DeliveryStatus.QUEUED
        now += HELD / 4
    for wait in (*delivery.RETRY_AFTER, timedelta()):
        refuse(session, message, now=now)
        now += 2 * max(wait, PROBE_AFTER)
    assert (message.delivery, message.error_code) == (DeliveryStatus.FAILED, "20003")


def test_what_another_channel_does_says_nothing_of_this_one(session: Session) -> None:
    channel_alarms.note(session, SMS, ChannelFault.SENDER, code="21606", now=NOW)
    channel_alarms.clear(session, WHATSAPP, set(ChannelFault), now=NOW)
    assert channel_alarms.is_stopped(session, SMS, now=NOW)
    assert not channel_alarms.is_stopped(session, WHATSAPP, now=NOW)


def note(session: Session, fault: ChannelFault, times: int, *, now: datetime = NOW) -> None:
    for _ in range(times):
        channel_alarms.note(session, SMS, fault, code="1", now=now)


@pytest.mark.parametrize("fault", ChannelFault)
def test_a_fault_is_shown_when_it_is_met_often_enough(session: Session, fault: ChannelFault) -> None:
    few = FEW.get(fault, 1)
    note(session, fault, few - 1)
    assert shown(session) == []
    note(session, fault, 1)
    assert shown(session) == [("sms", fault, few)]
    is_over = shown(session, now=NOW + LASTS + MINUTE) == []
    assert is_over is (fault not in {ChannelFault.AUTH, ChannelFault.SENDER})


def test_after_a_quiet_day_a_fault_begins_anew(session: Session) -> None:
    note(session, ChannelFault.FILTERED, 4)
    note(session, ChannelFault.FILTERED, 1, now=NOW + LASTS + MINUTE)
    assert shown(session, now=NOW + LASTS + MINUTE) == []


def test_a_report_of_a_message_that_nobody_knows_still_tells_of_the_channel(session: Session) -> None:
    told = DeliveryReport(
        WHATSAPP, "SMx", DeliveryStatus.FAILED, "63041", SendOutcome.REJECTED, ChannelFault.TEMPLATE
    )
    delivery.apply_report(session, told, now=NOW)
    assert shown(session) == [("whatsapp", "template", 1)]


def test_a_request_that_is_rightly_signed_proves_the_setting(session: Session) -> None:
    note(session, ChannelFault.SIGNATURE, 3)
    assert shown(session) == [("sms", "signature", 3)]
    webhooks.store(session, WebhookRequest("sms", "https://x/webhooks/sms", {}, (), b"Body=x"), now=NOW)
    assert shown(session) == []
