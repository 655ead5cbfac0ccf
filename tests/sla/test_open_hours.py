"""Opening hours as people write them: what is read, what is refused, and ranges of days that are different."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.domain.errors import InvalidInput
from helpdesk.sla.hours import WHOLE_DAY, Days, OpenHours, check_hours, read_spans, write_spans

H = 3600
OFFICE = ((8 * H, 12 * H), (13 * H, 17 * H))
WEEK = (OFFICE,) * 5 + ((), ())
FRIDAY, SATURDAY, MONDAY = date(2027, 2, 12), date(2027, 2, 13), date(2027, 2, 15)
RAMADAN = Days(date(2027, 2, 8), date(2027, 3, 9), ((8 * H, 15 * H),))


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        pytest.param("", (), id="closed"),
        pytest.param("08.00–12.00, 13.00–17.00", OFFICE, id="as we write it"),
        pytest.param("13:00-17:00;08:00 - 12:00", OFFICE, id="colons, semicolon, the wrong way round"),
        pytest.param("8-12\n13 s/d 17", OFFICE, id="bare hours and lines"),
        pytest.param(
            "08.00 sampai 12.00, 12.00 sampai 17.30", ((28800, 43200), (43200, 63000)), id="touching"
        ),
        pytest.param("00.00–24.00", WHOLE_DAY, id="the whole day"),
    ],
)
def test_spans_are_read_as_people_write_them(text: str, spans: object) -> None:
    assert read_spans(text, field="mon") == spans
    assert read_spans(write_spans(read_spans(text, field="mon")), field="mon") == spans


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("pagi", "hours_format", id="a word"),
        pytest.param("08.00", "hours_format", id="one time"),
        pytest.param("08.00–12.60", "hours_format", id="sixty minutes"),
        pytest.param("08.00–24.01", "hours_format", id="after midnight"),
        pytest.param("8.5–12", "hours_format", id="half an hour as a fraction"),
        pytest.param("08.00–08.00", "hours_backwards", id="empty"),
        pytest.param("22.00–06.00", "hours_backwards", id="over midnight"),
        pytest.param("08.00–12.00, 11.59–17.00", "hours_overlap", id="overlapping"),
        pytest.param("08.00–17.00, 12.00–13.00", "hours_overlap", id="one within the other"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_spans(text, field="mon")
    assert (refused.value.code, refused.value.field) == (code, "mon")


def test_a_range_changes_only_days_that_are_open_and_a_single_day_stands() -> None:
    hours = OpenHours(WEEK, special=(RAMADAN, Days(SATURDAY, SATURDAY, OFFICE)))
    stored = hours.to_mapping()["special_days"]
    assert isinstance(stored, dict)
    assert stored[FRIDAY.isoformat()] == [["08:00", "15:00"]]
    assert stored[SATURDAY.isoformat()] == [["08:00", "12:00"], ["13:00", "17:00"]]
    assert (SATURDAY + timedelta(days=1)).isoformat() not in stored
    assert len(stored) == 22 + 1


def test_a_stored_range_is_shown_as_one() -> None:
    hours = OpenHours(WEEK, special=(RAMADAN,), breaks=(Days(FRIDAY, FRIDAY, ((11 * H, 13 * H),)),))
    assert OpenHours.from_mapping(hours.to_mapping()) == hours


DAYS = st.integers(0, 40).map(lambda n: date(2027, 1, 1) + timedelta(days=n))
SPANS = st.sampled_from([(), OFFICE, WHOLE_DAY, ((8 * H, 15 * H),)])


@settings(max_examples=60, deadline=None)
@given(st.lists(SPANS, min_size=7, max_size=7), st.dictionaries(DAYS, SPANS), st.dictionaries(DAYS, SPANS))
def test_what_is_shown_and_saved_again_stays_the_same(
    week: list[object], special: dict[date, object], breaks: dict[date, object]
) -> None:
    each = OpenHours(
        tuple(week),  # type: ignore[arg-type]
        tuple(Days(day, day, spans) for day, spans in special.items()),  # type: ignore[arg-type]
        tuple(Days(day, day, spans) for day, spans in breaks.items()),  # type: ignore[arg-type]
    )
    assert OpenHours.from_mapping(each.to_mapping()).to_mapping() == each.to_mapping()


@pytest.mark.parametrize(
    ("hours", "is_day_based", "code"),
    [
        pytest.param(OpenHours(((),) * 7), False, "calendar_never_open", id="never open"),
        pytest.param(
            OpenHours(((),) * 7, special=(Days(FRIDAY, FRIDAY, OFFICE),)),
            False,
            "calendar_never_open",
            id="special days alone run out",
        ),
        pytest.param(
            OpenHours(WEEK, special=(Days(MONDAY, FRIDAY, ()),)), False, "days_backwards", id="backwards"
        ),
        pytest.param(
            OpenHours(WEEK, special=(Days(MONDAY, MONDAY + timedelta(days=366), ()),)),
            False,
            "days_long",
            id="long",
        ),
        pytest.param(
            OpenHours(WEEK, special=(Days(SATURDAY, SATURDAY + timedelta(days=1), OFFICE),)),
            False,
            "days_closed",
            id="a weekend",
        ),
        pytest.param(
            OpenHours(WEEK, breaks=(Days(FRIDAY, MONDAY, OFFICE), Days(MONDAY, MONDAY, OFFICE))),
            False,
            "days_twice",
            id="twice",
        ),
        pytest.param(OpenHours(WEEK), True, "whole_days", id="part of a day"),
        pytest.param(
            OpenHours((WHOLE_DAY,) * 7, special=(Days(FRIDAY, FRIDAY, OFFICE),)),
            True,
            "whole_days",
            id="special part",
        ),
        pytest.param(
            OpenHours((WHOLE_DAY,) * 7, breaks=(Days(FRIDAY, FRIDAY, OFFICE),)),
            True,
            "whole_days",
            id="break",
        ),
        pytest.param(OpenHours(((),) + (WHOLE_DAY,) * 6), True, "working_week", id="no Monday"),
        pytest.param(
            OpenHours((WHOLE_DAY,) * 5 + ((), ()), special=(Days(FRIDAY, FRIDAY, ()),)),
            True,
            "working_week",
            id="a Friday off",
        ),
    ],
)
def test_hours_that_no_calendar_may_have_are_refused(hours: OpenHours, is_day_based: bool, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_hours(hours, is_day_based=is_day_based)
    assert refused.value.code == code


def test_ordinary_hours_are_taken() -> None:
    check_hours(OpenHours(WEEK, special=(RAMADAN,)), is_day_based=False)
    check_hours(OpenHours((WHOLE_DAY,) * 6 + ((),)), is_day_based=True)
