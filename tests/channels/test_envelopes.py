"""What is read from the outside of a request is what its inside says; an odd one tells nothing and breaks nothing."""

import pytest

from helpdesk.channels import build_channels
from helpdesk.domain.errors import CannotParse
from helpdesk.domain.messages import Envelope, InboundMessage

from .webhooks import PAYLOADS, Settings, telegram_webhook, twilio_webhook, webhook_from

CHANNELS = build_channels(Settings())
KNOWN = sorted(path.name for path in PAYLOADS.iterdir() if path.name.partition("_")[0] in CHANNELS)


@pytest.mark.parametrize("payload", KNOWN)
def test_the_outside_names_the_message_and_its_sender(payload: str) -> None:
    request = webhook_from(payload)
    channel = CHANNELS[request.channel]
    envelope = channel.envelope(request)
    try:
        items = channel.parse(request)
    except CannotParse:
        return  # it had an outside all the same
    messages = [item for item in items if isinstance(item, InboundMessage)]
    for message in messages:
        assert envelope.sender == message.address.removeprefix("whatsapp:")
        if message.edits is None and not message.external_id.startswith("cb:"):
            assert envelope.message_id == message.external_id
    if items and not messages and request.channel != "telegram":
        assert envelope == Envelope()  # a delivery report waits for nobody


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"[" * 100_000, b"3", b'{"message": 3}', b'{"message": {"chat": {"id": "x"}}}']
)
def test_an_odd_update_tells_nothing(body: bytes) -> None:
    assert CHANNELS["telegram"].envelope(telegram_webhook(body)) == Envelope()


def test_an_odd_form_tells_nothing() -> None:
    assert CHANNELS["sms"].envelope(twilio_webhook("sms", (("From", ""), ("x", "\0")))) == Envelope()
