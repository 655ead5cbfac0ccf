"""WhatsApp by Twilio."""

from dataclasses import replace

from helpdesk.channels.base import ChannelSettings
from helpdesk.channels.twilio_common import TwilioChannel, credentials
from helpdesk.channels.twilio_forms import FormFields
from helpdesk.channels.wording import phone_key
from helpdesk.domain.messages import ChannelCode, InboundMessage

PREFIX = "whatsapp:"


class WhatsappTwilio(TwilioChannel):
    """A person may come without a phone number: then the business-scoped user id (BSUID) is the key."""

    code = ChannelCode.WHATSAPP

    def complete(self, message: InboundMessage, fields: FormFields) -> InboundMessage:
        return replace(
            message,
            aliases=_keys(fields),
            text=fields.text("ButtonText") or message.text,
            display_name=fields.text("ProfileName") or None,
            reply_to_external_id=fields.text("OriginalRepliedMessageSid") or None,
            # ButtonPayload is free text, not JSON (an Indonesian capture of 2026).
            choice=fields.text("ButtonPayload") or fields.text("ListId") or fields.text("ButtonText") or None,
            facts=_place(fields),
        )

    def wire_address(self, address: str) -> str:
        """Add the prefix; a BSUID keeps its form without a plus sign."""
        return address if address.startswith(PREFIX) else PREFIX + address


def build(settings: ChannelSettings) -> WhatsappTwilio | None:
    """Return the channel, or None without credentials."""
    account = credentials(settings)
    if account is None or not settings.twilio_whatsapp_from:
        return None
    return WhatsappTwilio(
        account_sid=account[0],
        auth_tokens=account[1],
        sender=settings.twilio_whatsapp_from,
        api_base=settings.twilio_api_base,
    )


def _keys(fields: FormFields) -> tuple[str, ...]:
    """Return the person's keys, the phone first: a user id belongs to one business only."""
    sender = fields.text("From").removeprefix(PREFIX)
    wa_id = fields.text("WaId")
    phones = [sender, f"+{wa_id}" if wa_id.isdecimal() else ""]
    user_ids = [fields.text(name).removeprefix(PREFIX) for name in ("ExternalUserId", "ParentExternalUserId")]
    keys = [phone_key(phone) for phone in phones if phone]
    if not any(keys):
        user_ids.insert(0, sender)
    keys += [f"bsuid:{user_id}" for user_id in user_ids if user_id]
    return tuple(dict.fromkeys(key for key in keys if key))


def _place(fields: FormFields) -> dict[str, str]:
    """Return a shared location with its name."""
    latitude, longitude = fields.text("Latitude"), fields.text("Longitude")
    if not (latitude and longitude):
        return {}
    place = ", ".join(part for part in (fields.text("Label"), fields.text("Address")) if part)
    return {"latitude": latitude, "longitude": longitude} | ({"place": place} if place else {})
