"""Control limits: chance is left alone, a spike is found."""

import pytest

from helpdesk.queries.control import control_points


def signals(counts: list[int]) -> list[int]:
    return [index for index, point in enumerate(control_points(counts)) if point.is_above]


CASES = {
    "level": ([10] * 24, []),
    "chance around ten": ([8, 12, 10, 9, 13, 7, 11, 10, 14, 9, 10, 12, 8, 15, 10], []),
    "one spike": ([10] * 12 + [25] + [10] * 6, [12]),
    "a spike does not hide the next": ([10] * 12 + [40, 25, 10], [12, 13]),
    "too few weeks before": ([1, 1, 1, 1, 1, 50], []),
    "four are never a signal": ([0] * 12 + [4], []),
    "five out of nothing are": ([0] * 12 + [5], [12]),
    "a slow rise is no spike": ([10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15, 16, 16], []),
    "nothing": ([], []),
}


@pytest.mark.parametrize(("counts", "expected"), CASES.values(), ids=CASES.keys())
def test_only_what_is_beyond_chance_stands_out(counts: list[int], expected: list[int]) -> None:
    assert signals(counts) == expected


def test_the_limit_is_mean_plus_three_sigma_of_the_weeks_before() -> None:
    point = control_points([9] * 6 + [18])[-1]
    assert (point.mean, point.limit, point.is_above) == (9, 18, False)


def test_the_first_weeks_only_set_the_limits() -> None:
    assert len(control_points([1] * 20, first=12)) == 8
