"""What codes of Meta's Cloud API mean for a message and for the channel (WhatsApp error codes, read 2026-11)."""

from collections.abc import Mapping
from typing import Final

import requests

from helpdesk.channels.json_fields import loaded, map_in
from helpdesk.domain.channel_faults import ChannelFault
from helpdesk.domain.delivery import SendOutcome
from helpdesk.domain.errors import SendFailed

_AUTH, _SENDER, _TEMPLATE = ChannelFault.AUTH, ChannelFault.SENDER, ChannelFault.TEMPLATE
_RETRY, _REJECTED = SendOutcome.RETRY, SendOutcome.REJECTED
ERRORS: Mapping[int, tuple[SendOutcome, ChannelFault | None]] = {
    0: (_RETRY, _AUTH),  # the token is not valid
    3: (_RETRY, _AUTH),  # the token may not do this
    10: (_RETRY, _AUTH),
    190: (_RETRY, _AUTH),  # expired
    131005: (_RETRY, _AUTH),
    33: (_RETRY, _SENDER),  # no such number of ours
    131031: (_RETRY, _SENDER),  # account locked
    131042: (_RETRY, _SENDER),  # cannot be billed
    131045: (_RETRY, _SENDER),
    133010: (_RETRY, _SENDER),  # our number is not registered
    1: (SendOutcome.UNKNOWN, None),
    2: (SendOutcome.UNKNOWN, None),
    131000: (SendOutcome.UNKNOWN, None),
    131016: (SendOutcome.UNKNOWN, None),
    4: (_RETRY, None),
    80007: (_RETRY, None),
    130429: (_RETRY, None),
    131056: (_RETRY, None),  # too many to one person
    133004: (_RETRY, None),
    131048: (_RETRY, ChannelFault.FILTERED),  # people have marked us as spam
    368: (_REJECTED, ChannelFault.FILTERED),
    131026: (SendOutcome.BAD_ADDRESS, None),  # not on WhatsApp, or an old version
    131047: (SendOutcome.NEEDS_TEMPLATE, None),  # more than 24 hours since her last message
    131052: (_REJECTED, ChannelFault.MEDIA),
    131053: (_REJECTED, ChannelFault.MEDIA),
    130497: (_REJECTED, ChannelFault.COUNTRY),
    132001: (_REJECTED, _TEMPLATE),  # does not exist
    132007: (_REJECTED, _TEMPLATE),
    132015: (_REJECTED, _TEMPLATE),  # paused
    132016: (_REJECTED, _TEMPLATE),  # disabled
}
"""What a code says of the message and of the channel; any other is a failure for an agent to see."""
_WAIT_SECONDS: Final[Mapping[int | None, float]] = {131048: 3600.0}


def send_failure(status: int, content: bytes) -> SendFailed:
    """Translate an error answer; the status wins where it says whether anything was processed.

    Texts are left out: they quote numbers, and Meta says that they are no words to go by.
    """
    found = map_in(loaded(content), "error").get("code")
    code = found if isinstance(found, int) else None
    outcome, fault = _meaning(code, status)
    if status == requests.codes.too_many_requests:
        outcome = SendOutcome.RETRY
    elif status >= requests.codes.server_error:
        outcome = SendOutcome.UNKNOWN
    return SendFailed(
        str(status if code is None else code),
        outcome=outcome,
        detail=f"HTTP {status}",
        retry_after=_WAIT_SECONDS.get(code),
        fault=fault,
    )


def _meaning(code: int | None, status: int) -> tuple[SendOutcome, ChannelFault | None]:
    if code is None:
        is_refused = status == requests.codes.unauthorized
        return (_RETRY, _AUTH) if is_refused else (_REJECTED, None)
    if code in range(200, 300):  # a missing permission each
        return _RETRY, _AUTH
    return ERRORS.get(code, (_REJECTED, None))
