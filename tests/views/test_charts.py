"""Geometry of the charts."""

import pytest

from helpdesk.views.charts import bars, heat_level, line_geometry, path, points, scale_top, sparkline


@pytest.mark.parametrize(
    ("values", "top"),
    [
        pytest.param([], 1.0, id="nothing"),
        pytest.param([0, None], 1.0, id="zeros"),
        pytest.param([4.1], 5.0, id="small"),
        pytest.param([12], 12.0, id="exact"),
        pytest.param([101], 120.0, id="hundreds"),
        pytest.param([0.07], 0.08, id="below-one"),
    ],
)
def test_the_scale_ends_at_a_round_number(values: list[float | None], top: float) -> None:
    assert scale_top(values) == top


def test_a_line_lifts_the_pen_at_gaps_and_dots_lonely_values() -> None:
    places = points([0, 10, None, 5], top=10, width=300, height=100)
    assert path(places) == "M0 100L100 0M300 50h0"


def test_a_sparkline_keeps_the_running_week_apart_and_knows_its_scale() -> None:
    spark = sparkline([0, 12, 6, 3])
    assert spark.line == "M0 24L32 0L64 12"
    assert spark.dot == "M96 18h0"
    assert spark.top == 12


@pytest.mark.parametrize(
    ("values", "dot", "top"),
    [
        pytest.param([3], "M0 0h0", 3, id="one-week"),
        pytest.param([0, 0], "M96 24h0", 0, id="no-complaint"),
        pytest.param([], "", 0, id="no-week"),
    ],
)
def test_a_sparkline_of_next_to_nothing_does_not_divide_by_zero(
    values: list[int], dot: str, top: int
) -> None:
    spark = sparkline(values)
    assert (spark.dot, spark.top) == (dot, top)


def test_values_above_the_control_limit_are_marked() -> None:
    shape = line_geometry([4, 12, 10], limit=10)
    assert [(point.x, point.y) for point in shape.above] == [(300.0, 0.0)]
    assert shape.limit_y == pytest.approx(26.7)


def test_an_area_with_gaps_is_not_drawn() -> None:
    assert line_geometry([1, None, 2]).area == ""
    assert line_geometry([1, 2]).area.endswith("L600 160L0 160Z")


def test_bars_are_measured_against_the_longest() -> None:
    long, short = bars([("a", 40, "40", "/a"), ("b", 10, "10", "")], limit=30)
    assert (long.share, long.is_above, short.share, short.is_above) == (100.0, True, 25.0, False)
    assert bars([("a", 0, "0", "")])[0].share == 0.0


@pytest.mark.parametrize(
    ("value", "level"),
    [(None, 0), (0, 0), (0.01, 1), (2, 1), (2.01, 2), (10, 5), (99, 5)],
)
def test_heat_has_five_shades_and_none(value: float | None, level: int) -> None:
    assert heat_level(value, highest=10) == level
