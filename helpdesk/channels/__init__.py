"""The one registry of channels that have a provider."""

from collections.abc import Callable, Mapping

from helpdesk.channels import sms_twilio, telegram_bot, whatsapp_twilio
from helpdesk.channels.base import Channel, ChannelSettings

BUILDERS: tuple[Callable[[ChannelSettings], Channel | None], ...] = (
    whatsapp_twilio.build,
    sms_twilio.build,
    telegram_bot.build,
)


def build_channels(settings: ChannelSettings) -> Mapping[str, Channel]:
    """Return the channels that have credentials, by code; the others are off."""
    built = (build(settings) for build in BUILDERS)
    return {channel.code: channel for channel in built if channel is not None}
