"""How long a ticket may lie with somebody: by when she must react, and whether she is there at all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files

import yaml

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.severity import Severity
from helpdesk.sla.calendar import (
    BusinessCalendar,
    CalendarNeverOpen,
    add_working_time,
    as_utc,
    open_intervals,
    working_time_between,
)
from helpdesk.sla.durations import parse_duration
from helpdesk.sla.reading import read_list, read_mapping, read_word
from helpdesk.sla.spans import Interval

_LOOK_AROUND = timedelta(days=2)
"""A shift that is longer than this to either side is cut there: nobody works so long, but a roster may say so."""
_WEEK = timedelta(weeks=1)
_WEEKS_TO_MEET = 8
"""A shift and service hours that share too little time in so many weeks never meet."""


class ReactionClock(StrEnum):
    """Which time counts for a reaction."""

    SERVICE = "service"  # service hours of the ticket's unit, while she is on shift
    ALWAYS = "always"  # any clock


class Absence(StrEnum):
    """Why somebody's work goes back to the queue."""

    SHIFT_OVER = "shift_over"
    OFFLINE = "offline"
    AWAY = "away"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Reaction:
    """Within what time, of which clock, an assignee must do something."""

    within: timedelta
    clock: ReactionClock


@dataclass(frozen=True, slots=True)
class OwnershipRules:
    """The figures of data/ownership.yaml."""

    reactions: Mapping[Severity, Reaction]
    unseen: timedelta
    away: timedelta
    overtime: timedelta
    longest_break: timedelta
    urgent: frozenset[Severity]


@dataclass(frozen=True, slots=True)
class Attendance:
    """What is known of a person's presence. `hours`: her shift, or the service hours of her unit without one."""

    hours: BusinessCalendar
    has_roster: bool
    seen_at: datetime | None
    is_away: bool
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Absent:
    """Somebody is not there: why, since when her work is to go back, and when she is expected again, if at all."""

    reason: Absence
    at: datetime
    back_at: datetime | None


def rules_from(document: Mapping[str, object]) -> OwnershipRules:
    """Read the mapping that data/ownership.yaml is. Raises InvalidInput."""
    top = read_mapping(document, "ownership", allowed=("react", "absence"))
    react = read_mapping(top.get("react"), "react", allowed=tuple(Severity))
    if missing := sorted(set(Severity) - set(react)):
        raise InvalidInput(f"react: {', '.join(missing)} is missing", field="react")
    spans = ("unseen", "away", "overtime", "longest_break")
    absence = read_mapping(top.get("absence"), "absence", allowed=(*spans, "urgent"))
    read = {name: parse_duration(absence.get(name), f"absence.{name}")[0] for name in spans}
    urgent = read_list(absence.get("urgent"), "absence.urgent")
    return OwnershipRules(
        reactions={Severity(level): _reaction(react[level], f"react.{level}") for level in react},
        unseen=read["unseen"],
        away=read["away"],
        overtime=read["overtime"],
        longest_break=read["longest_break"],
        urgent=frozenset(read_word(Severity, each, "absence.urgent") for each in urgent),
    )


def _reaction(value: object, field: str) -> Reaction:
    mapping = read_mapping(value, field, allowed=("within", "clock"))
    within, _unit = parse_duration(mapping.get("within"), f"{field}.within")
    return Reaction(within, read_word(ReactionClock, mapping.get("clock"), f"{field}.clock"))


@cache
def shipped_ownership() -> OwnershipRules:
    """Return the rules that ship with the product."""
    text = files("helpdesk.sla").joinpath("data", "ownership.yaml").read_text(encoding="utf-8")
    return rules_from(yaml.safe_load(text))


