"""The adapters, talking to a provider on this machine."""

from collections.abc import Iterator, Mapping

import pytest

from helpdesk.channels import build_channels, whatsapp_meta
from helpdesk.channels.base import Channel

from .fake_provider import FakeProvider
from .webhooks import Settings, with_meta


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
    """Every adapter under its name in payloads: Meta's stands beside Twilio's, whose place it takes."""
    built = dict(
        build_channels(Settings(twilio_api_base=provider.address, telegram_api_base=provider.address))
    )
    built["meta"] = whatsapp_meta.build(with_meta(meta_api_base=f"{provider.address}/v24.0"))  # type: ignore[assignment]
    yield built
    for channel in built.values():
        channel.close()
