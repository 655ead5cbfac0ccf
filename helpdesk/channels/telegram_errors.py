"""What Telegram's errors mean for a message that was to be sent, or a file that was to be fetched."""

import datetime as dt
from concurrent.futures import CancelledError

import httpx
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from helpdesk.domain.channel_faults import ChannelFault
from helpdesk.domain.delivery import SendOutcome
from helpdesk.domain.errors import FetchFailed, SendFailed

CLIENT_ERRORS = (
    TelegramError,
    TimeoutError,
    CancelledError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
)
"""What a call may raise; the last four are a good answer whose content is not what was promised."""

_NOT_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def send_failure(error: Exception) -> SendFailed:
    """Translate an exception of the client.

    The order matters: BadRequest and TimedOut are NetworkErrors, and neither may be sent again as one.
    """
    match error:
        case RetryAfter():
            return SendFailed(
                "too_many_requests", outcome=SendOutcome.RETRY, retry_after=_seconds(error.retry_after)
            )
        case InvalidToken():  # ours to mend; the person has done nothing
            return SendFailed("invalid_token", outcome=SendOutcome.RETRY, fault=ChannelFault.AUTH)
        case Forbidden():  # blocked, deactivated, or never spoke to us: until she unblocks us or writes
            return SendFailed("forbidden", outcome=SendOutcome.BAD_ADDRESS)
        case BadRequest():
            # Telegram has one code for all of them; only the words tell a lost chat from a bad text.
            if "chat not found" in error.message.lower():
                return SendFailed("chat_not_found", outcome=SendOutcome.BAD_ADDRESS)
            return SendFailed("bad_request", outcome=SendOutcome.REJECTED, detail=error.message)
        case TimedOut() | NetworkError():
            return _network_failure(error)
        case TimeoutError() | CancelledError():  # our own patience, or the end of the process
            return SendFailed("timeout", outcome=SendOutcome.UNKNOWN, detail=type(error).__name__)
    return SendFailed("bad_response", outcome=SendOutcome.UNKNOWN, detail=type(error).__name__)


def fetch_failure(error: Exception) -> FetchFailed:
    """Translate an exception of a download. Its text may hold the token and is left out."""
    if isinstance(error, BadRequest):  # "file is too big", "wrong file_id"
        return FetchFailed("bad_request", is_final=True)
    is_named = isinstance(error, TelegramError | TimeoutError | CancelledError)
    return FetchFailed(type(error).__name__ if is_named else "bad_response", is_final=False)


def _network_failure(error: NetworkError) -> SendFailed:
    """Only a connection that never stood, or a 429, proves that nothing was sent."""
    if isinstance(error.__cause__, _NOT_CONNECTED):
        return SendFailed("not_connected", outcome=SendOutcome.RETRY, detail=type(error.__cause__).__name__)
    if error.message.lower().startswith("too many requests"):
        return SendFailed("too_many_requests", outcome=SendOutcome.RETRY)
    code = "timeout" if isinstance(error, TimedOut) else "network"
    return SendFailed(code, outcome=SendOutcome.UNKNOWN, detail=type(error.__cause__ or error).__name__)


def _seconds(period: int | dt.timedelta) -> float:
    return period.total_seconds() if isinstance(period, dt.timedelta) else float(period)
