"""What is Telegram's own: updates, keyboards, files, and the token that must not show."""

import json
import logging
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast
from urllib.parse import parse_qs, unquote

import httpx
import pytest
from telegram.error import NetworkError, RetryAfter, TimedOut

from helpdesk.channels.asking import CanPoll, HasStanding
from helpdesk.channels.base import CanAcknowledge, CanFetch, Channel
from helpdesk.channels.telegram_bot import TelegramBot
from helpdesk.channels.telegram_errors import send_failure
from helpdesk.domain.delivery import SendOutcome
from helpdesk.domain.errors import AskFailed, CannotParse, FetchFailed, SendFailed
from helpdesk.domain.messages import (
    AttachmentRef,
    ChannelCode,
    ChannelItem,
    FetchedFile,
    InboundMessage,
    MediaKind,
    Option,
    OutboundMessage,
    ReachabilityChange,
)

from .fake_provider import Answer, FakeProvider
from .webhooks import TELEGRAM_SECRET, TELEGRAM_TOKEN, telegram_webhook, webhook_from

SENT_AT = datetime(2030, 1, 1, tzinfo=UTC)
EDITED_AT = SENT_AT + timedelta(minutes=1)


def said(number: int, **more: object) -> InboundMessage:
    known: dict[str, object] = {
        "channel": ChannelCode.TELEGRAM,
        "external_id": f"8101:{number}",
        "address": "8101",
        "aliases": ("tg:8101",),
        "sent_at": SENT_AT,
        "display_name": "Ratna Lestari",
    }
    return InboundMessage(**(known | more))  # type: ignore[arg-type]


def file(number: int, reference: str, kind: MediaKind, media_type: str, **more: object) -> InboundMessage:
    name, size, text = more.get("name"), more.get("size"), more.get("text", "")
    ref = AttachmentRef(reference, kind, media_type, cast(str | None, name), cast(int | None, size))
    return said(number, text=text, attachments=(ref,))


def pressed(number: str, text: str, message: int) -> InboundMessage:
    return said(
        0,
        external_id=f"cb:{number}",
        text=text,
        choice="terima:ya",
        sent_at=None,
        reply_to_external_id=f"8101:{message}",
    )


UNDERSTOOD: dict[str, list[ChannelItem]] = {
    "text": [said(1, text="Uang saya terpotong dua kali 😡")],
    "reply": [said(2, text="ini jawaban", reply_to_external_id="8101:1")],
    "photo_of_album": [
        said(
            3,
            text="bukti",
            attachments=(AttachmentRef("berkas-besar", MediaKind.PHOTO, "image/jpeg", None, 80123),),
            facts={"album": "g-1"},
        )
    ],
    "voice": [file(4, "berkas-suara", MediaKind.VOICE, "audio/ogg", size=20111)],
    "audio": [file(5, "berkas-rekaman", MediaKind.AUDIO, "audio/mp4", name="telepon.m4a")],
    "video": [file(6, "berkas-video", MediaKind.VIDEO, "video/mp4")],
    "video_note": [file(7, "berkas-bulat", MediaKind.VIDEO, "video/mp4")],
    "document": [
        file(8, "berkas-surat", MediaKind.DOCUMENT, "application/pdf", name="../../kuitansi.pdf", size=4242)
    ],
    "animation": [file(9, "berkas-gerak", MediaKind.VIDEO, "video/mp4")],
    "sticker": [file(10, "berkas-stiker", MediaKind.STICKER, "video/webm", text="🙏")],
    "location": [said(11, facts={"latitude": "-7.797068", "longitude": "110.370529"})],
    "venue": [said(12, facts={"latitude": "-7.5", "longitude": "110.5", "place": "Pasar Wage, Jl. Pasar 1"})],
    "contact_own": [
        said(
            13,
            aliases=("tg:8101", "tel:+6285700011101"),
            facts={"contact_phone": "+6285700011101", "contact_name": "Ratna"},
        )
    ],
    "contact_of_another": [said(14, text="Pak Petugas +6285700011102")],
    "edited": [
        said(1, external_id="8101:1:1893456060", text="Ralat: tiga kali", sent_at=EDITED_AT, edits="8101:1")
    ],
    "live_location_moved": [],
    "button": [pressed("4411", "Ya, setuju", 70)],
    "button_of_a_lost_message": [pressed("4412", "terima:ya", 71)],
    "blocked": [ReachabilityChange(ChannelCode.TELEGRAM, "8101", is_blocked=True)],
    "unblocked": [ReachabilityChange(ChannelCode.TELEGRAM, "8101", is_blocked=False)],
    "poll": [said(15, facts={"unsupported": "poll"})],
    "content_of_tomorrow": [said(16, facts={"unsupported": "unknown"})],
    "pinned": [],
    "group": [],
    "other_bot": [],
    "channel_post": [],
    "update_of_tomorrow": [],
    "old_text": [said(21, text="dari versi lama", display_name="Ratna")],
    "old_sticker": [
        said(
            22,
            display_name="Ratna",
            attachments=(AttachmentRef("stiker-lama", MediaKind.STICKER, "image/webp"),),
        )
    ],
    "refused_by_the_library": [said(23, text="bentuk yang aneh", sent_at=None, display_name=None)],
    "photo_refused_by_the_library": [
        said(25, sent_at=None, display_name=None, facts={"unsupported": "photo"})
    ],
    "nul": [said(24, text="ab�", display_name="Ratna")],
}


