"""Laws of working time that hold for every calendar, start, duration and pause."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sla_samples import has_hours, open_minutes

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
    "Asia/Jayapura": ["2026-03-27"],
    "Europe/Berlin": ["2026-03-27", "2026-10-23"],
    # At midnight, and the other way round: a day that begins at 01:00, and one of 25 hours.
    "America/Santiago": ["2026-04-03", "2026-09-04"],
    "Australia/Lord_Howe": ["2026-04-03", "2026-10-02"],  # by half an hour
    "Africa/Casablanca": ["2026-02-13", "2026-03-20"],  # for Ramadan
    "Pacific/Apia": ["2011-12-28"],  # a day that never was
}
Mapping = dict[str, Any]
Pauses = list[tuple[datetime, datetime]]
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@st.composite
def span_lists(draw: Callable[..., Any], min_size: int = 0) -> list[list[str]]:
    marks = st.lists(st.integers(0, 288), min_size=2 * min_size, max_size=6, unique=True).map(sorted)
    clock = [f"{mark // 12:02}:{mark % 12 * 5:02}" for mark in draw(marks)]
    return [list(pair) for pair in zip(clock[::2], clock[1::2], strict=False)]


@st.composite
def worlds(draw: Callable[..., Any]) -> tuple[Mapping, datetime]:
    """A calendar that opens at least on Wednesdays, and a day near a change of clocks."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    base = date.fromisoformat(draw(st.sampled_from(ZONES[zone])))
    days = st.integers(0, 20).map(lambda n: (base + timedelta(days=n)).isoformat())
    special_days = draw(st.dictionaries(days, span_lists(), max_size=2))
    mapping = {
        "zone": zone,
        "hours": {day: draw(span_lists(1 if day == "wed" else 0)) for day in WEEKDAYS},
        "holidays": [*draw(st.lists(days, max_size=3, unique=True)), *list(special_days)[1:]],
        "special_days": special_days,
        "breaks": draw(st.dictionaries(days, span_lists(), max_size=2)),
    }
    return mapping, datetime(base.year, base.month, base.day, tzinfo=UTC)


SECONDS = st.integers(0, 20 * 24 * 3600).map(lambda n: timedelta(seconds=n))
DURATIONS = st.integers(1, 60 * 3600).map(lambda n: timedelta(seconds=n))
PAUSES = st.lists(st.tuples(SECONDS, st.integers(0, 200_000).map(lambda n: timedelta(seconds=n))), max_size=3)
LAW = settings(max_examples=40, deadline=None)


def _pauses(base: datetime, drawn: list[tuple[timedelta, timedelta]]) -> Pauses:
    return [(base + begin, base + begin + length) for begin, length in drawn]


def _whole_minutes(pauses: Pauses) -> Pauses:
    return [(begin.replace(second=0), end.replace(second=0)) for begin, end in pauses]


@LAW
@given(worlds(), SECONDS, DURATIONS, PAUSES)
def test_what_is_added_is_found_again(
    world: tuple[Mapping, datetime], offset: timedelta, duration: timedelta, drawn: Any
) -> None:
    cal, start = BusinessCalendar.from_mapping(world[0]), world[1] + offset
    pauses = _pauses(world[1], drawn)
    end = add_working_time(cal, start, duration, pauses)
    assert working_time_between(cal, start, end, pauses) == duration
    assert working_time_between(cal, start, end - SECOND, pauses) < duration
    begin = add_working_time(cal, start, -duration, pauses)
    assert working_time_between(cal, begin, start, pauses) == duration
    assert working_time_between(cal, begin + SECOND, start, pauses) < duration


@LAW
@given(worlds(), SECONDS, DURATIONS, PAUSES)
def test_counting_back_undoes_counting_on(
    world: tuple[Mapping, datetime], offset: timedelta, duration: timedelta, drawn: Any
) -> None:
    cal, start = BusinessCalendar.from_mapping(world[0]), world[1] + offset
    pauses = _pauses(world[1], drawn)
    there = add_working_time(cal, start, duration, pauses)
    back = add_working_time(cal, there, -duration, pauses)
    assert start <= back  # the latest such instant: later than the start only by time that does not count
    assert not working_time_between(cal, start, back, pauses)
    begin = add_working_time(cal, start, -duration, pauses)
    again = add_working_time(cal, begin, duration, pauses)
    assert again <= start
    assert not working_time_between(cal, again, start, pauses)


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
@given(worlds(), st.lists(SECONDS, min_size=2, max_size=6), DURATIONS, PAUSES)
def test_who_starts_later_is_never_due_earlier(
    world: tuple[Mapping, datetime], offsets: list[timedelta], duration: timedelta, drawn: Any
) -> None:
    cal, base = BusinessCalendar.from_mapping(world[0]), world[1]
    pauses = _pauses(base, drawn)
    starts = [base + offset for offset in sorted(offsets)]
    dues = [add_working_time(cal, start, duration, pauses) for start in starts]
    assert dues == sorted(dues)
    spent = [working_time_between(cal, base, start, pauses) for start in starts]
    assert spent == sorted(spent)
    for (earlier, later), (less, more) in zip(pairwise(starts), pairwise(spent), strict=True):
        assert more - less <= later - earlier  # working time never runs faster than the clock on the wall


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


