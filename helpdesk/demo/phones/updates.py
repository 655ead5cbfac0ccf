"""What Telegram keeps for a bot: where it calls, what is not delivered yet, and how the last call failed."""

import threading
from dataclasses import dataclass

from helpdesk.demo.phones.settings import PhoneSettings


class OtherPoller(Exception):
    """A later getUpdates has ended this one."""


@dataclass(frozen=True, slots=True)
class Pending:
    """An update that the bot has not taken yet."""

    update_id: int
    content: dict[str, object]
    message_id: str
    """Of the bubble that it tells of."""

    @property
    def update(self) -> dict[str, object]:
        return {"update_id": self.update_id, **self.content}


class BotUpdates:
    """Until setWebhook or deleteWebhook is called, the settings say where updates go; safe to use from threads."""

    def __init__(self, settings: PhoneSettings) -> None:
        self._changed = threading.Condition()
        self._url: str | None = "" if settings.is_telegram_polled else None
        self._secret = settings.telegram_webhook_secret
        self._default = settings.public_url + "/webhooks/telegram"
        self._pending: dict[int, Pending] = {}
        self._polls = 0
        self._error: tuple[int, str] | None = None

    def set_webhook(self, url: str, secret: str | None) -> list[Pending]:
        """Call there from now on, or nowhere; returns what is to be delivered there now."""
        with self._changed:
            self._url, self._secret = url, secret if secret is not None else self._secret
            self._changed.notify_all()
            return list(self._pending.values()) if url else []

    def url(self) -> str:
        """Return the address that was set, or an empty text."""
        with self._changed:
            return self._url or ""

    def target(self) -> tuple[str, str]:
        """Return where updates go and the secret to show there; an empty address where they are polled."""
        with self._changed:
            return (self._default if self._url is None else self._url), self._secret

    def add(self, pending: Pending) -> None:
        with self._changed:
            self._pending[pending.update_id] = pending
            self._changed.notify_all()

    def confirm(self, update_id: int) -> None:
        with self._changed:
            self._pending.pop(update_id, None)

    def fail(self, at: int, error: str) -> None:
        with self._changed:
            self._error = at, error

    def info(self) -> dict[str, object]:
        """Return the WebhookInfo of the Bot API."""
        with self._changed:
            told = (
                {"last_error_date": self._error[0], "last_error_message": self._error[1]}
                if self._error
                else {}
            )
            return {
                "url": self._url or "",
                "has_custom_certificate": False,
                "pending_update_count": len(self._pending),
            } | told

    def poll(self, offset: int, limit: int, seconds: float) -> tuple[list[Pending], list[Pending]]:
        """Forget what is below `offset` and wait for the rest; returns both. Raises OtherPoller."""
        with self._changed:
            self._polls += 1
            mine = self._polls
            self._changed.notify_all()
            taken = [each for number, each in self._pending.items() if number < offset]
            for each in taken:
                del self._pending[each.update_id]
            self._changed.wait_for(lambda: self._pending or self._polls != mine or self._url, seconds)
            if self._polls != mine or self._url:
                raise OtherPoller
            return taken, list(self._pending.values())[:limit]
