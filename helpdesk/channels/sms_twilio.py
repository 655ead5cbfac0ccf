"""SMS by Twilio."""

from helpdesk.channels.base import ChannelSettings
from helpdesk.channels.twilio_common import TwilioChannel, credentials
from helpdesk.domain.messages import ChannelCode


class SmsTwilio(TwilioChannel):
    """Plain text; Twilio has no two-way SMS in Indonesia, so inbound comes by a foreign number."""

    code = ChannelCode.SMS

    def wire_address(self, address: str) -> str:
        return address


def build(settings: ChannelSettings) -> SmsTwilio | None:
    """Return the channel, or None without credentials."""
    account = credentials(settings)
    if account is None or not settings.twilio_sms_from:
        return None
    return SmsTwilio(
        account_sid=account[0],
        auth_tokens=account[1],
        sender=settings.twilio_sms_from,
        api_base=settings.twilio_api_base,
    )
