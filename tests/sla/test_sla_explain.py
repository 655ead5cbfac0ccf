"""The story of a clock: every stretch once, sums that agree with used(), lines that can be read."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sla_samples import REGULATORY, STRICT, always, at, office, whole_days
from test_working_time_laws import DURATIONS, LAW, PAUSES, SECONDS, worlds

from helpdesk.sla.arithmetic import Addend, DayKind, reckon
from helpdesk.sla.calendar import BusinessCalendar
from helpdesk.sla.clock import Pause, SlaClock, due_at, used
from helpdesk.sla.explain import FEW_LINES, Stretch, StretchKind, ahead, fold, latest_due, ledger
from helpdesk.sla.policy import Metric

WIB = ZoneInfo("Asia/Jakarta")
HOUR = timedelta(hours=1)
NAMES = {date(2026, 6, 4): "Idul Adha"}


def a_clock(start: datetime, target: timedelta, calendar: BusinessCalendar, **more: Any) -> SlaClock:
    return SlaClock(Metric.RESOLUTION, start, start, target, calendar, **more)


def by_the_day(received: str, days: int) -> SlaClock:
    """A regulator's clock with its strict calendar."""
    start = at(received)
    midnight = start.astimezone(WIB).replace(hour=0, minute=0) + timedelta(days=1)
    return SlaClock(Metric.REGULATORY, start, midnight, timedelta(days=days), REGULATORY, STRICT)


def running(stretches: Sequence[Stretch]) -> timedelta:
    return sum((stretch.counted for stretch in stretches), timedelta())


def test_a_clock_tells_when_it_ran_and_why_not() -> None:
    pauses = (Pause(at("2026-06-05T09:00"), at("2026-06-05T10:00"), "documents", "user:1"),)
    it = a_clock(at("2026-06-03T16:00"), timedelta(hours=8), office(holidays=["2026-06-04"]), pauses=pauses)
    now = at("2026-06-05T12:30")
    told = ledger(it, now, holiday_names=NAMES)
    assert [(each.kind, each.ended_at, each.note, each.actor, each.total) for each in told] == [
        (StretchKind.RUNNING, at("2026-06-03T17:00"), "", "", HOUR),
        (StretchKind.CLOSED, at("2026-06-04T00:00"), "", "", HOUR),
        (StretchKind.HOLIDAY, at("2026-06-05T00:00"), "Idul Adha", "", HOUR),
        (StretchKind.CLOSED, at("2026-06-05T08:00"), "", "", HOUR),
        (StretchKind.RUNNING, at("2026-06-05T09:00"), "", "", 2 * HOUR),
        (StretchKind.PAUSED, at("2026-06-05T10:00"), "documents", "user:1", 2 * HOUR),
        (StretchKind.RUNNING, at("2026-06-05T12:00"), "", "", 4 * HOUR),
        (StretchKind.CLOSED, now, "", "", 4 * HOUR),
    ]
    assert running(told) == used(it, now)


def test_what_is_to_come_goes_on_to_the_due_instant() -> None:
    it = a_clock(at("2026-06-05T16:00"), timedelta(hours=3), office())
    now = at("2026-06-05T16:30")
    told = ahead(it, now)
    assert [(each.kind, each.ended_at, each.total) for each in told] == [
        (StretchKind.RUNNING, at("2026-06-05T17:00"), HOUR),
        (StretchKind.CLOSED, at("2026-06-08T08:00"), HOUR),
        (StretchKind.RUNNING, at("2026-06-08T10:00"), 3 * HOUR),
    ]


@pytest.mark.parametrize(
    ("more", "now"),
    [
        pytest.param({"met_at": at("2026-06-05T16:10")}, "2026-06-05T16:30", id="stopped"),
        pytest.param({}, "2026-06-08T10:00", id="due"),
        pytest.param(
            {"pauses": (Pause(at("2026-06-05T16:10"), None, "x"),)}, "2026-06-05T16:30", id="no end in sight"
        ),
    ],
)
def test_nothing_is_to_come_for_a_clock_that_no_longer_runs(more: dict[str, Any], now: str) -> None:
    it = a_clock(at("2026-06-05T16:00"), timedelta(hours=3), office(), **more)
    assert ahead(it, at(now)) == []


