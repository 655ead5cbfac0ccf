"""Geometry of the SVG charts: numbers in, coordinates out. Drawing is macros/charts.html's work."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 600.0
HEIGHT = 160.0
HEAT_LEVELS = 5
_ROUND_STEPS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12)


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a line; `is_above` marks it as over the control limit."""

    x: float
    y: float
    is_above: bool = False


@dataclass(frozen=True, slots=True)
class LineGeometry:
    """Everything a line chart draws; y grows downwards as in SVG."""

    lines: tuple[str, ...]
    area: str
    above: tuple[Point, ...]
    limit_y: float | None
    centre_y: float | None
    top: float
    """The value at the upper edge."""


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A small line, apart from it the dot of the running week, and the value at the upper edge."""

    line: str
    dot: str
    top: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a bar chart; `share` is 0..100 of the longest bar."""

    label: str
    value: float
    text: str
    share: float
    href: str = ""
    is_above: bool = False


def scale_top(values: Sequence[float | None]) -> float:
    """Return a round number not below any value, and 1 where there is nothing to show."""
    highest = max((value for value in values if value is not None), default=0.0)
    if highest <= 0:
        return 1.0
    magnitude = 10.0 ** math.floor(math.log10(highest))
    fitting = (step * magnitude for step in _ROUND_STEPS if step * magnitude >= highest)
    return round(next(fitting), 6)


def points(values: Sequence[float | None], *, top: float, width: float, height: float) -> list[Point | None]:
    """Place values at even distances from left to right; None stays a gap."""
    step = width / (len(values) - 1) if len(values) > 1 else 0.0
    return [
        None if value is None else Point(round(index * step, 1), round(height - height * value / top, 1))
        for index, value in enumerate(values)
    ]


def path(places: Sequence[Point | None]) -> str:
    """Return the `d` of a path that lifts the pen at gaps; a value alone between gaps becomes a dot."""
    parts: list[str] = []
    pen_down = False
    for place, following in zip(places, [*places, None][1:], strict=True):
        if place is not None:
            dot = "" if pen_down or following is not None else "h0"
            parts.append(f"{'L' if pen_down else 'M'}{place.x:g} {place.y:g}{dot}")
        pen_down = place is not None
    return "".join(parts)


def line_geometry(
    *series: Sequence[float | None], limit: float | None = None, centre: float | None = None
) -> LineGeometry:
    """Lay out one to four series on one scale, with the control limit and centre of the first."""
    every = [value for values in series for value in values]
    top = scale_top([*every, limit])
    placed = [points(values, top=top, width=WIDTH, height=HEIGHT) for values in series]
    above = tuple(
        Point(place.x, place.y, is_above=True)
        for place, value in zip(placed[0], series[0], strict=True)
        if place is not None and value is not None and limit is not None and value > limit
    )
    return LineGeometry(
        lines=tuple(path(places) for places in placed),
        area=_area(placed[0]),
        above=above,
        limit_y=None if limit is None else round(HEIGHT - HEIGHT * limit / top, 1),
        centre_y=None if centre is None else round(HEIGHT - HEIGHT * centre / top, 1),
        top=top,
    )


def sparkline(values: Sequence[int]) -> Sparkline:
    """Lay out a 96 x 24 line from 0 to its highest value; the last value is of a week that is not over yet."""
    top = max(values, default=0)
    *finished, unfinished = points(values, top=top or 1, width=96.0, height=24.0) or [None]
    return Sparkline(line=path(finished), dot=path([unfinished]), top=top)


def bars(rows: Sequence[tuple[str, float, str, str]], *, limit: float | None = None) -> tuple[Bar, ...]:
    """Turn (label, value, text, href) into rows measured against the largest value."""
    largest = max((value for _, value, _, _ in rows), default=0.0)
    return tuple(
        Bar(
            label=label,
            value=value,
            text=text,
            share=round(100 * value / largest, 1) if largest > 0 else 0.0,
            href=href,
            is_above=limit is not None and value > limit,
        )
        for label, value, text, href in rows
    )


def heat_level(value: float | None, *, highest: float) -> int:
    """Return 0 (none) to 5 (the highest) for the shade of a cell; anything above zero is at least 1."""
    if value is None or value <= 0 or highest <= 0:
        return 0
    return max(1, min(HEAT_LEVELS, -int(-value * HEAT_LEVELS // highest)))


def _area(places: Sequence[Point | None]) -> str:
    """Close the line down to the axis; empty where a gap would make a false shape."""
    solid = [place for place in places if place is not None]
    if len(solid) != len(places) or len(solid) < 2:
        return ""
    return f"{path(solid)}L{solid[-1].x:g} {HEIGHT:g}L{solid[0].x:g} {HEIGHT:g}Z"
