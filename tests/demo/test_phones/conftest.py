"""A running simulator, the app it talks to, and Twilio's own client."""

import threading
from collections.abc import Iterator

import pytest
from phone_talk import (
    ACCOUNT,
    BOT_TOKEN,
    PUBLIC,
    SECRET,
    SMS_FROM,
    TOKEN,
    WHATSAPP_FROM,
    Receiver,
    RedirectedHttpClient,
)
from twilio.rest import Client

from helpdesk.demo.phones.app import running
from helpdesk.demo.phones.settings import PhoneSettings


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(receiver: Receiver) -> PhoneSettings:
    return PhoneSettings(
        app_url=receiver.url,
        public_url=PUBLIC,
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        telegram_bot_token=BOT_TOKEN,
        telegram_webhook_secret=SECRET,
        twilio_whatsapp_from=WHATSAPP_FROM,
        twilio_sms_from=SMS_FROM,
        status_delay_seconds=0,
        retry_delay_seconds=0,
    )


@pytest.fixture
def phones(settings: PhoneSettings) -> Iterator[str]:
    with running(settings) as address:
        yield address


@pytest.fixture
def twilio(phones: str) -> Iterator[Client]:
    http = RedirectedHttpClient(phones)
    yield Client(ACCOUNT, TOKEN, http_client=http)
    http.session.close()
