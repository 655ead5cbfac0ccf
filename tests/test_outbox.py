"""The worker's sending: a provider that hangs delays its own messages and no others."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from installing import NOW
from sqlalchemy import select
from statements import counted
from talk import tell

from helpdesk import jobs, outbox
from helpdesk.channels.base import Capabilities
from helpdesk.channels.telegram_thread import CALL_SECONDS
from helpdesk.channels.twilio_common import TIMEOUT_SECONDS
from helpdesk.domain.delivery import DeliveryStatus, SendOutcome
from helpdesk.domain.errors import SendFailed
from helpdesk.domain.messages import (
    CHAT_CHANNELS,
    WHATSAPP_WINDOW,
    ChannelCode,
    ChannelItem,
    OutboundMessage,
    WebhookRequest,
)
from helpdesk.models.messages import Message
from helpdesk.runtime import Runtime
from helpdesk.services import delivery, held, invitations
from helpdesk.wallclock import utc_now

FAILED, QUEUED = DeliveryStatus.FAILED, DeliveryStatus.QUEUED
SENDING, SENT = DeliveryStatus.SENDING, DeliveryStatus.SENT
WITHIN = 60.0
"""Seconds after which what was waited for will not come."""


class Killed(BaseException):
    """The process ends here: nothing catches it."""


class Provider:
    """A channel whose provider answers when the test lets it."""

    capabilities = Capabilities(max_text=1600)

    def __init__(self, code: str) -> None:
        self.code = code
        self.was_called, self.may_answer = threading.Event(), threading.Event()
        self.refuses = False
        self.ids: list[str] = []
        """What it calls the next messages, instead of a name of each its own."""
        self.dies = False

    def verify(self, request: WebhookRequest) -> None:
        raise NotImplementedError

    def parse(self, request: WebhookRequest) -> list[ChannelItem]:
        raise NotImplementedError

    def send(self, message: OutboundMessage) -> str:
        self.was_called.set()
        assert self.may_answer.wait(WITHIN)
        if self.refuses:
            raise SendFailed("refused", outcome=SendOutcome.REJECTED)
        if self.dies:
            raise Killed
        return self.ids.pop(0) if self.ids else f"id of {message.message_id}"

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
    query = (
        select(Message.delivery)
        .where(Message.direction == "out", Message.channel == channel)
        .order_by(Message.id)
    )
    return list(rt.read(lambda session: session.scalars(query).all()))


def write_three(rt: Runtime, provider: Provider) -> None:
    """Let three people write by SMS, whose answers then wait."""
    provider.may_answer.set()
    for person in range(3):
        write_in(rt, ChannelCode.SMS, phone=f"+62857111122{person:02}")


def write_in(rt: Runtime, channel: ChannelCode, phone: str = "+6285711112222") -> None:
    """Let somebody write what has one answer."""
    rt.write(lambda session: tell(session, "STATUS", now=rt.now(), channel=channel, phone=phone))


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
    count = outbox.PASS_LIMIT + 1
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


def test_a_call_ends_before_its_message_counts_as_stuck() -> None:
    slowest_call = timedelta(seconds=max(CALL_SECONDS, TIMEOUT_SECONDS))
    assert slowest_call <= delivery.STUCK_AFTER / 2


def test_a_process_that_dies_while_it_sends_takes_one_message_with_it(
    rt: Runtime, providers: dict[str, Provider]
) -> None:
    write_three(rt, providers["sms"])
    providers["sms"].dies = True
    with pytest.raises(Killed):
        outbox.send_due(rt, ChannelCode.SMS)
    assert deliveries(rt, ChannelCode.SMS) == [SENDING, QUEUED, QUEUED]
    providers["sms"].dies = False
    rt.now = lambda: NOW + 2 * delivery.STUCK_AFTER
    jobs.fail_stuck_sends(rt)
    jobs.send_messages(rt, ChannelCode.SMS)
    assert deliveries(rt, ChannelCode.SMS) == [FAILED, SENT, SENT]


def test_an_outcome_that_cannot_be_recorded_ends_no_pass(rt: Runtime, providers: dict[str, Provider]) -> None:
    write_three(rt, providers["sms"])
    providers["sms"].ids = ["one", "one"]  # the second is refused by the database
    assert outbox.send_due(rt, ChannelCode.SMS) == [True, False, True]
    assert deliveries(rt, ChannelCode.SMS) == [SENT, SENDING, SENT]


def test_what_cannot_be_held_or_released_keeps_back_no_other(
    rt: Runtime,
    providers: dict[str, Provider],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    whatsapp = providers["whatsapp"]
    whatsapp.may_answer.set()
    whatsapp.capabilities = Capabilities(max_text=1600, window=WHATSAPP_WINDOW)
    write_in(rt, ChannelCode.WHATSAPP)
    rt.now = lambda: NOW + WHATSAPP_WINDOW
    write_in(rt, ChannelCode.WHATSAPP, phone="+6285711112299")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(invitations, "hold_due", broken)
    monkeypatch.setattr(held, "answered_handles", lambda _session: [1])
    monkeypatch.setattr(held, "release", broken)
    assert outbox.send_due(rt, ChannelCode.WHATSAPP) == [True]
    assert deliveries(rt, ChannelCode.WHATSAPP) == [QUEUED, SENT]
    assert [text.rpartition(" ")[2] for text in caplog.messages] == ["held", "released"]


def test_a_pass_of_a_channel_is_bounded_and_an_idle_one_asks_once(
    rt: Runtime, providers: dict[str, Provider]
) -> None:
    providers["sms"].may_answer.set()
    for person in range(outbox.PASS_LIMIT + 1):
        write_in(rt, ChannelCode.SMS, phone=f"+62857111122{person:02}")
    assert len(outbox.send_due(rt, ChannelCode.SMS)) == outbox.PASS_LIMIT
    assert deliveries(rt, ChannelCode.SMS)[-1] == QUEUED
    with counted(rt.engine) as seen:
        assert outbox.send_due(rt, ChannelCode.TELEGRAM) == []
    assert [statement.split()[0] for statement in seen if not statement.startswith("BEGIN")] == ["SELECT"]
