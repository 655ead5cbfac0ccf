"""Periods as people write them, and cursors that give nothing away."""

from datetime import date

import pytest

from helpdesk.domain.errors import InvalidInput
from helpdesk.queries.paging import check_limit, decode_cursor, encode_cursor, id_of, instant_of
from helpdesk.queries.periods import parse_period, period_between


@pytest.mark.parametrize(
    ("text", "starts_on", "ends_on"),
    [
        ("2026", date(2026, 1, 1), date(2027, 1, 1)),
        ("2026H1", date(2026, 1, 1), date(2026, 7, 1)),
        ("2026h2", date(2026, 7, 1), date(2027, 1, 1)),
        ("2026Q4", date(2026, 10, 1), date(2027, 1, 1)),
        ("2026-02", date(2026, 2, 1), date(2026, 3, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
    ],
)
def test_a_period_is_read(text: str, starts_on: date, ends_on: date) -> None:
    found = parse_period(text, "Asia/Jayapura")
    assert (found.starts_on, found.ends_on) == (starts_on, ends_on)


@pytest.mark.parametrize("text", ["", "2026H3", "2026-13", "H1", "26H1", "2026H1x", "2026Q0"])
def test_anything_else_is_no_period(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_period(text, "Asia/Jakarta")


def test_a_period_does_not_end_before_it_begins() -> None:
    with pytest.raises(InvalidInput):
        period_between(date(2026, 1, 1), date(2026, 1, 1), "Asia/Jakarta")


def test_a_cursor_gives_its_parts_back() -> None:
    assert decode_cursor(encode_cursor("due", None, "S1", 7), "due", (str, str, int)) == [None, "S1", 7]


@pytest.mark.parametrize(
    "cursor",
    ["", "A", "=", "AAAA", "[]", encode_cursor("due"), encode_cursor("due", "S1", 2**70), encode_cursor("x", "S1", 7),
     encode_cursor("due", "S1", True), "W" * 10_000],
)  # fmt: skip
def test_a_cursor_from_elsewhere_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput):
        decode_cursor(cursor, "due", (str, int))


@pytest.mark.parametrize("part", [None, "7", "2026-01-01T00:00:00"])
def test_a_part_of_the_wrong_kind_is_refused(part: str | None) -> None:
    with pytest.raises(InvalidInput):
        id_of(part)
    with pytest.raises(InvalidInput):
        instant_of(part)


@pytest.mark.parametrize(("asked", "given"), [(-1, 1), (0, 1), (50, 50), (10_000, 200)])
def test_a_page_has_a_sensible_size(asked: int, given: int) -> None:
    assert check_limit(asked) == given
