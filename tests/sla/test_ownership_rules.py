"""By when somebody must react to a ticket, and when she counts as not being there: tables of shifts and zones."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.severity import Severity
from helpdesk.sla.calendar import BusinessCalendar, working_time_between
from helpdesk.sla.ownership import (
    Absence,
    Attendance,
    absence,
    is_on_shift,
    is_online,
    reaction_due,
    rules_from,
    shift_at,
    shipped_ownership,
)

RULES = shipped_ownership()
DAY = [["08:00", "12:00"], ["13:00", "17:00"]]
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), DAY)
EARLY = {day: [["06:00", "10:00"]] for day in WEEK}
NIGHT = {
    "mon": [["22:00", "24:00"]],
    "tue": [["00:00", "06:00"], ["22:00", "24:00"]],
    "wed": [["00:00", "06:00"]],
}
ROUND_THE_CLOCK = {day: [["00:00", "24:00"]] for day in (*WEEK, "sat", "sun")}


def hours(
    week: dict[str, Any], *, zone: str = "Asia/Jakarta", holidays: tuple[str, ...] = ()
) -> BusinessCalendar:
    return BusinessCalendar.from_mapping({"zone": zone, "hours": week, "holidays": holidays})


SERVICE = hours(WEEK)


def wib(text: str) -> datetime:
    """Instant of November 2026 that clocks in Jakarta show; the 23rd is a Monday."""
    day, time = text.split()
    return datetime.fromisoformat(f"2026-11-{day}T{time}+07:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("severity", "since", "shift", "expected"),
    [
        pytest.param("S1", "23 16:55", None, "23 17:10", id="S1 by any clock, past closing"),
        pytest.param("S1", "28 02:00", WEEK, "28 02:15", id="S1 at night, on no shift"),
        pytest.param("S2", "23 10:00", None, "23 10:30", id="S2 in the middle of the morning"),
        pytest.param("S2", "23 11:45", None, "23 13:15", id="lunch does not count"),
        pytest.param("S2", "23 16:50", None, "24 08:20", id="the night does not count"),
        pytest.param("S3", "27 16:00", None, "30 09:00", id="nor does the weekend"),
        pytest.param("S4", "23 08:00", None, "23 12:00", id="used up exactly at closing"),
        pytest.param("S2", "23 07:00", EARLY, "23 08:30", id="on shift, but the desk is not open yet"),
        pytest.param("S3", "23 09:00", EARLY, "24 09:00", id="the desk is open, but her shift is over"),
        pytest.param("S2", "23 23:00", NIGHT, "23 23:30", id="a night shift never meets the desk: it alone counts"),
        pytest.param("S3", "23 23:00", NIGHT, "24 01:00", id="over midnight"),
    ],
)  # fmt: skip
def test_a_reaction_is_due(severity: str, since: str, shift: dict[str, Any] | None, expected: str) -> None:
    due = reaction_due(
        RULES.reactions[Severity(severity)],
        since=wib(since),
        service=SERVICE,
        shift=hours(shift) if shift is not None else None,
    )
    assert due == wib(expected)


def test_a_shift_in_another_zone_is_read_on_the_clocks_there() -> None:
    """08.00 to 17.00 in Makassar is 07.00 to 16.00 in Jakarta: the desk closes to her an hour early."""
    shift = hours({"mon": [["08:00", "17:00"]], "tue": [["08:00", "17:00"]]}, zone="Asia/Makassar")
    s2 = RULES.reactions[Severity.S2]
    assert reaction_due(s2, since=wib("23 15:45"), service=SERVICE, shift=shift) == wib("24 08:15")


def test_a_holiday_of_the_shift_is_skipped() -> None:
    shift = hours(WEEK, holidays=("2026-11-24",))
    s2 = RULES.reactions[Severity.S2]
    assert reaction_due(s2, since=wib("23 16:50"), service=SERVICE, shift=shift) == wib("25 08:20")


instants = st.integers(0, 365 * 24 * 60).map(lambda minutes: wib("01 00:00") + timedelta(minutes=minutes))


@given(
    since=instants,
    severity=st.sampled_from(sorted(Severity)),
)
def test_without_a_shift_exactly_the_service_time_has_passed(since: datetime, severity: Severity) -> None:
    reaction = RULES.reactions[severity]
    due = reaction_due(reaction, since=since, service=SERVICE, shift=None)
    passed = due - since if severity is Severity.S1 else working_time_between(SERVICE, since, due)
    assert passed == reaction.within


@given(since=instants)
def test_a_shift_never_makes_a_reaction_due_earlier(since: datetime) -> None:
    reaction = RULES.reactions[Severity.S3]
    free = reaction_due(reaction, since=since, service=SERVICE, shift=None)
    assert reaction_due(reaction, since=since, service=SERVICE, shift=hours(EARLY)) >= free


@pytest.mark.parametrize(
    ("week", "now", "expected"),
    [
        pytest.param(WEEK, "23 09:00", ("23 08:00", "23 17:00"), id="lunch is within a shift"),
        pytest.param(WEEK, "23 12:30", ("23 08:00", "23 17:00"), id="also for who is at lunch"),
        pytest.param(WEEK, "23 17:00", None, id="the closing second is after it"),
        pytest.param(WEEK, "28 09:00", None, id="a day off"),
        pytest.param(NIGHT, "24 00:00", ("23 22:00", "24 06:00"), id="midnight does not end a night shift"),
        pytest.param(NIGHT, "24 12:00", None, id="between two nights"),
        pytest.param(
            {"mon": [["07:00", "10:00"], ["16:00", "19:00"]]}, "23 12:00", None, id="a split shift is two"
        ),
    ],
)
def test_a_shift_is(week: dict[str, Any], now: str, expected: tuple[str, str] | None) -> None:
    found = shift_at(hours(week), wib(now), longest_break=RULES.longest_break)
    assert found == (None if expected is None else (wib(expected[0]), wib(expected[1])))


def who(week: dict[str, Any] | None, seen: str | None, **changes: Any) -> Attendance:
    values: dict[str, Any] = {
        "hours": hours(week) if week is not None else SERVICE,
        "has_roster": week is not None,
        "seen_at": wib(seen) if seen else None,
        "is_away": False,
    }
    return Attendance(**values | changes)


ABSENCES: dict[str, tuple[Attendance, str, tuple[str, str, str | None] | None]] = {
    "without roster and never seen: nothing is known": (who(None, None), "23 10:00", None),
    "seen a quarter of an hour ago": (who(None, "23 09:45"), "23 10:00", None),
    "not for half an hour": (who(None, "23 09:30"), "23 10:00", ("offline", "23 10:00", "24 08:00")),
    "lunch is no absence": (who(None, "23 11:45"), "23 13:10", None),
    "the morning begins anew": (who(None, "23 16:50"), "24 08:20", None),
    "nor back the next day": (who(None, "20 16:50"), "24 08:30", ("offline", "24 08:30", "25 08:00")),
    "without roster the night is nobody's": (who(None, "23 16:50"), "23 23:00", None),
    "on shift for less than half an hour": (who(WEEK, None), "23 08:29", None),
    "never came": (who(WEEK, None), "23 11:00", ("offline", "23 08:30", "24 08:00")),
    "the shift is over": (who(WEEK, "23 16:30"), "23 17:00", ("shift_over", "23 17:00", "24 08:00")),
    "she works late": (who(WEEK, "23 17:05"), "23 17:10", None),
    "and then she goes": (who(WEEK, "23 17:05"), "23 17:20", ("shift_over", "23 17:20", "24 08:00")),
    "the weekend": (who(WEEK, None), "28 09:00", ("shift_over", "27 17:00", "30 08:00")),
    "at night, on shift": (who(NIGHT, "24 00:10"), "24 00:30", None),
    "in the morning": (who(NIGHT, "24 05:50"), "24 07:00", ("shift_over", "24 06:05", "24 22:00")),
    "a roster without end": (who(ROUND_THE_CLOCK, "23 02:00"), "23 02:29", None),
    "a break": (who(WEEK, "23 09:00", is_away=True), "23 09:44", None),
    "a long break": (who(WEEK, "23 09:00", is_away=True), "23 10:00", ("away", "23 09:45", "24 08:00")),
    "a break until the end": (
        who(WEEK, "23 16:59", is_away=True),
        "23 17:00",
        ("shift_over", "23 17:00", "24 08:00"),
    ),
    "a closed account": (
        who(None, "23 10:00", disabled_at=wib("23 09:00")),
        "23 10:00",
        ("disabled", "23 09:00", None),
    ),
}


@pytest.mark.parametrize(("person", "now", "expected"), ABSENCES.values(), ids=ABSENCES)
def test_somebody_is_absent(
    person: Attendance, now: str, expected: tuple[str, str, str | None] | None
) -> None:
    found = absence(person, RULES, now=wib(now))
    assert (found and (found.reason.value, found.at, found.back_at)) == (
        expected and (expected[0], wib(expected[1]), wib(expected[2]) if expected[2] else None)
    )


def test_a_holiday_is_no_shift() -> None:
    week = hours(WEEK, holidays=("2026-11-24",))
    person = who(WEEK, None, hours=week)
    found = absence(person, RULES, now=wib("24 10:00"))
    assert found is not None
    assert (found.reason, found.at, found.back_at) == (Absence.SHIFT_OVER, wib("23 17:00"), wib("25 08:00"))
    assert week.local_date(wib("24 10:00")) == date(2026, 11, 24)


@given(minutes=st.integers(0, 7 * 24 * 60), seen=st.integers(0, 7 * 24 * 60))
def test_an_absence_never_begins_in_the_future(minutes: int, seen: int) -> None:
    start = wib("23 00:00")
    person = Attendance(hours(NIGHT), has_roster=True, seen_at=start + timedelta(minutes=seen), is_away=False)
    now = start + timedelta(minutes=minutes)
    found = absence(person, RULES, now=now)
    assert found is None or (found.at <= now and found.back_at is not None and found.back_at > now)


def test_at_lunch_somebody_is_given_nothing_new_and_loses_nothing() -> None:
    person = who(WEEK, "23 11:55")
    assert not is_on_shift(person, wib("23 12:10"))
    assert absence(person, RULES, now=wib("23 12:10")) is None
    assert is_online(person, RULES, wib("23 12:10"))
    assert not is_online(person, RULES, wib("23 12:25"))


@pytest.mark.parametrize(
    "change",
    [
        {"react": {"S1": {"within": "15m", "clock": "always"}}},
        {"react": {level: {"within": "15m", "clock": "moon"} for level in Severity}},
        {"react": {level: {"within": "soon", "clock": "always"} for level in Severity}},
        {"absence": {"unseen": "30m", "away": "45m", "overtime": "15m", "longest_break": "90m", "urgent": ["S9"]}},
        {"surprise": {}},
    ],
    ids=["a level missing", "no such clock", "no such time", "no such level", "unknown key"],
)  # fmt: skip
def test_faulty_rules_are_refused(change: dict[str, object]) -> None:
    sound: dict[str, object] = {
        "react": {level: {"within": "15m", "clock": "always"} for level in Severity},
        "absence": {"unseen": "30m", "away": "45m", "overtime": "15m", "longest_break": "90m", "urgent": ["S1"]},
    }  # fmt: skip
    assert rules_from(sound).urgent == {Severity.S1}
    with pytest.raises(InvalidInput):
        rules_from(sound | change)
