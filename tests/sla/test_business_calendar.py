"""Business calendars: what is open, and where working time ends."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import ClassVar

import pytest
from sla_samples import REGULATORY, SPLIT_DAY, always, at, office

from helpdesk.domain.errors import HelpdeskError, InvalidInput
from helpdesk.sla.calendar import (
    WEEKDAYS,
    BusinessCalendar,
    CalendarNeverOpen,
    NaiveInstant,
    add_working_days,
    add_working_time,
    working_time_between,
)
from helpdesk.sla.spans import Span

HOUR = timedelta(hours=1)

EXCEPTIONAL = office(
    holidays=["2026-12-24", "2026-12-25"],
    special_days={"2026-12-24": [["08:00", "12:00"]], "2026-12-26": [["09:00", "11:00"]], "2026-12-28": []},
    breaks={"2026-12-23": [["10:00", "14:00"]], "2026-12-29": [["07:00", "18:00"]]},
)
NEVER = BusinessCalendar.from_mapping({"zone": "Asia/Jakarta", "hours": {}})
NIGHTS = BusinessCalendar.from_mapping(
    {"zone": "Europe/Berlin", "hours": {"sat": [["22:00", "24:00"]], "sun": [["00:00", "06:00"]]}}
)


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        pytest.param("2026-06-01T08:00", 2, "2026-06-01T10:00", id="within a span"),
        pytest.param("2026-06-01T12:30", 1, "2026-06-01T14:00", id="begun at lunch"),
        pytest.param("2026-06-01T08:00", 4, "2026-06-01T12:00", id="used up at closing is the closing time"),
        pytest.param("2026-06-05T16:00", 1, "2026-06-05T17:00", id="used up at the end of the week"),
        pytest.param("2026-06-05T16:00", 2, "2026-06-08T09:00", id="over a weekend"),
        pytest.param("2026-06-06T10:00", 8, "2026-06-08T17:00", id="begun on a closed day"),
        pytest.param("2026-06-01T08:00", 40, "2026-06-05T17:00", id="a week exactly"),
        pytest.param("2026-06-01T08:00", 41, "2026-06-08T09:00", id="a week and an hour"),
        pytest.param("2026-06-01T08:00", 400, "2026-08-07T17:00", id="ten weeks exactly"),
        pytest.param("2026-06-06T10:00", 0, "2026-06-06T10:00", id="nothing, also when closed"),
        pytest.param("2026-06-01T10:00", -1, "2026-06-01T09:00", id="back within a span"),
        pytest.param("2026-06-01T10:00", -2, "2026-06-01T08:00", id="back to the opening time exactly"),
        pytest.param("2026-06-08T09:00", -2, "2026-06-05T16:00", id="back over a weekend"),
        pytest.param("2026-06-06T10:00", -40, "2026-06-01T08:00", id="back a week exactly"),
        pytest.param("2026-08-08T10:00", -400, "2026-06-01T08:00", id="back ten weeks exactly"),
    ],
)
def test_working_time_is_added_inside_opening_hours(start: str, hours: int, expected: str) -> None:
    assert add_working_time(office(), at(start), hours * HOUR) == at(expected)


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        pytest.param("2026-12-23T09:00", 2, "2026-12-23T15:00", id="a break is taken out of its day"),
        pytest.param("2026-12-23T16:00", 2, "2026-12-26T10:00", id="two holidays make it later"),
        pytest.param("2026-12-26T10:00", 2, "2026-12-30T09:00", id="an empty special day, a full break"),
    ],
)
def test_exceptions_change_single_days(start: str, hours: int, expected: str) -> None:
    assert add_working_time(EXCEPTIONAL, at(start), hours * HOUR) == at(expected)
    assert working_time_between(EXCEPTIONAL, at(start), at(expected)) == hours * HOUR


@pytest.mark.parametrize(
    ("text", "is_open", "next_open", "prev_open", "next_close"),
    [
        ("2026-06-01T08:00", True, "2026-06-01T08:00", "2026-05-29T17:00", "2026-06-01T12:00"),
        ("2026-06-01T11:59:59", True, "2026-06-01T11:59:59", "2026-06-01T11:59:59", "2026-06-01T12:00"),
        ("2026-06-01T12:00", False, "2026-06-01T13:00", "2026-06-01T12:00", "2026-06-01T17:00"),
        ("2026-06-06T10:00", False, "2026-06-08T08:00", "2026-06-05T17:00", "2026-06-08T12:00"),
    ],
    ids=["opening second", "last second", "closing second", "weekend"],
)
def test_an_opening_second_is_open_and_a_closing_one_is_not(
    text: str, is_open: bool, next_open: str, prev_open: str, next_close: str
) -> None:
    instant, cal = at(text), office()
    assert cal.is_open(instant) is is_open
    assert cal.next_open(instant) == at(next_open)
    assert cal.prev_open(instant) == at(prev_open)
    assert cal.next_close(instant) == at(next_close)


@pytest.mark.parametrize(
    ("day", "days"), [(datetime(2026, 12, 24, tzinfo=UTC), 1), (date(2026, 12, 24), 1.5)]
)
def test_only_dates_and_whole_days_are_counted(day: date, days: int) -> None:
    with pytest.raises(TypeError):
        add_working_days(office(), day, days)


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-06-01", 5, "2026-06-08"),
        ("2026-06-06", 0, "2026-06-08"),
        ("2026-06-06", 1, "2026-06-09"),
        ("2026-06-06", -1, "2026-06-04"),
        ("2026-06-01", 0, "2026-06-01"),
    ],
    ids=["over a weekend", "zero from a Saturday", "a Saturday moves on first", "or back", "zero"],
)
def test_working_days_are_counted(start: str, days: int, expected: str) -> None:
    assert add_working_days(office(), date.fromisoformat(start), days) == date.fromisoformat(expected)


def test_a_working_day_is_a_day_with_any_opening_hours_left() -> None:
    answers = {day: EXCEPTIONAL.is_working_day(date(2026, 12, day)) for day in range(23, 31)}
    assert [day for day, works in answers.items() if works] == [23, 26, 30]


def test_a_night_that_gains_an_hour_is_really_an_hour_longer() -> None:
    evening = at("2026-10-24T22:00", "Europe/Berlin")
    assert working_time_between(NIGHTS, evening, evening + timedelta(days=1)) == 9 * HOUR
    assert add_working_time(NIGHTS, evening, 9 * HOUR) == at("2026-10-25T06:00", "Europe/Berlin")


def test_a_night_that_loses_an_hour_is_really_an_hour_shorter() -> None:
    evening = at("2026-03-28T22:00", "Europe/Berlin")
    assert working_time_between(NIGHTS, evening, evening + timedelta(days=1)) == 7 * HOUR


def test_the_same_instant_in_another_zone_gives_the_same_answer() -> None:
    start = at("2026-06-01T08:00")
    elsewhere = start.astimezone(timezone(timedelta(hours=-5)))
    assert add_working_time(office(), elsewhere, HOUR) == add_working_time(office(), start, HOUR)
    assert add_working_time(office(), elsewhere, HOUR).tzinfo is UTC


def test_seconds_and_two_pauses_in_one_minute_are_kept_exactly() -> None:
    start = at("2026-06-01T08:00:07")
    pauses = [
        (start + timedelta(seconds=20), start + timedelta(seconds=40)),
        (start + timedelta(seconds=45), start + timedelta(seconds=50)),
    ]
    assert add_working_time(office(), start, HOUR, pauses) == start + HOUR + timedelta(seconds=25)


@pytest.mark.parametrize(
    ("pauses", "expected"),
    [
        pytest.param([("09:00", "09:30")], "11:30", id="one"),
        pytest.param([("09:00", "10:00"), ("09:30", "10:30")], "13:30", id="overlapping ones count once"),
        pytest.param([("12:00", "13:00")], "11:00", id="only the open part of one matters"),
        pytest.param([("11:00", "15:00")], "11:00", id="one that begins when all is used changes nothing"),
        pytest.param([("07:00", "09:30")], "13:30", id="one that began before the clock"),
        pytest.param([("10:00", "09:00")], "11:00", id="one that ends before it begins is none"),
    ],
)
def test_a_pause_moves_the_end_by_its_open_part(pauses: list[tuple[str, str]], expected: str) -> None:
    day = "2026-06-01T"
    intervals = [(at(day + begins), at(day + ends)) for begins, ends in pauses]
    end = add_working_time(office(), at(day + "08:00"), 3 * HOUR, intervals)
    assert end == at(day + expected)
    assert working_time_between(office(), at(day + "08:00"), end, intervals) == 3 * HOUR
    assert working_time_between(office(), end, at(day + "08:00"), intervals) == -3 * HOUR


def test_a_calendar_that_never_opens_is_an_error_and_not_an_endless_loop() -> None:
    now = at("2026-06-01T08:00")
    for ask in (
        lambda: add_working_time(NEVER, now, HOUR),
        lambda: add_working_time(NEVER, now, -HOUR),
        lambda: add_working_days(NEVER, date(2026, 6, 1), 1),
        lambda: NEVER.next_open(now),
        lambda: NEVER.prev_open(now),
        lambda: NEVER.next_close(now),
    ):
        with pytest.raises(CalendarNeverOpen) as raised:
            ask()
        assert isinstance(raised.value, HelpdeskError)
        assert isinstance(raised.value, ValueError)
    assert working_time_between(NEVER, now, now + timedelta(days=9999)) == timedelta()


FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
BEYOND = {
    "forward from the end": lambda: add_working_time(office(), LAST, HOUR),
    "forward by too much": lambda: add_working_time(office(), at("2026-06-01T08:00"), timedelta.max),
    "back from the beginning": lambda: add_working_time(office(), FIRST, -HOUR),
    "back by too much": lambda: add_working_time(office(), at("2026-06-01T08:00"), timedelta.min),
    "between": lambda: working_time_between(office(), at("2026-06-01T08:00"), LAST),
    "is open": lambda: office().is_open(LAST),
    "next opening": lambda: office().next_open(LAST),
    "opening before": lambda: office().prev_open(FIRST),
    "next closing": lambda: office().next_close(LAST),
    "working days": lambda: add_working_days(office(), date.max, 1),
    "working days back": lambda: add_working_days(office(), date.min, -1),
}


@pytest.mark.parametrize("ask", BEYOND.values(), ids=BEYOND.keys())
def test_beyond_the_years_of_dates_no_calendar_is_open(ask: Callable[[], object]) -> None:
    with pytest.raises(CalendarNeverOpen, match="9999"):
        ask()


def test_a_calendar_of_special_days_alone_is_open_until_the_last_of_them() -> None:
    cal = BusinessCalendar.from_mapping(
        {"zone": "Asia/Makassar", "special_days": {"2026-06-03": SPLIT_DAY, "2026-06-01": SPLIT_DAY}}
    )
    start = at("2026-06-01T08:00", "Asia/Makassar")
    assert add_working_time(cal, start, 16 * HOUR) == at("2026-06-03T17:00", "Asia/Makassar")
    with pytest.raises(CalendarNeverOpen):
        add_working_time(cal, start, 16 * HOUR + timedelta(seconds=1))
    with pytest.raises(CalendarNeverOpen):
        add_working_time(cal, start, -HOUR)


class Watched(BusinessCalendar):
    """Counts the days that are looked at."""

    looked: ClassVar[list[date]] = []

    def day_spans(self, day: date) -> tuple[Span, ...]:
        self.looked.append(day)
        return super().day_spans(day)


CENTURY = timedelta(days=36525)
START = at("2026-06-01T08:00")
SEASONAL = {"zone": "Europe/Berlin", "hours": dict.fromkeys(WEEKDAYS[:5], SPLIT_DAY)}
LONG_AGO_AND_FAR_OFF = {"special_days": {"1000-01-01": SPLIT_DAY, "9000-01-01": SPLIT_DAY}}
LONG = {
    "100,000 working days": lambda cal: add_working_days(cal, date(2026, 6, 1), 100_000),
    "100,000 working days back": lambda cal: add_working_days(cal, date(2026, 6, 1), -100_000),
    "200 years": lambda cal: add_working_time(cal, START, 2 * CENTURY * 5 / 21),
    "200 years back": lambda cal: add_working_time(cal, START, -2 * CENTURY * 5 / 21),
    "200 years between": lambda cal: working_time_between(cal, START, START + 2 * CENTURY),
}
FAR = {
    "next opening": lambda cal: cal.next_open(START),
    "opening before": lambda cal: cal.prev_open(START),
    "working days": lambda cal: add_working_days(cal, date(2026, 6, 1), 0),
    "an hour": lambda cal: add_working_time(cal, START, HOUR),
    "an hour back": lambda cal: add_working_time(cal, START, -HOUR),
    "7,000 years": lambda cal: working_time_between(cal, START, START + timedelta(days=2_700_000)),
}


@pytest.mark.parametrize("ask", LONG.values(), ids=LONG.keys())
def test_years_are_crossed_without_looking_at_every_day(ask: Callable[[BusinessCalendar], object]) -> None:
    for mapping, most in ((SEASONAL, 8_000), ({**SEASONAL, "zone": "Asia/Jakarta"}, 100)):
        cal = Watched.from_mapping(mapping)
        Watched.looked.clear()
        ask(cal)
        assert len(set(Watched.looked)) < most


@pytest.mark.parametrize("ask", FAR.values(), ids=FAR.keys())
def test_without_weekly_hours_only_special_days_are_looked_at(
    ask: Callable[[BusinessCalendar], object],
) -> None:
    cal = Watched.from_mapping({"zone": "Asia/Jakarta", **LONG_AGO_AND_FAR_OFF})
    Watched.looked.clear()
    ask(cal)
    assert set(Watched.looked) <= {date(1000, 1, 1), date(9000, 1, 1)}


def test_a_century_of_every_hour_is_a_century() -> None:
    assert add_working_time(always(), START, CENTURY) == START + CENTURY
    assert add_working_time(always(), START, -CENTURY) == START - CENTURY
    assert working_time_between(always("Europe/Berlin"), START - CENTURY, START + CENTURY) == 2 * CENTURY


def test_a_calendar_survives_being_written_and_read() -> None:
    for cal in (EXCEPTIONAL, NEVER, NIGHTS, REGULATORY, always()):
        assert BusinessCalendar.from_mapping(cal.to_mapping()) == cal


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"zone": "Asia/Bogor"}, "zone", id="unknown zone"),
        pytest.param({"zone": None}, "zone", id="no zone"),
        pytest.param({"hours": {"senin": SPLIT_DAY}}, "hours", id="unknown day"),
        pytest.param({"hours": [SPLIT_DAY]}, "hours", id="hours not by day"),
        pytest.param({"hours": {"mon": [["08:00", "08:00"]]}}, "hours.mon", id="empty span"),
        pytest.param({"hours": {"mon": [["22:00", "06:00"]]}}, "hours.mon", id="over midnight"),
        pytest.param({"hours": {"mon": [["08:00", "24:01"]]}}, "hours.mon", id="after midnight"),
        pytest.param({"hours": {"mon": [["8.00", "12:00"]]}}, "hours.mon", id="not a time"),
        pytest.param({"hours": {"mon": [[480, 720]]}}, "hours.mon", id="what YAML makes of bare 08:00"),
        pytest.param({"hours": {"mon": ["08:00", "12:00"]}}, "hours.mon", id="not a list of pairs"),
        pytest.param({"hours": {"mon": "08:00"}}, "hours.mon", id="a text"),
        pytest.param({"holidays": ["25-12-2026"]}, "holidays", id="date the other way round"),
        pytest.param({"holidays": "2026-12-25"}, "holidays", id="one date, not a list"),
        pytest.param({"special_days": [["2026-12-25"]]}, "special_days", id="special days not by date"),
    ],
)
def test_a_wrong_description_is_refused_by_name(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        BusinessCalendar.from_mapping({"zone": "Asia/Jakarta", **change})
    assert raised.value.field == field


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        add_working_time(office(), datetime(2026, 6, 1, 8), HOUR)  # noqa: DTZ001
