"""What a broken connection means for a message that was to be sent with `requests`."""

import requests
from urllib3.exceptions import NewConnectionError

from helpdesk.domain.delivery import SendOutcome
from helpdesk.domain.errors import SendFailed


def transport_failure(error: requests.RequestException) -> SendFailed:
    """Only a connection that never stood proves that nothing was sent."""
    if isinstance(error, requests.ConnectTimeout) or _was_never_connected(error):
        return SendFailed("not_connected", outcome=SendOutcome.RETRY, detail=type(error).__name__)
    code = "timeout" if isinstance(error, requests.Timeout) else "connection_lost"
    return SendFailed(code, outcome=SendOutcome.UNKNOWN, detail=type(error).__name__)


def _was_never_connected(error: requests.RequestException) -> bool:
    # requests wraps urllib3's MaxRetryError, whose `reason` is the first cause; a lost name look-up is one.
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), NewConnectionError)
