"""The order of delivery statuses, and what an unsuccessful send means."""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from zlib import crc32

from helpdesk.domain.privacy import ERASED


class SendOutcome(StrEnum):
    """What is known after a send that did not succeed."""

    RETRY = "retry"  # certainly not sent; try later
    UNKNOWN = "unknown"  # may have been sent: never sent again by itself (ADR 0010)
    REJECTED = "rejected"  # our content is wrong; an agent must change it
    NEEDS_TEMPLATE = "needs_template"  # outside WhatsApp's 24-hour window
    OPTED_OUT = "opted_out"  # the person or the provider has stopped us
    BAD_ADDRESS = "bad_address"  # nobody is reached there


class DeliveryStatus(StrEnum):
    """Life of an outbound message. `queued` and `sending` are ours, the rest is the provider's."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class NoticeStatus(StrEnum):
    """Life of a notice to a member of staff on its way besides the application."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"  # no longer wanted when its time came: read, or not hers to know any more
    FAILED = "failed"
    UNKNOWN = "unknown"  # may have been sent: never sent again by itself (ADR 0010)


class NoticeWay(StrEnum):
    """How a member of staff hears of a notice besides the application."""

    EMAIL = "email"
    WHATSAPP = "whatsapp"
    SMS = "sms"


ARRIVED = (DeliveryStatus.DELIVERED, DeliveryStatus.READ)
"""It is with her: a provider says so, or somebody who brought it."""

ERASED_MEANWHILE = "erased"
"""What an erasure leaves as the error of a message that waited or was under way: its outcome is not kept."""

NOT_NEEDED = "not_needed"
"""Error of what was overtaken and never sent: by her own message, or because its ticket was set aside."""

WRONG_NUMBER = "wrong_number"
"""Error of a message to an address that is not hers: wherever it came, she has not got it."""

_RANK = {
    DeliveryStatus.QUEUED: 0,
    DeliveryStatus.SENDING: 1,
    DeliveryStatus.SENT: 2,
    DeliveryStatus.FAILED: 3,
    DeliveryStatus.DELIVERED: 4,
    DeliveryStatus.READ: 5,
}


def spread(wait: timedelta, key: str) -> timedelta:
    """Return the wait made longer by up to a fifth, always alike for one key.

    Those who were refused together do not come back together (Twilio 20429: try again with jitter, read 2026-11).
    """
    return wait * (1 + crc32(key.encode()) / 2**32 / 5)


def advance(current: DeliveryStatus, reported: DeliveryStatus) -> DeliveryStatus:
    """Return the status after a report: forward only, so that late and repeated reports change nothing.

    `failed` outranks `sent` and yields only to proof of arrival (`delivered`, `read`).
    """
    return max(current, reported, key=_RANK.__getitem__)


def combined(parts: Iterable[DeliveryStatus]) -> DeliveryStatus:
    """Return the state of a message in parts: failed with any of them, otherwise as far as the one furthest behind."""
    states = list(parts)
    if DeliveryStatus.FAILED in states:
        return DeliveryStatus.FAILED
    return min(states, key=_RANK.__getitem__)


def may_send_again(status: DeliveryStatus | None, body: str) -> bool:
    """Whether a person may have the message sent once more: it failed, and was not erased with its address."""
    return status == DeliveryStatus.FAILED and body != ERASED
