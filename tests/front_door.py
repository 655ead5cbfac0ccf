"""The door as providers meet it: signed webhooks of Twilio and Telegram to an installation beside the simulator."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import httpx
from flask import Flask
from installing import NOW, settings_for
from sqlalchemy import func, select
from talk import PAID
from twilio.request_validator import RequestValidator

from helpdesk import inbox
from helpdesk.demo.phones.app import running
from helpdesk.demo.phones.settings import PhoneSettings
from helpdesk.runtime import Runtime, build_runtime

ACCOUNT, TOKEN, SECRET, BOT = "ACflow", "flow-token", "flow-secret", "7000000001:flowflowflow"
PUBLIC = "https://pengaduan.example.id"
NUMBER = "+6221555000100"
MITRA = "+6285711112222"

_serial = itertools.count(1)


@contextmanager
def simulated() -> Iterator[str]:
    """The phone simulator; its delivery reports find nobody: tests post their own."""
    settings = PhoneSettings(
        app_url="http://127.0.0.1:9",
        public_url=PUBLIC,
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        telegram_bot_token=BOT,
        telegram_webhook_secret=SECRET,
        status_delay_seconds=0,
    )
    with running(settings) as address:
        yield address


@contextmanager
def installed(
    template: Callable[[Path], str], folder: Path, phones: str, **changes: object
) -> Iterator[Runtime]:
    """An installation whose providers are the simulator. Its clock stands at NOW."""
    values: dict[str, object] = {
        "public_url": PUBLIC,
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": TOKEN,
        "twilio_whatsapp_from": f"whatsapp:{NUMBER}",
        "twilio_sms_from": NUMBER,
        "twilio_api_base": phones,
        "telegram_bot_token": BOT,
        "telegram_webhook_secret": SECRET,
        "telegram_api_base": phones,
    }
    runtime = build_runtime(settings_for(template(folder), folder, **(values | changes)), now=lambda: NOW)
    runtime.load_keys()
    yield runtime
    runtime.close()


Post = Callable[[], int]


def form_post(
    app: Flask,
    channel: str,
    fields: dict[str, str],
    *,
    path: str = "",
    signed: str = "",
    token: str = TOKEN,
    headers: dict[str, str] | None = None,
) -> Post:
    """A form signed by `token` over the address `signed`, and sent to `path`: as Twilio does when nothing is said."""
    path = path or f"/webhooks/{channel}"
    signature = RequestValidator(token).compute_signature(signed or PUBLIC + path, fields)
    sent_headers = {"X-Twilio-Signature": signature, "Content-Type": inbox.FORM} | (headers or {})

    def post() -> int:
        with (
            app.test_client() as client,
            client.post(path, data=urlencode(fields), headers=sent_headers) as answer,
        ):
            return answer.status_code

    return post


def twilio_post(app: Flask, channel: str, body: str = PAID, **more: str) -> Post:
    """One signed request as Twilio sends it, to be posted as often as one likes."""
    return form_post(app, channel, message_fields(channel, body, **more))


def message_fields(channel: str, body: str = PAID, **more: str) -> dict[str, str]:
    """What Twilio says of a message to us."""
    prefix = "whatsapp:" if channel == "whatsapp" else ""
    fields = {
        "MessageSid": f"SM{next(_serial):032}",
        "AccountSid": "ACother",
        "From": f"{prefix}{MITRA}",
        "To": f"{prefix}{NUMBER}",
        "Body": body,
        "NumMedia": "0",
        "ApiVersion": "2010-04-01",
    }
    return fields | more


def report_post(app: Flask, channel: str, sid: str, status: str, **more: str) -> Post:
    """A delivery report of Twilio's."""
    fields = {"MessageSid": sid, "MessageStatus": status, "AccountSid": ACCOUNT} | more
    return form_post(app, channel, fields)


def telegram_post(
    app: Flask,
    text: str = PAID,
    secret: str = SECRET,
    *,
    chat_id: int = 555001,
    message_id: int | None = None,
) -> Post:
    """One update with a message as Telegram sends it."""
    content = {
        "message_id": message_id or next(_serial),
        "date": 1_795_000_000,
        "text": text,
        "from": {"id": chat_id, "is_bot": False, "first_name": "Siti"},
        "chat": {"id": chat_id, "type": "private", "first_name": "Siti"},
    }
    return update_post(app, {"message": content}, secret)


def update_post(app: Flask, content: dict[str, object], secret: str = SECRET) -> Post:
    """One update of Telegram's."""
    update = {"update_id": next(_serial)} | content

    def post() -> int:
        with (
            app.test_client() as client,
            client.post(
                "/webhooks/telegram",
                data=json.dumps(update),
                content_type="application/json",
                headers={"X-Telegram-Bot-Api-Secret-Token": secret},
            ) as answer,
        ):
            return answer.status_code

    return post


def count(rt: Runtime, table: type) -> int:
    return rt.read(lambda session: session.scalar(select(func.count()).select_from(table)) or 0)


def sent(phones: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = httpx.get(f"{phones}/sent").json()
    return found
