"""What a simulated Mitra does: her message becomes the webhook that the real provider would send."""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from helpdesk.demo.phones.hub import Hub
from helpdesk.demo.phones.sender import Answer
from helpdesk.demo.phones.state import ChatMessage, MediaFile
from helpdesk.demo.phones.updates import Pending
from helpdesk.domain.messages import CHAT_CHANNELS, ChannelCode

E164 = re.compile(r"\+[1-9]\d{6,14}")
BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")
"""WhatsApp's id of a person who shows no number (channels.md 0.2)."""
_TELEGRAM_ID = re.compile(r"[1-9]\d{0,15}")


class BadUtterance(ValueError):
    """A person who cannot exist on that channel, or a message without anything in it."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing a Mitra does on one of her phones."""

    channel: ChannelCode
    phone: str
    text: str = ""
    name: str = ""
    files: tuple[MediaFile, ...] = ()
    pressed: str = ""
    """Callback data of a pressed inline button; on WhatsApp the id of a button or row, `text` being its words."""
    pressed_on: str = ""
    """Message id of the message that carries the pressed button."""
    is_row: bool = False
    """What was pressed is a row of a list (WhatsApp)."""
    contact_phone: str = ""
    """Her own number, shared by Telegram's contact button."""


def read_person(channel: str, address: str) -> tuple[ChannelCode, str]:
    """Return the channel and her address in its canonical form. Raises BadUtterance."""
    if channel not in {code.value for code in CHAT_CHANNELS}:
        raise BadUtterance(f"no phone for channel {channel!r}")
    code = ChannelCode(channel)
    address = address.strip().removeprefix("whatsapp:")
    if code is ChannelCode.TELEGRAM:
        if not _TELEGRAM_ID.fullmatch(address):
            raise BadUtterance("a Telegram user id is a positive number")
        return code, address
    if code is ChannelCode.WHATSAPP and BSUID.fullmatch(address):
        return code, address
    return code, _e164(address)


def _e164(address: str) -> str:
    digits = re.sub(r"[\s().-]", "", address)
    if digits.startswith("0"):
        digits = "+62" + digits[1:]
    elif digits.startswith("62"):
        digits = "+" + digits
    if not E164.fullmatch(digits):
        raise BadUtterance("a phone number looks like +62 859 0000 0101")
    return digits


def say(hub: Hub, utterance: Utterance) -> ChatMessage:
    """Keep the message, post its webhook and return it with the app's answer. Raises BadUtterance."""
    if not (utterance.text or utterance.files or utterance.pressed or utterance.contact_phone):
        raise BadUtterance("nothing was said")
    if utterance.channel is ChannelCode.TELEGRAM:
        # Telegram sends an album as one update per file, the caption on the first.
        later = [replace(utterance, files=(file,), text="") for file in utterance.files[1:]]
        first = _say_on_telegram(hub, replace(utterance, files=utterance.files[:1]))
        for part in later:
            _say_on_telegram(hub, part)
        return first
    return _say_through_twilio(hub, utterance)


def _say_through_twilio(hub: Hub, utterance: Utterance) -> ChatMessage:
    is_whatsapp = utterance.channel is ChannelCode.WHATSAPP
    message_id = ("MM" if utterance.files else "SM") + uuid.uuid4().hex
    receiver = hub.settings.twilio_whatsapp_from if is_whatsapp else hub.settings.twilio_sms_from
    _keep(hub, utterance, message_id, sender=receiver)
    fields = twilio_fields(hub, utterance, message_id, receiver)
    address = f"{hub.settings.public_url}/webhooks/{utterance.channel.value}"
    return _deliver(hub, message_id, lambda times: hub.poster.twilio(address, fields, times=times))


