"""Telegram by its Bot API, with python-telegram-bot."""

import hmac
from collections.abc import Sequence
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from telegram import Bot
from telegram.constants import FileSizeLimit, MessageLimit

from helpdesk.channels.asking import Polled, Standing
from helpdesk.channels.base import Capabilities, ChannelSettings
from helpdesk.channels.downloads import Hop, download, no_redirect
from helpdesk.channels.envelopes import telegram_envelope
from helpdesk.channels.telegram_errors import CLIENT_ERRORS, fetch_failure, send_failure
from helpdesk.channels.telegram_keys import keyboard, pressed
from helpdesk.channels.telegram_polling import TelegramPolling
from helpdesk.channels.telegram_thread import TelegramThread
from helpdesk.channels.telegram_updates import message_id, read_update
from helpdesk.domain.delivery import SendOutcome
from helpdesk.domain.errors import FetchFailed, InvalidSignature, SendFailed
from helpdesk.domain.messages import (
    AttachmentRef,
    ChannelCode,
    ChannelItem,
    Envelope,
    FetchedFile,
    OutboundMessage,
    WebhookRequest,
)
from helpdesk.domain.segments import TextUnit

SECRET_HEADER: Final = "x-telegram-bot-api-secret-token"  # noqa: S105 -- a header's name
MAX_BYTES: Final = int(FileSizeLimit.FILESIZE_DOWNLOAD)
_DOWNLOAD_SECONDS: Final = 60.0
POLLING: Final = "polling"
_API_HOST: Final = "api.telegram.org"


class TelegramBot:
    """Private chats with one bot. Telegram sends no delivery reports: an accepted message is sent."""

    code = ChannelCode.TELEGRAM
    capabilities = Capabilities(
        max_text=int(MessageLimit.MAX_TEXT_LENGTH), unit=TextUnit.UTF16, has_options=True
    )

    def __init__(self, *, token: str, webhook_secret: str, api_base: str, is_polled: bool = False) -> None:
        """`webhook_secret` may be empty where it is polled: then no webhook is genuine."""
        self._secret = webhook_secret
        self.is_polled = is_polled
        self._thread = TelegramThread(token=token, api_base=api_base)
        self._polling = TelegramPolling(token=token, api_base=api_base)
        self._is_own_base = urlsplit(api_base).hostname != _API_HOST

    def verify(self, request: WebhookRequest) -> None:
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogatepass")
        if not self._secret or not hmac.compare_digest(given, self._secret.encode()):
            raise InvalidSignature("telegram: wrong secret token")

    def envelope(self, request: WebhookRequest) -> Envelope:
        return telegram_envelope(request.body)

    def parse(self, request: WebhookRequest) -> list[ChannelItem]:
        return read_update(request.body)

    def send(self, message: OutboundMessage) -> str:
        """Send one text with what may be pressed under it."""
        if not message.address.removeprefix("-").isdecimal():
            raise SendFailed("not_a_chat", outcome=SendOutcome.BAD_ADDRESS)
        keys = keyboard(message)
        try:
            sent = self._thread.call(
                lambda bot: bot.send_message(int(message.address), message.text, reply_markup=keys)
            )
        except CLIENT_ERRORS as error:
            raise send_failure(error) from None
        return message_id(sent.chat.id, sent.message_id)

    def fetch(self, ref: AttachmentRef) -> FetchedFile:
        """Download a file of up to 20 MB; Telegram forgets its name and type, so the update's are kept."""
        _refuse_large(ref.size_bytes)
        try:
            file = self._thread.call(lambda bot: bot.get_file(ref.reference))
        except CLIENT_ERRORS as error:
            raise fetch_failure(error) from None
        _refuse_large(file.file_size)
        # The address holds the token: it is neither stored nor logged, and leads nowhere else.
        address = file.file_path or ""
        if not address.startswith(self._thread.file_address) or ".." in address:
            raise FetchFailed("foreign_address", is_final=True)
        hop = Hop(address, is_ours=self._is_own_base)
        found = download(hop, no_redirect, most_bytes=MAX_BYTES, seconds=_DOWNLOAD_SECONDS)
        return FetchedFile(content=found.content, media_type=ref.media_type, filename=ref.filename)

    def acknowledge(self, items: Sequence[ChannelItem]) -> None:
        """Answer pressed buttons: until then her Telegram shows a clock on them."""
        for query_id in pressed(items):
            self._thread.begin(partial(Bot.answer_callback_query, callback_query_id=query_id))

    def poll(self, after: int | None, *, wait_seconds: int) -> Sequence[Polled]:
        return self._polling.updates(after, wait_seconds=wait_seconds)

    def stop_polling(self) -> None:
        self._polling.stop()

    def standing(self) -> Standing:
        return self._polling.standing()

    def set_webhook(self, address: str) -> None:
        self._polling.set_webhook(address, self._secret)

    def drop_webhook(self) -> None:
        self._polling.drop_webhook()

    def close(self) -> None:
        self._polling.stop()
        self._thread.close()


def build(settings: ChannelSettings) -> TelegramBot | None:
    """Return the channel, or None without credentials."""
    is_polled = settings.telegram_mode == POLLING
    if not settings.telegram_bot_token or not (settings.telegram_webhook_secret or is_polled):
        return None
    return TelegramBot(
        token=settings.telegram_bot_token,
        webhook_secret=settings.telegram_webhook_secret or "",
        api_base=settings.telegram_api_base,
        is_polled=is_polled,
    )


def _refuse_large(size_bytes: int | None) -> None:
    if size_bytes is not None and size_bytes > MAX_BYTES:
        raise FetchFailed("too_large", is_final=True, size_bytes=size_bytes)
