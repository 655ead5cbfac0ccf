"""Where other helpdesks lost, doubled or misjudged a message: through our doors, the real clients and the sender.

The numbers are those of the working paper on them (lessons.md 8); 2, 3 and 5 are in tests/test_flow.py.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import httpx
import pytest
from flask import Flask
from front_door import (
    ACCOUNT,
    BOT,
    MITRA,
    PUBLIC,
    TOKEN,
    Post,
    count,
    form_post,
    installed,
    message_fields,
    report_post,
    sent,
    telegram_post,
    twilio_post,
    update_post,
)
from installing import NOW
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from ticket_stories import SignIn, address, kinds, opened, reload, reply, tickets
from visits import Visit, a_user, app_on, stored

from helpdesk import files, inbox, jobs, outbox
from helpdesk.channels.base import Channel
from helpdesk.domain.message_templates import Standing, TemplateState
from helpdesk.domain.messages import ChannelCode, OutboundMessage, Purpose
from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Attachment, DeliveryEvent, Message
from helpdesk.models.outreach import ContactTask
from helpdesk.models.people import Notification, Role, TokenScope
from helpdesk.models.tickets import Ticket
from helpdesk.models.webhooks import WebhookEvent
from helpdesk.runtime import Runtime
from helpdesk.services import accounts, attachments, disclosure, message_templates, replies

DAY, SECOND, MINUTE = timedelta(hours=24), timedelta(seconds=1), timedelta(minutes=1)
CROWD = 50


@pytest.fixture
def rt(template: Callable[[Path], str], tmp_path: Path, phones: str) -> Iterator[Runtime]:
    with installed(template, tmp_path, phones) as runtime:
        yield runtime


@pytest.fixture
def ticket(app: Flask, rt: Runtime) -> Ticket:
    """A complaint by WhatsApp whose automatic texts have gone."""
    assert twilio_post(app, "whatsapp")() == 204
    outbox.send_all(rt)
    return tickets(rt)[0]


@pytest.fixture
def agent(signed_in: SignIn) -> Visit:
    return signed_in(Role.SUPERVISOR)


def pass_by(rt: Runtime, span: timedelta) -> None:
    now = rt.now() + span
    rt.now = lambda: now


def out(rt: Runtime, purpose: str) -> Message:
    """The newest message of that purpose."""
    query = select(Message).where(Message.direction == "out", Message.purpose == purpose)
    return stored(rt, query.order_by(Message.id.desc()).limit(1))[0]


class Calls:
    """A channel that counts what its provider is asked to send, and lets things happen before the answer."""

    def __init__(self, channel: Channel, before_answer: Callable[[str], object] = lambda _sid: None) -> None:
        self.count = 0
        self._channel, self._before_answer = channel, before_answer

    def __getattr__(self, name: str) -> object:
        return getattr(self._channel, name)

    def send(self, message: OutboundMessage) -> str:
        self.count += 1
        sid = self._channel.send(message)
        self._before_answer(sid)
        return sid


def watch(rt: Runtime, code: str, before_answer: Callable[[str], object] = lambda _sid: None) -> Calls:
    calls = Calls(rt.channels[code], before_answer)
    rt.channels = {**rt.channels, code: calls}  # type: ignore[dict-item]
    return calls


def test_01_one_message_in_twenty_shapes_at_once_is_one_message(app: Flask, rt: Runtime) -> None:
    """The bytes differ, and so does the retry token: only the provider's id says that it is one."""
    sid = "SM" + "0b" * 16
    posts = [twilio_post(app, "whatsapp", MessageSid=sid, Baru=str(number)) for number in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda post: post(), posts))
    inbox.process_due(rt)
    inbound = select(func.count()).select_from(Message).where(Message.direction == "in")
    assert answers == [204] * 20
    assert (rt.read(lambda session: session.scalar(inbound)), count(rt, Ticket)) == (1, 1)
    assert set(stored(rt, select(WebhookEvent.state))) == {"processed"}


