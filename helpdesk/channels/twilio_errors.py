"""What Twilio's errors mean for a message that was to be sent (Twilio error dictionary, read 2026-11)."""

import json
from json import JSONDecodeError

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.response import Response

from helpdesk.channels.transport import transport_failure
from helpdesk.domain.channel_faults import ChannelFault
from helpdesk.domain.delivery import SendOutcome
from helpdesk.domain.errors import SendFailed

OUTCOMES = {
    # Certainly not sent. Configuration faults too: the message may go out once they are mended.
    401: SendOutcome.RETRY,  # an answer without a code, from a proxy for instance
    20003: SendOutcome.RETRY,  # authentication
    20429: SendOutcome.RETRY,  # too many at once, never processed
    20005: SendOutcome.RETRY,  # account not active
    30002: SendOutcome.RETRY,  # account suspended
    63112: SendOutcome.RETRY,  # WhatsApp account disabled by Meta
    21606: SendOutcome.RETRY,  # From is not ours
    63007: SendOutcome.RETRY,  # From is not a WhatsApp sender of ours
    21611: SendOutcome.RETRY,  # queue of the sender is full
    30001: SendOutcome.RETRY,  # queue overflow
    63017: SendOutcome.RETRY,  # rate of the account
    63018: SendOutcome.RETRY,  # WhatsApp's rate or daily tier
    20500: SendOutcome.UNKNOWN,
    20503: SendOutcome.UNKNOWN,
    21211: SendOutcome.BAD_ADDRESS,
    21612: SendOutcome.BAD_ADDRESS,
    21614: SendOutcome.BAD_ADDRESS,
    30005: SendOutcome.BAD_ADDRESS,  # unknown handset
    30006: SendOutcome.BAD_ADDRESS,  # landline
    63003: SendOutcome.BAD_ADDRESS,
    63024: SendOutcome.BAD_ADDRESS,  # "Invalid message recipient", not a rate limit
    21610: SendOutcome.OPTED_OUT,
    63014: SendOutcome.OPTED_OUT,
    63033: SendOutcome.OPTED_OUT,
    63016: SendOutcome.NEEDS_TEMPLATE,
    21408: SendOutcome.REJECTED,  # country not enabled
    21602: SendOutcome.REJECTED,
    21617: SendOutcome.REJECTED,
    21623: SendOutcome.REJECTED,
    21655: SendOutcome.REJECTED,  # no such content
    21656: SendOutcome.REJECTED,  # variables of a content
    63005: SendOutcome.REJECTED,
    63013: SendOutcome.REJECTED,  # against a rule of the channel
    63015: SendOutcome.REJECTED,  # sandbox not joined
    63019: SendOutcome.REJECTED,  # Twilio could not fetch our media
    63021: SendOutcome.REJECTED,
    63027: SendOutcome.REJECTED,  # template missing
    63028: SendOutcome.REJECTED,
    63037: SendOutcome.REJECTED,
    63041: SendOutcome.REJECTED,  # template paused
}
FAULTS = {
    401: ChannelFault.AUTH,
    20003: ChannelFault.AUTH,
    20005: ChannelFault.SENDER,
    30002: ChannelFault.SENDER,
    63112: ChannelFault.SENDER,
    21606: ChannelFault.SENDER,
    63007: ChannelFault.SENDER,
    21408: ChannelFault.COUNTRY,
    63027: ChannelFault.TEMPLATE,
    63041: ChannelFault.TEMPLATE,
    63019: ChannelFault.MEDIA,
    63037: ChannelFault.MEDIA,
    30004: ChannelFault.FILTERED,
    30007: ChannelFault.FILTERED,
}
"""Codes that say something of our configuration, whatever became of the one message."""
_WAIT_SECONDS = {63018: 3600.0}
"""WhatsApp's daily tier opens again in hours, not in seconds."""

CLIENT_ERRORS = (
    TwilioException,
    requests.RequestException,
    JSONDecodeError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
)
"""What the client raises in all its moods; the last five are a 2xx answer that is not what was promised."""


def send_failure(error: Exception) -> SendFailed:
    """Translate an exception of the client. Texts of the provider are left out: they quote phone numbers."""
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return _api_failure(int(error.status), error.code)
    if isinstance(error, TwilioException) and len(error.args) > 1 and isinstance(error.args[1], Response):
        return _list_failure(error.args[1])
    if isinstance(error, requests.RequestException):
        return transport_failure(error)
    return SendFailed("bad_response", outcome=SendOutcome.UNKNOWN, detail=type(error).__name__)


def _list_failure(answer: Response) -> SendFailed:
    """The client's lists do not read an error as its other calls do: they only hand the answer over."""
    try:
        code = json.loads(answer.text).get("code")
    except (ValueError, AttributeError):
        code = None
    return _api_failure(answer.status_code, code if isinstance(code, int) else None)


def _api_failure(status: int, code: int | None) -> SendFailed:
    """Return the meaning of an error answer; the status wins where it says whether anything was processed.

    Codes "are subject to change" (Twilio's API description): an unknown one is a failure for an agent to see.
    """
    outcome = OUTCOMES.get(code or status, SendOutcome.REJECTED)
    if status == requests.codes.too_many_requests:
        outcome = SendOutcome.RETRY
    elif status >= requests.codes.server_error:
        outcome = SendOutcome.UNKNOWN
    return SendFailed(
        str(code or status),
        outcome=outcome,
        detail=f"HTTP {status}",
        retry_after=_WAIT_SECONDS.get(code or status),
        fault=FAULTS.get(code or status),
    )
