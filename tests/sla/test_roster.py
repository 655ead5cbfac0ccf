"""Rosters as administrators type them: breaks, nights over midnight, what is refused, and back again."""

import pytest

from helpdesk.sla.roster import format_roster, parse_roster
from helpdesk.sla.spans import InvalidCalendar

NIGHT = {"sun": [["00:00", "06:00"]], "sat": [["22:00", "24:00"]]}


@pytest.mark.parametrize(
    ("texts", "hours"),
    [
        ({}, None),
        ({"mon": "  "}, None),
        ({"mon": "08.00-12.00, 13.00-17.00"}, {"mon": [["08:00", "12:00"], ["13:00", "17:00"]]}),
        ({"mon": "8-12 dan 13-17"}, {"mon": [["08:00", "12:00"], ["13:00", "17:00"]]}),
        ({"tue": "13:00–17:00; 08:00 s/d 12:00"}, {"tue": [["08:00", "12:00"], ["13:00", "17:00"]]}),
        ({"sat": "22.00-06.00"}, NIGHT),
        ({"sun": "22-06"}, {"mon": [["00:00", "06:00"]], "sun": [["22:00", "24:00"]]}),
        ({"fri": "16.00-00.00"}, {"fri": [["16:00", "24:00"]]}),
        ({"fri": "00.00-24.00"}, {"fri": [["00:00", "24:00"]]}),
    ],
    ids=[
        "none",
        "blank",
        "a break",
        "whole hours",
        "other signs",
        "a night",
        "into Monday",
        "to midnight",
        "all day",
    ],
)
def test_a_roster_is_read(texts: dict[str, str], hours: dict[str, object] | None) -> None:
    assert parse_roster(texts) == hours


@pytest.mark.parametrize("text", ["pagi", "08.00", "08.00-25.00", "08.70-09.00", "08-12-17", "08.00-12.00 x"])
def test_what_is_no_roster_names_its_day(text: str) -> None:
    with pytest.raises(InvalidCalendar) as caught:
        parse_roster({"wed": text})
    assert caught.value.field == "wed"


@pytest.mark.parametrize(
    "hours",
    [
        NIGHT,
        {"mon": [["08:00", "12:00"], ["13:00", "17:00"]]},
        {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
        {"mon": [["22:00", "24:00"]], "tue": [["00:00", "06:00"], ["22:00", "24:00"]], "wed": [["00:00", "06:00"]]},
        {"mon": [["06:00", "24:00"]], "tue": [["00:00", "20:00"]]},
    ],
    ids=["a night", "a break", "always", "two nights", "more than a day"],
)  # fmt: skip
def test_what_is_written_is_read_as_it_was(hours: dict[str, object]) -> None:
    assert parse_roster(format_roster(hours)) == hours


def test_a_night_stands_on_the_day_on_which_it_begins() -> None:
    assert format_roster(NIGHT)["sat"] == "22:00-06:00"
    assert format_roster(NIGHT)["sun"] == ""
