"""Who wrote a message that Twilio brings, and what only its medium says: buttons, places, user ids."""

from dataclasses import replace

from helpdesk.channels.twilio_forms import WHATSAPP_PREFIX, FormFields
from helpdesk.channels.wording import phone_key
from helpdesk.domain.messages import ChannelCode, InboundMessage

_CHOSEN = ("ButtonPayload", "ListId", "ButtonText", "ListTitle")
"""A pressed button, or the row of a list."""


def complete(message: InboundMessage, fields: FormFields) -> InboundMessage:
    """Return the message with the person's keys and with what its medium adds to it."""
    if message.channel == ChannelCode.WHATSAPP:
        return _by_whatsapp(message, fields)
    # A short code or a sender's name is no phone, but still the same sender each time.
    return replace(message, aliases=(phone_key(message.address) or f"sms:{message.address}",))


def _by_whatsapp(message: InboundMessage, fields: FormFields) -> InboundMessage:
    return replace(
        message,
        aliases=_keys(fields),
        text=fields.text("ButtonText") or fields.text("ListTitle") or message.text,
        display_name=fields.text("ProfileName") or None,
        reply_to_external_id=fields.text("OriginalRepliedMessageSid") or None,
        # ButtonPayload is free text, not JSON (an Indonesian capture of 2026).
        choice=next(filter(None, map(fields.text, _CHOSEN)), None),
        facts=_place(fields),
    )


def _keys(fields: FormFields) -> tuple[str, ...]:
    """Return the person's keys, the phone first: a user id belongs to one business only."""
    sender = fields.text("From").removeprefix(WHATSAPP_PREFIX)
    wa_id = fields.text("WaId")
    phones = [sender, f"+{wa_id}" if wa_id.isdecimal() else ""]
    user_ids = [
        fields.text(name).removeprefix(WHATSAPP_PREFIX) for name in ("ExternalUserId", "ParentExternalUserId")
    ]
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
