"""A weekly roster as people write it (`22.00-06.00`), and as a calendar keeps it: nights cut at midnight."""

import re
from collections.abc import Mapping

from helpdesk.sla.calendar import WEEKDAYS
from helpdesk.sla.spans import DAY_SECONDS, InvalidCalendar, Span, format_spans, parse_spans

Hours = dict[str, list[list[str]]]

_SPAN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|s/d)\s*(\d{1,2})(?:[:.](\d{2}))?")
_BETWEEN = re.compile(r"[,;]|\bdan\b|\band\b")


def parse_roster(texts: Mapping[str, str]) -> Hours | None:
    """Read `08.00-12.00, 13.00-17.00` for each weekday; a span that ends before it begins goes over midnight.

    Empty days are off; None where all are: no roster. Raises InvalidCalendar, whose field is the weekday.
    """
    days: dict[str, list[list[str]]] = {day: [] for day in WEEKDAYS}
    for at, day in enumerate(WEEKDAYS):
        for opens, closes in _spans(texts.get(day, ""), day):
            if opens < closes:
                days[day].append([opens, closes])
                continue
            days[day].append([opens, "24:00"])
            if closes != "00:00":
                days[WEEKDAYS[(at + 1) % 7]].append(["00:00", closes])
    read = {day: format_spans(parse_spans(spans, day)) for day, spans in days.items() if spans}
    return read or None


def _spans(text: str, day: str) -> list[tuple[str, str]]:
    found = []
    for part in filter(None, (each.strip() for each in _BETWEEN.split(text))):
        match = _SPAN.fullmatch(part)
        if match is None:
            raise InvalidCalendar(f"{day}: {part!r} is not a span such as 08.00-17.00", field=day)
        begins, begin_minutes, ends, end_minutes = match.groups()
        times = f"{int(begins):02}:{begin_minutes or '00'}", f"{int(ends):02}:{end_minutes or '00'}"
        for time in times:  # each on its own: the order of both is ours to judge
            parse_spans([["00:00", time]] if time != "00:00" else [], day)
        found.append(times)
    return found


def format_roster(hours: Mapping[str, object] | None) -> dict[str, str]:
    """Write a roster as parse_roster() reads it, a night on the day on which it begins."""
    spans = {day: list(parse_spans((hours or {}).get(day) or [], day)) for day in WEEKDAYS}
    nights: dict[str, int] = {}
    for at, day in enumerate(WEEKDAYS):
        following = WEEKDAYS[(at + 1) % 7]
        if _goes_on(spans[day], spans[following]):
            nights[day] = spans[following][0][1]
    for at, day in enumerate(WEEKDAYS):
        if day in nights:
            del spans[WEEKDAYS[(at + 1) % 7]][0]
    return {day: ", ".join(_written(span, nights.get(day)) for span in spans[day]) for day in WEEKDAYS}


def _goes_on(today: list[Span], tomorrow: list[Span]) -> bool:
    """Whether a shift that is shorter than a day goes from the one day into the other."""
    if not today or not tomorrow or today[-1][1] != DAY_SECONDS or tomorrow[0][0] != 0:
        return False
    return 0 < tomorrow[0][1] <= today[-1][0]


def _written(span: Span, night_until: int | None) -> str:
    if night_until is not None and span[1] == DAY_SECONDS:
        (begins, _midnight), (_start, ends) = *format_spans([span]), *format_spans([(0, night_until)])
    else:
        begins, ends = format_spans([span])[0]
    return f"{begins}-{ends}"