def reaction_due(
    reaction: Reaction, *, since: datetime, service: BusinessCalendar, shift: BusinessCalendar | None
) -> datetime:
    """Return by when somebody who has a ticket `since` then must have done something with it.

    Without a shift she is always on it. Where shift and service hours never meet (a night shift), her shift alone
    counts: she works then.
    """
    if reaction.clock is ReactionClock.ALWAYS:
        return as_utc(since) + reaction.within
    if shift is None:
        return add_working_time(service, since, reaction.within)
    return _time_of_both(service, shift, since=as_utc(since), within=reaction.within)


def _time_of_both(
    service: BusinessCalendar, shift: BusinessCalendar, *, since: datetime, within: timedelta
) -> datetime:
    left = within
    for begins, ends in _open_in_both(service, shift, since, since + _WEEKS_TO_MEET * _WEEK):
        if left <= ends - begins:
            return begins + left
        left -= ends - begins
    return add_working_time(shift, since, within)


def _open_in_both(
    one: BusinessCalendar, other: BusinessCalendar, start: datetime, end: datetime
) -> Iterator[Interval]:
    for begins, ends in open_intervals(one, start, end):
        yield from open_intervals(other, begins, ends)


def shift_at(hours: BusinessCalendar, now: datetime, *, longest_break: timedelta) -> Interval | None:
    """Return the shift that `now` lies in, its short breaks and midnights within it included; None off shift."""
    now = as_utc(now)
    for begins, ends in _shifts(hours, now - _LOOK_AROUND, now + _LOOK_AROUND, longest_break=longest_break):
        if begins <= now < ends:
            return begins, ends
    return None


def _shifts(
    hours: BusinessCalendar, start: datetime, end: datetime, *, longest_break: timedelta
) -> list[Interval]:
    shifts: list[Interval] = []
    for begins, ends in open_intervals(hours, start, end):
        if shifts and begins - shifts[-1][1] <= longest_break:
            shifts[-1] = (shifts[-1][0], ends)
        else:
            shifts.append((begins, ends))
    return shifts


def absence(who: Attendance, rules: OwnershipRules, *, now: datetime) -> Absent | None:
    """Say whether somebody is not there, None while she is.

    Without a shift and never seen nothing is known of her, and nothing is taken from her.
    """
    now = as_utc(now)
    if who.disabled_at is not None:
        return Absent(Absence.DISABLED, who.disabled_at, back_at=None)
    if not who.has_roster and who.seen_at is None:
        return None
    shift = shift_at(who.hours, now, longest_break=rules.longest_break)
    if shift is None:
        return _after_shift(who, rules, now=now) if who.has_roster else None
    since = max(shift[0], as_utc(who.seen_at)) if who.seen_at is not None else shift[0]
    allowed = rules.away if who.is_away else rules.unseen
    if working_time_between(who.hours, since, now) < allowed:
        return None
    return Absent(
        Absence.AWAY if who.is_away else Absence.OFFLINE,
        add_working_time(who.hours, since, allowed),
        back_at=_next_shift(who.hours, shift[1]),
    )


def _after_shift(who: Attendance, rules: OwnershipRules, *, now: datetime) -> Absent | None:
    try:
        ended = who.hours.prev_open(now)
    except CalendarNeverOpen:
        ended = now
    if who.seen_at is not None and not who.is_away:
        ended = max(ended, as_utc(who.seen_at) + rules.overtime)
    if ended > now:
        return None
    return Absent(Absence.SHIFT_OVER, ended, back_at=_next_shift(who.hours, now))


def _next_shift(hours: BusinessCalendar, after: datetime) -> datetime | None:
    try:
        return hours.next_open(after)
    except CalendarNeverOpen:
        return None


def is_on_shift(who: Attendance, now: datetime) -> bool:
    """Say whether she works at this moment: in a break of her shift nothing new is given to her."""
    return not who.has_roster or who.hours.is_open(now)


def is_online(who: Attendance, rules: OwnershipRules, now: datetime) -> bool:
    """Say whether she gave a sign of life lately."""
    return who.seen_at is not None and as_utc(now) - as_utc(who.seen_at) < rules.unseen
