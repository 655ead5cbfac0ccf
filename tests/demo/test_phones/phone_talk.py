"""What the simulator's tests say and hear: a stand-in for the app, and the real clients."""

import asyncio
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import requests
from telegram import Bot
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

PUBLIC = "https://layanan.example"
ACCOUNT, TOKEN = "AC" + "a" * 32, "twilio-token"
BOT_TOKEN, SECRET = "424242:bot-token", "telegram-secret"
WHATSAPP_FROM, SMS_FROM = "+14155238886", "+15005550006"
MITRA = "+6285900000999"


@dataclass(frozen=True)
class Hook:
    """One webhook as the app received it."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def is_signed(self) -> bool:
        validator = RequestValidator(TOKEN)
        return bool(
            validator.validate(PUBLIC + self.path, self.form, self.headers.get("X-Twilio-Signature", ""))
        )


class Receiver(ThreadingHTTPServer):
    """The app's place: keeps webhooks and answers with `answer`."""

    daemon_threads = True

    def __init__(self) -> None:
        self.hooks: queue.Queue[Hook] = queue.Queue()
        self.answer = 204
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def next(self) -> Hook:
        return self.hooks.get(timeout=10)

    def statuses(self, count: int) -> list[str]:
        return [self.next().form["MessageStatus"] for _ in range(count)]


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.hooks.put(Hook(self.path, dict(self.headers), body))
        self.send_response(self.server.answer)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        return


class RedirectedHttpClient(TwilioHttpClient):  # type: ignore[misc]
    """Twilio's own client, sent to the simulator instead of api.twilio.com."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=10)
        self._base = base

    def request(self, method: str, url: str, *args: object, **kwargs: object) -> object:
        return super().request(method, url.replace("https://api.twilio.com", self._base), *args, **kwargs)


@contextmanager
def faults(phones: str, **wanted: object) -> Iterator[None]:
    assert requests.post(f"{phones}/faults", json=wanted, timeout=10).status_code == 200
    yield
    requests.delete(f"{phones}/faults", timeout=10)


def sent(phones: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = requests.get(f"{phones}/sent", timeout=10).json()
    return found


def inbound(phones: str, **said: object) -> dict[str, object]:
    answer = requests.post(f"{phones}/api/inbound", json=said, timeout=10)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def send_whatsapp(twilio: Client, text: str = "Baik, Ibu.", to: str = MITRA) -> str:
    message = twilio.messages.create(
        to=f"whatsapp:{to}",
        from_=f"whatsapp:{WHATSAPP_FROM}",
        body=text,
        status_callback=f"{PUBLIC}/webhooks/whatsapp?message=7#rc=3&rp=all",
    )
    return str(message.sid)


def make_bot(phones: str, token: str = BOT_TOKEN) -> Bot:
    return Bot(token, base_url=f"{phones}/bot", base_file_url=f"{phones}/file/bot")


def telegram_send(phones: str, text: str = "Baik, Ibu.", token: str = BOT_TOKEN, **more: object) -> int:
    async def run() -> int:
        async with make_bot(phones, token) as bot:
            return (await bot.send_message(700000999, text, **more)).message_id  # type: ignore[arg-type]

    return asyncio.run(run())


def telegram_send_plainly(phones: str, text: str) -> None:
    url = f"{phones}/bot{BOT_TOKEN}/sendMessage"
    assert requests.post(url, json={"chat_id": 700000999, "text": text}, timeout=10).json()["ok"] is True
