"""Durations as the data files write them."""

import re
from collections.abc import Sequence
from datetime import timedelta

from helpdesk.domain.errors import InvalidInput

WORKING_DAY = timedelta(hours=8)
"""A working day of the service targets, in working hours (domain.md 7.2)."""

UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "wd": WORKING_DAY,
    "d": timedelta(days=1),
}

MOST = 9999
"""Of one unit: more is a slip of the finger."""

_FORM = re.compile(r"([1-9][0-9]*)(m|h|wd|d)")


def parse_duration(value: object, field: str) -> tuple[timedelta, str]:
    """Read `30m`, `2h`, `3wd` or `10d` and say which unit it was in. Raises InvalidInput."""
    match = _FORM.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise InvalidInput(
            f"{field}: {value!r} is not a duration such as 30m, 2h, 3wd or 10d", field=field, code="duration"
        )
    amount = int(match[1])
    if amount > MOST:
        raise InvalidInput(f"{field}: {value!r} is longer than any promise", field=field, code="duration")
    return amount * UNITS[match[2]], match[2]


def split_duration(duration: timedelta, units: Sequence[str]) -> tuple[int, str]:
    """Return a duration in the largest of `units` (the smallest first) that measures it without a rest."""
    for unit in reversed(units):
        if duration % UNITS[unit] == timedelta():
            return duration // UNITS[unit], unit
    return -(-duration // UNITS[units[0]]), units[0]
