"""The main job through HTTP: each channel makes one ticket in one queue, and is answered where it came from.

What goes out passes the real twilio and telegram clients to the phone simulator, a real HTTP server.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from channels.webhooks import webhook_from, with_meta
from flask import Flask
from front_door import (
    PUBLIC,
    SECRET,
    TOKEN,
    Post,
    count,
    installed,
    report_post,
    sent,
    telegram_post,
    twilio_post,
)
from installing import KEY, NOW
from sqlalchemy import QueuePool, create_engine, select
from talk import PAID
from twilio.request_validator import RequestValidator

from helpdesk import inbox, jobs, outbox
from helpdesk.app import create_app
from helpdesk.channels import whatsapp_meta
from helpdesk.crypto import KeyRing, attach_key_ring, keys_of
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.numbers import format_number
from helpdesk.models.messages import Attachment, Message
from helpdesk.models.people import TokenScope
from helpdesk.models.tickets import Ticket, TicketEvent
from helpdesk.models.webhooks import WebhookEvent, WebhookState
from helpdesk.queries.channel_alarms import alarms
from helpdesk.runtime import Runtime, build_runtime
from helpdesk.services import accounts, delivery, replies
from helpdesk.services.contacts import external_digest

REPEATS = 20


@pytest.fixture
def rt(template: Callable[[Path], str], tmp_path: Path, phones: str) -> Iterator[Runtime]:
    with installed(template, tmp_path, phones) as runtime:
        yield runtime


@pytest.fixture
def app(rt: Runtime) -> Flask:
    return create_app(rt)


def only_ticket(rt: Runtime) -> Ticket:
    return rt.read(lambda session: session.scalars(select(Ticket)).one())


CHANNELS: dict[str, Callable[[Flask], Post]] = {
    "whatsapp": lambda app: twilio_post(app, "whatsapp"),
    "sms": lambda app: twilio_post(app, "sms"),
    "telegram": telegram_post,
}
LOST = {"whatsapp by sms": lambda app: twilio_post(app, "sms", From="whatsapp:+6285722223333")}


@pytest.mark.parametrize("sent_to", [*CHANNELS, *LOST])
def test_a_message_makes_one_rated_routed_and_acknowledged_ticket(
    sent_to: str, app: Flask, rt: Runtime, phones: str
) -> None:
    assert (CHANNELS | LOST)[sent_to](app)() == 204
    channel = sent_to.partition(" ")[0]
    ticket = only_ticket(rt)
    assert (ticket.channel, ticket.kind, ticket.category_code, ticket.severity) == (
        channel,
        "complaint",
        "BYR-POST",
        "S2",
    )
    assert (bool(ticket.severity_reasons), ticket.next_due_at is not None) == (True, True)
    outbox.send_all(rt)
    receipt, *others = sent(phones)
    assert {receipt["channel"], *(each["channel"] for each in others)} == {channel}
    assert format_number(ticket.number) in receipt["body"]


@pytest.mark.parametrize("channel", CHANNELS)
def test_twenty_repeats_at_once_make_one_ticket_and_one_receipt(
    channel: str, app: Flask, rt: Runtime, phones: str
) -> None:
    post = CHANNELS[channel](app)
    with ThreadPoolExecutor(REPEATS) as pool:
        answers = list(pool.map(lambda _: post(), range(REPEATS)))
    inbox.process_due(rt)
    outbox.send_all(rt)
    assert set(answers) == {204}
    assert (count(rt, Ticket), count(rt, WebhookEvent)) == (1, 1)
    bodies = [said["body"] for said in sent(phones)]
    assert sum(format_number(only_ticket(rt).number) in str(body) for body in bodies) == 1
    assert len(set(bodies)) == len(bodies) <= 3


def test_equal_numbers_in_two_chats_are_two_messages_and_one_update_twice_is_one(
    app: Flask, rt: Runtime
) -> None:
    posts = [telegram_post(app, chat_id=chat_id, message_id=7) for chat_id in (555001, 555002)]
    assert [post() for post in (*posts, posts[0])] == [204, 204, 204]
    found = select(Message.external_id).where(Message.direction == "in").order_by(Message.id)
    assert rt.read(lambda session: session.scalars(found).all()) == ["555001:7", "555002:7"]


def test_messages_of_one_person_at_once_land_in_one_ticket(app: Flask, rt: Runtime) -> None:
    posts = [twilio_post(app, "whatsapp", f"cerita bagian {part} angsuran") for part in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda post: post(), posts))
    for _ in range(3):
        inbox.process_due(rt)
    assert set(answers) == {204}
    assert count(rt, Ticket) == 1
    stored = rt.read(
        lambda session: session.scalars(select(Message.body).where(Message.direction == "in")).all()
    )
    assert sorted(stored) == sorted(f"cerita bagian {part} angsuran" for part in range(8))


@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
def test_a_wrong_or_missing_signature_is_refused_and_nothing_is_stored(
    channel: str, app: Flask, rt: Runtime
) -> None:
    for headers in ({}, {"X-Twilio-Signature": "forged"}):
        with app.test_client().post(
            f"/webhooks/{channel}", data={"MessageSid": "SM1", "From": "+62857", "Body": "x"}, headers=headers
        ) as answer:
            assert answer.status_code == 403
    assert count(rt, WebhookEvent) == 0


def test_many_wrongly_signed_requests_are_written_down_once_a_minute_until_a_right_one_comes(
    app: Flask, rt: Runtime
) -> None:
    at = [NOW]
    rt.now = lambda: at[0]

    def known() -> list[tuple[str, str, int]]:
        found = rt.read(lambda session: alarms(session, now=at[0]))
        return [(alarm.channel, alarm.fault, alarm.times) for alarm in found]

    for minute in range(3):
        assert known() == []
        at[0] = NOW + timedelta(minutes=minute)
        for _ in range(4):
            assert telegram_post(app, secret="wrong")() == 403
    assert known() == [("telegram", "signature", 3)]
    assert telegram_post(app)() == 204
    assert known() == []


def test_an_unsigned_form_with_more_fields_than_any_is_refused_like_another(app: Flask, rt: Runtime) -> None:
    form = urlencode([(f"field{serial}", "x") for serial in range(5000)])
    with app.test_client().post("/webhooks/sms", data=form, content_type=inbox.FORM) as answer:
        assert answer.status_code == 403
    assert count(rt, WebhookEvent) == 0


def test_telegram_without_the_secret_is_refused_and_nothing_is_stored(app: Flask, rt: Runtime) -> None:
    assert telegram_post(app, secret="wrong")() == 403
    assert count(rt, WebhookEvent) == 0


def test_meta_finds_its_webhook_and_carries_whatsapp(app: Flask, rt: Runtime) -> None:
    rt.channels = {"whatsapp": whatsapp_meta.build(with_meta())}  # type: ignore[dict-item]
    client, asked = app.test_client(), "hub.mode=subscribe&hub.challenge=<b>1</b>&hub.verify_token="
    with client.get(f"/webhooks/whatsapp?{asked}kata-meta") as answer:
        assert (answer.status_code, answer.text, answer.mimetype) == (200, "<b>1</b>", "text/plain")
    for wrong in (f"whatsapp?{asked}x", "whatsapp"):
        assert client.get(f"/webhooks/{wrong}").status_code == 403
    assert client.get(f"/webhooks/telegram?{asked}kata-meta").status_code == 404

    batch = webhook_from("meta_batch.json")
    for _ in range(2):
        with client.post("/webhooks/whatsapp", data=batch.body, headers=batch.headers) as answer:
            assert answer.status_code == 204
    said = rt.read(
        lambda session: session.scalars(select(Message.body).where(Message.direction == "in")).all()
    )
    assert sorted(said) == ["dari Sri", "satu", "tiga"]


def test_what_cannot_be_understood_is_answered_and_waits_for_a_person(app: Flask, rt: Runtime) -> None:
    with app.test_client().post(
        "/webhooks/telegram",
        data=b"{not json",
        content_type="application/json",
        headers={"X-Telegram-Bot-Api-Secret-Token": SECRET},
    ) as answer:
        assert answer.status_code == 204
    event = rt.read(lambda session: session.scalars(select(WebhookEvent)).one())
    assert (event.state, event.body) == (WebhookState.STUCK, b"{not json")
    assert count(rt, Ticket) == 0


def test_an_unknown_status_word_is_kept_and_harmless(app: Flask, rt: Runtime) -> None:
    fields = {"MessageSid": "SMx", "MessageStatus": "teleported"}
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/webhooks/sms", fields)
    with app.test_client().post(
        "/webhooks/sms", data=fields, headers={"X-Twilio-Signature": signature}
    ) as answer:
        assert answer.status_code == 204
    assert rt.read(lambda session: session.scalars(select(WebhookEvent.state)).one()) == WebhookState.STUCK


def test_the_raw_body_is_gone_once_it_was_understood(app: Flask, rt: Runtime) -> None:
    twilio_post(app, "whatsapp", "PIN saya 482913, angsuran salah")()
    event = rt.read(lambda session: session.scalars(select(WebhookEvent)).one())
    assert (event.state, event.body) == (WebhookState.PROCESSED, None)


def test_an_answer_travels_out_and_its_ticks_travel_back(app: Flask, rt: Runtime, phones: str) -> None:
    twilio_post(app, "whatsapp")()
    ticket = only_ticket(rt)
    rt.write(
        lambda session: replies.reply(
            session,
            ticket.id,
            "Baik, Ibu. Kami cek dulu.",
            author_id=None,
            actor="user:x",
            seen_message_id=None,
            lender=rt.lender,
            now=NOW,
        )
    )
    outbox.send_all(rt)
    reply = next(item for item in sent(phones) if "Kami cek" in item["body"])
    for number, status in enumerate(("delivered", "sent", "read", "delivered")):
        assert report_post(app, "whatsapp", reply["id"], status, Nomor=str(number))() == 204
    found = rt.read(
        lambda session: session.scalars(
            select(Message).where(
                Message.external_digest == external_digest(keys_of(session), str(reply["id"]))
            )
        ).one()
    )
    assert found.delivery == "read"


def test_a_provider_that_is_away_is_tried_again_and_the_message_goes_once(
    app: Flask, rt: Runtime, phones: str
) -> None:
    twilio_post(app, "whatsapp", "STATUS")()
    httpx.post(f"{phones}/faults", json={"fail_next": 1, "fail_status": 429, "fail_code": 20429})
    outbox.send_all(rt)
    assert sent(phones) == []
    later = NOW + 2 * delivery.RETRY_AFTER[0]
    rt.now = lambda: later
    outbox.send_all(rt)
    outbox.send_all(rt)
    assert len(sent(phones)) == 1


def test_an_unknown_outcome_is_never_sent_again_by_itself(app: Flask, rt: Runtime, phones: str) -> None:
    twilio_post(app, "whatsapp", "STATUS")()
    httpx.post(f"{phones}/faults", json={"broken_json_next": 1})
    for _ in range(3):
        outbox.send_all(rt)
    found = rt.read(lambda session: session.scalars(select(Message).where(Message.direction == "out")).one())
    assert found.delivery == "failed"
    kinds = rt.read(lambda session: session.scalars(select(TicketEvent.kind)).all())
    assert "delivery_failed" in kinds


class _Watched:
    """A channel that notes how many transactions are open on the database while it is called."""

    def __init__(self, channel: object, rt: Runtime, seen: list[int]) -> None:
        self._channel, self._rt, self._seen = channel, rt, seen

    def __getattr__(self, name: str) -> object:
        if name in ("send", "fetch"):
            self._seen.append(self._rt.engine.pool.checkedout())  # type: ignore[attr-defined]
        return getattr(self._channel, name)


def test_no_transaction_is_open_while_a_provider_is_called(app: Flask, rt: Runtime) -> None:
    twilio_post(app, "whatsapp", "STATUS")()
    seen: list[int] = []
    rt.channels = {code: _Watched(channel, rt, seen) for code, channel in rt.channels.items()}  # type: ignore[misc]
    outbox.send_all(rt)
    assert seen == [0]


def test_a_picture_is_fetched_in_the_background_and_a_failed_fetch_loses_nothing(
    app: Flask, rt: Runtime, phones: str
) -> None:
    hostile = twilio_post(
        app,
        "whatsapp",
        NumMedia="1",
        MediaUrl0="http://169.254.169.254/latest",
        MediaContentType0="image/jpeg",
    )
    hostile()
    jobs.fetch_files(rt, ChannelCode.WHATSAPP)
    hostile()  # the provider repeats itself meanwhile
    row = rt.read(lambda session: session.scalars(select(Attachment)).one())
    assert row.state == "failed"
    assert count(rt, Ticket) == 1


def test_the_app_api_makes_one_ticket_for_twenty_equal_keys(app: Flask, rt: Runtime) -> None:
    token = rt.write(
        lambda session: accounts.add_token(session, name="app", scope=TokenScope.APP, actor="t", now=NOW)
    )
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "one"}

    def post(_: int) -> tuple[int, str]:
        answer = app.test_client().post(
            "/api/v1/complaints", json={"mitra_id": "M-9", "text": PAID}, headers=headers
        )
        return answer.status_code, answer.get_json()["number"]

    with ThreadPoolExecutor(REPEATS) as pool:
        answers = set(pool.map(post, range(REPEATS)))
    ticket = only_ticket(rt)
    assert answers == {(201, format_number(ticket.number))}
    assert ticket.channel == "app"


def test_the_database_being_away_is_503_so_that_the_provider_tries_again(rt: Runtime, tmp_path: Path) -> None:
    away = rt.engine.url.set(database="gone").render_as_string(hide_password=False)
    if rt.engine.dialect.name == "sqlite":
        (tmp_path / "gone.db").write_bytes(b"this is no database " * 100)
        away = f"sqlite:///{tmp_path / 'gone.db'}"
    broken = build_runtime(rt.settings.model_copy(update={"database_url": away}))
    attach_key_ring(broken.engine, KeyRing([KEY], index_key=b"i" * 32, chain_key=b"c" * 32))
    assert twilio_post(create_app(broken), "whatsapp")() == 503
    assert inbox.process(broken, 1) is inbox.Outcome.FAILED  # it may go away after the answer, too
    broken.close()


def test_no_free_connection_is_503_too(rt: Runtime) -> None:
    full = create_engine(rt.engine.url, poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0)
    attach_key_ring(full, KeyRing([KEY], index_key=b"i" * 32, chain_key=b"c" * 32))
    app = create_app(Runtime(rt.settings, full, rt.channels))
    with full.connect():
        assert twilio_post(app, "whatsapp")() == 503
        assert app.test_client().get("/readyz").status_code == 503
    full.dispose()
