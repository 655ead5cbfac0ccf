"""Sending by the real clients to a peer that checks requests as the provider documents them, and misbehaves."""

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode

import pytest
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, tell, ticket_of

from helpdesk import inbox, outbox
from helpdesk.channels import build_channels, telegram_thread, twilio_common, whatsapp_meta
from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from helpdesk.queries.sendings import sendings_of
from helpdesk.runtime import Runtime
from helpdesk.services import replies

from .webhooks import META_NUMBER, META_TOKEN, Settings, meta_webhook, twilio_webhook, with_meta

SMS, WHATSAPP, TELEGRAM = ChannelCode.SMS, ChannelCode.WHATSAPP, ChannelCode.TELEGRAM
READ, FAILED, SENT = DeliveryStatus.READ, DeliveryStatus.FAILED, DeliveryStatus.SENT
PATIENCE = 0.5
"""Seconds after which the clients give an answer up."""
PHONE, CHAT = "+6285711112222", "7"
MOODS = (
    "fine",
    "busy",
    "error after it took it",
    "error instead",
    "hangs up after",
    "hangs up instead",
    "says nothing",
    "babbles",
)
"""What the peer does with the first try of a message, in turn."""
TAKES = {"fine", "busy", "error after it took it", "hangs up after", "says nothing", "babbles"}
EARLY, LATE = ("read", "sent", "delivered"), "sent"
"""The reports of a message: some before the answer, one when all is over."""
HANGS_UP, SAYS_NOTHING = 0, -1


