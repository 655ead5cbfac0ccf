"""From a Telegram update to what a person said, read with python-telegram-bot's types."""

import json
from collections.abc import Mapping

from telegram import CallbackQuery, ChatMemberUpdated, InaccessibleMessage, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType, MessageType

from helpdesk.channels.telegram_contents import Content, read_content
from helpdesk.channels.telegram_keys import CALLBACK
from helpdesk.channels.wording import clean, phone_key
from helpdesk.domain.errors import CannotParse
from helpdesk.domain.messages import ChannelCode, ChannelItem, InboundMessage, ReachabilityChange

_MEMBERSHIP_IS_BLOCKED = {
    ChatMemberStatus.BANNED: True,
    ChatMemberStatus.LEFT: True,
    ChatMemberStatus.MEMBER: False,
    ChatMemberStatus.RESTRICTED: False,
    ChatMemberStatus.ADMINISTRATOR: False,
    ChatMemberStatus.OWNER: False,
}
_WORDS = ("text", "caption")
_SHAPES: Mapping[str, type] = {
    **dict.fromkeys(("button_text", "data", "title", "address", "phone_number", "first_name"), str),
    **dict.fromkeys(("last_name", "username", "emoji", "media_group_id", "file_id", "file_name"), str),
    **dict.fromkeys(("mime_type", "file_unique_id"), str),
    **dict.fromkeys(("file_size", "width", "height", "message_id", "date", "edit_date"), int),
}
"""What the library takes as it comes: of another shape it is as good as missing."""
_MESSAGE_KINDS = ("message", "edited_message")
_BROKEN_SHAPE = (TypeError, KeyError, AttributeError, ValueError, OverflowError, OSError)


def read_update(body: bytes) -> list[ChannelItem]:
    """Return what an update says; groups, channels, bots and kinds we do not know say nothing to us.

    Raises CannotParse for what is no update, or a message without chat and id.
    """
    raw = _load(body)
    try:
        return _read(Update.de_json(raw, None))
    except _BROKEN_SHAPE:  # the library is strict, and Telegram's shapes are older and newer than it
        return _read_plainly(raw)


def _read(update: Update) -> list[ChannelItem]:
    if update.message:
        return _read_message(update.message, is_edit=False)
    if update.edited_message:
        return _read_message(update.edited_message, is_edit=True)
    if update.callback_query:
        return _read_callback(update.callback_query)
    if update.my_chat_member:
        return _read_membership(update.my_chat_member)
    return []


def message_id(chat_id: int, number: int) -> str:
    """Return the external id of a message: its number is unique in its chat only."""
    return f"{chat_id}:{number}"


def _checked(chat_id: int) -> int:
    """Return the id of a chat, which the library takes as it comes. Raises TypeError."""
    if not isinstance(chat_id, int) or isinstance(chat_id, bool):
        raise TypeError("a chat's id is no number")
    return chat_id


def _load(body: bytes) -> dict[str, object]:
    try:
        raw = _mended(json.loads(body))
    except (ValueError, RecursionError):
        raise CannotParse("the body is not JSON") from None
    if not isinstance(raw, dict):
        raise CannotParse("the body is not a JSON object")
    return raw


