"""The arithmetic to a due instant as sentences: what each day gives, and which dates count as which day."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from helpdesk.queries.sla import ClockLine
from helpdesk.queries.sla_words import Pair, clock_span, day, due, in_words, year_of
from helpdesk.sla.arithmetic import Addend, Arithmetic, CountedDay, DayKind
from helpdesk.sla.policy import CalendarCode

MANY = 6
"""More addends than this are told by the first, the last, and the sum of what lies between."""


def sums(line: ClockLine, arithmetic: Arithmetic, *, now: datetime) -> Iterator[Pair]:
    """Yield how the due instant comes about; nothing while the clock stands still without an end."""
    if arithmetic.due_at is None:
        return
    zone = ZoneInfo(line.zone)
    if arithmetic.days:
        yield from _by_days(arithmetic, arithmetic.due_at, zone, now=now)
    else:
        yield _by_hours(line, arithmetic, arithmetic.due_at, now=now, zone=zone)
    if line.due_at is not None and line.due_at != arithmetic.due_at:
        promised, derived = due(line.due_at, zone, now=now), due(arithmetic.due_at, zone, now=now)
        yield (
            f"Janji tetap {promised[0]}: kalender sekarang memberi {derived[0]}, tetapi janji yang sudah diberikan "
            "tidak bergeser.",
            f"The promise stays {promised[1]}: the calendar now gives {derived[1]}, but a promise once given "
            "does not move.",
        )


def _by_hours(
    line: ClockLine, arithmetic: Arithmetic, ends: datetime, *, now: datetime, zone: ZoneInfo
) -> Pair:
    target, until = in_words(line.target_seconds, line.calendar), due(ends, zone, now=now)
    if line.calendar is CalendarCode.ALWAYS:
        paused = timedelta() if line.counts_from > ends else ends - line.counts_from - arithmetic.target
        more = (
            ("", "") if not paused else (f" + dijeda {clock_span(paused)}", f" + paused {clock_span(paused)}")
        )
        return (
            f"{target[0]} berturut-turut{more[0]} → {until[0]}.",
            f"{target[1]} without a break{more[1]} → {until[1]}.",
        )
    today = now.astimezone(zone).date()
    told = [_addend(each, today) for each in _shortened(arithmetic.addends)]
    whole = clock_span(arithmetic.target)
    return (
        f"{target[0]} ({whole}) = {' + '.join(each[0] for each in told)} → {until[0]}.",
        f"{target[1]} ({whole}) = {' + '.join(each[1] for each in told)} → {until[1]}.",
    )


def _shortened(addends: Sequence[Addend]) -> Sequence[Addend]:
    """Put the middle of many addends together."""
    if len(addends) <= MANY:
        return addends
    middle = addends[2:-2]
    total = sum((each.count * each.each for each in middle), timedelta())
    return (*addends[:2], Addend(middle[0].first, middle[-1].last, 1, total), *addends[-2:])


def _addend(addend: Addend, today: date) -> Pair:
    span, first = clock_span(addend.each), day(addend.first, today.year)
    if addend.first == addend.last:
        if addend.first == today:
            first = ("hari ini", "today")
        return f"{span} {first[0]}", f"{span} {first[1]}"
    last = day(addend.last, today.year)
    times = f"{addend.count} × " if addend.count > 1 else ""
    return f"{times}{span} ({first[0]} – {last[0]})", f"{times}{span} ({first[1]} – {last[1]})"


def _by_days(arithmetic: Arithmetic, ends: datetime, zone: ZoneInfo, *, now: datetime) -> Iterator[Pair]:
    counted = [each for each in arithmetic.days if each.number is not None]
    first, until = day(counted[0].on, year_of(now, zone)), due(ends, zone, now=now)
    count = len(counted)
    yield (
        f"{count} hari kerja: hari ke-1 {first[0]}, hari ke-{count} berakhir {until[0]}.",
        f"{count} working days: day 1 is {first[1]}, day {count} ends {until[1]}.",
    )
    left_out = [
        each
        for each in arithmetic.days
        if each.kind in (DayKind.CLOSED, DayKind.HOLIDAY) and each.on < counted[-1].on
    ]
    if left_out:
        told = [_left_out(each, year_of(now, zone)) for each in left_out]
        yield (
            f"Tidak dihitung: {', '.join(each[0] for each in told)}.",
            f"Not counted: {', '.join(each[1] for each in told)}.",
        )
    if arithmetic.strict_due_at is not None:
        yield _strict(arithmetic, ends, zone, now=now)


def _left_out(each: CountedDay, this_year: int) -> Pair:
    name = f" ({each.note})" if each.note else ""
    told = day(each.on, this_year)
    return told[0] + name, told[1] + name


def _strict(arithmetic: Arithmetic, ends: datetime, zone: ZoneInfo, *, now: datetime) -> Pair:
    strict = arithmetic.strict_due_at
    if strict is None or strict == ends:
        return (
            "Kalau cuti bersama dihitung, batasnya sama.",
            "If cuti bersama is counted, it is due at the same instant.",
        )
    until = due(strict, zone, now=now)
    extra = [
        day(each.on, year_of(now, zone))
        for each in arithmetic.days
        if each.strict_number and each.kind is not DayKind.COUNTED
    ]
    return (
        f"Kalau cuti bersama dihitung ({', '.join(each[0] for each in extra)}): {until[0]}. "
        "Peringatan memakai batas ini.",
        f"If cuti bersama is counted ({', '.join(each[1] for each in extra)}): {until[1]}. "
        "Warnings go by this one.",
    )