@pytest.mark.parametrize(
    ("public", "path"),
    [
        pytest.param(PUBLIC, "/webhooks/sms", id="proxy ends TLS"),
        pytest.param(f"{PUBLIC}:8443", "/webhooks/sms", id="port"),
        pytest.param("https://contoh.id/aduan", "/webhooks/sms", id="rewritten path"),
        pytest.param(PUBLIC, "/webhooks/sms?asal=caf%C3%A9%2Fx", id="escapes"),
    ],
)
def test_04_a_signature_over_the_public_address_is_right_whatever_stands_in_between(
    rt: Runtime, public: str, path: str
) -> None:
    """What the request itself says of its address is no more believed than a stranger."""
    rt.settings = rt.settings.model_copy(update={"public_url": public})
    app = app_on(rt)
    said = {"Host": "10.0.0.7:8000", "X-Forwarded-Host": "lain.example", "X-Forwarded-Proto": "http"}
    fields = message_fields("sms")
    assert form_post(app, "sms", fields, path=path, signed=public + path, headers=said)() == 204
    for wrong in ("http://10.0.0.7:8000" + path, "https://lain.example" + path):
        assert form_post(app, "sms", fields, path=path, signed=wrong, headers=said)() == 403
    assert (count(rt, Ticket), count(rt, WebhookEvent)) == (1, 1)


def test_04_a_number_of_a_pool_and_the_token_before_the_exchange_are_let_in(
    template: Callable[[Path], str], tmp_path: Path, phones: str
) -> None:
    changes = {"twilio_auth_token": f"token-baru, {TOKEN}", "twilio_sms_from": "MG" + "0a" * 16}
    with installed(template, tmp_path, phones, **changes) as rt:
        app = app_on(rt)
        fields = message_fields("sms", To="+12025550199", MessagingServiceSid="MG" + "0b" * 16)
        assert form_post(app, "sms", fields, token=TOKEN)() == 204
        assert form_post(app, "sms", fields | {"MessageSid": "SM2"}, token="token-baru")() == 204
        assert form_post(app, "sms", fields | {"MessageSid": "SM3"}, token="token-lama")() == 403
        assert count(rt, Message) >= 2


def test_04_wrong_signatures_leave_nothing_but_an_alarm(app: Flask, rt: Runtime) -> None:
    for _ in range(3):
        assert form_post(app, "sms", message_fields("sms"), token="lain")() == 403
        pass_by(rt, MINUTE)
    assert [count(rt, table) for table in (WebhookEvent, Message, Ticket, Contact)] == [0, 0, 0, 0]
    metrics = app.test_client().get("/metrics").text
    assert 'helpdesk_channel_fault{channel="sms",fault="signature"} 3.0' in metrics


@pytest.mark.parametrize("status", ["delivered", "failed"])
def test_06_a_status_that_is_faster_than_the_answer_finds_its_message(
    app: Flask, rt: Runtime, ticket: Ticket, agent: Visit, status: str
) -> None:
    reply(opened(agent, ticket), ticket)
    codes: list[int] = []

    def report(sid: str) -> None:
        codes.append(report_post(app, "whatsapp", sid, status, ErrorCode="30003")())
        assert stored(rt, select(DeliveryEvent.message_id)) == [None]

    watch(rt, "whatsapp", report)
    outbox.send_all(rt)
    message = out(rt, "reply")
    assert codes == [204]
    assert (message.delivery, stored(rt, select(DeliveryEvent.message_id))) == (status, [message.id])


