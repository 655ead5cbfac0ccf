"""kill -9 at the worst moments, with the real web process: nothing lost, nothing doubled."""

import contextlib
import itertools
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from house import free_port, wait_for
from installing import KEY
from sqlalchemy import Select, func, select
from twilio.request_validator import RequestValidator

from helpdesk import inbox
from helpdesk.config import Settings
from helpdesk.domain.messages import WebhookRequest
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from helpdesk.models.webhooks import WebhookEvent, WebhookState
from helpdesk.runtime import Runtime, build_runtime

TOKEN = "crash-token"
ROUNDS = 12 if os.environ.get("HELPDESK_SOAK") else 3

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("process"), pytest.mark.timeout(300)]


def environment(url: str, folder: Path, port: int) -> dict[str, str]:
    """Settings of the process under test. Its senders lead nowhere: only what comes in matters here."""
    return os.environ | {
        "HELPDESK_SECRET_KEY": "crash-crash-crash-crash-crash-crash",
        "HELPDESK_ENCRYPTION_KEYS": KEY,
        "HELPDESK_DATABASE_URL": url,
        "HELPDESK_STORAGE_DIR": str(folder / "storage"),
        "HELPDESK_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "HELPDESK_TWILIO_ACCOUNT_SID": "ACcrash",
        "HELPDESK_TWILIO_AUTH_TOKEN": TOKEN,
        "HELPDESK_TWILIO_WHATSAPP_FROM": "whatsapp:+6221555000100",
        "HELPDESK_TWILIO_API_BASE": "http://127.0.0.1:9",
    }


@contextlib.contextmanager
def opened(env: dict[str, str]) -> Iterator[Runtime]:
    """What the process under test works on, seen from here."""
    prefix = "HELPDESK_"
    settings = {name.removeprefix(prefix).lower(): env[name] for name in env if name.startswith(prefix)}
    runtime = build_runtime(Settings.model_validate(settings))
    runtime.load_keys()
    try:
        yield runtime
    finally:
        runtime.close()


def count(runtime: Runtime, query: Select[tuple[int]]) -> int:
    """Number of rows that lie in the database now."""
    return runtime.read(lambda session: session.scalars(query).one())


def start(env: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    """Start web and worker, and wait until they answer."""
    process = subprocess.Popen(
        [sys.executable, "-m", "helpdesk.cli", "serve", "--bind", f"127.0.0.1:{port}", "--with-worker"],
        env=env,
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: is_ready(port))
    return process


def is_ready(port: int) -> bool:
    """Whether /readyz says so."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def signed(url: str, sid: str) -> tuple[dict[str, str], dict[str, str]]:
    """Fields and headers of a WhatsApp message, the same bytes for the same id."""
    fields = {
        "MessageSid": sid,
        "From": f"whatsapp:+62857{int(sid.removeprefix('SM')):08}",
        "To": "whatsapp:+6221555000100",
        "Body": "angsuran saya sudah bayar lewat VA belum masuk",
        "NumMedia": "0",
    }
    signature = RequestValidator(TOKEN).compute_signature(url, fields)
    return fields, {"x-twilio-signature": signature, "content-type": inbox.FORM}


def post(port: int, sid: str) -> bool:
    """Send one message; True when it was acknowledged."""
    url = f"http://127.0.0.1:{port}/webhooks/whatsapp"
    fields, headers = signed(url, sid)
    try:
        return httpx.post(url, content=urlencode(fields), headers=headers, timeout=10).is_success
    except httpx.HTTPError:
        return False


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 the web server and its workers at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def send_until_killed(port: int, process: subprocess.Popen[bytes], waiting: list[str]) -> set[str]:
    """Send from four clients at once and kill the process in the middle; return what was acknowledged."""
    moment = random.Random(len(waiting)).randrange(2, len(waiting) - 2)
    acknowledged: set[str] = set()
    lock = threading.Lock()

    def one(sid: str) -> None:
        if post(port, sid):
            with lock:
                acknowledged.add(sid)
                if len(acknowledged) == moment:
                    os.killpg(process.pid, signal.SIGKILL)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, waiting))
    kill(process)
    return acknowledged


UNPROCESSED = select(func.count(WebhookEvent.id)).where(WebhookEvent.state != WebhookState.PROCESSED)
TICKETS = select(func.count(Ticket.id))


def test_what_was_acknowledged_survives_kill_9_and_is_there_once(
    template: Callable[[Path], str], tmp_path: Path
) -> None:
    port = free_port()
    env = environment(template(tmp_path), tmp_path, port)
    serial = itertools.count(1)
    sent: set[str] = set()
    acknowledged: set[str] = set()
    for _ in range(ROUNDS):
        repeated = sorted(sent - acknowledged)  # as the provider does
        waiting = [*repeated, *(f"SM{next(serial)}" for _ in range(12))]
        sent |= set(waiting)
        acknowledged |= send_until_killed(port, start(env, port), waiting)
    process = start(env, port)
    for sid in sorted(sent - acknowledged):
        assert post(port, sid)
    with opened(env) as runtime:
        try:
            wait_for(lambda: count(runtime, UNPROCESSED) == 0)
        finally:
            kill(process)
        arrived = select(Message.external_id).where(Message.direction == "in")
        stored = runtime.read(lambda session: session.scalars(arrived).all())
        tickets = count(runtime, TICKETS)
    assert len(acknowledged) < len(sent)  # the kills hit somebody
    assert sorted(stored) == sorted(sent)  # nothing lost, nothing doubled
    assert tickets == len(sent)


def test_a_webhook_stored_and_never_processed_is_taken_up_by_the_next_process(
    template: Callable[[Path], str], tmp_path: Path
) -> None:
    """The exact moment between store and process: the event is on disk, the process that stored it is gone."""
    port = free_port()
    env = environment(template(tmp_path), tmp_path, port)
    url = f"{env['HELPDESK_PUBLIC_URL']}/webhooks/whatsapp"
    fields, headers = signed(url, "SM1")
    with opened(env) as runtime:
        body = urlencode(fields).encode()
        inbox.accept(runtime, WebhookRequest("whatsapp", url, headers, tuple(fields.items()), body))
        assert (count(runtime, UNPROCESSED), count(runtime, TICKETS)) == (1, 0)
        process = start(env, port)
        try:
            wait_for(lambda: count(runtime, UNPROCESSED) == 0)
        finally:
            kill(process)
        assert count(runtime, TICKETS) == 1
