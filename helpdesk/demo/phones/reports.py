"""Delivery reports: what Twilio tells the app about a message after it was accepted."""

from dataclasses import replace

from helpdesk.demo.phones.faults import Faults
from helpdesk.demo.phones.hub import Hub
from helpdesk.demo.phones.state import ChatMessage
from helpdesk.domain.messages import ChannelCode

_FULL = {ChannelCode.WHATSAPP: ("sent", "delivered", "read"), ChannelCode.SMS: ("sent", "delivered")}
_ERROR_TEXTS = {
    63016: "Failed to send freeform message because you are outside the allowed window.",
    30003: "Unreachable destination handset",
    21610: "Attempt to send to unsubscribed recipient",
}


def start_reports(hub: Hub, message: ChatMessage) -> None:
    """Let the statuses of an accepted message follow, one after the other."""
    faults = hub.faults.current()
    statuses = _sequence(message.channel, faults)
    if faults.reorder_statuses:
        statuses = statuses[::-1]
    _follow(hub, message.message_id, statuses, faults)


def _sequence(channel: ChannelCode, faults: Faults) -> tuple[str, ...]:
    full = _FULL[channel]
    if faults.final_status == "failed":
        return ("failed",)  # WhatsApp's 63016 comes without a `sent` before it
    if faults.final_status == "undelivered":
        return ("sent", "undelivered")
    if faults.final_status in full:
        return full[: full.index(faults.final_status) + 1]
    return full


def _follow(hub: Hub, message_id: str, statuses: tuple[str, ...], faults: Faults) -> None:
    if not statuses:
        return

    def report() -> None:
        _report(hub, message_id, statuses[0], faults)
        _follow(hub, message_id, statuses[1:], faults)

    hub.courier.schedule(hub.settings.status_delay_seconds, report)


def _report(hub: Hub, message_id: str, status: str, faults: Faults) -> None:
    is_failure = status in ("failed", "undelivered")
    error_code = (faults.error_code or 30008) if is_failure else None
    message = hub.world.advance(message_id, status, error_code=error_code)
    if message is None or message.status_callback is None or faults.drop_statuses:
        return
    fields = status_fields(
        hub.settings.twilio_account_sid, replace(message, status=status, error_code=error_code)
    )
    hub.poster.twilio(message.status_callback, fields, times=1 + faults.repeat_webhooks)


def status_fields(account_sid: str, message: ChatMessage) -> dict[str, str]:
    """Return the form of one status callback (fields of channels.md A1.4)."""
    prefix = "whatsapp:" if message.channel is ChannelCode.WHATSAPP else ""
    form = {
        "AccountSid": account_sid,
        "ApiVersion": "2010-04-01",
        "From": prefix + message.sender,
        "MessageSid": message.message_id,
        "MessageStatus": message.status,
        "SmsSid": message.message_id,
        "SmsStatus": message.status,
        "To": prefix + message.phone,
    }
    if message.messaging_service_sid:
        form["MessagingServiceSid"] = message.messaging_service_sid
    if message.error_code:
        form["ErrorCode"] = str(message.error_code)
        form["ErrorMessage"] = _ERROR_TEXTS.get(message.error_code, "Unknown error")
    if prefix:
        form |= _whatsapp_extras(message)
    elif message.status == "delivered":
        form["RawDlrDoneDate"] = message.at.strftime("%y%m%d%H%M")
    return form


def _whatsapp_extras(message: ChatMessage) -> dict[str, str]:
    masked = message.phone[:-4] + "XXXX"
    extras = {"ChannelPrefix": "whatsapp", "ChannelToAddress": masked, "StructuredMessage": "false"}
    if message.status in ("delivered", "read"):
        extras["EventType"] = message.status.upper()
    return extras
