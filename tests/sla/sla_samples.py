"""Calendars that the tests of this folder share, and a slow, obvious way of counting working time."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays

from helpdesk.sla.calendar import WEEKDAYS, BusinessCalendar

SPLIT_DAY = [["08:00", "12:00"], ["13:00", "17:00"]]
WHOLE_DAY = [["00:00", "24:00"]]


def office(zone: str = "Asia/Jakarta", **exceptions: object) -> BusinessCalendar:
    """Monday to Friday, 08:00-12:00 and 13:00-17:00: eight hours a day."""
    return BusinessCalendar.from_mapping(
        {"zone": zone, "hours": dict.fromkeys(WEEKDAYS[:5], SPLIT_DAY), **exceptions}
    )


def always(zone: str = "Asia/Jakarta") -> BusinessCalendar:
    """Open at every instant."""
    return BusinessCalendar.from_mapping({"zone": zone, "hours": dict.fromkeys(WEEKDAYS, WHOLE_DAY)})


def whole_days(*categories: str, zone: str = "Asia/Jakarta") -> BusinessCalendar:
    """Monday to Friday, each a whole day, without Indonesia's holidays of the given categories."""
    closed: Iterable[date] = holidays.country_holidays("ID", years=(2026, 2027), categories=categories)
    return BusinessCalendar.from_mapping(
        {"zone": zone, "hours": dict.fromkeys(WEEKDAYS[:5], WHOLE_DAY), "holidays": list(closed)}
    )


REGULATORY = whole_days("public", "government")
STRICT = whole_days("public")


def at(text: str, zone: str = "Asia/Jakarta") -> datetime:
    """Read a wall time of the zone as the UTC instant it is."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def open_minutes(mapping: dict[str, object], start: datetime, end: datetime) -> list[datetime]:
    """Step through [start, end) minute by minute and look at the clock on the wall each time."""
    zone = ZoneInfo(str(mapping["zone"]))
    steps = (start + timedelta(minutes=n) for n in range((end - start) // timedelta(minutes=1)))
    return [minute for minute in steps if _is_open(mapping, minute.astimezone(zone))]


def has_hours(mapping: dict[str, object], day: date) -> bool:
    """Look at every fifth minute on the wall of a local date: hours in tests begin and end at such."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  the wall, not an instant
    return any(_is_open(mapping, midnight + timedelta(minutes=n)) for n in range(0, 24 * 60, 5))


def _is_open(mapping: dict[str, object], wall: datetime) -> bool:
    day, clock = wall.date().isoformat(), f"{wall:%H:%M}"
    hours, special_days, breaks = (_spans(mapping, key) for key in ("hours", "special_days", "breaks"))
    if day in mapping["holidays"]:  # type: ignore[operator]
        return False
    spans = special_days.get(day, hours.get(WEEKDAYS[wall.weekday()], []))
    return _within(spans, clock) and not _within(breaks.get(day, []), clock)


def _spans(mapping: dict[str, object], key: str) -> dict[str, list[list[str]]]:
    return mapping[key]  # type: ignore[return-value]


def _within(spans: list[list[str]], clock: str) -> bool:
    return any(opens <= clock < closes for opens, closes in spans)
