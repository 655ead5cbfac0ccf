"""Local days, ISO weeks and reporting periods as UTC instants: the only local time among the queries."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from helpdesk.domain.errors import InvalidInput

_PERIOD = re.compile(r"(?P<year>20\d\d)(?:H(?P<half>[12])|Q(?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2]))?")


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open span of whole local days."""

    label: str
    starts_on: date
    ends_on: date
    """The first day after it."""
    start: datetime
    end: datetime


def day_start(day: date, zone: str) -> datetime:
    """Return the instant at which `day` begins in `zone`."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def local_date(at: datetime, zone: str) -> date:
    """Return the date on the wall in `zone`."""
    return at.astimezone(ZoneInfo(zone)).date()


def day_of(now: datetime, zone: str) -> tuple[datetime, datetime]:
    """Return begin and end of the local day that holds `now`."""
    today = local_date(now, zone)
    return day_start(today, zone), day_start(today + timedelta(days=1), zone)


def week_starts(now: datetime, zone: str, *, count: int) -> tuple[date, ...]:
    """Return the Mondays of the last `count` ISO weeks, oldest first; the last one holds `now`."""
    today = local_date(now, zone)
    monday = today - timedelta(days=today.weekday())
    return tuple(monday - timedelta(weeks=back) for back in reversed(range(count)))


def period_between(starts_on: date, ends_on: date, zone: str, *, label: str = "") -> Period:
    """Return the period from `starts_on` until before `ends_on`."""
    if ends_on <= starts_on:
        raise InvalidInput("a period ends after it begins", field="period", code="period")
    name = label or f"{starts_on.isoformat()}..{(ends_on - timedelta(days=1)).isoformat()}"
    return Period(name, starts_on, ends_on, day_start(starts_on, zone), day_start(ends_on, zone))


def parse_period(text: str, zone: str) -> Period:
    """Read `2026`, `2026H2`, `2026Q3` or `2026-07`. Raises InvalidInput."""
    found = _PERIOD.fullmatch(text.strip().upper())
    if found is None:
        raise InvalidInput(
            f"not a period: {text!r} (2026H2, 2026Q3, 2026-07, 2026)", field="period", code="period"
        )
    year = int(found["year"])
    months, index = 12, 0
    for name, length in (("half", 6), ("quarter", 3), ("month", 1)):
        if found[name]:
            months, index = length, int(found[name]) - 1
    first = index * months
    last = first + months
    return period_between(
        date(year, first + 1, 1), date(year + last // 12, last % 12 + 1, 1), zone, label=found.group()
    )