class Peer:
    """Twilio, Telegram and Meta in one: takes only what their documents allow, keeps it, and answers as its mood is."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.taken: list[tuple[str, str]] = []
        """Provider's id and words."""
        self.refused: list[str] = []
        self.met: dict[str, str] = {}
        """Words and the mood that they met."""
        self.late: list[Callable[[], None]] = []
        """Reports that are still to come."""
        self.lock = threading.Lock()
        self._serial = itertools.count(1)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def take(self, words: str, provider: str, our_id: str = "") -> tuple[int, bytes]:
        """Return status and body. Delivery reports come before the answer, and out of order."""
        with self.lock:
            is_first = words not in self.met
            mood = self.met.setdefault(words, MOODS[len(self.met) % len(MOODS)]) if is_first else "fine"
        if mood == "busy":
            return 429, json.dumps(_BUSY[provider]).encode()
        if mood == "error instead":
            return 500, b"<html>no</html>"
        if mood == "hangs up instead":
            return HANGS_UP, b""
        with self.lock:
            external_id = f"SM{len(self.taken):032d}" if provider != "telegram" else str(len(self.taken) + 1)
            self.taken.append((external_id, words))
        if provider != "telegram":
            for status in EARLY:
                self._report(provider, external_id, status, our_id)
            self.late.append(lambda: self._report(provider, external_id, LATE, our_id))
        if mood == "error after it took it":
            return 502, b"<html>bad gateway</html>"
        if mood == "hangs up after":
            return HANGS_UP, b""
        if mood == "says nothing":
            return SAYS_NOTHING, b""
        if mood == "babbles":
            return 200, b'{"sid": '
        return _answer(provider, external_id, words)

    def _report(self, provider: str, external_id: str, status: str, our_id: str) -> None:
        if provider == "meta":
            said = {
                "id": external_id,
                "status": status,
                "timestamp": str(next(self._serial)),
                "biz_opaque_callback_data": our_id,
            }
            value = {"metadata": {"phone_number_id": META_NUMBER}, "statuses": [said]}
            update = {
                "object": "whatsapp_business_account",
                "entry": [{"changes": [{"field": "messages", "value": value}]}],
            }
            request = meta_webhook(json.dumps(update).encode())
        else:
            form = (("MessageSid", external_id), ("MessageStatus", status), ("N", str(next(self._serial))))
            request = replace(twilio_webhook(provider, form), body=urlencode(form).encode())
        inbox.process(self.rt, inbox.accept(self.rt, request))

    def listed(self) -> bytes:
        """Return Twilio's list of what it took."""
        at = format_datetime(NOW)
        rows = [
            {"sid": sid, "body": words, "date_created": at, "date_sent": at, "direction": "outbound-api"}
            for sid, words in self.taken
        ]
        return json.dumps({"messages": rows, "page_size": 500, "next_page_uri": None}).encode()

    def _twilio(self, form: dict[str, list[str]]) -> tuple[int, bytes]:
        fields = {name: values[0] for name, values in form.items() if len(values) == 1}
        to, sender = fields.get("To", ""), fields.get("From", "")
        prefix = "whatsapp:" if to.startswith("whatsapp:") else ""
        is_right = (
            len(fields) == len(form)
            and to.startswith(f"{prefix}+")
            and sender.startswith(f"{prefix}+")
            and 0 < len(fields.get("Body", "")) <= 1600
            and fields.get("StatusCallback", "").startswith("http")
            and 1 <= int(fields.get("ValidityPeriod", "36000")) <= 36000
        )
        if not is_right:
            return self._refuse(str(fields), {"code": 21620, "status": 400, "message": "Invalid"})
        return self.take(fields["Body"], "whatsapp" if prefix else "sms")

    def _telegram(self, form: dict[str, list[str]]) -> tuple[int, bytes]:
        words = form.get("text", [""])[0]
        chat, units = form.get("chat_id", [""])[0], len(words.encode("utf-16-le")) // 2
        if not chat.lstrip("-").isdecimal() or not 0 < units <= 4096:
            wrong = {"ok": False, "error_code": 400, "description": "Bad Request"}
            return self._refuse(str(form), wrong)
        return self.take(words, "telegram")

    def _meta(self, body: bytes, token: str) -> tuple[int, bytes]:
        message = json.loads(body)
        kind = message.get("type", "")
        words = message.get(kind, {}).get("body", "")
        words = words.get("text", "") if isinstance(words, dict) else words
        is_right = (
            token == f"Bearer {META_TOKEN}"
            and (message.get("messaging_product"), message.get("recipient_type"))
            == ("whatsapp", "individual")
            and message.get("to") == PHONE.removeprefix("+")
            and kind in ("text", "interactive")
            and 0 < len(words) <= (4096 if kind == "text" else 1024)
            and 0 < len(message.get("biz_opaque_callback_data", "")) <= 512
        )
        if not is_right:
            return self._refuse(body.decode(), {"error": {"code": 100, "message": "Invalid parameter"}})
        return self.take(words, "meta", message["biz_opaque_callback_data"])

    def _refuse(self, request: str, answer: object) -> tuple[int, bytes]:
        self.refused.append(request)
        return 400, json.dumps(answer).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                if self.path == f"/v24.0/{META_NUMBER}/messages":
                    self.reply(*peer._meta(body, self.headers["Authorization"]))
                    return
                form = parse_qs(body.decode())
                is_twilio = self.path.endswith("/Messages.json")
                self.reply(*(peer._twilio(form) if is_twilio else peer._telegram(form)))

            def do_GET(self) -> None:
                self.reply(200, peer.listed())

            def reply(self, status: int, body: bytes) -> None:
                if status == SAYS_NOTHING:
                    self.rfile.read(1)  # until the client has lost its patience
                if status in (HANGS_UP, SAYS_NOTHING):
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Keep the output of the tests clean."""

        return Handler


_TOO_MANY = {"code": 20429, "status": 429, "message": "Too Many Requests"}
_FLOOD = {"ok": False, "error_code": 429, "description": "x", "parameters": {"retry_after": 1}}
_BUSY: dict[str, object] = {
    "sms": _TOO_MANY,
    "whatsapp": _TOO_MANY,
    "telegram": _FLOOD,
    "meta": {"error": {"code": 130429, "message": "Rate limit hit"}},
}


def _answer(provider: str, external_id: str, words: str) -> tuple[int, bytes]:
    if provider == "meta":
        return 200, json.dumps({"messaging_product": "whatsapp", "messages": [{"id": external_id}]}).encode()
    if provider != "telegram":
        return 201, json.dumps({"sid": external_id, "status": "queued"}).encode()
    said = {
        "message_id": int(external_id),
        "date": 1,
        "chat": {"id": int(CHAT), "type": "private"},
        "text": words,
    }
    return 200, json.dumps({"ok": True, "result": said}).encode()


@pytest.fixture
def peer(rt: Runtime, carrier: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    monkeypatch.setattr(twilio_common, "TIMEOUT_SECONDS", PATIENCE)
    monkeypatch.setattr(telegram_thread, "ANSWER_SECONDS", PATIENCE)
    monkeypatch.setattr(whatsapp_meta, "_SECONDS", (PATIENCE, PATIENCE))
    peer = Peer(rt)
    settings = with_meta(meta_api_base=f"{peer.address}/v24.0") if carrier == "meta" else Settings()
    rt.channels = build_channels(
        replace(settings, twilio_api_base=peer.address, telegram_api_base=peer.address)
    )
    yield peer
    for channel in rt.channels.values():
        channel.close()
    peer.close()


def reply(session: Session, ticket: Ticket, text: str) -> None:
    replies.reply(
        session, ticket.id, text, author_id=None, actor="user:x", seen_message_id=None, lender=LENDER, now=NOW
    )


def talked(rt: Runtime, channel: ChannelCode) -> int:
    """A person writes, staff answer once for each mood, and one answer is too long. Returns her ticket."""

    def write(session: Session) -> int:
        phone = CHAT if channel is TELEGRAM else PHONE
        ticket = ticket_of(session, tell(session, now=NOW, channel=channel, phone=phone))
        for number in range(len(MOODS) - 1):  # an automatic text comes before
            reply(session, ticket, f"Kabar nomor {number}, Ibu.")
        reply(session, ticket, "Kami sudah periksa semua. " * 150)
        return ticket.id

    return rt.write(write)


@pytest.mark.parametrize("carrier", ["whatsapp", "sms", "telegram", "meta"])
def test_whatever_the_provider_does_nothing_is_sent_twice_and_the_agent_sees_it(
    rt: Runtime, carrier: str, peer: Peer
) -> None:
    channel = WHATSAPP if carrier == "meta" else ChannelCode(carrier)
    ticket_id = talked(rt, channel)
    for minute in (0, 1, 2, 5, 10, 20, 60, 120):
        at = NOW + timedelta(minutes=minute)
        rt.now = lambda at=at: at  # type: ignore[misc]
        while outbox.send_due(rt, channel):
            pass
        outbox.find_unknown(rt)
        for report in peer.late:
            report()
        peer.late.clear()
    words = [text for _sid, text in peer.taken]
    assert len(words) == len(set(words))
    assert peer.refused == []
    assert set(peer.met.values()) == set(MOODS)
    messages = rt.read(
        lambda session: session.scalars(
            select(Message).where(Message.ticket_id == ticket_id, Message.direction == "out")
        ).all()
    )
    sendings = rt.read(lambda session: sendings_of(session, ticket_id))
    for message in messages:
        mood = peer.met.get(message.body)
        if mood is None:
            continue  # in parts
        if channel is TELEGRAM:  # it lists nothing and reports nothing: a person decides
            assert message.delivery == (SENT if mood in ("fine", "busy") else FAILED), mood
        else:
            assert message.delivery == (READ if mood in TAKES else FAILED), mood
        assert sendings[message.id].is_in_doubt is (message.delivery == FAILED)
