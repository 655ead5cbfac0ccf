"""Buttons and lists on WhatsApp by Twilio: kept as Content, sent by its id, pressed on the phone, and done without."""

import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import httpx
import pytest
from installing import NOW, Clock, settings_for
from sqlalchemy import delete, select
from talk import PAID, decide, steps_of
from text_office import publish_texts
from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server

from helpdesk import contents, outbox
from helpdesk.app import create_app
from helpdesk.channels import whatsapp_twilio
from helpdesk.demo.phones.app import running
from helpdesk.demo.phones.settings import PhoneSettings
from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.messages import ChannelCode, DeliveryReport, OutboundMessage
from helpdesk.domain.options import button_sets, offer_of
from helpdesk.domain.wording import SHIPPED, Language, TextForm
from helpdesk.models.message_templates import KeptButtons
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.tickets import Ticket
from helpdesk.queries.message_templates import buttons
from helpdesk.queries.message_templates import templates as templates_shown
from helpdesk.runtime import Runtime, build_runtime
from helpdesk.services import delivery, kept_buttons, message_templates

ACCOUNT, TOKEN, PUBLIC = "AC" + "b" * 32, "buttons-token", "https://pengaduan.example.id"
MITRA = "+6285900000777"
SETS = {offered.name for _step, offered in button_sets(SHIPPED)}


