"""When complaints come: by week, weekday and hour, category, channel and point; with one spike."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import floor
from zoneinfo import ZoneInfo

from helpdesk.demo.world.chance import Chance
from helpdesk.demo.world.data import stories
from helpdesk.demo.world.people import Point, Staff
from helpdesk.domain.messages import CHAT_CHANNELS, ChannelCode

WEEKS = 26
"""Complete ISO weeks before the running one."""
ENQUIRY = ""
"""Stands for a message without a story."""
ENQUIRIES_PER_WEEK = 6.0
BUSY = 1.02
"""Scales the numbers of data/stories.yaml to a little over 3,000 tickets."""

SPIKE_CATEGORY, SPIKE_POINT = "BYR-POST", "P-SBG"
SPIKE_WEEKS = 2
SPIKE_SHARE = 0.5
"""Part of this category that comes from this point in a usual week."""
SPIKE_TIMES = 4.2
"""In its weeks the point has this many times its usual number: a payment partner posts late."""

WEEKDAYS = (1.25, 1.15, 1.1, 1.05, 1.0, 0.7, 0.4)
HOURS = {
    6: 1,
    7: 3,
    8: 6,
    9: 9,
    10: 9,
    11: 7,
    12: 5,
    13: 6,
    14: 7,
    15: 7,
    16: 6,
    17: 4,
    18: 4,
    19: 6,
    20: 5,
    21: 3,
    22: 1.0,
}
OFFICE_HOURS = {8: 4, 9: 7, 10: 8, 11: 6, 13: 6, 14: 6, 15: 5, 16: 3.0}

CHANNELS: dict[ChannelCode, float] = {
    ChannelCode.WHATSAPP: 46,
    ChannelCode.LWK: 12,
    ChannelCode.PHONE: 11,
    ChannelCode.APP: 9,
    ChannelCode.WEB: 7,
    ChannelCode.VISIT: 6,
    ChannelCode.SMS: 5,
    ChannelCode.TELEGRAM: 4,
}
BY_STAFF = frozenset({ChannelCode.LWK, ChannelCode.PHONE, ChannelCode.VISIT})
PAPER_DAY = 2
"""Forms are handed in on Wednesdays, when the paper of the week's meetings is collected."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody complains: what about, where, how, when."""

    received_at: datetime
    category: str
    """ENQUIRY for a message without a story."""
    channel: ChannelCode
    point: Point


def arrivals(staff: Staff, zone: ZoneInfo, *, now: datetime, weeks: int = WEEKS) -> list[Arrival]:
    """Return everything that came in, the oldest first."""
    monday = now.astimezone(zone).date()
    monday -= timedelta(days=monday.weekday())
    first = monday - timedelta(weeks=weeks)
    found = [
        arrival
        for category, rate in _rates().items()
        for arrival in _of_category(category, rate, staff, first=first, weeks=weeks)
        if arrival.received_at < now - timedelta(minutes=4)
    ]
    return sorted(found, key=lambda each: (each.received_at, each.category))


def _rates() -> dict[str, float]:
    rates = {code: row["per_week"] * BUSY for code, row in stories()["categories"].items()}
    return rates | {ENQUIRY: ENQUIRIES_PER_WEEK}


def _of_category(category: str, rate: float, staff: Staff, *, first: date, weeks: int) -> Iterator[Arrival]:
    chance = Chance("arrivals", category)
    weights = {point: float(point.weight) for point in staff.points}
    if category == SPIKE_CATEGORY:
        others = sum(weights.values()) - weights[staff.point(SPIKE_POINT)]
        weights[staff.point(SPIKE_POINT)] = others * SPIKE_SHARE / (1 - SPIKE_SHARE)
    phase = chance.random()
    for week in range(weeks + 1):
        monday = first + timedelta(weeks=week)
        for _ in range(_count(rate, phase, week, chance)):
            yield _arrival(category, chance.weighted(weights), monday, chance)
        if category == SPIKE_CATEGORY and weeks - SPIKE_WEEKS <= week < weeks:
            for _ in range(round(rate * SPIKE_SHARE * (SPIKE_TIMES - 1))):
                yield _arrival(category, staff.point(SPIKE_POINT), monday, chance)


def _count(rate: float, phase: float, week: int, chance: Chance) -> int:
    """Return how many come in a week: steadier than chance alone, so that nothing but the spike stands out."""
    steady = floor(rate * (week + 1) + phase) - floor(rate * week + phase)
    return max(0, steady + (chance.choice((-1, 0, 0, 1)) if rate >= 3 else 0))


def _arrival(category: str, point: Point, monday: date, chance: Chance) -> Arrival:
    channel = chance.weighted(CHANNELS)
    if category.startswith("DIG") and channel is ChannelCode.LWK:
        channel = ChannelCode.APP  # who complains of the app has it in her hand
    if category == ENQUIRY and channel not in CHAT_CHANNELS | {ChannelCode.PHONE, ChannelCode.VISIT}:
        channel = ChannelCode.WHATSAPP
    day = monday + timedelta(days=_weekday(channel, chance))
    zone = ZoneInfo(point.unit.zone)
    if channel is ChannelCode.LWK:
        return Arrival(_utc(day, time(12), zone), category, channel, point)
    hours = OFFICE_HOURS if channel in BY_STAFF else HOURS
    moment = time(chance.weighted(hours), chance.randint(0, 59), chance.randint(0, 59))
    return Arrival(_utc(day, moment, zone), category, channel, point)


def _weekday(channel: ChannelCode, chance: Chance) -> int:
    if channel is ChannelCode.LWK:
        return PAPER_DAY
    weekdays = WEEKDAYS[:5] if channel in BY_STAFF else WEEKDAYS
    return chance.weighted(dict(enumerate(weekdays)))


def _utc(day: date, moment: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, moment, zone).astimezone(ZoneInfo("UTC"))