def test_07_a_failure_that_was_none_is_withdrawn_with_the_task_it_made(
    app: Flask, rt: Runtime, agent: Visit, phones: str
) -> None:
    """By SMS there is no other way: a person is to call, until the proof comes."""
    member = a_user(rt, Role.AGENT, teams=("pembayaran",))
    assert twilio_post(app, "sms")() == 204
    [ticket] = tickets(rt)
    rt.write(lambda session: replies.queue(session, session.get_one(Ticket, ticket.id), "Jawaban kami, Ibu.",
                                           purpose=Purpose.ANSWER, now=NOW))  # fmt: skip
    outbox.send_all(rt)
    sid = next(each["id"] for each in sent(phones) if "Jawaban" in each["body"])
    assert report_post(app, "sms", sid, "undelivered", ErrorCode="30003")() == 204
    assert "Tidak terkirim: HP sedang mati" in opened(agent, ticket).text
    unread = select(Notification.kind).where(
        Notification.read_at.is_(None), Notification.user_id == member.id
    )
    assert "contact_task_opened" in stored(rt, unread)
    assert stored(rt, select(ContactTask.result)) == [None]
    assert report_post(app, "sms", sid, "delivered")() == 204
    answer = out(rt, "answer")
    assert (answer.delivery, answer.error_code) == ("delivered", None)
    assert stored(rt, select(DeliveryEvent.status).order_by(DeliveryEvent.id)) == ["failed", "delivered"]
    assert kinds(rt, ticket)[-1] == "delivery_recovered"
    assert stored(rt, select(ContactTask.result)) == ["needless"]
    assert "contact_task_opened" not in stored(rt, unread)
    assert "Tidak terkirim: HP sedang mati" not in opened(agent, ticket).text
    assert "Pesan ternyata sampai" in agent.text


def test_08_media_that_are_late_come_though_the_webhook_is_repeated_meanwhile(
    app: Flask, rt: Runtime, phones: str
) -> None:
    said = httpx.post(
        f"{phones}/api/inbound", json={"channel": "whatsapp", "from": MITRA, "text": "", "media": ["photo"]}
    ).json()["external_id"]
    at = f"{phones}/2010-04-01/Accounts/{ACCOUNT}/Messages/{said}/Media"
    media = httpx.get(f"{at}.json", auth=(ACCOUNT, TOKEN)).json()["media_list"][0]
    httpx.post(f"{phones}/faults", json={"media_missing_next": 2})
    post = twilio_post(
        app,
        "whatsapp",
        "",
        MessageSid=said,
        NumMedia="1",
        MediaUrl0=f"{at}/{media['sid']}",
        MediaContentType0=media["content_type"],
    )
    fetched = []
    for wait in (0, *attachments.RETRY_AFTER[:2]):
        pass_by(rt, timedelta(seconds=wait))
        assert post() == 204
        fetched.append(files.fetch_due(rt, ChannelCode.WHATSAPP))
    [row] = stored(rt, select(Attachment))
    assert (fetched, row.state, row.error_code) == ([0, 0, 1], "stored", None)
    assert rt.storage.get(row.storage_key or "")[:2] == b"\xff\xd8"


def test_09_what_failed_and_is_sent_again_asks_the_provider_exactly_once_more(
    app: Flask, rt: Runtime, ticket: Ticket, agent: Visit, phones: str
) -> None:
    calls = watch(rt, "whatsapp")
    reply(opened(agent, ticket), ticket)
    httpx.post(f"{phones}/faults", json={"fail_next": 1, "fail_status": 400, "fail_code": 63005})
    outbox.send_all(rt)
    again = address(ticket, f"/messages/{out(rt, 'reply').public_id}/again")
    assert (calls.count, out(rt, "reply").delivery) == (1, "failed")
    opened(agent, ticket)
    assert sorted(agent.post(again).status_code for _ in range(3)) == [303, 409, 409]
    for _ in range(3):
        outbox.send_all(rt)
        pass_by(rt, timedelta(hours=3))
    assert (calls.count, out(rt, "reply").delivery) == (2, "sent")
    assert sum("Kami cek dulu" in each["body"] for each in sent(phones)) == 1