def twilio_fields(hub: Hub, utterance: Utterance, message_id: str, receiver: str) -> dict[str, str]:
    """Return the form of an inbound message (fields of channels.md A1.1)."""
    account = hub.settings.twilio_account_sid
    form = {
        "AccountSid": account,
        "ApiVersion": "2010-04-01",
        "Body": utterance.text,
        "MessageSid": message_id,
        "NumMedia": str(len(utterance.files)),
        "NumSegments": "1",
        "SmsMessageSid": message_id,
        "SmsSid": message_id,
        "SmsStatus": "received",
    }
    base = f"{hub.media_base()}/2010-04-01/Accounts/{account}/Messages/{message_id}/Media/"
    for index, file in enumerate(utterance.files):
        form[f"MediaUrl{index}"] = base + file.file_id
        form[f"MediaContentType{index}"] = file.media_type
    if utterance.channel is ChannelCode.SMS:
        places = dict.fromkeys(("FromCity", "FromState", "FromZip", "ToCity", "ToState", "ToZip"), "")
        return (
            form | places | {"From": utterance.phone, "To": receiver, "FromCountry": "ID", "ToCountry": "US"}
        )
    return form | _whatsapp_fields(utterance, receiver)


def _whatsapp_fields(utterance: Utterance, receiver: str) -> dict[str, str]:
    kinds = {"photo": "image", "voice": "audio", "document": "document"}
    form = {
        "From": "whatsapp:" + utterance.phone,
        "To": "whatsapp:" + receiver,
        "ProfileName": utterance.name or utterance.phone,
        "MessageType": kinds[utterance.files[0].kind] if utterance.files else "text",
        "ReferralNumMedia": "0",
        "ChannelMetadata": json.dumps(
            {"type": "whatsapp", "data": {"context": {"ProfileName": utterance.name}}}
        ),
    }
    form |= _pressed_fields(utterance, receiver)
    if BSUID.fullmatch(utterance.phone):
        return form | {"ExternalUserId": utterance.phone}
    return form | {"WaId": utterance.phone.removeprefix("+")}


def _pressed_fields(utterance: Utterance, receiver: str) -> dict[str, str]:
    """Return what a pressed button or a chosen row adds (Twilio, messaging webhooks, read 2026-11)."""
    if not utterance.pressed:
        return {}
    names = ("ListTitle", "ListId") if utterance.is_row else ("ButtonText", "ButtonPayload")
    said = dict(zip(names, (utterance.text, utterance.pressed), strict=True))
    carrier = {
        "OriginalRepliedMessageSid": utterance.pressed_on,
        "OriginalRepliedMessageSender": "whatsapp:" + receiver,
    }
    return {"MessageType": "interactive"} | said | carrier


def _say_on_telegram(hub: Hub, utterance: Utterance) -> ChatMessage:
    number = hub.world.next_number()
    message_id = f"{utterance.phone}:{number}"
    if utterance.pressed:
        content = _callback_query(hub, utterance)
    else:
        content = {"message": telegram_message(hub, utterance, number)}
    _keep(hub, utterance, message_id, sender="bot")
    pending = Pending(hub.world.next_number(), content, message_id)
    hub.bot.add(pending)
    deliver_update(hub, pending)
    return _kept(hub, message_id)


def deliver_update(hub: Hub, pending: Pending) -> None:
    """Call the bot's webhook; without one, and where it fails, the update stays pending."""
    address, secret = hub.bot.target()
    if not address:
        return  # it will be asked for
    kept = _deliver(
        hub,
        pending.message_id,
        lambda times: hub.poster.telegram(address, pending.update, secret=secret, times=times),
    )
    if kept.status == "delivered":
        hub.bot.confirm(pending.update_id)
    else:
        error = (
            f"Wrong response from the webhook: {kept.app_status}"
            if kept.app_status
            else "Connection timed out"
        )
        hub.bot.fail(int(hub.settings.now().timestamp()), error)