def test_a_pause_with_a_cap_lasts_no_longer_in_what_is_to_come() -> None:
    pause = Pause(at("2026-06-08T09:00"), None, "documents", "user:1", at("2026-06-08T11:00"))
    it = a_clock(at("2026-06-08T08:00"), timedelta(hours=2), office(), pauses=(pause,))
    now = at("2026-06-08T10:00")
    assert ledger(it, now)[-1].kind is StretchKind.PAUSED
    assert latest_due(it) == at("2026-06-08T12:00")
    assert [(each.kind, each.ended_at) for each in ahead(it, now)] == [
        (StretchKind.PAUSED, at("2026-06-08T11:00")),
        (StretchKind.RUNNING, at("2026-06-08T12:00")),
    ]


def test_a_cap_that_is_used_up_ends_the_pause_whether_or_not_a_sweep_has_noticed() -> None:
    pause = Pause(at("2026-06-08T09:00"), None, "documents", "user:1", at("2026-06-08T11:00"))
    it = a_clock(at("2026-06-08T08:00"), timedelta(hours=8), office(), pauses=(pause,))
    told = ledger(it, at("2026-06-08T11:30"))
    assert (told[-1].kind, told[-1].started_at) == (StretchKind.RUNNING, at("2026-06-08T11:00"))


def test_the_day_of_receipt_and_the_weekend_do_not_count_for_the_regulator() -> None:
    received, counts_from = at("2026-06-05T10:00"), at("2026-06-06T00:00")
    it = SlaClock(Metric.REGULATORY, received, counts_from, timedelta(days=5), whole_days("public"))
    assert [stretch.kind for stretch in ledger(it, at("2026-06-09T10:00"))] == [
        StretchKind.RECEIPT,
        StretchKind.CLOSED,
        StretchKind.RUNNING,
    ]


def test_the_story_ends_when_the_clock_stops() -> None:
    start, met_at, now = at("2026-06-01T08:00"), at("2026-06-01T09:00"), at("2026-07-01T08:00")
    it = a_clock(start, timedelta(hours=8), office(), met_at=met_at)
    assert [(each.kind, each.ended_at, each.total) for each in ledger(it, now)] == [
        (StretchKind.RUNNING, met_at, HOUR),
        (StretchKind.STOPPED, now, HOUR),
    ]


def test_sixty_days_are_told_in_a_few_lines_that_leave_nothing_out() -> None:
    it = a_clock(at("2026-06-01T08:00"), timedelta(hours=8), office())
    told = ledger(it, at("2026-07-31T08:00"))
    lines = fold(told, WIB)
    assert len(told) > 150
    assert len(lines) <= FEW_LINES
    assert [part for line in lines for part in line.parts] == told
    assert sum((line.counted for line in lines), timedelta()) == used(it, at("2026-07-31T08:00"))
    assert lines[-1].total == used(it, at("2026-07-31T08:00"))
    assert all(one.ended_at == other.started_at for one, other in pairwise(lines))


@pytest.mark.parametrize(
    ("until", "count"),
    [
        pytest.param("2026-06-02T08:00", 4, id="a day: each stretch"),
        pytest.param("2026-06-05T17:00", 5, id="a week: its days"),
        pytest.param("2026-07-03T17:00", 5, id="a month: its weeks"),
        pytest.param("2026-11-30T17:00", 6, id="half a year: its months"),
    ],
)
def test_the_longer_the_story_the_coarser_its_lines(until: str, count: int) -> None:
    it = a_clock(at("2026-06-01T08:00"), timedelta(hours=8), office())
    assert len(fold(ledger(it, at(until)), WIB)) == count


def test_working_hours_add_up_day_by_day() -> None:
    it = a_clock(at("2026-06-05T14:30"), timedelta(hours=8), office())
    sums = reckon(it, holiday_names={}, by_days=False)
    assert sums.addends == (
        Addend(date(2026, 6, 5), date(2026, 6, 5), 1, timedelta(hours=2, minutes=30)),
        Addend(date(2026, 6, 8), date(2026, 6, 8), 1, timedelta(hours=5, minutes=30)),
    )
    assert sums.due_at == at("2026-06-08T14:30")


def test_parts_of_a_second_are_no_reason_for_a_sum_that_is_a_second_short() -> None:
    it = a_clock(at("2026-06-03T16:27:06.6"), timedelta(hours=16), office())
    sums = reckon(it, holiday_names={}, by_days=False)
    assert sum((each.count * each.each for each in sums.addends), timedelta()) == timedelta(hours=16)
    assert all(not each.each % timedelta(seconds=1) for each in sums.addends)


