"""kill -9 of web, worker and database at random while messages come and go: nothing lost, nothing said twice.

Full size under HELPDESK_SOAK: 5,000 messages in and 5,000 replies out, with the automatic answers besides
(HELPDESK_KILL_MESSAGES for another number, HELPDESK_KILL_SEED for another order). With -s it prints its figures.
"""

import contextlib
import os
import random
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from house import ACCOUNT, SENDER, TOKEN, Database, House, free_port, wait_for
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from twilio.request_validator import RequestValidator

from helpdesk import inbox
from helpdesk.demo.phones.app import running
from helpdesk.demo.phones.settings import PhoneSettings
from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.lender import Lender
from helpdesk.models.contacts import Handle
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.tickets import Ticket
from helpdesk.models.webhooks import WebhookEvent, WebhookState
from helpdesk.runtime import DATABASE_AWAY, Runtime
from helpdesk.services import delivery, idempotency, replies
from helpdesk.wallclock import utc_now

IS_SOAK = bool(os.environ.get("HELPDESK_SOAK"))
INBOUND = OUTBOUND = int(os.environ.get("HELPDESK_KILL_MESSAGES", "5000")) if IS_SOAK else 40
EACH = 4
"""Messages of one person, one after the other."""
CLIENTS = 6
PAUSES = (10.0, 30.0) if IS_SOAK else (0.5, 1.5)
"""Seconds between two kills, at random."""
LEAST_KILLS = 30 if IS_SOAK else 3
MOST_KILLS = 10_000 if IS_SOAK else 3
CALM = 0.7 if IS_SOAK else 1.0
"""How often the next kill waits until the last one has healed."""
TEXT = "angsuran saya sudah bayar lewat VA belum masuk, bagian"
UNKNOWN_CODES = {delivery.UNKNOWN_OUTCOME, "network", "timeout", "bad_response", "connection_lost"}

pytestmark = [
    pytest.mark.process,
    pytest.mark.postgres,
    pytest.mark.xdist_group("process"),
    pytest.mark.timeout(7200 if IS_SOAK else 300),
]


@pytest.fixture
def database() -> Iterator[Database]:
    # The server wants a private parent folder for its lock file.
    with tempfile.TemporaryDirectory(prefix="helpdesk-kill-", ignore_cleanup_errors=True) as folder:
        server = Database(Path(folder))
        yield server
        server.close()


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    port = free_port()
    settings = PhoneSettings(
        app_url=f"http://127.0.0.1:{port}",
        public_url=f"http://127.0.0.1:{port}",
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        telegram_bot_token="1:house",
        telegram_webhook_secret="house",
        twilio_whatsapp_from=SENDER,
        status_delay_seconds=0.05,
        keep=1_000_000,
    )
    with running(settings) as provider:
        here = House(database, tmp_path, provider=provider, port=port)
        try:
            yield here
        finally:
            here.close()


