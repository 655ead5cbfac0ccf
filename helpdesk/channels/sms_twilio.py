"""SMS by Twilio."""

from dataclasses import replace

from helpdesk.channels.base import ChannelSettings
from helpdesk.channels.twilio_common import TwilioChannel, credentials
from helpdesk.channels.twilio_forms import FormFields
from helpdesk.channels.wording import phone_key
from helpdesk.domain.messages import ChannelCode, InboundMessage


class SmsTwilio(TwilioChannel):
    """Plain text; Twilio has no two-way SMS in Indonesia, so inbound comes by a foreign number."""

    code = ChannelCode.SMS

    def complete(self, message: InboundMessage, fields: FormFields) -> InboundMessage:
        # A short code or a sender's name is no phone, but still the same sender each time.
        return replace(message, aliases=(phone_key(message.address) or f"sms:{message.address}",))

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