@LAW
@given(worlds(), SECONDS, DURATIONS, PAUSES, st.randoms(use_true_random=False))
def test_neither_order_nor_overlap_nor_seams_of_pauses_matter(
    world: tuple[Mapping, datetime], offset: timedelta, duration: timedelta, drawn: Any, chance: Any
) -> None:
    cal, start = BusinessCalendar.from_mapping(world[0]), world[1] + offset
    pauses = _pauses(world[1], drawn)
    pieces: Pauses = []
    for (
        begin,
        end,
    ) in pauses:  # each in two that overlap, one of them twice; what ends before it begins is none
        cut = begin + (end - begin) * chance.random()
        overlapping = (cut - (cut - begin) * chance.random(), end)
        pieces += [(begin, cut), overlapping, overlapping, (end, begin)]
    chance.shuffle(pieces)
    expected = add_working_time(cal, start, duration, pauses)
    assert add_working_time(cal, start, duration, pieces) == expected
    assert working_time_between(cal, start, expected, pieces) == duration


@LAW
@given(worlds(), SECONDS, DURATIONS, st.integers(0, 20), span_lists(1))
def test_a_pause_within_a_day_is_a_break_of_that_day(
    world: tuple[Mapping, datetime], offset: timedelta, duration: timedelta, day: int, spans: Any
) -> None:
    """Where clocks do not change: a break is told by the wall, a pause by instants."""
    mapping = world[0] | {"zone": "Asia/Makassar", "breaks": {}}
    on = world[1].date() + timedelta(days=day)
    start = world[1] + offset
    midnight = datetime(on.year, on.month, on.day, tzinfo=UTC) - timedelta(hours=8)
    marks = [[timedelta(hours=int(mark[:2]), minutes=int(mark[3:])) for mark in span] for span in spans]
    pauses = [(midnight + begin, midnight + end) for begin, end in marks]
    paused = add_working_time(BusinessCalendar.from_mapping(mapping), start, duration, pauses)
    broken = BusinessCalendar.from_mapping(mapping | {"breaks": {on.isoformat(): spans}})
    assert add_working_time(broken, start, duration) == paused


@settings(max_examples=40, deadline=None)
@given(worlds(), st.integers(0, 1440), st.integers(1, 900), PAUSES)
def test_it_agrees_with_looking_at_the_wall_clock_every_minute(
    world: tuple[Mapping, datetime], offset: int, wanted: int, drawn: Any
) -> None:
    mapping, base = world
    cal, start = BusinessCalendar.from_mapping(mapping), base + timedelta(minutes=offset)
    pauses = _whole_minutes(_pauses(base, drawn))
    end = start + timedelta(days=5)
    found = open_minutes(mapping, start, end)
    working = [minute for minute in found if not any(begin <= minute < stop for begin, stop in pauses)]
    assert working_time_between(cal, start, end) == len(found) * MINUTE
    assert working_time_between(cal, start, end, pauses) == len(working) * MINUTE
    assert working_time_between(cal, end, start, pauses) == -len(working) * MINUTE
    assert cal.is_open(start) == (start in found[:1])
    assume(wanted <= len(working))
    expected = working[wanted - 1] + MINUTE
    assert add_working_time(cal, start, wanted * MINUTE, pauses) == expected
    assert add_working_time(cal, end, -wanted * MINUTE, pauses) == working[-wanted]


@settings(max_examples=40, deadline=None)
@given(worlds(), st.integers(0, 1440))
def test_doors_open_and_close_when_the_wall_clock_says_so(
    world: tuple[Mapping, datetime], offset: int
) -> None:
    mapping, base = world
    cal, start = BusinessCalendar.from_mapping(mapping), base + timedelta(minutes=offset)
    end = start + timedelta(days=5)
    found = open_minutes(mapping, start, end)
    assume(found)
    assert cal.next_open(start) == found[0]
    assert cal.prev_open(end) == found[-1] + MINUTE
    closes = cal.next_close(start)
    assert found[0] < closes
    assert working_time_between(cal, found[0], closes) == closes - found[0]  # open without a gap until then


@LAW
@given(worlds(), st.integers(0, 20), st.integers(-12, 12))
def test_working_days_are_the_dates_with_hours_counted_one_by_one(
    world: tuple[Mapping, datetime], offset: int, days: int
) -> None:
    cal = BusinessCalendar.from_mapping(world[0])
    step = timedelta(days=-1 if days < 0 else 1)
    origin = day = world[1].date() + timedelta(days=offset)
    while not has_hours(world[0], day):
        day += step
    for _ in range(abs(days)):
        day += step
        while not has_hours(world[0], day):
            day += step
    assert add_working_days(cal, origin, days) == day
    assert cal.is_working_day(origin) == has_hours(world[0], origin)
    first = add_working_days(cal, origin, 0) if days >= 0 else add_working_days(cal, day, -days)
    assert add_working_days(cal, add_working_days(cal, first, abs(days)), -abs(days)) == first


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
    for hours_wanted in (1, 11, 11.5, 12, 23, 115, 120, 599, 600, 1100):  # a week has 11.5
        wanted = timedelta(hours=hours_wanted)
        end = add_working_time(plain, start, wanted)
        assert end == add_working_time(closely, start, wanted)
        assert working_time_between(plain, start, end) == working_time_between(closely, start, end) == wanted
        assert add_working_time(plain, end, -wanted) == add_working_time(closely, end, -wanted)
