"""The simulator answers the real Telegram bot and sends updates it can read."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests
from phone_talk import (
    MITRA,
    PUBLIC,
    SECRET,
    Receiver,
    inbound,
    make_bot,
    sent,
    telegram_send,
)
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import InvalidToken

from helpdesk.demo.phones.app import running
from helpdesk.demo.phones.settings import PhoneSettings


def test_the_real_telegram_bot_sends_a_message_with_buttons(phones: str) -> None:
    markup = InlineKeyboardMarkup(
        [[InlineKeyboardButton("Ya", callback_data="y"), InlineKeyboardButton("Tidak", callback_data="n")]]
    )
    number = telegram_send(phones, reply_markup=markup)
    (entry,) = sent(phones)
    assert (entry["channel"], entry["to"], entry["id"]) == ("telegram", "700000999", f"700000999:{number}")
    (bubble,) = requests.get(
        f"{phones}/api/conversations?channel=telegram&phone=700000999", timeout=10
    ).json()
    assert [(button["label"], button["data"]) for button in bubble["buttons"]] == [
        ("Ya", "y"),
        ("Tidak", "n"),
    ]


def test_the_real_telegram_bot_manages_its_webhook(phones: str, receiver: Receiver) -> None:
    async def run() -> tuple[str, bool]:
        async with make_bot(phones) as bot:
            await bot.set_webhook(f"{PUBLIC}/webhooks/telegram", secret_token="another-secret")
            return (await bot.get_webhook_info()).url, await bot.send_chat_action(700000999, "typing")

    assert asyncio.run(run()) == (f"{PUBLIC}/webhooks/telegram", True)
    inbound(phones, channel="telegram", text="Halo", **{"from": "700000999"})
    assert receiver.next().headers["X-Telegram-Bot-Api-Secret-Token"] == "another-secret"


def test_telegram_updates_parse_and_count_up(phones: str, receiver: Receiver) -> None:
    answer = inbound(phones, channel="telegram", name="Aminah", text="/start abc", **{"from": "700000999"})
    inbound(phones, channel="telegram", media=["photo", "voice"], text="struk", **{"from": "700000999"})
    hooks = [receiver.next() for _ in range(3)]
    updates = [Update.de_json(json.loads(hook.body), None) for hook in hooks]
    first, photo, voice = (update.message for update in updates if update.message)
    assert first.from_user is not None
    assert (first.text, first.chat.id, first.from_user.first_name) == ("/start abc", 700000999, "Aminah")
    assert answer["external_id"] == f"700000999:{first.message_id}"
    assert (photo.caption, len(photo.photo)) == ("struk", 1)
    assert voice.voice is not None
    assert voice.voice.mime_type == "audio/ogg"
    assert [update.update_id for update in updates] == sorted({update.update_id for update in updates})
    assert {hook.headers["X-Telegram-Bot-Api-Secret-Token"] for hook in hooks} == {SECRET}

    async def download(file_id: str) -> bytes:
        async with make_bot(phones) as bot:
            return bytes(await (await bot.get_file(file_id)).download_as_bytearray())

    assert asyncio.run(download(photo.photo[-1].file_id)).startswith(b"\xff\xd8")


def test_a_pressed_button_and_a_shared_number_arrive_as_telegram_tells_them(
    phones: str, receiver: Receiver
) -> None:
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Ya", callback_data="y")]])
    number = telegram_send(phones, reply_markup=markup)
    inbound(phones, channel="telegram", press="y", press_on=f"700000999:{number}", **{"from": "700000999"})
    inbound(phones, channel="telegram", contact=MITRA, **{"from": "700000999"})
    pressed, shared = (Update.de_json(json.loads(receiver.next().body), None) for _ in range(2))
    assert pressed.callback_query is not None
    assert (pressed.callback_query.data, pressed.callback_query.message.message_id) == ("y", number)  # type: ignore[union-attr]
    assert shared.message is not None
    assert shared.message.contact is not None
    assert (shared.message.contact.phone_number, shared.message.contact.user_id) == (MITRA[1:], 700000999)


def test_numbers_go_on_after_a_restart(settings: PhoneSettings, receiver: Receiver) -> None:
    start = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    ids = []
    for now in (start, start + timedelta(seconds=5)):
        with running(replace(settings, now=lambda now=now: now)) as phones:  # type: ignore[misc]
            inbound(phones, channel="telegram", text="Halo", **{"from": "700000999"})
            ids.append(json.loads(receiver.next().body)["update_id"])
    assert ids[0] < ids[1]


def test_a_wrong_bot_token_is_refused(phones: str) -> None:
    with pytest.raises(InvalidToken):
        telegram_send(phones, token="424242:other")