@pytest.mark.parametrize("payload", UNDERSTOOD)
def test_an_update_says_what_the_person_said(payload: str, channels: Mapping[str, Channel]) -> None:
    request = webhook_from(f"telegram_{payload}.json")

    assert channels["telegram"].parse(request) == UNDERSTOOD[payload]


BROKEN = [
    b"",
    b"{",
    b"[1]",
    b"null",
    b'"x"',
    b"\xff\xfe",
    b'{"message": {}}',
    b'{"message": "x"}',
    b"[" * 100_000,
    b'{"message": {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "text": {"a": 1}}}',
]


@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
def test_what_is_no_update_waits_for_a_person(body: bytes, channels: Mapping[str, Channel]) -> None:
    with pytest.raises(CannotParse):
        channels["telegram"].parse(telegram_webhook(body))


def test_a_message_without_an_id_waits_for_a_person(channels: Mapping[str, Channel]) -> None:
    with pytest.raises(CannotParse):
        channels["telegram"].parse(webhook_from("telegram_message_without_id.json"))


def accepted(chat: int = 8101) -> Answer:
    result = {"message_id": 88, "date": 1893456000, "chat": {"id": chat, "type": "private"}}
    return Answer.of_json(200, {"ok": True, "result": result})


def answer_to(address: str = "8101", *buttons: str) -> OutboundMessage:
    return OutboundMessage(
        "m-1", ChannelCode.TELEGRAM, address, "Sudah selesai?", tuple(Option(button) for button in buttons)
    )


def keys_of(provider: FakeProvider) -> dict[str, list[list[dict[str, object]]]]:
    seen = provider.seen[0]
    assert seen.path == f"/bot{TELEGRAM_TOKEN}/sendMessage"
    assert (seen.form["chat_id"], seen.form["text"]) == (["8101"], ["Sudah selesai?"])
    return cast(dict[str, list[list[dict[str, object]]]], json.loads(seen.form["reply_markup"][0]))


def test_options_are_keys_under_the_message_that_say_their_label(
    provider: FakeProvider, channels: Mapping[str, Channel]
) -> None:
    long = "é" * 40  # 80 bytes, and a key carries 64
    provider.will_answer(accepted())
    channels["telegram"].send(answer_to("8101", "Ya", long))

    rows = keys_of(provider)["inline_keyboard"]
    assert [[(key["text"], key["callback_data"]) for key in row] for row in rows] == [
        [("Ya", "Ya")],
        [(long, "é" * 32)],
    ]


def test_a_number_is_shared_by_a_keyboard_that_goes_away(
    provider: FakeProvider, channels: Mapping[str, Channel]
) -> None:
    provider.will_answer(accepted())
    channels["telegram"].send(replace(answer_to("8101", "LEWAT"), phone_label="Bagikan nomor HP"))

    keyboard = keys_of(provider)
    assert keyboard["one_time_keyboard"] is True
    assert keyboard["keyboard"] == [
        [{"text": "Bagikan nomor HP", "request_contact": True}],
        [{"text": "LEWAT"}],
    ]


