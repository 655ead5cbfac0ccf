"""The date table of domain.md 1.6, on the holidays of a new installation: both due dates of each clock, and reports."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from factories import head_office
from sqlalchemy.orm import Session

from helpdesk.models.calendars import CalendarBook
from helpdesk.sla.calendar import BusinessCalendar, add_working_days, add_working_time
from helpdesk.sla.clock import counting_start
from helpdesk.sla.policy import CalendarCode

REGULATORY, STRICT = CalendarCode.REGULATORY, CalendarCode.STRICT
JAKARTA = ZoneInfo("Asia/Jakarta")

# Day 0, then 5, 10 and 20 working days: cuti bersama off, and cuti bersama worked.
TABLE = [
    ("2026-03-13", ("2026-03-27", "2026-03-23"), ("2026-04-06", "2026-03-30"), ("2026-04-20", "2026-04-14")),
    ("2026-05-13", ("2026-05-22", "2026-05-21"), ("2026-06-03", "2026-05-29"), ("2026-06-18", "2026-06-15")),
    ("2026-08-14", ("2026-08-24", "2026-08-24"), ("2026-09-01", "2026-09-01"), ("2026-09-15", "2026-09-15")),
    ("2026-11-23", ("2026-11-30", "2026-11-30"), ("2026-12-07", "2026-12-07"), ("2026-12-21", "2026-12-21")),
    ("2026-12-21", ("2026-12-30", "2026-12-29"), ("2027-01-08", "2027-01-07"), ("2027-01-22", "2027-01-21")),
    ("2027-03-04", ("2027-03-19", "2027-03-16"), ("2027-03-30", "2027-03-23"), ("2027-04-13", "2027-04-07")),
]
CASES = [
    pytest.param(day, days, code, dates[at], id=f"{day}+{days}-{code}")
    for day, *columns in TABLE
    for days, dates in zip((5, 10, 20), columns, strict=True)
    for at, code in enumerate((REGULATORY, STRICT))
]


def calendar(session: Session, code: CalendarCode) -> BusinessCalendar:
    return CalendarBook(session).calendar(code, head_office(session))


@pytest.mark.parametrize(("day", "days", "code", "expected"), CASES)
def test_due_dates_are_those_of_the_table(
    session: Session, day: str, days: int, code: CalendarCode, expected: str
) -> None:
    cal, day_0 = calendar(session, code), date.fromisoformat(day)
    received = datetime.combine(day_0, time(15, 42), tzinfo=JAKARTA)
    start = counting_start(received, zone=JAKARTA, is_day_based=True)
    due = add_working_time(cal, start, timedelta(days=days))
    midnight = datetime.combine(date.fromisoformat(expected) + timedelta(days=1), time(), tzinfo=JAKARTA)
    assert due == midnight  # 24:00 of the date
    assert add_working_days(cal, day_0, days) == date.fromisoformat(expected)


@pytest.mark.parametrize("code", [REGULATORY, STRICT])
def test_the_extension_counts_on_from_the_end_of_the_first_period(
    session: Session, code: CalendarCode
) -> None:
    cal = calendar(session, code)
    for day, _, ten, twenty in TABLE:
        at = (REGULATORY, STRICT).index(code)
        assert add_working_days(cal, date.fromisoformat(day), 10).isoformat() == ten[at]
        assert add_working_days(cal, date.fromisoformat(ten[at]), 10).isoformat() == twenty[at]


@pytest.mark.parametrize(
    "day", ["2026-06-05", "2026-06-06", "2026-06-07"], ids=["friday", "saturday", "sunday"]
)
def test_a_day_that_is_not_worked_counts_from_the_last_working_day_before(session: Session, day: str) -> None:
    """Saturday + 5 = Friday."""
    cal = calendar(session, REGULATORY)
    received = datetime.combine(date.fromisoformat(day), time(10), tzinfo=JAKARTA)
    start = counting_start(received, zone=JAKARTA, is_day_based=True)
    assert add_working_time(cal, start, timedelta(days=5)) == datetime(2026, 6, 13, tzinfo=JAKARTA)
    last_worked = add_working_days(cal, date.fromisoformat(day), -1 if day != "2026-06-05" else 0)
    if day != "2026-06-05":
        last_worked = add_working_days(cal, last_worked, 1)
    assert add_working_days(cal, last_worked, 5) == date(2026, 6, 12)


@pytest.mark.parametrize(
    ("nominal", "due"),
    [
        pytest.param("2026-07-10", "2026-07-10", id="a Friday"),
        pytest.param("2027-01-10", "2027-01-11", id="a Sunday"),
        pytest.param("2027-07-10", "2027-07-12", id="a Saturday"),
    ],
)
def test_a_report_is_due_on_the_tenth_or_the_next_working_day(
    session: Session, nominal: str, due: str
) -> None:
    cal = calendar(session, REGULATORY)
    assert add_working_days(cal, date.fromisoformat(nominal), 0) == date.fromisoformat(due)