def _mended(value: object) -> object:
    """Return JSON with storable texts, and with the fields that updates did not have before 2019."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if not isinstance(value, dict):
        return value
    mended = {clean(key): _mended(item) for key, item in value.items()}
    if any(not isinstance(mended.get(words, ""), str) for words in _WORDS):
        raise CannotParse("the words of a message are no text")
    mended = {name: said for name, said in mended.items() if isinstance(said, _SHAPES.get(name, object))}
    if "file_id" in mended:
        mended.setdefault("file_unique_id", mended["file_id"])
    if isinstance(sender := mended.get("from"), dict):
        sender.setdefault("is_bot", False)
    if isinstance(sticker := mended.get("sticker"), dict):
        mended["sticker"] = {"is_animated": False, "is_video": False, "type": "regular"} | sticker
    return mended


def _read_message(message: Message, *, is_edit: bool) -> list[ChannelItem]:
    """An edit is a message of its own: the id of the first version, then the time of the change."""
    sender = message.from_user
    if message.chat.type != ChatType.PRIVATE or (sender and sender.is_bot):
        return []
    if is_edit and message.location:
        return []  # a live location moves every few seconds; where it began is kept
    content = read_content(message)
    if content is None:
        return []
    chat_id = _checked(message.chat.id)
    external_id = message_id(chat_id, message.message_id)
    changed_at = (message.edit_date or message.date) if is_edit else None
    original = message.reply_to_message
    return [
        InboundMessage(
            channel=ChannelCode.TELEGRAM,
            external_id=f"{external_id}:{int(changed_at.timestamp())}" if changed_at else external_id,
            address=str(chat_id),
            aliases=_keys(sender.id if sender else chat_id, content),
            text=content.text,
            attachments=content.attachments,
            sent_at=changed_at or message.date,
            display_name=_name(sender),
            reply_to_external_id=message_id(chat_id, original.message_id) if original else None,
            edits=external_id if is_edit else None,
            choice=content.choice,
            facts=content.facts,
        )
    ]


def _keys(user_id: int, content: Content) -> tuple[str, ...]:
    phone = phone_key(content.facts.get("contact_phone", ""))
    return (f"tg:{user_id}", phone) if phone else (f"tg:{user_id}",)


def _name(user: User | None) -> str | None:
    return (user.full_name.strip() or user.username) if user else None


def _read_callback(query: CallbackQuery) -> list[ChannelItem]:
    """A pressed button says its label; the message that had it may be out of reach by now."""
    message = query.message
    if query.from_user.is_bot or (message and message.chat.type != ChatType.PRIVATE):
        return []
    # A private chat has the id of its person.
    chat_id = _checked(message.chat.id if message else query.from_user.id)
    return [
        InboundMessage(
            channel=ChannelCode.TELEGRAM,
            external_id=f"{CALLBACK}{query.id}",
            address=str(chat_id),
            aliases=(f"tg:{query.from_user.id}",),
            text=_button_text(query) or query.data or "",
            display_name=_name(query.from_user),
            reply_to_external_id=message_id(chat_id, message.message_id) if message else None,
            choice=query.data,
            facts={} if query.data else {"unsupported": "callback_query"},
        )
    ]


def _button_text(query: CallbackQuery) -> str | None:
    if query.message is None or isinstance(query.message, InaccessibleMessage):
        return None
    markup = query.message.reply_markup if isinstance(query.message, Message) else None
    buttons = [button for row in markup.inline_keyboard for button in row] if markup else []
    return next((button.text for button in buttons if button.callback_data == query.data), None)


def _read_membership(change: ChatMemberUpdated) -> list[ChannelItem]:
    if change.chat.type != ChatType.PRIVATE:
        return []
    status = change.new_chat_member.status
    if status not in _MEMBERSHIP_IS_BLOCKED:
        raise CannotParse(f"unknown membership {status!r}")
    return [
        ReachabilityChange(
            channel=ChannelCode.TELEGRAM,
            address=str(_checked(change.chat.id)),
            is_blocked=_MEMBERSHIP_IS_BLOCKED[ChatMemberStatus(status)],
        )
    ]


def _read_plainly(raw: Mapping[str, object]) -> list[ChannelItem]:
    """Save at least the words of a message whose shape the library refuses."""
    kind = next((kind for kind in _MESSAGE_KINDS if kind in raw), None)
    if kind is None:
        raise CannotParse("an update of an unknown shape")
    message = _mapping(raw[kind])
    chat, sender = _mapping(message.get("chat")), _mapping(message.get("from"))
    chat_id, number = chat.get("id"), message.get("message_id")
    if not isinstance(chat_id, int) or not isinstance(number, int):
        raise CannotParse("a message without chat or id")
    # Groups and channels have negative ids.
    if chat.get("type", ChatType.PRIVATE) != ChatType.PRIVATE or chat_id < 0 or sender.get("is_bot") is True:
        return []
    text = next((said for key in ("text", "caption") if isinstance(said := message.get(key), str)), "")
    is_edit = kind == "edited_message"
    external_id = message_id(chat_id, number)
    return [
        InboundMessage(
            channel=ChannelCode.TELEGRAM,
            external_id=f"{external_id}:{message.get('edit_date')}" if is_edit else external_id,
            address=str(chat_id),
            aliases=(f"tg:{chat_id}",),
            text=text,
            edits=external_id if is_edit else None,
            facts={} if text else {"unsupported": _kind(message)},
        )
    ]


def _kind(message: Mapping[str, object]) -> str:
    return next((str(kind) for kind in MessageType if kind in message), "unknown")


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