@pytest.mark.parametrize(
    "answer",
    [Answer.of_json(200, {"ok": True, "result": True}), Answer.of_json(400, {"ok": False}), Answer(0)],
    ids=["taken", "too old", "hung up"],
)
def test_a_pressed_key_gets_its_sign_whatever_comes_of_it(
    answer: Answer, provider: FakeProvider, channels: Mapping[str, Channel], caplog: pytest.LogCaptureFixture
) -> None:
    channel = channels["telegram"]
    assert isinstance(channel, CanAcknowledge)
    provider.will_answer(answer, accepted())
    channel.acknowledge(
        [*UNDERSTOOD["button"], *UNDERSTOOD["text"], *UNDERSTOOD["blocked"]],
    )
    provider.wait_for(1)
    channel.send(answer_to())

    assert provider.seen[0].path == f"/bot{TELEGRAM_TOKEN}/answerCallbackQuery"
    assert provider.seen[0].form["callback_query_id"] == ["4411"]
    assert len(provider.seen) == 2
    assert TELEGRAM_TOKEN not in caplog.text


def test_many_threads_share_the_one_bot(provider: FakeProvider, channels: Mapping[str, Channel]) -> None:
    provider.will_answer(*[accepted()] * 16)
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(channels["telegram"].send, [answer_to()] * 16))

    assert ids == ["8101:88"] * 16


def test_an_address_that_is_no_chat_is_not_tried(
    provider: FakeProvider, channels: Mapping[str, Channel]
) -> None:
    with pytest.raises(SendFailed) as caught:
        channels["telegram"].send(answer_to("@ratna"))

    assert caught.value.outcome is SendOutcome.BAD_ADDRESS
    assert provider.seen == []


def caused(error: NetworkError, cause: Exception) -> NetworkError:
    error.__cause__ = cause
    return error


UNSURE = [
    (RetryAfter(7), "too_many_requests", SendOutcome.RETRY, 7.0),
    (caused(TimedOut(), httpx.ReadTimeout("")), "timeout", SendOutcome.UNKNOWN, None),
    (caused(TimedOut(), httpx.ConnectTimeout("")), "not_connected", SendOutcome.RETRY, None),
    (caused(TimedOut(), httpx.PoolTimeout("")), "not_connected", SendOutcome.RETRY, None),
    (caused(NetworkError("x"), httpx.ConnectError("")), "not_connected", SendOutcome.RETRY, None),
    (caused(NetworkError("x"), httpx.ReadError("")), "network", SendOutcome.UNKNOWN, None),
    (TimeoutError(), "timeout", SendOutcome.UNKNOWN, None),
]


@pytest.mark.parametrize(("error", "code", "outcome", "wait"), UNSURE)
def test_what_the_client_raises_is_translated(
    error: Exception, code: str, outcome: SendOutcome, wait: float | None
) -> None:
    failure = send_failure(error)

    assert (failure.code, failure.outcome, failure.retry_after) == (code, outcome, wait)


def test_a_text_is_measured_in_utf16_units(channels: Mapping[str, Channel]) -> None:
    assert channels["telegram"].capabilities.length("a😡") == 3
    assert channels["telegram"].capabilities.max_text == 4096


@pytest.fixture
def files(channels: Mapping[str, Channel]) -> CanFetch:
    return cast(CanFetch, channels["telegram"])


PHOTO = AttachmentRef("berkas-besar", MediaKind.PHOTO, "image/jpeg", "bukti.jpg")


def found(path: str, size: int = 3) -> Answer:
    result = {"file_id": "berkas-besar", "file_unique_id": "u", "file_size": size, "file_path": path}
    return Answer.of_json(200, {"ok": True, "result": result})