def approve(session: Session, phones: str) -> None:
    """Let Twilio and a second person approve the question that opens the window."""
    variables, body = ["nama", "nomor"], "Ada kabar untuk {{1}}: {{2}}"
    kept = {"friendly_name": "kabar", "language": "id", "variables": {"1": "Siti", "2": "1"}}
    kinds = {"types": {"twilio/text": {"body": body}}}
    made = httpx.post(f"{phones}/v1/Content", auth=(ACCOUNT, TOKEN), json=kept | kinds).json()
    content = made["sid"]
    row = message_templates.add(
        session, step="T22", language="id", name="kabar", content_id=content, variables=variables,
        actor="user:x", now=NOW,
    )  # fmt: skip
    message_templates.take_standing(session, row.id, Standing(TemplateState.APPROVED, body), now=NOW)
    sign = message_templates.seen_sign(content, variables, body)
    message_templates.confirm(session, content, "id", seen=sign, actor="user:y", now=NOW)


@pytest.mark.parametrize("is_approved", [True, False], ids=["template", "no template"])
def test_10_the_sender_itself_keeps_the_24_hours(
    app: Flask, rt: Runtime, ticket: Ticket, agent: Visit, phones: str, is_approved: bool
) -> None:
    if is_approved:
        rt.write(lambda session: approve(session, phones))
    pass_by(rt, DAY - SECOND)
    reply(opened(agent, ticket), ticket, "Masih boleh, Ibu.")
    outbox.send_all(rt)
    reply(opened(agent, ticket), ticket, "Sudah lewat, Ibu.")
    pass_by(rt, 2 * SECOND)
    outbox.send_all(rt)
    bodies = [each["body"] for each in sent(phones)][-2:]
    assert "Sudah lewat, Ibu." not in bodies
    assert ("Masih boleh, Ibu." in bodies, bodies[-1].startswith("Ada kabar untuk")) == (True, is_approved)
    assert out(rt, "reply").delivery == "queued"
    assert twilio_post(app, "whatsapp", "Halo")() == 204
    outbox.send_all(rt)
    assert [each["body"] for each in sent(phones)].count("Sudah lewat, Ibu.") == 1


def test_24_of_fifty_who_press_at_once_one_has_it_and_the_others_read_who(
    app: Flask, rt: Runtime, ticket: Ticket, signed_in: SignIn
) -> None:
    crowd = [a_user(rt, Role.AGENT, teams=("pembayaran",)) for _ in range(CROWD)]
    visits = [opened(signed_in(user=user), ticket) for user in crowd]
    start = Barrier(CROWD)

    def press(visit: Visit) -> int:
        start.wait()
        return visit.post(address(ticket, "/take")).status_code

    with ThreadPoolExecutor(CROWD) as pool:
        codes = list(pool.map(press, visits))
    winner = crowd[codes.index(303)]
    assert sorted(codes) == [303] + [409] * (CROWD - 1)
    assert reload(rt, ticket).assignee_id == winner.id
    refused = [visit for visit, code in zip(visits, codes, strict=True) if code == 409]
    assert all(winner.name in visit.text and "<title>Salah: " in visit.page for visit in refused)


