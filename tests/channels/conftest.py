"""The adapters, talking to a provider on this machine."""

from collections.abc import Iterator, Mapping

import pytest

from helpdesk.channels import build_channels
from helpdesk.channels.base import Channel

from .fake_provider import FakeProvider
from .webhooks import Settings


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    server = FakeProvider()
    yield server
    server.close()


@pytest.fixture
def stranger() -> Iterator[FakeProvider]:
    """A host that is nobody's provider: it must never be asked anything."""
    server = FakeProvider()
    yield server
    server.close()


@pytest.fixture
def channels(provider: FakeProvider) -> Iterator[Mapping[str, Channel]]:
    built = build_channels(Settings(twilio_api_base=provider.address, telegram_api_base=provider.address))
    yield built
    for channel in built.values():
        channel.close()
