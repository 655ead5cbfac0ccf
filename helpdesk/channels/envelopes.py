"""What the outside of a request tells: whose words, and which message. Reads no more than that, and never fails."""

import json

from helpdesk.channels.telegram_updates import message_id
from helpdesk.channels.twilio_forms import WHATSAPP_PREFIX, FormFields, is_report
from helpdesk.domain.messages import Envelope

_SIDS = ("MessageSid", "SmsMessageSid", "SmsSid")


def twilio_envelope(fields: FormFields) -> Envelope:
    """Return the outside of a form. Delivery reports have no sender: they may come in any order."""
    if is_report(fields):
        return Envelope()
    sid = next((sid for name in _SIDS if (sid := fields.text(name))), "")
    # The prefix is left out at times (channels.md A1.1): it is the same person.
    sender = fields.text("From").removeprefix(WHATSAPP_PREFIX)
    return Envelope(sender or None, sid or None)


def telegram_envelope(body: bytes) -> Envelope:
    """Return the outside of an update: its chat, and for a new message its number in it."""
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return Envelope()
    items = update.items() if isinstance(update, dict) else ()
    for kind, content in items:
        chat_id = _chat_id(content)
        if chat_id is None:
            continue
        number = content.get("message_id") if kind == "message" else None
        return Envelope(str(chat_id), message_id(chat_id, number) if isinstance(number, int) else None)
    return Envelope()


def _chat_id(content: object) -> int | None:
    """Return the chat that something of an update happened in; a pressed button lies in that of its message."""
    if not isinstance(content, dict):
        return None
    for holder in (content, content.get("message"), {"chat": content.get("from")}):
        chat = holder.get("chat") if isinstance(holder, dict) else None
        if isinstance(chat, dict) and isinstance(chat_id := chat.get("id"), int):
            return chat_id
    return None
