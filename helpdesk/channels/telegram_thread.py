"""One Telegram Bot on one background event loop, called from ordinary threads.

A Bot that is shared between `asyncio.run` calls fails every other time ("Event loop is closed",
python-telegram-bot 4023), and a new Bot for each message costs a connection each time.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from telegram import Bot
from telegram.request import HTTPXRequest

from helpdesk.channels.telegram_errors import CLIENT_ERRORS

T = TypeVar("T")
logger = logging.getLogger(__name__)
CALL_SECONDS: Final = 60.0
"""Longest wait for one call; the timeouts of the single steps below are met long before."""
ANSWER_SECONDS: Final = 10.0
_CLOSE_SECONDS: Final = 5.0

# httpx logs every address at INFO, and Telegram's addresses contain the token.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)
# The library's own way to opt in to `retry_after` as a timedelta; without it each one warns.
os.environ.setdefault("PTB_TIMEDELTA", "true")


@dataclass(frozen=True, slots=True)
class _Running:
    loop: asyncio.AbstractEventLoop
    thread: threading.Thread
    request: HTTPXRequest
    bot: Bot


class TelegramThread:
    """Starts at the first call, so that processes that never send have neither thread nor connection."""

    def __init__(self, *, token: str, api_base: str) -> None:
        self._token = token
        self._base = api_base.rstrip("/")
        self._lock = threading.Lock()
        self._running: _Running | None = None

    @property
    def file_address(self) -> str:
        """The address below which all files of this bot lie. It contains the token: never show it."""
        return f"{self._base}/file/bot{self._token}/"

    def call(self, action: Callable[[Bot], Awaitable[T]]) -> T:
        """Run one action on the bot and return its result; TimeoutError where it takes too long."""
        running = self._started()

        async def work() -> T:
            return await action(running.bot)

        future = asyncio.run_coroutine_threadsafe(work(), running.loop)
        try:
            return future.result(CALL_SECONDS)
        finally:
            future.cancel()

    def begin(self, action: Callable[[Bot], Awaitable[object]]) -> None:
        """Start one action and do not wait for it: what comes of it is only logged."""
        running = self._started()

        async def work() -> None:
            try:
                await action(running.bot)
            except CLIENT_ERRORS as error:  # too old a query, for instance: nobody waits for it any more
                logger.info("telegram: not acknowledged: %s", type(error).__name__)

        asyncio.run_coroutine_threadsafe(work(), running.loop)

    def close(self) -> None:
        """Stop the loop and close its connections; calls under way are cancelled."""
        with self._lock:
            running, self._running = self._running, None
        if running is None:
            return
        ending = asyncio.run_coroutine_threadsafe(_wind_up(running.request), running.loop)
        try:
            ending.result(_CLOSE_SECONDS)
        finally:
            running.loop.call_soon_threadsafe(running.loop.stop)
            running.thread.join(_CLOSE_SECONDS)
            running.loop.close()

    def _started(self) -> _Running:
        with self._lock:
            if self._running is None:
                self._running = self._start()
            return self._running

    def _start(self) -> _Running:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="telegram-bot", daemon=True)
        request = HTTPXRequest(
            connect_timeout=5.0, pool_timeout=5.0, write_timeout=10.0, read_timeout=ANSWER_SECONDS
        )
        bot = Bot(
            self._token,
            base_url=f"{self._base}/bot",
            base_file_url=f"{self._base}/file/bot",
            request=request,
            get_updates_request=request,
        )
        thread.start()
        return _Running(loop=loop, thread=thread, request=request, bot=bot)


async def _wind_up(request: HTTPXRequest) -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await request.shutdown()
    loop = asyncio.get_running_loop()
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()