def test_days_that_give_equally_much_are_one_addend() -> None:
    it = a_clock(at("2026-06-01T10:00"), timedelta(hours=40), office(holidays=["2026-06-04"]))
    assert [(each.count, each.each) for each in reckon(it, holiday_names={}, by_days=False).addends] == [
        (1, timedelta(hours=6)),
        (4, timedelta(hours=8)),
        (1, timedelta(hours=2)),
    ]


def test_the_sum_to_the_due_instant_stays_when_the_clock_has_stopped() -> None:
    it = a_clock(at("2026-06-05T14:30"), timedelta(hours=8), office(), met_at=at("2026-06-05T15:00"))
    assert reckon(it, holiday_names={}, by_days=False).due_at == at("2026-06-08T14:30")


def test_a_clock_that_stands_still_without_an_end_has_no_sum() -> None:
    it = a_clock(
        at("2026-06-05T14:30"),
        timedelta(hours=8),
        office(),
        pauses=(Pause(at("2026-06-05T15:00"), None, "x"),),
    )
    sums = reckon(it, holiday_names={}, by_days=False)
    assert (sums.addends, sums.due_at) == ((), None)


def test_every_date_of_the_regulators_count_is_told_in_both_columns() -> None:
    names = {date(2026, 5, 27): "Idul Adha", date(2026, 5, 28): "Cuti bersama Idul Adha"}
    names[date(2026, 5, 31)] = "Waisak"
    sums = reckon(by_the_day("2026-05-22T10:00", 5), holiday_names=names, by_days=True)
    told = {day.on.day: (day.kind, day.number, day.strict_number, day.note) for day in sums.days[:10]}
    assert told == {
        22: (DayKind.RECEIPT, None, None, ""),
        23: (DayKind.CLOSED, None, None, ""),
        24: (DayKind.CLOSED, None, None, ""),
        25: (DayKind.COUNTED, 1, 1, ""),
        26: (DayKind.COUNTED, 2, 2, ""),
        27: (DayKind.HOLIDAY, None, None, "Idul Adha"),
        28: (DayKind.HOLIDAY, None, 3, "Cuti bersama Idul Adha"),
        29: (DayKind.COUNTED, 3, 4, ""),
        30: (DayKind.CLOSED, None, None, ""),
        31: (DayKind.HOLIDAY, None, None, "Waisak"),  # a Sunday besides
    }


@pytest.mark.parametrize("received", ["2026-03-10T10:00", "2026-05-22T23:59", "2026-12-20T00:00"])
@pytest.mark.parametrize("days", [5, 10, 20])
def test_the_last_day_of_the_count_ends_at_the_due_instant(received: str, days: int) -> None:
    it = by_the_day(received, days)
    sums = reckon(it, holiday_names={}, by_days=True)
    last = next(day.on for day in sums.days if day.number == days)
    strict = next(day.on for day in sums.days if day.strict_number == days)
    assert sums.due_at == at(f"{last + timedelta(days=1)}T00:00") == due_at(it)
    assert sums.strict_due_at == at(f"{strict + timedelta(days=1)}T00:00")


def test_a_calendar_that_never_closes_is_one_stretch() -> None:
    it = a_clock(at("2026-06-05T14:30"), timedelta(hours=72), always())
    assert len(ledger(it, at("2026-07-05T14:30"))) == 1


@LAW
@given(worlds(), SECONDS, DURATIONS, SECONDS, PAUSES, st.booleans())
def test_the_ledger_adds_up_to_what_is_used_and_what_is_left_to_the_target(
    world: Any, offset: timedelta, target: timedelta, later: timedelta, drawn: Any, is_stopped: bool
) -> None:
    cal, start = BusinessCalendar.from_mapping(world[0]), world[1] + offset
    now = start + later
    pauses = tuple(Pause(world[1] + begin, world[1] + begin + length, "x") for begin, length in drawn)
    met_at = start + later / 2 if is_stopped else None
    it = a_clock(start, target, cal, pauses=pauses, met_at=met_at)
    told, coming = ledger(it, now), ahead(it, now)
    assert running(told) == used(it, now)
    assert all(one.ended_at == other.started_at for one, other in pairwise([*told, *coming]))
    assert all(each.length > timedelta() for each in told)
    lines = fold(told, cal.zone)
    assert [part for line in lines for part in line.parts] == told
    if coming:
        assert used(it, now) + running(coming) == target == coming[-1].total
    sums = reckon(it, holiday_names={}, by_days=False)
    assert sum((each.count * each.each for each in sums.addends), timedelta()) == target
    if not is_stopped:
        assert sums.due_at == due_at(it)