def telegram_message(hub: Hub, utterance: Utterance, number: int) -> dict[str, object]:
    """Return the `message` of an update: text, or a caption with one file, or a shared contact."""
    user = _user(utterance)
    message: dict[str, object] = {
        "message_id": number,
        "from": user,
        "chat": {key: user[key] for key in ("id", "first_name")} | {"type": "private"},
        "date": int(hub.settings.now().timestamp()),
    }
    if utterance.contact_phone:
        number_without_plus = utterance.contact_phone.removeprefix("+")
        contact = {
            "phone_number": number_without_plus,
            "first_name": user["first_name"],
            "user_id": user["id"],
        }
        return message | {"contact": contact}
    if not utterance.files:
        entities = _command_entities(utterance.text)
        return message | {"text": utterance.text} | ({"entities": entities} if entities else {})
    caption = {"caption": utterance.text} if utterance.text else {}
    return message | _telegram_file(utterance.files[0]) | caption


def _command_entities(text: str) -> list[dict[str, object]]:
    command = re.match(r"/\w+", text)
    return [{"type": "bot_command", "offset": 0, "length": command.end()}] if command else []


def _user(utterance: Utterance) -> dict[str, object]:
    first_name = utterance.name or "Mitra"
    return {"id": int(utterance.phone), "is_bot": False, "first_name": first_name, "language_code": "id"}


def _telegram_file(file: MediaFile) -> dict[str, object]:
    facts: dict[str, object] = {
        "file_id": file.file_id,
        "file_unique_id": file.file_id[-16:],
        "file_size": len(file.content),
    }
    if file.kind == "photo":
        return {"photo": [facts | {"width": 720, "height": 960}]}
    if file.kind == "voice":
        return {"voice": facts | {"duration": 3, "mime_type": file.media_type}}
    return {"document": facts | {"file_name": file.filename, "mime_type": file.media_type}}


def _callback_query(hub: Hub, utterance: Utterance) -> dict[str, object]:
    carrier = hub.world.get(utterance.pressed_on)
    query: dict[str, object] = {
        "id": str(hub.world.next_number()),
        "from": _user(utterance),
        "chat_instance": utterance.phone,
        "data": utterance.pressed,
    }
    if carrier is not None:
        query["message"] = {
            "message_id": int(carrier.message_id.partition(":")[2]),
            "from": bot_user(hub),
            "chat": {"id": int(carrier.phone), "type": "private", "first_name": utterance.name or "Mitra"},
            "date": int(carrier.at.timestamp()),
            "text": carrier.text,
            "reply_markup": {
                "inline_keyboard": [
                    [{"text": key.label, "callback_data": key.data}]
                    for key in carrier.buttons
                    if key.kind == "inline"
                ]
            },
        }
    return {"callback_query": query}


def bot_user(hub: Hub) -> dict[str, object]:
    """Return the bot as Telegram's User object; its id is the number before the colon of the token."""
    number = hub.settings.telegram_bot_token.partition(":")[0]
    name = hub.settings.brand
    return {
        "id": int(number) if number.isdigit() else 1,
        "is_bot": True,
        "first_name": name,
        "username": re.sub(r"\W", "", name).lower() + "_bot",
    }


def _keep(hub: Hub, utterance: Utterance, message_id: str, *, sender: str) -> None:
    hub.world.add(
        ChatMessage(
            message_id=message_id,
            channel=utterance.channel,
            phone=utterance.phone,
            is_from_mitra=True,
            text=utterance.text or utterance.contact_phone,
            at=hub.settings.now(),
            name=utterance.name,
            sender=sender,
            media=tuple(file.file_id for file in utterance.files),
        )
    )


def _deliver(hub: Hub, message_id: str, post: Callable[[int], Answer]) -> ChatMessage:
    faults = hub.faults.current()
    answer = Answer(None, "dropped") if faults.drop_inbound else post(1 + faults.repeat_webhooks)
    hub.world.record_answer(message_id, app_status=answer.status, app_error=answer.error)
    return _kept(hub, message_id)


def _kept(hub: Hub, message_id: str) -> ChatMessage:
    kept = hub.world.get(message_id)
    if kept is None:
        raise BadUtterance("the message was forgotten while it was sent")
    return kept