class Quiet(WSGIRequestHandler):
    """Writes no access log."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


class Phone:
    """Her WhatsApp on the simulator. Its signed webhooks come by HTTP, and are taken in one after the other."""

    def __init__(self, address: str, rt: Runtime, hooks: SimpleQueue[Request]) -> None:
        self.address, self.rt, self.hooks = address, rt, hooks
        self.app = create_app(rt)

    def say(self, text: str = "", **more: str) -> None:
        """Say something, and let our answers go out."""
        said = {"channel": "whatsapp", "from": MITRA, "name": "Siti", "text": text, **more}
        sid = httpx.post(f"{self.address}/api/inbound", json=said).json()["external_id"]
        while self._take_in().form["MessageSid"] != sid:
            pass
        outbox.send_all(self.rt)

    def _take_in(self) -> Request:
        hook = self.hooks.get(timeout=30)
        with (
            self.app.test_client() as client,
            client.post(hook.path, data=hook.get_data(), headers=list(hook.headers)) as answer,
        ):
            assert answer.status_code == 204
        return hook

    def press(self, label: str) -> None:
        """Press what stands under our last message."""
        last = self.heard()[-1]
        self.say(press=label, press_on=last["id"])

    def heard(self) -> list[dict[str, Any]]:
        """What we said, oldest first."""
        query = {"channel": "whatsapp", "phone": MITRA}
        found = httpx.get(f"{self.address}/api/conversations", params=query).json()
        return [bubble for bubble in found if bubble["from"] == "app"]

    def keys(self) -> list[str]:
        """What may be pressed under our last message."""
        return [button["label"] for button in self.heard()[-1]["buttons"]]

    def faults(self, **wanted: object) -> None:
        assert httpx.post(f"{self.address}/faults", json=wanted).status_code == 200

    def contents(self) -> list[str]:
        """Names of what the provider keeps of ours."""
        answer = httpx.get(f"{self.address}/v1/Content?PageSize=1000", auth=(ACCOUNT, TOKEN)).json()
        return [
            each["friendly_name"]
            for each in answer["contents"]
            if not each["friendly_name"].startswith("kabar")
        ]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def phone(template: Callable[[Path], str], tmp_path: Path, clock: Clock) -> Iterator[Phone]:
    hooks: SimpleQueue[Request] = SimpleQueue()

    @Request.application
    def receive(request: Request) -> Response:
        request.get_data(cache=True)
        hooks.put(request)
        return Response(status=204)

    server = make_server("127.0.0.1", 0, receive, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    settings = PhoneSettings(
        app_url=f"http://127.0.0.1:{server.server_port}",
        public_url=PUBLIC,
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        telegram_bot_token="7:x",
        telegram_webhook_secret="x",
        twilio_whatsapp_from="+6221555000100",
        status_delay_seconds=0,
        retry_delay_seconds=0,
        now=clock,
    )
    with running(settings) as address:
        rt = build_runtime(
            settings_for(
                template(tmp_path), tmp_path, public_url=PUBLIC, twilio_account_sid=ACCOUNT, twilio_auth_token=TOKEN,
                twilio_whatsapp_from="whatsapp:+6221555000100", twilio_api_base=address,
            ),
            now=clock,
        )  # fmt: skip
        rt.load_keys()
        yield Phone(address, rt, hooks)
        rt.close()
    server.shutdown()
    thread.join()
    server.server_close()


def only_ticket(rt: Runtime) -> Ticket:
    return rt.read(lambda session: session.scalars(select(Ticket)).one())


TALKS = {
    "id": (
        "Bu saya kecewa sekali sama pelayanannya",
        ["Ya lanjut", "LEWAT", "Bukan", "1. Angsuran"],
        ["Sudah", "5. Sangat puas"],
        ["T02", "T03b", "T04b", "T04", "T05", "T11", "T13", "T13c"],
    ),
    "en": (
        "Hello, I want to complain please, I am very angry",
        ["Yes, go on", "SKIP", "No", "1. Repayment"],
        ["Solved", "5. Very good"],
        ["T02", "T03b", "T04b", "T04", "T05", "T11", "T13", "T13c"],
    ),
}


@pytest.mark.parametrize("language", TALKS)
def test_a_whole_conversation_is_pressed(phone: Phone, clock: Clock, language: str) -> None:
    contents.keep_buttons(phone.rt)
    story, asked, after, steps = TALKS[language]
    phone.say(story)
    for label in asked:
        clock.pass_by(seconds=30)
        phone.press(label)
    ticket = only_ticket(phone.rt)
    assert ticket.language == language
    phone.rt.write(lambda session: decide(session, session.get_one(Ticket, ticket.id), now=clock()))
    outbox.send_all(phone.rt)
    for label in after:
        clock.pass_by(seconds=30)
        phone.press(label)
    said = phone.rt.read(lambda session: steps_of(session, ticket.id))
    assert [step for step in said if step in steps] == steps
    her_facts = select(Message.facts).where(Message.direction == "in").order_by(Message.id)
    pressed = phone.rt.read(lambda session: session.scalars(her_facts).all())
    assert [facts["choice"] for facts in pressed if facts and "choice" in facts] == [*asked, *after]
    lists = {bubble["list_title"] for bubble in phone.heard()} - {""}
    assert lists == ({"Pilih masalah", "Pilih nilai"} if language == "id" else {"Choose"})


def test_an_old_button_answers_only_the_question_just_asked(phone: Phone, clock: Clock) -> None:
    contents.keep_buttons(phone.rt)
    phone.say(TALKS["id"][0])
    phone.press("Ya lanjut")
    phone.press("LEWAT")
    asked = phone.heard()
    notice = next(bubble for bubble in asked if "Ya lanjut" in json.dumps(bubble["buttons"]))
    assert phone.keys() == ["Betul", "Bukan"]
    clock.pass_by(seconds=30)
    phone.say(press="Ya lanjut", press_on=notice["id"])
    ticket = only_ticket(phone.rt)
    assert "T04" not in phone.rt.read(lambda session: steps_of(session, ticket.id))


def test_sets_are_kept_once_and_found_by_name(phone: Phone) -> None:
    rt = phone.rt
    assert (contents.keep_buttons(rt), contents.keep_buttons(rt)) == (len(SETS), 0)
    assert sorted(phone.contents()) == sorted(SETS)
    rows = rt.read(buttons)
    assert {row.is_sent(NOW) for row in rows} == {True}
    assert ("T21", "T21a") in {row.steps for row in rows}
    rt.write(lambda session: session.execute(delete(KeptButtons)))  # died before it was noted
    assert contents.keep_buttons(rt) == len(SETS)
    assert len(phone.contents()) == len(SETS)


def test_other_words_are_another_set_and_the_text_waits_for_nobody(phone: Phone) -> None:
    contents.keep_buttons(phone.rt)
    own = {"T02": {(TextForm.OPTIONS, Language.ID): "Ya\nTidak\nBicara petugas"}}
    phone.rt.write(lambda session: publish_texts(session, own, now=NOW))
    phone.say(PAID)
    assert phone.keys() == []
    assert contents.keep_buttons(phone.rt) == 1
    phone.say("Halo")
    assert len(phone.contents()) == len(SETS) + 1


def test_a_provider_that_cannot_be_asked_is_asked_again_later(phone: Phone, clock: Clock) -> None:
    known = phone.rt.channels
    away = whatsapp_twilio.build(
        phone.rt.settings.model_copy(update={"twilio_api_base": "http://127.0.0.1:9"})
    )
    phone.rt.channels = {"whatsapp": away}
    assert contents.keep_buttons(phone.rt) == 0
    away.close()
    phone.rt.channels = known
    faults = phone.rt.read(lambda session: session.scalars(select(KeptButtons.error_code)).all())
    assert faults == ["not_connected"] * len(SETS)
    clock.pass_by(minutes=9)
    assert contents.keep_buttons(phone.rt) == 0
    clock.pass_by(minutes=2)
    assert contents.keep_buttons(phone.rt) == len(SETS)


REFUSALS = {
    "content not accepted": {"fail_next": 1, "fail_status": 400, "fail_code": 63005},
    "reported later": {"drop_statuses": True},
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_what_is_refused_with_buttons_goes_once_without(phone: Phone, clock: Clock, refusal: str) -> None:
    contents.keep_buttons(phone.rt)
    phone.say(PAID)
    notice = phone.heard()[-1]
    assert phone.keys()[0] == "Ya lanjut"
    clock.pass_by(seconds=30)
    phone.faults(**REFUSALS[refusal])
    phone.say("Ya lanjut")
    phone.faults()
    if refusal == "reported later":
        sent = phone.heard()[-1]
        assert sent["buttons"]
        report = DeliveryReport(ChannelCode.WHATSAPP, sent["id"], DeliveryStatus.FAILED, "63013")
        for _ in range(2):
            phone.rt.write(partial(delivery.apply_report, report=report, now=clock()))
    clock.pass_by(seconds=30)
    outbox.send_all(phone.rt)
    *_, question = phone.heard()
    assert question["id"] != notice["id"]
    assert (question["text"][:10], question["buttons"]) == ("Siapa nama", [])
    assert phone.rt.read(lambda session: set(session.scalars(select(OutboxItem.status)))) == {"sent"}
    assert [bubble["text"] for bubble in phone.heard()].count(question["text"]) == 1 + (
        refusal == "reported later"
    )
    clock.pass_by(seconds=30)
    phone.say("LEWAT")
    assert phone.keys() == ["Betul", "Bukan"]  # another set is not hit by it


def test_a_question_that_the_talk_has_passed_is_not_asked_again(phone: Phone, clock: Clock) -> None:
    contents.keep_buttons(phone.rt)
    phone.faults(drop_statuses=True)
    phone.say(PAID)
    passed = phone.heard()[-1]
    clock.pass_by(seconds=30)
    phone.say("Ya lanjut")
    heard = [bubble["id"] for bubble in phone.heard()]
    clock.pass_by(hours=1)
    report = DeliveryReport(ChannelCode.WHATSAPP, passed["id"], DeliveryStatus.FAILED, "63013")
    phone.rt.write(partial(delivery.apply_report, report=report, now=clock()))
    outbox.send_all(phone.rt)
    assert [bubble["id"] for bubble in phone.heard()] == heard
    rested = phone.rt.read(lambda session: session.scalars(select(KeptButtons.error_code)).all())
    assert [code for code in rested if code] == ["63013"]


def test_a_refusal_that_stays_ends_as_any_other(phone: Phone, clock: Clock) -> None:
    contents.keep_buttons(phone.rt)
    phone.faults(fail_next=9, fail_status=400, fail_code=63005)
    phone.say(PAID)
    outbox.send_all(phone.rt)
    rows = phone.rt.read(lambda session: session.scalars(select(OutboxItem).order_by(OutboxItem.id)).all())
    assert {row.status for row in rows} == {"failed"}
    assert [row.is_plain for row in rows] == [False, True]  # the receipt has none


def test_an_unknown_outcome_with_buttons_is_not_sent_again(phone: Phone) -> None:
    contents.keep_buttons(phone.rt)
    phone.say(PAID)
    phone.faults(drop_connection_next=1, accept_before_fault=True)
    phone.say("Ya lanjut")
    phone.faults()
    outbox.send_all(phone.rt)
    assert [bubble["text"][:10] for bubble in phone.heard()].count("Siapa nama") == 1


def test_contents_that_are_gone_are_made_again(phone: Phone, clock: Clock) -> None:
    contents.keep_buttons(phone.rt)
    httpx.delete(f"{phone.address}/api/contents")
    phone.say(PAID)
    outbox.send_all(phone.rt)
    assert (phone.heard()[-1]["text"][:1], phone.keys()) == ("🔒", [])
    assert contents.keep_buttons(phone.rt) == 1
    assert len(phone.contents()) == 1


def test_a_text_too_long_for_buttons_goes_without(phone: Phone) -> None:
    contents.keep_buttons(phone.rt)

    def has_buttons(length: int, *, is_plain: bool = False) -> bool:
        options = offer_of("T02", Language.ID).options
        sent = OutboundMessage("1", ChannelCode.WHATSAPP, f"whatsapp:{MITRA}", "x" * length, options)
        put = partial(
            kept_buttons.put_under, item=OutboxItem(is_plain=is_plain), outbound=sent, language="id", now=NOW
        )
        return bool(phone.rt.read(put).buttons_id)

    assert (has_buttons(1024), has_buttons(1025), has_buttons(10, is_plain=True)) == (True, False, False)


def test_twilio_is_asked_how_templates_stand(phone: Phone, clock: Clock) -> None:
    rt = phone.rt
    for digit, name in (("1", "kabar"), ("9", "hilang")):
        rt.write(
            partial(
                message_templates.add, step="T22", language="id", name=name, content_id="HX" + digit * 32,
                variables=["nama", "nomor"], actor="user:a", now=NOW,
            )
        )  # fmt: skip
    assert (contents.read_templates(rt), contents.read_templates(rt)) == (1, 0)
    gone, read = rt.read(templates_shown)
    assert (read.state, read.read_at, read.is_sent) == ("approved", NOW, False)
    assert (read.body or "").startswith("Ibu {{1}}, ada kabar")
    assert (gone.state, gone.read_error, gone.body) == ("paused", "20404", None)
    assert httpx.post(f"{phone.address}/api/contents/{read.content_id}", json={"status": "paused"}).is_success
    clock.pass_by(minutes=16)
    assert contents.read_templates(rt) == 1
    assert [row.state for row in rt.read(templates_shown)] == ["paused", "paused"]
