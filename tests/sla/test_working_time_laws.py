"""Laws of working time that hold for every calendar, start and duration."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sla_samples import open_minutes

from helpdesk.sla.calendar import (
    WEEKDAYS,
    BusinessCalendar,
    add_working_days,
    add_working_time,
    working_time_between,
)

ZONES = {  # with the days around which the clocks change, where they do
    "Asia/Jakarta": ["2026-03-27"],
    "Asia/Makassar": ["2026-03-27"],
    "Europe/Berlin": ["2026-03-27", "2026-10-23"],
    "America/Santiago": ["2026-04-03", "2026-09-04"],  # at midnight, the other way round
    "Africa/Casablanca": ["2026-02-13", "2026-03-20"],  # for Ramadan
}
Mapping = dict[str, Any]
Pauses = list[tuple[datetime, datetime]]


@st.composite
def span_lists(draw: Callable[..., Any], min_size: int = 0) -> list[list[str]]:
    marks = draw(st.lists(st.integers(0, 48), min_size=2 * min_size, max_size=4, unique=True).map(sorted))
    clock = [f"{mark // 2:02}:{mark % 2 * 30:02}" for mark in marks]
    return [list(pair) for pair in zip(clock[::2], clock[1::2], strict=False)]


@st.composite
def worlds(draw: Callable[..., Any]) -> tuple[Mapping, datetime]:
    """A calendar that opens at least on Wednesdays, and a day near a change of clocks."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    base = date.fromisoformat(draw(st.sampled_from(ZONES[zone])))
    days = st.integers(0, 20).map(lambda n: (base + timedelta(days=n)).isoformat())
    mapping = {
        "zone": zone,
        "hours": {day: draw(span_lists(1 if day == "wed" else 0)) for day in WEEKDAYS},
        "holidays": draw(st.lists(days, max_size=3, unique=True)),
        "special_days": draw(st.dictionaries(days, span_lists(), max_size=2)),
        "breaks": draw(st.dictionaries(days, span_lists(), max_size=2)),
    }
    return mapping, datetime(base.year, base.month, base.day, tzinfo=UTC)


SECONDS = st.integers(0, 20 * 24 * 3600).map(lambda n: timedelta(seconds=n))
DURATIONS = st.integers(1, 60 * 3600).map(lambda n: timedelta(seconds=n))
PAUSES = st.lists(st.tuples(SECONDS, st.integers(0, 200_000).map(lambda n: timedelta(seconds=n))), max_size=3)
LAW = settings(max_examples=40, deadline=None)


def _pauses(base: datetime, drawn: list[tuple[timedelta, timedelta]]) -> Pauses:
    return [(base + begin, base + begin + length) for begin, length in drawn]


@LAW
@given(worlds(), SECONDS, DURATIONS, PAUSES)
def test_what_is_added_is_found_again(
    world: tuple[Mapping, datetime], offset: timedelta, duration: timedelta, drawn: Any
) -> None:
    cal, start = BusinessCalendar.from_mapping(world[0]), world[1] + offset
    pauses = _pauses(world[1], drawn)
    end = add_working_time(cal, start, duration, pauses)
    assert working_time_between(cal, start, end, pauses) == duration
    assert working_time_between(cal, start, end - timedelta(seconds=1), pauses) < duration
    begin = add_working_time(cal, start, -duration, pauses)
    assert working_time_between(cal, begin, start, pauses) == duration
    assert working_time_between(cal, begin + timedelta(seconds=1), start, pauses) < duration


@LAW
@given(worlds(), SECONDS, DURATIONS, DURATIONS, PAUSES)
def test_two_additions_are_one_and_more_is_later(
    world: tuple[Mapping, datetime], offset: timedelta, first: timedelta, second: timedelta, drawn: Any
) -> None:
    cal, start = BusinessCalendar.from_mapping(world[0]), world[1] + offset
    pauses = _pauses(world[1], drawn)
    middle = add_working_time(cal, start, first, pauses)
    end = add_working_time(cal, start, first + second, pauses)
    assert add_working_time(cal, middle, second, pauses) == end
    assert middle < end