class Mitras:
    """People who say one thing after the other, each time until it is acknowledged, and some of it again."""

    def __init__(self, house: House, random_: random.Random) -> None:
        self._url = f"http://127.0.0.1:{house.port}/webhooks/whatsapp"
        self._random = random_
        self.said: dict[str, list[str]] = {}
        self.posts = 0

    def all_speak(self) -> None:
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(self._speak, range(INBOUND // EACH)))

    def _speak(self, number: int) -> None:
        address = f"whatsapp:+62857{number:08}"
        self.said[address] = []
        with httpx.Client(timeout=20) as client:
            for part in range(EACH):
                sid = f"SM{number:028}{part:04}"
                self.said[address].append(sid)
                times = self._random.choice((1, 1, 2, 3))
                while times > 0:
                    times -= self._post(client, sid, address, part)

    def _post(self, client: httpx.Client, sid: str, address: str, part: int) -> bool:
        fields = {"MessageSid": sid, "From": address, "To": f"whatsapp:{SENDER}", "Body": f"{TEXT} {part}"}
        signature = RequestValidator(TOKEN).compute_signature(self._url, fields)
        headers = {"x-twilio-signature": signature, "content-type": inbox.FORM}
        self.posts += 1
        try:
            if client.post(self._url, content=urlencode(fields), headers=headers).is_success:
                return True
        except httpx.HTTPError:
            pass
        time.sleep(0.2)  # as the provider waits
        return False


def persistently(rt: Runtime, use_case: Callable[[Session], bool]) -> bool:
    """Run a use case until the database is there to take it."""
    while True:
        try:
            return rt.write(use_case)
        except DATABASE_AWAY:
            time.sleep(0.2)


def reply_once(session: Session, number: int, lender: Lender) -> bool:
    """Queue one reply to the ticket of one person; repeated after a lost commit it is the same one."""
    ticket_id = session.scalar(
        select(Ticket.id).order_by(Ticket.id).offset(number % max(INBOUND // EACH, 1)).limit(1)
    )
    if ticket_id is None:
        return False

    def act() -> dict[str, str]:
        replies.reply(
            session,
            ticket_id,
            f"Balasan nomor {number}.",
            author_id=None,
            actor="user:x",
            seen_message_id=None,
            lender=lender,
            now=utc_now(),
        )
        return {}

    idempotency.once(session, "kill", str(number), "reply", act=act, now=utc_now())
    return True


def all_reply(rt: Runtime) -> None:
    """Staff reply OUTBOUND times, as soon as there is somebody to reply to."""
    for number in range(OUTBOUND):
        while not persistently(rt, partial(reply_once, number=number, lender=rt.lender)):
            time.sleep(0.2)


class Killer(threading.Thread):
    """Kills one part after the other, and has the provider's answers lost now and then."""

    def __init__(self, house: House, random_: random.Random) -> None:
        super().__init__(name="killer")
        self._house, self._random = house, random_
        self.is_over = threading.Event()
        self.kills: Counter[str] = Counter()
        self.fault: Exception | None = None

    def run(self) -> None:
        parts = ["web", "worker", "database"]
        order: list[str] = []
        try:
            while not self.is_over.wait(self._random.uniform(*PAUSES)) or self.kills.total() < LEAST_KILLS:
                if self.kills.total() >= MOST_KILLS:
                    continue
                if not order:
                    order = self._random.sample(parts, 3)
                part = order.pop()
                self._lose_an_answer()
                self._house.kill(part)
                self.kills[part] += 1
                self._house.mend()
                if self._random.random() < CALM:
                    wait_for(self._house.is_ready)
        except Exception as error:
            self.fault = error

    def _lose_an_answer(self) -> None:
        body = {"drop_connection_next": 1, "accept_before_fault": True, "final_status": "sent"}
        httpx.post(f"{self._house.provider}/faults", json=body)


def count(rt: Runtime, table: type, condition: ColumnElement[bool]) -> int:
    """Number of rows now; -1 while the database is away."""
    query = select(func.count()).select_from(table).where(condition)
    with contextlib.suppress(*DATABASE_AWAY):
        return rt.read(lambda session: session.scalar(query) or 0)
    return -1


def settle(house: House, rt: Runtime) -> None:
    """Wait until everything is processed and nothing is queued; then what is in between is of unknown outcome."""

    def is_quiet() -> bool:
        house.mend()
        return (
            count(rt, WebhookEvent, WebhookEvent.state != WebhookState.PROCESSED) == 0
            and count(rt, OutboxItem, OutboxItem.status == DeliveryStatus.QUEUED) == 0
        )

    wait_for(house.is_ready)
    wait_for(is_quiet, 3600 if IS_SOAK else 120)
    house.close()
    later = utc_now() + delivery.STUCK_AFTER + timedelta(minutes=1)
    rt.write(lambda session: delivery.fail_stuck(session, now=later))


def test_kill_9_of_web_worker_and_database_loses_and_doubles_nothing(
    house: House,
) -> None:
    seed = int(os.environ.get("HELPDESK_KILL_SEED", "1"))
    mitras, killer = Mitras(house, random.Random(seed)), Killer(house, random.Random(seed))
    house.start("web")
    house.start("worker")
    wait_for(house.is_ready)
    with house.opened() as rt:
        killer.start()
        try:
            with ThreadPoolExecutor(2) as pool:
                speaking, replying = pool.submit(mitras.all_speak), pool.submit(all_reply, rt)
                speaking.result()
                replying.result()
        finally:
            killer.is_over.set()
            killer.join()
        assert killer.fault is None
        settle(house, rt)
        found = check_inbound(rt, mitras) | check_outbound(rt, house)
    print({"posts": mitras.posts, "kills": dict(killer.kills), **found})  # noqa: T201 -- the figures of a soak
    assert min(killer.kills.values()) >= LEAST_KILLS // 3


def check_inbound(rt: Runtime, mitras: Mitras) -> dict[str, object]:
    """Every acknowledged message is there once, in one ticket of its person's, in the order in which it was said."""
    query = (
        select(Handle.address, Message.external_id, Message.ticket_id)
        .join(Handle, Handle.id == Message.handle_id)
        .where(Message.direction == "in")
        .order_by(Message.id)
    )
    there: dict[str, list[str]] = defaultdict(list)
    tickets: dict[str, set[int]] = defaultdict(set)
    for address, external_id, ticket_id in rt.read(lambda session: session.execute(query).all()):
        there[address].append(external_id)
        tickets[address].add(ticket_id)
    assert dict(there) == mitras.said
    assert {len(each) for each in tickets.values()} == {1}
    return {"inbound": sum(map(len, there.values())), "tickets": len(tickets)}


def check_outbound(rt: Runtime, house: House) -> dict[str, object]:
    """The provider has each message once; where it might have it or not, we say that we do not know."""
    accepted = Counter(
        (f"whatsapp:{sent['to']}", sent["body"])
        for sent in httpx.get(f"{house.provider}/sent", timeout=60).json()
    )
    query = (
        select(Handle.address, Message.body, OutboxItem.status, OutboxItem.last_error)
        .join(Handle, Handle.id == Message.handle_id)
        .join(OutboxItem, OutboxItem.message_id == Message.id)
    )
    known: Counter[tuple[str, str]] = Counter()
    unknown: Counter[tuple[str, str]] = Counter()
    codes: Counter[str | None] = Counter()
    for address, body, status, error in rt.read(lambda session: session.execute(query).all()):
        if status == DeliveryStatus.FAILED:
            codes[error] += 1
            unknown[address, body] += 1
        else:
            assert status == DeliveryStatus.SENT
            known[address, body] += 1
    assert set(accepted) <= set(known) | set(unknown)
    for each in known.keys() | unknown.keys():
        assert known[each] <= accepted[each] <= known[each] + unknown[each], each
    assert set(codes) <= UNKNOWN_CODES
    replied = {f"Balasan nomor {number}." for number in range(OUTBOUND)}
    assert replied <= {body for _, body in known.keys() | unknown.keys()}
    lost = sum(accepted.values()) - sum(known.values())
    return {
        "outbound": sum(known.values()) + sum(unknown.values()),
        "accepted": sum(accepted.values()),
        "unknown": dict(codes),
        "unknown_that_went": lost,
    }
