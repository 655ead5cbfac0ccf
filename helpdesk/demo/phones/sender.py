"""Posts webhooks into the app, signed as the real provider signs; later ones wait in a small timed queue."""

import heapq
import itertools
import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from twilio.request_validator import RequestValidator

from helpdesk.demo.phones.settings import PhoneSettings

log = logging.getLogger(__name__)
_WORKERS = 6


@dataclass(frozen=True, slots=True)
class Answer:
    """What the app said to a webhook; `status` is None when nobody answered."""

    status: int | None
    error: str = ""


class Courier:
    """Runs tasks after a delay on a few threads. Tasks due at one instant start in the order they came."""

    def __init__(self) -> None:
        self._wake = threading.Condition()
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._closing = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, name=f"courier-{n}", daemon=True) for n in range(_WORKERS)
        ]
        for thread in self._threads:
            thread.start()

    def schedule(self, delay_seconds: float, task: Callable[[], None]) -> None:
        with self._wake:
            heapq.heappush(self._heap, (time.monotonic() + delay_seconds, next(self._order), task))
            self._wake.notify()

    def close(self) -> None:
        """Forget what is waiting and let running tasks end."""
        self._closing.set()
        with self._wake:
            self._wake.notify_all()
        for thread in self._threads:
            thread.join(timeout=5)

    def pause(self, seconds: float) -> None:
        """Wait, but no longer than until close()."""
        self._closing.wait(timeout=seconds)

    def _work(self) -> None:
        while task := self._next():
            try:
                task()
            except Exception:
                log.exception("a scheduled delivery failed")

    def _next(self) -> Callable[[], None] | None:
        with self._wake:
            while not self._closing.is_set():
                wait = self._heap[0][0] - time.monotonic() if self._heap else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._heap)[2]
                self._wake.wait(timeout=wait)
        return None


class WebhookPoster:
    """The providers' side of a webhook: signature, headers, one repeat when no server is found."""

    def __init__(self, settings: PhoneSettings, pause: Callable[[float], None]) -> None:
        self._settings = settings
        self._pause = pause

    def twilio(self, public_address: str, fields: Mapping[str, str], *, times: int = 1) -> Answer:
        """Post a form signed over `public_address` to the same path of the app, `times` times."""
        signed = public_address.partition("#")[0]  # a fragment holds Twilio's connection overrides, unsigned
        signature = RequestValidator(self._settings.auth_tokens[0]).compute_signature(signed, dict(fields))
        headers = {
            "X-Twilio-Signature": str(signature),
            "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
            "User-Agent": "TwilioProxy/1.1",
        }

        def once(session: requests.Session) -> requests.Response:
            return session.post(
                self._on_app(signed),
                data=dict(fields),
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            )

        return self._deliver(once, times)

    def telegram(
        self, public_address: str, update: Mapping[str, object], *, secret: str, times: int = 1
    ) -> Answer:
        """Post an update with the secret header, `times` times."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}

        def once(session: requests.Session) -> requests.Response:
            return session.post(
                self._on_app(public_address),
                json=update,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            )

        return self._deliver(once, times)

    @property
    def _timeout(self) -> float:
        return self._settings.webhook_timeout_seconds

    def _on_app(self, public_address: str) -> str:
        parts = urlsplit(public_address)
        path = parts.path.removeprefix(urlsplit(self._settings.public_url).path) or "/"
        return self._settings.app_url + path + (f"?{parts.query}" if parts.query else "")

    def _deliver(self, once: Callable[[requests.Session], requests.Response], times: int) -> Answer:
        with requests.Session() as session:
            session.trust_env = False  # the app is next door: never through a proxy
            answers = [self._attempt(once, session) for _ in range(times)]
        return next((answer for answer in answers if not _is_taken(answer)), answers[0])

    def _attempt(
        self, once: Callable[[requests.Session], requests.Response], session: requests.Session
    ) -> Answer:
        for is_last in (False, True):
            try:
                return Answer(once(session).status_code)
            except requests.ConnectionError as error:
                if is_last:
                    return Answer(None, type(error).__name__)
                self._pause(self._settings.retry_delay_seconds)
            except requests.RequestException as error:
                return Answer(None, type(error).__name__)
        raise AssertionError("unreachable")


def _is_taken(answer: Answer) -> bool:
    return answer.status is not None and 200 <= answer.status < 300
