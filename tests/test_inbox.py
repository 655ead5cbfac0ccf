"""The inbox: one sender's messages in their order, and what resists is kept with its reason and stops nobody."""

import json

import pytest
from installing import Clock
from sqlalchemy import select

from helpdesk import inbox
from helpdesk.channels.base import Capabilities
from helpdesk.domain.delivery import SendOutcome
from helpdesk.domain.errors import CannotParse, SendFailed
from helpdesk.domain.messages import ChannelItem, Envelope, InboundMessage, OutboundMessage, WebhookRequest
from helpdesk.domain.setbacks import Setback
from helpdesk.inbox import Outcome
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from helpdesk.models.webhooks import WebhookEvent, WebhookState
from helpdesk.runtime import Runtime
from helpdesk.services import webhooks

QUOTING = "unknown word 'rahasia Siti' of +6285711112222"


class Line:
    """A channel whose adapter can be broken: it reads JSON with `from`, `id` and `text`."""

    code = "sms"
    capabilities = Capabilities(max_text=1600)

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.faulty = {"SM1"}

    def verify(self, request: WebhookRequest) -> None:
        """Everything is genuine."""

    def envelope(self, request: WebhookRequest) -> Envelope:
        said = json.loads(request.body)
        return Envelope(said["from"], said["id"])

    def parse(self, request: WebhookRequest) -> list[ChannelItem]:
        said = json.loads(request.body)
        if self.fault and said["id"] in self.faulty:
            raise self.fault
        address = said["from"]
        return [InboundMessage("sms", said["id"], address, (f"tel:{address}",), said["text"])]  # type: ignore[arg-type]

    def send(self, message: OutboundMessage) -> str:
        raise SendFailed("off", outcome=SendOutcome.RETRY)

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def line(rt: Runtime) -> Line:
    line = Line()
    rt.channels = {"sms": line}
    return line


@pytest.fixture
def clock(rt: Runtime) -> Clock:
    rt.now = clock = Clock()
    return clock


def come_in(rt: Runtime, number: int, sender: str = "+6285711112222") -> int:
    """One message is stored, and not yet processed."""
    body = json.dumps({"id": f"SM{number}", "from": sender, "text": f"angsuran saya salah bagian {number}"})
    return inbox.accept(rt, WebhookRequest("sms", "https://x.id/webhooks/sms", {}, (), body.encode()))


def event(rt: Runtime, event_id: int) -> WebhookEvent:
    return rt.read(lambda session: session.get_one(WebhookEvent, event_id))


def said(rt: Runtime) -> list[str]:
    """What is in the tickets, in the order in which it was taken."""
    query = select(Message.body).where(Message.direction == "in").order_by(Message.id)
    return [str(body)[-1] for body in rt.read(lambda session: session.scalars(query).all())]


def test_a_later_message_waits_for_the_earlier_one_and_comes_right_after_it(rt: Runtime, line: Line) -> None:
    first, second, third = (come_in(rt, number) for number in (1, 2, 3))
    other = come_in(rt, 4, sender="+6285733334444")
    assert [inbox.process(rt, each) for each in (third, second)] == [Outcome.WAITS, Outcome.WAITS]
    assert inbox.process(rt, other) is Outcome.PROCESSED  # another person waits for nobody
    assert inbox.process(rt, first) is Outcome.PROCESSED
    assert said(rt) == ["4", "1", "2", "3"]
    assert inbox.process_due(rt) == 0


def test_one_that_resists_holds_its_sender_for_a_minute_and_not_for_ever(
    rt: Runtime, line: Line, clock: Clock
) -> None:
    line.fault = ZeroDivisionError("rahasia Siti")
    first, second = come_in(rt, 1), come_in(rt, 2)
    assert inbox.process(rt, first) is Outcome.FAILED
    assert inbox.process(rt, second) is Outcome.WAITS
    tries = 0
    while not said(rt):
        clock.pass_by(seconds=5)
        inbox.process_due(rt)
        tries += 1
    assert tries * 5 <= 90
    assert said(rt) == ["2"]
    line.fault = None
    clock.pass_by(hours=1)
    assert inbox.process_due(rt) == 1
    assert said(rt) == ["2", "1"]  # late, not lost
    assert len(rt.read(lambda session: session.scalars(select(Ticket)).all())) == 1


def test_what_keeps_failing_waits_for_a_person_with_reason_and_place_and_no_words_of_hers(
    rt: Runtime, line: Line, clock: Clock
) -> None:
    line.fault = ZeroDivisionError("rahasia Siti")
    first = come_in(rt, 1)
    for _ in range(2 * webhooks.MAX_ATTEMPTS):
        inbox.process_due(rt)
        clock.pass_by(hours=1)
    found = event(rt, first)
    assert (found.state, found.attempts) == (WebhookState.STUCK, webhooks.MAX_ATTEMPTS)
    assert found.reason is Setback.OUR_FAULT
    assert found.error is not None
    assert found.error.startswith("ZeroDivisionError (")
    assert "Siti" not in found.error
    line.fault = None
    rt.write(lambda session: webhooks.try_again(session, [first], now=clock.now))
    assert inbox.process(rt, first) is Outcome.PROCESSED
    assert said(rt) == ["1"]


def test_what_cannot_be_read_is_put_aside_at_once_and_its_sender_goes_on(rt: Runtime, line: Line) -> None:
    line.fault = CannotParse(QUOTING)
    first, second = come_in(rt, 1), come_in(rt, 2)
    assert inbox.process(rt, second) is Outcome.WAITS
    assert inbox.process(rt, first) is Outcome.QUARANTINED
    assert said(rt) == ["2"]
    found = event(rt, first)
    assert (found.state, found.reason) == (WebhookState.STUCK, Setback.NOT_UNDERSTOOD)
    assert found.error is not None
    assert found.error.endswith("unknown word … of +…")


def test_one_that_kills_its_process_each_time_ends_in_quarantine_too(
    rt: Runtime, line: Line, clock: Clock
) -> None:
    first, second = come_in(rt, 1), come_in(rt, 2)
    tries = 0
    while rt.write(lambda session: webhooks.begin(session, first, now=clock.now)):  # and the process dies
        clock.pass_by(hours=1)
        tries += 1
    assert tries == webhooks.MAX_ATTEMPTS
    assert event(rt, first).reason is Setback.NEVER_ENDED
    assert inbox.process_due(rt) == 1
    assert event(rt, second).state is WebhookState.PROCESSED


def test_a_repeat_of_what_waits_or_is_done_is_the_same_event(rt: Runtime, line: Line) -> None:
    first = come_in(rt, 1)
    assert come_in(rt, 1) == first
    inbox.process(rt, first)
    assert come_in(rt, 1) == first
    assert inbox.process(rt, first) is Outcome.PROCESSED
    assert said(rt) == ["1"]
