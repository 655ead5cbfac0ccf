"""What may be pressed under a Telegram message, and which presses wait for a sign."""

from collections.abc import Iterator, Sequence
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup
from telegram.constants import InlineKeyboardButtonLimit

from helpdesk.domain.messages import ChannelItem, InboundMessage, OutboundMessage

CALLBACK: Final = "cb:"
"""Before the id of a pressed button; messages have `chat:message`."""


def keyboard(message: OutboundMessage) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | None:
    """Return the keys of a message, one in a row.

    Keys under the message say their label when pressed. Only the keyboard in place of the letters can share a
    number, and a message has one or the other (Bot API, KeyboardButton.request_contact, private chats only).
    """
    labels = [option.label for option in message.options]
    if message.phone_label:
        share = KeyboardButton(message.phone_label, request_contact=True)
        rows = [[share], *([KeyboardButton(label)] for label in labels)]
        return ReplyKeyboardMarkup(rows, resize_keyboard=True, one_time_keyboard=True)
    if not labels:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=_data(label))] for label in labels]
    )


def pressed(items: Sequence[ChannelItem]) -> Iterator[str]:
    """Return the ids of the buttons that were pressed."""
    for item in items:
        if isinstance(item, InboundMessage) and item.external_id.startswith(CALLBACK):
            yield item.external_id.removeprefix(CALLBACK)


def _data(label: str) -> str:
    """Return what the button sends: its label, so that it is understood as if it were typed; 64 bytes at most."""
    return label.encode()[: InlineKeyboardButtonLimit.MAX_CALLBACK_DATA].decode(errors="ignore")
