"""Sending by the real clients to a peer that checks requests as the provider documents them, and misbehaves."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, tell, ticket_of

from helpdesk import outbox
from helpdesk.channels import build_channels
from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.messages import ChannelCode, DeliveryReport
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from helpdesk.queries.sendings import sendings_of
from helpdesk.runtime import Runtime
from helpdesk.services import delivery, replies

from .webhooks import Settings

WHATSAPP, TELEGRAM = ChannelCode.WHATSAPP, ChannelCode.TELEGRAM
READ, FAILED, SENT = DeliveryStatus.READ, DeliveryStatus.FAILED, DeliveryStatus.SENT
MOODS = (
    "fine",
    "busy",
    "error after it took it",
    "error instead",
    "hangs up after",
    "hangs up instead",
    "babbles",
)
"""What the peer does with the first try of a message, in turn."""
TAKES = {"fine", "busy", "error after it took it", "hangs up after", "babbles"}


class Peer:
    """Twilio and Telegram in one: takes only what their documents allow, keeps it, and answers as its mood is."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.taken: list[tuple[str, str]] = []
        """Provider's id and words."""
        self.refused: list[str] = []
        self.met: dict[str, str] = {}
        """Words and the mood that they met."""
        self.lock = threading.Lock()
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

    def take(self, words: str, *, is_twilio: bool) -> tuple[int, bytes]:
        """Return status and body; 0 hangs up. Delivery reports come before the answer, and out of order."""
        with self.lock:
            is_first = words not in self.met
            mood = self.met.setdefault(words, MOODS[len(self.met) % len(MOODS)]) if is_first else "fine"
        if mood == "busy":
            wrong = {"code": 20429, "status": 429, "message": "Too Many Requests"}
            if not is_twilio:
                wrong = {"ok": False, "error_code": 429, "description": "x", "parameters": {"retry_after": 1}}
            return 429, json.dumps(wrong).encode()
        if mood == "error instead":
            return 500, b"<html>no</html>"
        if mood == "hangs up instead":
            return 0, b""
        with self.lock:
            external_id = f"SM{len(self.taken):032d}" if is_twilio else str(len(self.taken) + 1)
            self.taken.append((external_id, words))
        if is_twilio:
            for status in (
                DeliveryStatus.READ,
                DeliveryStatus.SENT,
                DeliveryStatus.DELIVERED,
                DeliveryStatus.SENT,
            ):
                report = DeliveryReport(WHATSAPP, external_id, status, None)
                self.rt.write(lambda session, report=report: delivery.apply_report(session, report, now=NOW))  # type: ignore[misc]
        if mood == "error after it took it":
            return 502, b"<html>bad gateway</html>"
        if mood == "hangs up after":
            return 0, b""
        if mood == "babbles":
            return 200, b'{"sid": '
        if is_twilio:
            return 201, json.dumps({"sid": external_id, "status": "queued"}).encode()
        said = {
            "message_id": int(external_id),
            "date": 1,
            "chat": {"id": 7, "type": "private"},
            "text": words,
        }
        return 200, json.dumps({"ok": True, "result": said}).encode()

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
        is_right = (
            len(fields) == len(form)
            and fields.get("To", "").startswith("whatsapp:+")
            and fields.get("From", "").startswith("whatsapp:+")
            and 0 < len(fields.get("Body", "")) <= 1600
            and fields.get("StatusCallback", "").startswith("http")
            and 1 <= int(fields.get("ValidityPeriod", "36000")) <= 36000
        )
        if not is_right:
            self.refused.append(str(fields))
            return 400, b'{"code": 21620, "status": 400, "message": "Invalid"}'
        return self.take(fields["Body"], is_twilio=True)

    def _telegram(self, form: dict[str, list[str]]) -> tuple[int, bytes]:
        words = form.get("text", [""])[0]
        chat, units = form.get("chat_id", [""])[0], len(words.encode("utf-16-le")) // 2
        if not chat.lstrip("-").isdecimal() or not 0 < units <= 4096:
            self.refused.append(str(form))
            return 400, b'{"ok": false, "error_code": 400, "description": "Bad Request"}'
        return self.take(words, is_twilio=False)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"] or 0)).decode())
                is_twilio = self.path.endswith("/Messages.json")
                self.reply(*(peer._twilio(form) if is_twilio else peer._telegram(form)))

            def do_GET(self) -> None:
                self.reply(200, peer.listed())

            def reply(self, status: int, body: bytes) -> None:
                if status == 0:
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


@pytest.fixture
def peer(rt: Runtime) -> Iterator[Peer]:
    peer = Peer(rt)
    rt.channels = build_channels(
        replace(Settings(), twilio_api_base=peer.address, telegram_api_base=peer.address)
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
        phone = "+6285711112222" if channel is WHATSAPP else "7"
        ticket = ticket_of(session, tell(session, now=NOW, channel=channel, phone=phone))
        for number in range(len(MOODS) - 2):  # two automatic texts come before
            reply(session, ticket, f"Kabar nomor {number}, Ibu.")
        reply(session, ticket, "Kami sudah periksa semua. " * 150)
        return ticket.id

    return rt.write(write)


@pytest.mark.parametrize("channel", [WHATSAPP, TELEGRAM])
def test_whatever_the_provider_does_nothing_is_sent_twice_and_the_agent_sees_it(
    rt: Runtime, peer: Peer, channel: ChannelCode
) -> None:
    ticket_id = talked(rt, channel)
    for minute in (0, 1, 2, 5, 10, 20, 60, 120):
        at = NOW + timedelta(minutes=minute)
        rt.now = lambda at=at: at  # type: ignore[misc]
        while outbox.send_due(rt, channel):
            pass
        outbox.find_unknown(rt)
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
        if channel is WHATSAPP:
            assert message.delivery == (READ if mood in TAKES else FAILED), mood
        else:  # Telegram lists nothing: a person decides
            assert message.delivery == (SENT if mood in ("fine", "busy") else FAILED), mood
        assert sendings[message.id].is_in_doubt is (message.delivery == FAILED)