def test_30_a_sender_without_a_phone_is_served_like_any_other(
    app: Flask, rt: Runtime, agent: Visit, phones: str
) -> None:
    who = {"From": "whatsapp:ID.4566123", "ExternalUserId": "ID.4566123", "ProfileName": "Sari Contoh"}
    assert twilio_post(app, "whatsapp", "angsuran minggu lalu belum tercatat", **who)() == 204
    [ticket] = tickets(rt)
    [contact] = stored(rt, select(Contact))
    assert contact.phone is None
    number, page = f"{ticket.number[:4]}-{ticket.number[4:]}", f"/contacts/{contact.public_id}"
    for found, shown in (
        ("/queue?view=all&q=angsuran", number),
        ("/contacts?q=sari+contoh", "Sari Contoh"),
        (page, "Sari Contoh"),
        (page, number),
    ):
        assert agent.get(found).status_code == 200
        assert shown in agent.text, found
    assert agent.client.get("/reports/ojk.xlsx?period=2026H2").data[:2] == b"PK"
    reply(opened(agent, ticket), ticket, "Baik, Ibu Sari.")
    outbox.send_all(rt)
    assert {each["to"] for each in sent(phones)} == {"ID.4566123"}
    assert "Baik, Ibu Sari." in [each["body"] for each in sent(phones)]
    data = rt.write(lambda session: disclosure.export(session, contact.id, actor="user:x", now=NOW))
    assert (data.name, data.phone, [each.address for each in data.handles]) == (
        "Sari Contoh",
        None,
        ["whatsapp:ID.4566123"],
    )
    token = rt.write(
        lambda session: accounts.add_token(session, name="s", scope=TokenScope.STAFF, actor="t", now=NOW)
    )
    answer = app.test_client().get("/api/v1/tickets", headers={"Authorization": f"Bearer {token}"})
    assert [each["number"] for each in answer.get_json()["items"]] == [
        f"{ticket.number[:4]}-{ticket.number[4:]}"
    ]


def kicked(app: Flask) -> Post:
    person = {"id": 555001, "is_bot": False, "first_name": "Siti"}
    bot = {"id": int(BOT.partition(":")[0]), "is_bot": True, "first_name": "B", "username": "b_bot"}
    change = {
        "chat": {"id": 555001, "type": "private", "first_name": "Siti"},
        "from": person,
        "date": 1_795_000_000,
        "old_chat_member": {"user": bot, "status": "member"},
        "new_chat_member": {"user": bot, "status": "kicked", "until_date": 0},
    }
    return update_post(app, {"my_chat_member": change})


STOPS: dict[str, tuple[str, Callable[[Flask, str], Post]]] = {
    "OptOutType": ("sms", lambda app, _sid: twilio_post(app, "sms", "STOP", OptOutType="STOP")),
    "21610": ("sms", lambda app, sid: report_post(app, "sms", sid, "failed", ErrorCode="21610")),
    "63033": ("whatsapp", lambda app, sid: report_post(app, "whatsapp", sid, "failed", ErrorCode="63033")),
    "blocked bot": ("telegram", lambda app, _sid: kicked(app)),
}


@pytest.mark.parametrize("why", STOPS)
def test_31_who_has_stopped_a_channel_is_told_what_the_law_asks_by_a_person(
    app: Flask, rt: Runtime, agent: Visit, phones: str, why: str
) -> None:
    channel, stop = STOPS[why]
    first = telegram_post(app) if channel == "telegram" else twilio_post(app, channel)
    assert first() == 204
    outbox.send_all(rt)
    assert stop(app, sent(phones)[0]["id"])() == 204
    outbox.send_all(rt)
    before, calls = len(sent(phones)), watch(rt, channel)
    [ticket] = tickets(rt)
    rt.write(lambda session: replies.queue(
        session, session.get_one(Ticket, ticket.id), "Sesuai aturan, kami beri tahu: waktunya lebih lama.",
        purpose=Purpose.NOTICE, now=NOW, facts={"step": "T10"},
    ))  # fmt: skip
    outbox.send_all(rt)
    jobs.climb_ladders(rt)
    outbox.send_all(rt)
    assert calls.count == 0
    others = [each["channel"] for each in sent(phones)[before:]]
    notice = out(rt, "notice")
    [task] = stored(rt, select(ContactTask).where(ContactTask.message_id == notice.id)) or [None]
    if why == "63033":  # her number takes short messages
        assert (others, task) == (["sms"], None)
        return
    assert others == []
    assert task is not None
    assert (task.kind, task.reason) == ("letter" if channel == "telegram" else "call", "not_arrived")
    assert "memblokir atau berhenti menerima pesan" in opened(agent, ticket).text
