"""Instants, durations and money as people read them, in both languages."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from helpdesk.views.formatting import (
    deadline,
    duration,
    hours_minutes,
    local_time,
    number,
    percent,
    rupiah,
    ticket_number,
    time_ago,
)

NOW = datetime(2026, 8, 3, 7, 5, tzinfo=UTC)  # Monday 14.05 WIB
JAKARTA = "Asia/Jakarta"


@pytest.mark.parametrize(
    ("style", "zone", "language", "expected"),
    [
        pytest.param("full", JAKARTA, "id", "Senin, 3 Agustus 2026 pukul 14.05 WIB", id="full-id"),
        pytest.param("full", JAKARTA, "en", "Monday, 3 August 2026 at 14:05 WIB", id="full-en"),
        pytest.param("full", "Asia/Makassar", "id", "Senin, 3 Agustus 2026 pukul 15.05 WITA", id="wita"),
        pytest.param("full", "Asia/Jayapura", "id", "Senin, 3 Agustus 2026 pukul 16.05 WIT", id="wit"),
        pytest.param("date", JAKARTA, "id", "3 Agustus 2026", id="date"),
        pytest.param("day", JAKARTA, "id", "Sen 3 Agu 14.05", id="day"),
        pytest.param("short", JAKARTA, "en", "3 Aug 14:05", id="short-en"),
        pytest.param("clock", JAKARTA, "id", "14.05", id="clock"),
    ],
)
def test_an_instant_is_written_in_the_zone_and_language(
    style: str, zone: str, language: str, expected: str
) -> None:
    assert local_time(NOW, zone, style, language) == expected


MIDNIGHT = datetime(2026, 8, 3, 17, 0, tzinfo=UTC)  # Tuesday 4 August, 00.00 WIB


@pytest.mark.parametrize(
    ("style", "event", "due"),
    [
        pytest.param("short", "4 Agu 00.00", "3 Agu 24.00", id="short"),
        pytest.param("day", "Sel 4 Agu 00.00", "Sen 3 Agu 24.00", id="day"),
        pytest.param(
            "full",
            "Selasa, 4 Agustus 2026 pukul 00.00 WIB",
            "Senin, 3 Agustus 2026 pukul 24.00 WIB",
            id="full",
        ),
    ],
)
def test_midnight_begins_a_day_for_an_event_and_ends_one_for_a_deadline(
    style: str, event: str, due: str
) -> None:
    assert local_time(MIDNIGHT, JAKARTA, style, "id") == event
    assert deadline(MIDNIGHT, JAKARTA, style, "id") == due


@pytest.mark.parametrize(
    ("days", "written"),
    [
        pytest.param(5, "Sab 14.05", id="within-the-coming-week"),
        pytest.param(6, "Min 9 Agu 14.05", id="a-week-away"),
        pytest.param(-1, "Min 2 Agu 14.05", id="past"),
        pytest.param(155, "Sel 5 Jan 2027 14.05", id="next-year"),
    ],
)
def test_a_deadline_is_a_weekday_alone_only_within_the_coming_days(days: int, written: str) -> None:
    assert deadline(NOW + timedelta(days=days), JAKARTA, "day", "id", NOW) == written


def test_the_year_is_told_where_it_is_another() -> None:
    new_year = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
    assert deadline(new_year, JAKARTA, "short", "id", NOW) == "31 Des 24.00"
    assert local_time(new_year, JAKARTA, "short", "en", NOW) == "1 Jan 2027 00:00"


def test_a_deadline_at_any_other_hour_is_written_as_it_is() -> None:
    assert deadline(NOW, JAKARTA, "full", "id") == local_time(NOW, JAKARTA, "full", "id")
    assert deadline(NOW, "Asia/Makassar", "full", "en") == "Monday, 3 August 2026 at 15:05 WITA"


def test_nothing_is_written_as_a_dash() -> None:
    assert [local_time(None, JAKARTA), deadline(None, JAKARTA), duration(None)] == ["–"] * 3
    assert [rupiah(None), percent(None), number(None)] == ["–"] * 3


@pytest.mark.parametrize(
    ("span", "id_words", "en_words"),
    [
        pytest.param(timedelta(seconds=8), "8 detik", "8 s", id="seconds"),
        pytest.param(timedelta(minutes=2, seconds=30), "2 menit", "2 min", id="minutes"),
        pytest.param(timedelta(hours=1, minutes=12), "1 jam 12 menit", "1 h 12 min", id="hours"),
        pytest.param(timedelta(hours=3), "3 jam", "3 h", id="whole-hours"),
        pytest.param(timedelta(days=2, hours=5, minutes=9), "2 hari 5 jam", "2 d 5 h", id="days"),
        pytest.param(timedelta(), "0 detik", "0 s", id="nothing"),
    ],
)
def test_a_duration_has_its_two_largest_units(span: timedelta, id_words: str, en_words: str) -> None:
    assert (duration(span, "id"), duration(span, "en")) == (id_words, en_words)


def test_hours_and_minutes_drop_seconds_and_sign() -> None:
    assert hours_minutes(timedelta(hours=-1, minutes=-35, seconds=-59)) == "1:35"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        pytest.param(8, "8 detik lalu", id="seconds"),
        pytest.param(125, "2 menit lalu", id="minutes"),
        pytest.param(3 * 86400, "3 hari lalu", id="days"),
        pytest.param(-5, "baru saja", id="to-come"),
    ],
)
def test_an_age_has_one_unit(seconds: int, expected: str) -> None:
    assert time_ago(NOW - timedelta(seconds=seconds), NOW, "id") == expected


def test_money_numbers_and_shares_follow_the_language() -> None:
    assert rupiah(1_250_000, "id") == "Rp1.250.000"
    assert rupiah(Decimal("-150000"), "id") == "-Rp150.000"
    assert rupiah(1_250_000, "en") == "Rp1,250,000"
    assert (percent(0.941, language="id"), percent(0.941, language="en")) == ("94,1 %", "94.1%")
    assert (number(1204, language="id"), number(4.123, 1, "id")) == ("1.204", "4,1")


def test_a_ticket_number_has_one_dash() -> None:
    assert [ticket_number(given) for given in ("48219375", "4821-9375", "1048219375")] == [
        "4821-9375",
        "4821-9375",
        "104821-9375",
    ]
