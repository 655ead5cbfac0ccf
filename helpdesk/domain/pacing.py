"""How fast messages leave by a channel, and to one person (data/outreach.yaml)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TypedDict, cast

from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.packaged import load_yaml


class _Entry(TypedDict):
    per_second: float
    burst: int
    person_seconds: float
    person_burst: int


@dataclass(frozen=True, slots=True)
class Pace:
    """So many at once, then one each `gap`: one instant tells how much of it is used up.

    It is when the last message would have been due had they gone one each gap.
    """

    gap: timedelta
    burst: int

    def latest(self, now: datetime) -> datetime:
        """Return how far ahead the instant may lie for another message to go now."""
        return now + self.gap * (self.burst - 1)

    def after(self, used_until: datetime | None, now: datetime, *, count: int = 1) -> datetime:
        """Return the instant after so many more."""
        return max(used_until or now, now) + self.gap * count


@dataclass(frozen=True, slots=True)
class Paces:
    """Of all messages of a channel, and of those to one person."""

    channel: Pace
    person: Pace


@cache
def paces_of(channel: ChannelCode) -> Paces:
    """Return what data/outreach.yaml says of a channel with a provider."""
    # The shape of the shipped file is held by tests/domain/test_outreach.py, which is why it is trusted here.
    entry = cast(Mapping[str, _Entry], load_yaml("outreach.yaml")["paces"])[channel]
    return Paces(
        Pace(timedelta(seconds=1 / entry["per_second"]), entry["burst"]),
        Pace(timedelta(seconds=entry["person_seconds"]), entry["person_burst"]),
    )
