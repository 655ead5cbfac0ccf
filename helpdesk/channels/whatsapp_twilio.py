"""WhatsApp by Twilio."""

from collections.abc import Mapping

from helpdesk.channels.base import Capabilities, ChannelSettings
from helpdesk.channels.twilio_common import MAX_BODY, TwilioChannel, credentials
from helpdesk.channels.twilio_contents import keep_set, list_contents, standing_of
from helpdesk.channels.twilio_forms import WHATSAPP_PREFIX
from helpdesk.domain.message_templates import Standing
from helpdesk.domain.messages import WHATSAPP_WINDOW, ChannelCode
from helpdesk.domain.options import ButtonSet


class WhatsappTwilio(TwilioChannel):
    """A person may come without a phone number: then the business-scoped user id (BSUID) is the key."""

    code = ChannelCode.WHATSAPP
    capabilities = Capabilities(
        max_text=MAX_BODY, has_options=True, has_templates=True, window=WHATSAPP_WINDOW
    )

    def wire_address(self, address: str) -> str:
        """Add the prefix, and the plus sign that Meta leaves out of numbers; a BSUID has none."""
        bare = address.removeprefix(WHATSAPP_PREFIX)
        return f"{WHATSAPP_PREFIX}{'+' if bare.isdecimal() else ''}{bare}"

    def kept_contents(self) -> Mapping[str, str]:
        return list_contents(self._client)

    def keep_buttons(self, offered: ButtonSet) -> str:
        return keep_set(self._client, offered)

    def standing_of(self, content_id: str) -> Standing:
        return standing_of(self._client, content_id)


def build(settings: ChannelSettings) -> WhatsappTwilio | None:
    """Return the channel, or None without credentials."""
    account = credentials(settings)
    if account is None or not settings.twilio_whatsapp_from:
        return None
    return WhatsappTwilio(
        account_sid=account[0],
        auth_tokens=account[1],
        sender=settings.twilio_whatsapp_from,
        sms_sender=_sms_sender(settings),
        api_base=settings.twilio_api_base,
    )


def _sms_sender(settings: ChannelSettings) -> str | None:
    """Return the SMS sender where it tells the two media apart: not where one number serves both."""
    sender, own = settings.twilio_sms_from, settings.twilio_whatsapp_from or ""
    return sender if sender and sender != own.removeprefix(WHATSAPP_PREFIX) else None