def test_a_file_is_fetched_and_the_token_stays_out_of_the_log(
    files: CanFetch, provider: FakeProvider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.will_answer(found("photos/file_1.jpg"), Answer(200, b"isi"))
    with caplog.at_level(logging.INFO):
        fetched = files.fetch(PHOTO)

    assert fetched == FetchedFile(b"isi", "image/jpeg", "bukti.jpg")
    assert [unquote(seen.path) for seen in provider.seen] == [
        f"/bot{TELEGRAM_TOKEN}/getFile",
        f"/file/bot{TELEGRAM_TOKEN}/photos/file_1.jpg",
    ]
    assert TELEGRAM_TOKEN not in caplog.text


TOO_LARGE = 21 * 1024 * 1024


@pytest.mark.parametrize(
    ("ref", "answers", "code", "is_final"),
    [
        (AttachmentRef("x", MediaKind.VIDEO, size_bytes=TOO_LARGE), [], "too_large", True),
        (PHOTO, [found("a.mp4", TOO_LARGE)], "too_large", True),
        (
            PHOTO,
            [Answer.of_json(400, {"ok": False, "description": "Bad Request: file is too big"})],
            "bad_request",
            True,
        ),
        (PHOTO, [found("/etc/passwd")], "foreign_address", True),
        (PHOTO, [Answer(0)], "NetworkError", False),
        (PHOTO, [found("photos/1.jpg"), Answer(404)], "http_404", False),
        (PHOTO, [Answer.of_json(200, {"ok": True, "result": []})], "bad_response", False),
    ],
    ids=["said so before", "said so when asked", "refused", "a local file", "hung up", "late", "strange"],
)
def test_a_failed_fetch_says_whether_trying_again_helps(
    ref: AttachmentRef,
    answers: list[Answer],
    code: str,
    is_final: bool,
    files: CanFetch,
    provider: FakeProvider,
) -> None:
    provider.will_answer(*answers)

    with pytest.raises(FetchFailed) as caught:
        files.fetch(ref)

    assert (caught.value.code, caught.value.is_final) == (code, is_final)
    assert TELEGRAM_TOKEN not in str(caught.value)
    assert len(provider.seen) == len(answers)


def updates(*found: object) -> Answer:
    return Answer.of_json(200, {"ok": True, "result": found})


def test_a_poll_names_what_it_wants_and_brings_also_what_the_library_refuses(
    provider: FakeProvider, channels: Mapping[str, Channel]
) -> None:
    channel = channels["telegram"]
    assert isinstance(channel, CanPoll)
    odd = {"update_id": 8, "message": {"message_id": "x", "chat": 3, "text": "\ud800"}}
    provider.will_answer(updates({"update_id": 7, "message": {}}, odd), updates())
    found = channel.poll(6, wait_seconds=30)
    assert [each.position for each in found] == [7, 8]
    assert json.loads(found[1].request.body) == odd
    channel.poll(None, wait_seconds=600)
    asked = [parse_qs(each.path.partition("?")[2]) for each in provider.seen]
    assert json.loads(asked[0]["allowed_updates"][0]) == [
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
    ]
    assert (asked[0]["offset"], asked[0]["timeout"]) == (["7"], ["30"])
    assert ("offset" in asked[1], asked[1]["timeout"]) == (False, ["50"])  # Telegram takes no longer one


CONFLICTS = {
    "webhook_set": "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first",
    "other_poller": "Conflict: terminated by other getUpdates request; make sure that only one bot is running",
}


@pytest.mark.parametrize("code", CONFLICTS)
def test_the_two_conflicts_of_a_poll_are_told_apart(
    code: str, provider: FakeProvider, channels: Mapping[str, Channel]
) -> None:
    channel = channels["telegram"]
    assert isinstance(channel, CanPoll)
    provider.will_answer(
        Answer.of_json(409, {"ok": False, "error_code": 409, "description": CONFLICTS[code]})
    )
    with pytest.raises(AskFailed, match=code):
        channel.poll(None, wait_seconds=0)


def test_a_waiting_poll_ends_with_the_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(1) as pool:
        channel = TelegramBot(
            token=TELEGRAM_TOKEN,
            webhook_secret="",
            api_base=f"http://127.0.0.1:{silent.getsockname()[1]}",
            is_polled=True,
        )
        poll = pool.submit(channel.poll, None, wait_seconds=30)
        with silent.accept()[0]:
            channel.stop_polling()
            assert poll.result(timeout=10) == []
        assert channel.poll(None, wait_seconds=30) == []
        channel.close()


def test_the_webhook_is_set_with_its_secret_and_keeps_what_is_pending(
    provider: FakeProvider, channels: Mapping[str, Channel]
) -> None:
    channel = channels["telegram"]
    assert isinstance(channel, HasStanding)
    done = Answer.of_json(200, {"ok": True, "result": True})
    provider.will_answer(done, done)
    channel.set_webhook("https://aduan.example/webhooks/telegram")
    channel.drop_webhook()
    form = provider.seen[0].form
    assert form["secret_token"] == [TELEGRAM_SECRET]
    assert "my_chat_member" in form["allowed_updates"][0]
    assert [each.form["drop_pending_updates"] for each in provider.seen] == [["false"]] * 2