@LAW
@given(worlds(), SECONDS, SECONDS, SECONDS, PAUSES)
def test_time_between_adds_up_and_turns_its_sign(
    world: tuple[Mapping, datetime], a: timedelta, b: timedelta, c: timedelta, drawn: Any
) -> None:
    cal, base = BusinessCalendar.from_mapping(world[0]), world[1]
    pauses = _pauses(base, drawn)

    def between(start: timedelta, end: timedelta) -> timedelta:
        return working_time_between(cal, base + start, base + end, pauses)

    assert between(a, b) + between(b, c) == between(a, c)
    assert between(a, b) == -between(b, a)


@LAW
@given(worlds(), SECONDS, DURATIONS, PAUSES)
def test_a_pause_is_the_same_as_so_much_more_to_do(
    world: tuple[Mapping, datetime], offset: timedelta, duration: timedelta, drawn: Any
) -> None:
    cal, start = BusinessCalendar.from_mapping(world[0]), world[1] + offset
    pauses = _pauses(world[1], drawn)
    end = add_working_time(cal, start, duration, pauses)
    lost = working_time_between(cal, start, end) - working_time_between(cal, start, end, pauses)
    assert add_working_time(cal, start, duration + lost) == end


@settings(max_examples=15, deadline=None)
@given(worlds(), st.integers(0, 1440), st.integers(1, 900), PAUSES)
def test_it_agrees_with_looking_at_the_wall_clock_every_minute(
    world: tuple[Mapping, datetime], offset: int, wanted: int, drawn: Any
) -> None:
    mapping, base = world
    cal, start = BusinessCalendar.from_mapping(mapping), base + timedelta(minutes=offset)
    whole_minutes = [(begin - begin % timedelta(minutes=1), length) for begin, length in drawn]
    pauses = [
        (begin, begin + (end - begin) // timedelta(minutes=1) * timedelta(minutes=1))
        for begin, end in _pauses(base, whole_minutes)
    ]
    end = start + timedelta(days=5)
    found = open_minutes(mapping, start, end)
    working = [minute for minute in found if not any(begin <= minute < stop for begin, stop in pauses)]
    assert working_time_between(cal, start, end) == timedelta(minutes=len(found))
    assert working_time_between(cal, start, end, pauses) == timedelta(minutes=len(working))
    assert cal.is_open(start) == (start in found[:1])
    assume(wanted <= len(working))
    expected = working[wanted - 1] + timedelta(minutes=1)
    assert add_working_time(cal, start, timedelta(minutes=wanted), pauses) == expected


@LAW
@given(worlds(), st.integers(0, 20), st.integers(1, 12))
def test_working_days_counted_there_and_back_are_the_same_day(
    world: tuple[Mapping, datetime], offset: int, days: int
) -> None:
    cal = BusinessCalendar.from_mapping(world[0])
    first = add_working_days(cal, world[1].date() + timedelta(days=offset), 0)
    last = add_working_days(cal, first, days)
    assert add_working_days(cal, last, -days) == first
    between = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    assert sum(cal.is_working_day(day) for day in between) == days


@pytest.mark.parametrize("zone", sorted(ZONES))
def test_skipping_whole_weeks_changes_nothing(zone: str) -> None:
    hours = {"tue": [["09:00", "17:00"]], "sun": [["01:00", "04:30"]]}
    plain = BusinessCalendar.from_mapping({"zone": zone, "hours": hours})
    # A break outside the hours on every day changes no answer, but no week is free of exceptions any more.
    days = [date(2025, 12, 20) + timedelta(days=n) for n in range(800)]
    closely = BusinessCalendar.from_mapping(
        {"zone": zone, "hours": hours, "breaks": {day.isoformat(): [["20:00", "21:00"]] for day in days}}
    )
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for hours_wanted in (1, 11, 12, 120, 599, 600, 1100):
        wanted = timedelta(hours=hours_wanted)
        end = add_working_time(plain, start, wanted)
        assert end == add_working_time(closely, start, wanted)
        assert working_time_between(plain, start, end) == working_time_between(closely, start, end) == wanted
        assert add_working_time(plain, end, -wanted) == add_working_time(closely, end, -wanted)
