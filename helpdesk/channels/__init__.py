"""The one registry of channels that have a provider."""

from collections.abc import Callable, Mapping

from helpdesk.channels import sms_twilio, telegram_bot, whatsapp_meta, whatsapp_twilio
from helpdesk.channels.base import Channel, ChannelSettings
from helpdesk.domain.errors import ConfigurationError

BUILDERS: tuple[Callable[[ChannelSettings], Channel | None], ...] = (
    whatsapp_twilio.build,
    whatsapp_meta.build,
    sms_twilio.build,
    telegram_bot.build,
)


def build_channels(settings: ChannelSettings) -> Mapping[str, Channel]:
    """Return the channels that have credentials, by code; the others are off.

    Raises ConfigurationError where two providers would carry one channel: answers must know their way.
    """
    channels: dict[str, Channel] = {}
    for build in BUILDERS:
        channel = build(settings)
        if channel is None:
            continue
        if channel.code in channels:
            raise ConfigurationError(f"two providers for {channel.code} have credentials: keep those of one")
        channels[channel.code] = channel
    return channels
