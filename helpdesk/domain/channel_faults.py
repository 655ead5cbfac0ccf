"""What is wrong with a channel itself rather than with one message: told by codes of its provider."""

from datetime import timedelta
from enum import StrEnum


class ChannelFault(StrEnum):
    """Something that only the people who run the system can mend."""

    AUTH = "auth"  # our token is refused: nothing goes out
    SENDER = "sender"  # the sender is not ours: nothing goes out
    COUNTRY = "country"  # the provider may not write to a country
    TEMPLATE = "template"  # a template is missing or paused
    MEDIA = "media"  # the provider cannot fetch our files
    FILTERED = "filtered"  # carriers take our messages for spam
    SIGNATURE = "signature"  # requests arrive at our webhook whose signature does not fit
    WEBHOOK = "webhook"  # the provider says that our webhook does not answer as it should


STOPPING = frozenset({ChannelFault.AUTH, ChannelFault.SENDER})
"""No message can go while they last; the first that goes proves that they are over."""

PROBE_AFTER = timedelta(minutes=5)
"""So long a stopped channel rests before one message tries whether it goes again."""

HELD = timedelta(hours=12)
"""So long a message waits for a stopped channel; then it fails like others, and its ticket goes back to people."""

FEW = {ChannelFault.FILTERED: 5, ChannelFault.SIGNATURE: 3, ChannelFault.WEBHOOK: 3}
"""Fewer than so many times within LASTS are nothing: one carrier's whim, a stranger at the door, a restart."""

LASTS = timedelta(hours=24)
"""A fault that was not met again for so long is over, unless it stops the channel."""


def is_alarming(fault: ChannelFault, count: int) -> bool:
    """Whether a fault that was met so often must be shown."""
    return count >= FEW.get(fault, 1)
