"""What the simulated world remembers, in memory only: messages both ways, files, running numbers."""

import itertools
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from helpdesk.domain.messages import ChannelCode

STATUS_ORDER = ("queued", "sent", "undelivered", "failed", "delivered", "read")
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Button:
    """A key the app offered under a message: `kind` is text, inline, contact or url; reply or row (WhatsApp)."""

    label: str
    kind: str
    data: str = ""
    detail: str = ""
    """Second line of a row."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file that a simulated Mitra sent."""

    file_id: str
    content: bytes
    media_type: str
    filename: str
    message_id: str = ""

    @property
    def kind(self) -> str:
        family = self.media_type.partition("/")[0]
        return {"image": "photo", "audio": "voice"}.get(family, "document")


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One bubble. `phone` is always the Mitra's side: E.164 number, BSUID or Telegram user id."""

    message_id: str
    channel: ChannelCode
    phone: str
    is_from_mitra: bool
    text: str
    at: datetime
    status: str = "queued"
    error_code: int | None = None
    name: str = ""
    sender: str = ""
    messaging_service_sid: str | None = None
    status_callback: str | None = None
    media: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    list_title: str = ""
    """Under this word the rows of a list open (WhatsApp)."""
    app_status: int | None = None
    """What the app answered to the webhook; None while waiting and when nobody answered."""
    app_error: str = ""


class World:
    """All that was said, bounded to the last `keep` messages. Safe to use from many threads."""

    def __init__(self, *, keep: int, now: Callable[[], datetime]) -> None:
        self._keep = keep
        self._now = now
        self._lock = threading.Lock()
        self._messages: OrderedDict[str, ChatMessage] = OrderedDict()
        self._files: OrderedDict[str, MediaFile] = OrderedDict()
        self._numbers = self._fresh_numbers()

    def _fresh_numbers(self) -> Iterator[int]:
        # A restarted simulator must not hand out the message and update numbers of its last life,
        # or the app would rightly take new messages for repeats. Twenty a second stay below 2**31 for years.
        start = max(1, int((self._now() - _EPOCH).total_seconds() * 20))
        return itertools.count(start)

    def next_number(self) -> int:
        with self._lock:
            return next(self._numbers)

    def add(self, message: ChatMessage) -> None:
        with self._lock:
            self._messages[message.message_id] = message
            while len(self._messages) > self._keep:
                _, forgotten = self._messages.popitem(last=False)
                for file_id in forgotten.media:
                    self._files.pop(file_id, None)

    def get(self, message_id: str) -> ChatMessage | None:
        with self._lock:
            return self._messages.get(message_id)

    def advance(self, message_id: str, status: str, *, error_code: int | None = None) -> ChatMessage | None:
        """Move a message on; a status out of order is told to the app but does not turn the ticks back."""
        with self._lock:
            message = self._messages.get(message_id)
            if message is None:
                return None
            if STATUS_ORDER.index(status) >= STATUS_ORDER.index(message.status):
                message = replace(message, status=status, error_code=error_code)
                self._messages[message_id] = message
            return message

    def record_answer(self, message_id: str, *, app_status: int | None, app_error: str) -> None:
        with self._lock:
            if message := self._messages.get(message_id):
                is_taken = app_status is not None and app_status < 300
                self._messages[message_id] = replace(
                    message,
                    app_status=app_status,
                    app_error=app_error,
                    status="delivered" if is_taken else "failed",
                )

    def messages(self, *, channel: str | None = None, phone: str | None = None) -> list[ChatMessage]:
        """Return what was said, oldest first."""
        with self._lock:
            everything = list(self._messages.values())
        return [m for m in everything if channel in (None, m.channel) and phone in (None, m.phone)]

    def clear(self) -> None:
        with self._lock:
            self._messages.clear()
            self._files.clear()

    def add_file(self, content: bytes, *, media_type: str, filename: str) -> MediaFile:
        file = MediaFile("ME" + uuid.uuid4().hex, content, media_type, filename)
        with self._lock:
            self._files[file.file_id] = file
        return file

    def file(self, file_id: str) -> MediaFile | None:
        with self._lock:
            return self._files.get(file_id)
