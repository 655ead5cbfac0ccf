"""Control limits of weekly counts: what stands out from chance (a c-chart, Poisson). Pure arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

BASELINE_WEEKS = 12
MIN_BASELINE = 6
MIN_COUNT = 5
SIGMAS = 3


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """One week: its count, the limit that the weeks before it set, and whether it is above."""

    count: int
    mean: float | None
    limit: float | None
    """None while too few weeks are known."""
    is_above: bool


def control_points(counts: Sequence[int], *, first: int = 0) -> tuple[ControlPoint, ...]:
    """Judge each week from `first` on by up to twelve weeks before it: mean + 3 sigma, sigma = sqrt(mean).

    Weeks that stood out themselves are left out of the weeks that follow, or one spike would hide the next.
    A handful of complaints (under five) is never a signal, however quiet the weeks before were.
    """
    usable: list[int] = []
    points: list[ControlPoint] = []
    for count in counts:
        point = _judge(count, usable[-BASELINE_WEEKS:])
        if not point.is_above:
            usable.append(count)
        points.append(point)
    return tuple(points[first:])


def _judge(count: int, before: Sequence[int]) -> ControlPoint:
    if len(before) < MIN_BASELINE:
        return ControlPoint(count, None, None, is_above=False)
    mean = sum(before) / len(before)
    limit = mean + SIGMAS * sqrt(mean)
    return ControlPoint(count, mean, limit, is_above=count > limit and count >= MIN_COUNT)
