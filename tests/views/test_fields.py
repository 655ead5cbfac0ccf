"""What people type into forms as dates, times, money and counts."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from helpdesk.domain.errors import InvalidInput
from helpdesk.views.fields import parse_amount, parse_count, parse_day, parse_instant

TODAY = date(2026, 8, 3)
NOW = datetime(2026, 8, 3, 7, 5, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Makassar")


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("31/07/2026", date(2026, 7, 31)),
        ("3-8-2026", TODAY),
        ("2026-07-31", date(2026, 7, 31)),
        ("3107", date(2026, 7, 31)),
        ("31072025", date(2025, 7, 31)),
        ("4/8", date(2025, 8, 4)),
        ("2902", date(2024, 2, 29)),
        (" ", None),
    ],
)
def test_a_day_is_read_as_it_is_written_here(typed: str, day: date | None) -> None:
    assert parse_day(typed, today=TODAY, field="day") == day


@pytest.mark.parametrize(
    ("typed", "code"),
    [("31/02/2026", "date"), ("kemarin", "date"), ("04/08/2026", "future_date"), ("0013", "date")],
)
def test_a_day_that_cannot_be_says_why(typed: str, code: str) -> None:
    with pytest.raises(InvalidInput) as error:
        parse_day(typed, today=TODAY, field="day")
    assert (error.value.field, error.value.code) == ("day", code)


@pytest.mark.parametrize(
    ("typed", "instant"),
    [
        ("03/08/2026 14.05", datetime(2026, 8, 3, 6, 5, tzinfo=UTC)),
        ("2026-08-03T14:05", datetime(2026, 8, 3, 6, 5, tzinfo=UTC)),
        ("", NOW),
    ],
)
def test_an_instant_is_local_to_the_person(typed: str, instant: datetime) -> None:
    assert parse_instant(typed, zone=ZONE, now=NOW, field="at") == instant


@pytest.mark.parametrize("typed", ["03/08/2026", "03/08/2026 25.00", "03/08/2026 15.06", "jam 3"])
def test_an_instant_to_come_or_none_at_all_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        parse_instant(typed, zone=ZONE, now=NOW, field="at")


@pytest.mark.parametrize(("typed", "amount"), [("150000", 150_000), ("1,5 juta", 1_500_000), ("", None)])
def test_money_is_whole_rupiah(typed: str, amount: int | None) -> None:
    assert parse_amount(typed, field="amount") == amount


@pytest.mark.parametrize("typed", ["", "0", "-1", "1.5", "x", "10000", "9" * 30])
def test_a_count_stays_within_its_bounds(typed: str) -> None:
    with pytest.raises(InvalidInput):
        parse_count(typed, field="count")
