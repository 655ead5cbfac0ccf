"""The worker's sending: a provider that hangs delays its own messages and no others."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from talk import tell

from helpdesk import jobs, outbox
from helpdesk.channels.base import Capabilities
from helpdesk.channels.telegram_thread import CALL_SECONDS
from helpdesk.channels.twilio_common import TIMEOUT_SECONDS
from helpdesk.domain.delivery import DeliveryStatus, SendOutcome
from helpdesk.domain.errors import SendFailed
from helpdesk.domain.messages import CHAT_CHANNELS, ChannelCode, ChannelItem, OutboundMessage, WebhookRequest
from helpdesk.models.messages import Message
from helpdesk.runtime import Runtime
from helpdesk.services import delivery
from helpdesk.wallclock import utc_now

WITHIN = 60.0
"""Seconds after which what was waited for will not come."""


class Provider:
    """A channel whose provider answers when the test lets it."""

    capabilities = Capabilities(max_text=1600)

    def __init__(self, code: str) -> None:
        self.code = code
        self.was_called, self.may_answer = threading.Event(), threading.Event()
        self.refuses = False

    def verify(self, request: WebhookRequest) -> None:
        raise NotImplementedError

    def parse(self, request: WebhookRequest) -> list[ChannelItem]:
        raise NotImplementedError

    def send(self, message: OutboundMessage) -> str:
        self.was_called.set()
        assert self.may_answer.wait(WITHIN)
        if self.refuses:
            raise SendFailed("refused", outcome=SendOutcome.REJECTED)
        return f"id of {message.message_id}"

    def close(self) -> None:
        self.may_answer.set()


@pytest.fixture
def providers(rt: Runtime) -> Iterator[dict[str, Provider]]:
    found = {str(code): Provider(code) for code in CHAT_CHANNELS}
    rt.channels = found
    yield found
    for provider in found.values():
        provider.close()


def deliveries(rt: Runtime, channel: ChannelCode) -> list[DeliveryStatus | None]:
    query = select(Message.delivery).where(Message.direction == "out", Message.channel == channel)
    return list(rt.read(lambda session: session.scalars(query).all()))


def write_in(rt: Runtime, channel: ChannelCode, phone: str = "+6285711112222") -> None:
    rt.write(lambda session: tell(session, now=rt.now(), channel=channel, phone=phone))


def test_a_provider_that_hangs_delays_no_other_channel(rt: Runtime, providers: dict[str, Provider]) -> None:
    rt.now = utc_now  # the scheduler knows no other time
    write_in(rt, ChannelCode.TELEGRAM)
    scheduler = jobs.start_scheduler(rt)
    try:
        assert providers["telegram"].was_called.wait(WITHIN)
        providers["whatsapp"].may_answer.set()
        write_in(rt, ChannelCode.WHATSAPP)
        assert providers["whatsapp"].was_called.wait(WITHIN)
        assert deliveries(rt, ChannelCode.TELEGRAM) == [DeliveryStatus.SENDING]
    finally:
        providers["telegram"].may_answer.set()
        scheduler.shutdown()
    assert deliveries(rt, ChannelCode.WHATSAPP) == [DeliveryStatus.SENT]


def test_one_pass_sends_everything_on_every_channel_past_what_is_refused(
    rt: Runtime, providers: dict[str, Provider]
) -> None:
    for provider in providers.values():
        provider.may_answer.set()
    providers["sms"].refuses = True
    count = delivery.CLAIM_LIMIT + 1
    for channel in sorted(CHAT_CHANNELS):
        for person in range(count):
            write_in(rt, channel, phone=f"+62857111122{person:02}")
    assert outbox.send_all(rt) == 2 * count
    assert deliveries(rt, ChannelCode.TELEGRAM) == [DeliveryStatus.SENT] * count
    assert deliveries(rt, ChannelCode.WHATSAPP) == [DeliveryStatus.SENT] * count
    assert deliveries(rt, ChannelCode.SMS) == [DeliveryStatus.FAILED] * count


def test_every_channel_with_a_provider_has_a_sender_of_its_own() -> None:
    senders = [job.args for job in jobs.SCHEDULE if job.run is jobs.send_messages]
    assert sorted(senders) == sorted((channel,) for channel in CHAT_CHANNELS)
    assert len({job.name for job in jobs.SCHEDULE}) == len(jobs.SCHEDULE)


def test_what_one_claim_takes_is_sent_before_it_counts_as_stuck() -> None:
    slowest_call = timedelta(seconds=max(CALL_SECONDS, TIMEOUT_SECONDS))
    assert delivery.CLAIM_LIMIT * slowest_call <= delivery.STUCK_AFTER / 2
