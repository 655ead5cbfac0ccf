"""One clock: used, paused, due, and its state."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sla_samples import REGULATORY, STRICT, always, at, office

from helpdesk.sla.calendar import working_time_between
from helpdesk.sla.clock import (
    ClockState,
    Pause,
    SlaClock,
    as_of,
    breach_instant,
    counting_start,
    due_at,
    instant_of_share,
    is_breached,
    pause_ends_by,
    paused_for,
    state,
    strict_due_at,
    used,
)
from helpdesk.sla.policy import Metric

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
DAY = "2026-06-01T"  # a Monday
NINE = at(DAY + "09:00")
JAKARTA = ZoneInfo("Asia/Jakarta")


def clock(hours: float = 4, **changes: object) -> SlaClock:
    """A resolution clock begun on Monday at nine."""
    return replace(SlaClock(Metric.RESOLUTION, NINE, NINE, hours * HOUR, office()), **changes)  # type: ignore[arg-type]


def pause(begins: str, ends: str | None = None) -> Pause:
    return Pause(at(DAY + begins), at(DAY + ends) if ends else None, "waits for the contact")


def regulatory(day: str, days: int, zone: str = "Asia/Jakarta") -> SlaClock:
    received = at(f"{day}T15:42:10", zone)
    start = counting_start(received, zone=ZoneInfo(zone), is_day_based=True)
    return SlaClock(Metric.REGULATORY, received, start, timedelta(days=days), REGULATORY, STRICT)


def last_day(due: datetime | None) -> str:
    """The date whose 24:00 is the due instant."""
    assert due is not None
    local = due.astimezone(JAKARTA)
    assert local.time().isoformat() == "00:00:00"
    return (local.date() - timedelta(days=1)).isoformat()


# Day 0, then regulatory and strict due date of 5, 10 and 20 working days (domain.md 1.6).
DUE_DATES = [
    ("2026-03-13", ("03-27", "03-23"), ("04-06", "03-30"), ("04-20", "04-14")),
    ("2026-05-13", ("05-22", "05-21"), ("06-03", "05-29"), ("06-18", "06-15")),
    ("2026-08-14", ("08-24", "08-24"), ("09-01", "09-01"), ("09-15", "09-15")),
    ("2026-11-23", ("11-30", "11-30"), ("12-07", "12-07"), ("12-21", "12-21")),
    ("2026-12-21", ("12-30", "12-29"), ("2027-01-08", "2027-01-07"), ("2027-01-22", "2027-01-21")),
    ("2027-03-04", ("2027-03-19", "2027-03-16"), ("2027-03-30", "2027-03-23"), ("2027-04-13", "2027-04-07")),
]


@pytest.mark.parametrize(
    ("day", "days", "regulatory_date", "strict_date"),
    [
        pytest.param(
            day, days, *(f"2026-{date}" if len(date) == 5 else date for date in dates), id=f"{day}+{days}"
        )
        for day, *columns in DUE_DATES
        for days, dates in zip((5, 10, 20), columns, strict=True)
    ],
)
def test_regulatory_clocks_end_at_midnight_of_the_due_date(
    day: str, days: int, regulatory_date: str, strict_date: str
) -> None:
    it = regulatory(day, days)
    assert last_day(due_at(it)) == regulatory_date
    assert last_day(strict_due_at(it)) == strict_date


@pytest.mark.parametrize("day", ["2026-06-05", "2026-06-06", "2026-06-07"])
def test_friday_and_the_weekend_after_it_have_the_same_five_days(day: str) -> None:
    assert last_day(due_at(regulatory(day, 5))) == "2026-06-12"


def test_whole_days_count_from_the_midnight_of_the_zone_after_receipt() -> None:
    late = at("2026-06-01T23:30")  # half past midnight of the next day in Makassar
    assert counting_start(late, zone=JAKARTA, is_day_based=True) == at("2026-06-02T00:00")
    makassar = counting_start(late, zone=ZoneInfo("Asia/Makassar"), is_day_based=True)
    assert makassar == at("2026-06-03T00:00", "Asia/Makassar")
    assert counting_start(late, zone=JAKARTA, is_day_based=False) == late


def test_a_clock_without_a_strict_calendar_has_no_strict_due_date() -> None:
    assert strict_due_at(clock()) is None
    assert instant_of_share(clock(), Fraction(1, 2), strict=True) == at(DAY + "11:00")


def test_a_clock_runs_in_working_hours_only() -> None:
    it = clock(4)
    assert due_at(it) == at(DAY + "14:00")
    assert used(it, at(DAY + "12:30")) == 3 * HOUR
    assert used(it, NINE - HOUR) == timedelta()
    assert state(it, at(DAY + "13:59:59")) is ClockState.RUNNING


@pytest.mark.parametrize(
    ("share", "expected"),
    [(Decimal("0.5"), "11:00"), (Fraction(3, 4), "12:00"), (Decimal("0.9"), "13:36"), (Fraction(1), "14:00")],
    ids=str,
)
def test_a_share_of_the_target_has_its_instant(share: Fraction | Decimal, expected: str) -> None:
    assert instant_of_share(clock(4), share, strict=False) == at(DAY + expected)


def test_a_paused_clock_does_not_breach_however_long_it_waits() -> None:
    it = clock(4, pauses=(pause("10:00"),))
    for now in (at(DAY + "13:30"), at(DAY + "14:00"), at("2027-06-01T09:00")):
        assert state(it, now) is ClockState.PAUSED
        assert not is_breached(it, now)
        assert used(it, now) == HOUR
    assert due_at(it) is None
    assert instant_of_share(it, Fraction(1, 4), strict=False) == at(DAY + "10:00")
    assert instant_of_share(it, Fraction(1, 2), strict=False) is None


def test_met_directly_from_a_pause_leaves_the_pause_out_everywhere() -> None:
    met_at = at(DAY + "15:30")
    it = clock(4, pauses=(pause("10:00"),), met_at=met_at)
    later = at("2026-06-09T09:00")
    assert state(it, later) is ClockState.MET
    assert used(it, later) == HOUR
    assert paused_for(it, later) == timedelta(hours=4, minutes=30)
    assert breach_instant(it, later) is None


def test_a_pause_begun_after_the_due_instant_does_not_undo_the_breach() -> None:
    it = clock(4, pauses=(pause("14:00"),))
    assert state(it, at(DAY + "16:00")) is ClockState.BREACHED
    assert breach_instant(it, at(DAY + "16:00")) == at(DAY + "14:00")


def test_a_closed_pause_moves_the_due_instant_and_the_clock_runs_again() -> None:
    it = clock(4, pauses=(pause("10:00", "11:00"), pause("13:00", "13:30")))
    assert due_at(it) == at(DAY + "15:30")
    assert state(it, at(DAY + "10:30")) is ClockState.PAUSED
    assert state(it, at(DAY + "11:00")) is ClockState.RUNNING


def test_a_stricter_target_keeps_used_and_paused_time() -> None:
    old = clock(16, pauses=(pause("10:00"),))
    new = replace(old, target=2 * HOUR)
    now = at(DAY + "16:00")
    assert used(new, now) == used(old, now) == HOUR
    assert state(new, now) is ClockState.PAUSED


@pytest.mark.parametrize(
    ("changes", "now", "expected"),
    [
        pytest.param({}, "13:59:59", ClockState.RUNNING, id="a second before due"),
        pytest.param({}, "14:00", ClockState.BREACHED, id="unmet at due"),
        pytest.param({"met_at": "14:00"}, "14:00", ClockState.MET, id="met at due exactly"),
        pytest.param({"met_at": "14:00:01"}, "15:00", ClockState.BREACHED, id="met a second late"),
        pytest.param({"met_at": "10:00"}, "18:00", ClockState.MET, id="met early stays met"),
        pytest.param({"superseded_at": "10:00"}, "18:00", ClockState.SUPERSEDED, id="superseded in time"),
        pytest.param({"superseded_at": "14:00"}, "18:00", ClockState.SUPERSEDED, id="superseded at due"),
        pytest.param({"superseded_at": "14:30"}, "18:00", ClockState.BREACHED, id="superseded after due"),
        pytest.param({"met_at": "10:00", "superseded_at": "11:00"}, "18:00", ClockState.MET, id="met first"),
        pytest.param(
            {"met_at": "11:00", "superseded_at": "10:00"},
            "18:00",
            ClockState.SUPERSEDED,
            id="superseded first",
        ),
        pytest.param({"breached_at": "14:00"}, "10:00", ClockState.BREACHED, id="on record by a later sweep"),
        pytest.param(
            {"breached_at": "14:00", "met_at": "13:00"},
            "15:00",
            ClockState.BREACHED,
            id="on record though met",
        ),
        pytest.param(
            {"breached_at": "14:00", "superseded_at": "13:00"},
            "15:00",
            ClockState.BREACHED,
            id="and superseded",
        ),
    ],
)
def test_states(changes: dict[str, str], now: str, expected: ClockState) -> None:
    it = clock(4, **{name: at(DAY + text) for name, text in changes.items()})
    assert state(it, at(DAY + now)) is expected
    assert is_breached(it, at(DAY + now)) is (expected is ClockState.BREACHED)


def test_a_breach_happened_at_the_due_instant_whenever_it_is_noticed() -> None:
    for now in (at(DAY + "14:00"), at("2026-07-01T09:00")):
        assert breach_instant(clock(4), now) == at(DAY + "14:00")
    assert breach_instant(clock(4), at(DAY + "13:59:59")) is None
    assert breach_instant(clock(4, breached_at=at(DAY + "13:00")), NINE) == at(DAY + "13:00")


def test_used_up_at_closing_and_met_next_morning_is_late() -> None:
    it = clock(7)
    assert due_at(it) == at(DAY + "17:00")
    assert state(replace(it, met_at=at("2026-06-02T08:00")), at("2026-06-02T09:00")) is ClockState.BREACHED


def test_a_round_the_clock_target_does_not_wait_for_the_morning() -> None:
    night = at("2026-06-06T23:00")
    it = SlaClock(Metric.ACKNOWLEDGEMENT, night, night, 2 * HOUR, always())
    assert due_at(it) == at("2026-06-07T01:00")


MINUTES = st.integers(0, 5000).map(lambda n: NINE + timedelta(minutes=n))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(MINUTES, max_size=5, unique=True).map(sorted),
    MINUTES,
    st.integers(1, 40),
    st.one_of(st.none(), MINUTES),
)
def test_used_and_paused_make_up_the_working_time_and_due_is_where_all_is_used(
    marks: list[datetime], now: datetime, hours: int, met_at: datetime | None
) -> None:
    ends = [*marks[1::2], *([None] if len(marks) % 2 else [])]
    pauses = tuple(Pause(begin, end, "") for begin, end in zip(marks[::2], ends, strict=True))
    it = clock(hours, pauses=pauses, met_at=met_at)
    until = min(now, met_at) if met_at else now
    assert used(it, now) + paused_for(it, now) == working_time_between(office(), NINE, until)
    running = replace(it, met_at=None)
    due = due_at(running)
    if due is None:
        assert used(running, now) < hours * HOUR
        assert not is_breached(running, now)
    else:
        assert used(running, due) == hours * HOUR
        assert used(running, due - SECOND) < hours * HOUR
        assert is_breached(running, now) == (now >= due)


@given(
    begins=st.integers(0, 30 * 3600),
    lasts=st.integers(1, 200 * 3600),
    cap=st.integers(1, 40 * 3600),
)
@settings(deadline=None)
def test_a_pause_takes_out_its_cap_and_no_more(begins: int, lasts: int, cap: int) -> None:
    whole, started = clock(40), NINE + begins * SECOND
    ends_by = pause_ends_by(whole, cap * SECOND, started)
    now = started + lasts * SECOND
    capped = replace(whole, pauses=(Pause(started, None, "waits", ends_by=ends_by),))
    plain = working_time_between(whole.calendar, started, now)
    assert paused_for(capped, now) == min(plain, cap * SECOND)
    assert (state(capped, now) is ClockState.PAUSED) == (now < ends_by)
    if state(capped, now) is not ClockState.PAUSED:
        due = due_at(as_of(capped, now))
        assert due is not None
        moved = replace(whole, pauses=(Pause(started, ends_by, "waits"),))
        assert due == due_at(moved)


def test_pauses_share_the_cap() -> None:
    first = clock(8, pauses=(pause("10:00", "11:00"),))
    assert pause_ends_by(first, 90 * SECOND * 60, at(DAY + "14:00")) == at(DAY + "14:30")
    assert pause_ends_by(first, HOUR, at(DAY + "14:00")) == at(DAY + "14:00")
