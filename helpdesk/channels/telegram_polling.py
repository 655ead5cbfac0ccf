"""Asking Telegram: for updates, where no webhook can reach us, and how its webhook fares.

On a connection of its own, so that a long poll holds up no message.
"""

import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final, TypeVar
from urllib.parse import urlencode

from telegram import Bot
from telegram.error import Conflict

from helpdesk.channels.asking import Polled, Standing
from helpdesk.channels.telegram_errors import CLIENT_ERRORS, send_failure
from helpdesk.channels.telegram_thread import TelegramThread
from helpdesk.domain.errors import AskFailed
from helpdesk.domain.messages import ChannelCode, WebhookRequest

T = TypeVar("T")
ALLOWED_UPDATES: Final = ("message", "edited_message", "callback_query", "my_chat_member")
"""Named each time: Telegram remembers the last list it was given, whoever gave it."""
MAX_CONNECTIONS: Final = 40
MAX_WAIT_SECONDS: Final = 50
_JSON: Final = {"content-type": "application/json"}
_PATIENCE_SECONDS: Final = 10.0
"""Beyond the wait that was asked for."""


class TelegramPolling:
    """Updates as Telegram has them, unread: what the library cannot parse must not stop the rest."""

    def __init__(self, *, token: str, api_base: str) -> None:
        self._thread = TelegramThread(token=token, api_base=api_base)
        self._is_stopped = False

    def updates(self, after: int | None, *, wait_seconds: int) -> Sequence[Polled]:
        """Return the updates after one, oldest first; the ones up to it are confirmed by asking so."""
        if self._is_stopped:
            return []
        asked = {
            "timeout": min(wait_seconds, MAX_WAIT_SECONDS),
            "allowed_updates": json.dumps(ALLOWED_UPDATES),
        }
        if after is not None:
            asked["offset"] = after + 1
        try:
            found = self._ask(
                # Not bot.get_updates(): one update that its types refuse would make all of them fail, for ever.
                lambda bot: bot.request.post(
                    f"{bot.base_url}/getUpdates?{urlencode(asked)}",
                    read_timeout=wait_seconds + _PATIENCE_SECONDS,
                )
            )
        except AskFailed:
            if self._is_stopped:  # in the middle of it
                return []
            raise
        return (
            [_polled(update) for update in found if isinstance(update, dict)]
            if isinstance(found, list)
            else []
        )

    def standing(self) -> Standing:
        info = self._ask(lambda bot: bot.get_webhook_info())
        failed_at = info.last_error_date
        return Standing(
            address=info.url,
            pending_count=info.pending_update_count,
            error=(info.last_error_message or "")[:200] or None,
            error_at=failed_at.astimezone(UTC) if isinstance(failed_at, datetime) else None,
        )

    def set_webhook(self, address: str, secret: str) -> None:
        self._ask(
            lambda bot: bot.set_webhook(
                address,
                secret_token=secret,
                allowed_updates=ALLOWED_UPDATES,
                max_connections=MAX_CONNECTIONS,
                drop_pending_updates=False,
            )
        )

    def drop_webhook(self) -> None:
        self._ask(lambda bot: bot.delete_webhook(drop_pending_updates=False))

    def stop(self) -> None:
        self._is_stopped = True
        self._thread.close()

    def _ask(self, action: Callable[[Bot], Awaitable[T]]) -> T:
        with _translated():
            return self._thread.call(action)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except Conflict as error:
        # One code for both; only the words tell them apart (tdlib/telegram-bot-api, Client.cpp).
        raise AskFailed("webhook_set" if "webhook" in error.message.lower() else "other_poller") from None
    except CLIENT_ERRORS as error:
        raise AskFailed(send_failure(error).code) from None


def _polled(update: dict[str, object]) -> Polled:
    position = update.get("update_id")
    if not isinstance(position, int):
        raise AskFailed("bad_response")
    body = json.dumps(update, sort_keys=True).encode()
    return Polled(position, WebhookRequest(ChannelCode.TELEGRAM, "/webhooks/telegram", _JSON, (), body))
