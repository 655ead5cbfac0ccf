"""A clock as the ticket page shows it: chip, figures, reasons, ledger and bar, in the language of the request."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from helpdesk.queries.sla import ClockLine
from helpdesk.queries.sla_explain import Explanation, LedgerLine
from helpdesk.queries.sla_words import KINDS, Pair, clock_span, day, end, moment
from helpdesk.sla.arithmetic import CountedDay, DayKind
from helpdesk.sla.explain import Fold, Stretch, StretchKind, fold
from helpdesk.views.formatting import language_of
from helpdesk.views.sla_chip import ChipView

MANY_PARTS = 60
"""Stretches of a clock that the ticket page still holds one by one; the page of its clocks holds all."""

BAR_PIECES = 60
"""More pieces than this cannot be told apart on a bar."""

BAR_WIDTH = 600.0

_STRONGEST = (
    StretchKind.PAUSED,
    StretchKind.RUNNING,
    StretchKind.HOLIDAY,
    StretchKind.CLOSED,
    StretchKind.RECEIPT,
)
"""What a piece of a bar stands for, where it holds several kinds."""

_DAYS: dict[DayKind, Pair] = {
    DayKind.COUNTED: ("dihitung", "counted"),
    DayKind.RECEIPT: ("hari diterima, hari ke-0", "day of receipt, day 0"),
    DayKind.HOLIDAY: ("libur", "holiday"),
    DayKind.CLOSED: ("bukan hari kerja", "no working day"),
}


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A line of the ledger in words."""

    begins: str
    ends: str
    """Without the date where it is that of the beginning."""
    words: str
    counted: str
    total: str
    is_ahead: bool
    due: str
    """The due instant that passed within it."""
    parts: tuple["LedgerRow", ...]


@dataclass(frozen=True, slots=True)
class DayRow:
    """A date in the count of whole days; a dash where it does not count."""

    day: str
    number: str
    strict_number: str
    why: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the bar; its kind decides height and pattern, never colour alone."""

    kind: StretchKind
    is_ahead: bool
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """The life of a clock to scale, from its start to its due instant, or to now where that is later."""

    pieces: tuple[Piece, ...]
    now_x: float | None
    kinds: tuple[tuple[StretchKind, str], ...]
    """What the legend names."""


@dataclass(frozen=True, slots=True)
class ClockView:
    """A clock with its chip, its figures in words, and why."""

    line: ClockLine
    chip: ChipView
    target: str
    used: str
    paused: str
    why: tuple[str, ...]
    rows: tuple[LedgerRow, ...]
    days: tuple[DayRow, ...]
    bar: Bar
    is_whole: bool
    """Every stretch can be opened here."""
    round: int = 0
    """Of a reopened ticket: 1 before it was answered first, then 2 and on; 0 where it says nothing."""


def ledger_rows(told: Explanation, *, is_whole: bool, now: datetime) -> tuple[LedgerRow, ...]:
    """Return the lines in words; the single stretches of a line only where `is_whole`."""
    zone = ZoneInfo(told.clock.zone)
    return tuple(
        _row(line, zone, is_whole=is_whole, due_at=told.clock.breached_at, now=now) for line in told.lines
    )


def day_rows(days: Sequence[CountedDay], this_year: int) -> tuple[DayRow, ...]:
    """Return the count of whole days in words."""
    return tuple(
        DayRow(_said(day(each.on, this_year)), _number(each.number), _number(each.strict_number), _why(each))
        for each in days
    )


def bar_of(told: Explanation) -> Bar:
    """Draw the stretches to scale, by the day or coarser where there are many."""
    zone = ZoneInfo(told.clock.zone)
    past = [each for each in told.stretches if each.kind is not StretchKind.STOPPED]
    stretches = [*past, *told.ahead]
    if not stretches:
        return Bar((), None, ())
    start = stretches[0].started_at
    scale = BAR_WIDTH / (stretches[-1].ended_at - start).total_seconds()
    pieces = [
        Piece(
            kind,
            is_ahead,
            round((each.started_at - start).total_seconds() * scale, 1),
            round((each.ended_at - each.started_at).total_seconds() * scale, 1),
        )
        for part, is_ahead in ((past, False), (told.ahead, True))
        for each, kind in _pieces(part, zone)
    ]
    now_x = round((told.ahead[0].started_at - start).total_seconds() * scale, 1) if told.ahead else None
    kinds = tuple(
        (kind, _said(KINDS[kind])) for kind in StretchKind if any(each.kind is kind for each in pieces)
    )
    return Bar(tuple(pieces), now_x, kinds)


def is_short(told: Explanation) -> bool:
    """Say whether the ticket page holds every stretch."""
    return len(told.stretches) + len(told.ahead) <= MANY_PARTS


def in_language(pairs: Sequence[Pair]) -> tuple[str, ...]:
    """Return sentences in the language of the request."""
    return tuple(map(_said, pairs))


def reasons(told: Explanation) -> tuple[str, ...]:
    """Return why, in the language of the request."""
    return told.why_en if language_of(None) == "en" else told.why_id


def _pieces(stretches: Sequence[Stretch], zone: ZoneInfo) -> Iterator[tuple[Fold, StretchKind]]:
    for each in fold(stretches, zone, limit=BAR_PIECES):
        kinds = {part.kind for part in each.parts}
        yield each, next(kind for kind in _STRONGEST if kind in kinds)


def _row(
    line: LedgerLine, zone: ZoneInfo, *, is_whole: bool, due_at: datetime | None, now: datetime
) -> LedgerRow:
    begins, ends = _said(moment(line.started_at, zone, now=now)), _said(end(line.ended_at, zone, now=now))
    on, clock = ends.rsplit(" ", 1)
    return LedgerRow(
        begins,
        clock if begins.startswith(f"{on} ") else ends,
        _said((line.words_id, line.words_en)),
        clock_span(timedelta(seconds=line.counted_seconds)) if line.counted_seconds else "–",
        clock_span(timedelta(seconds=line.total_seconds)),
        line.is_ahead,
        _said(end(due_at, zone, now=now)) if due_at and line.started_at < due_at <= line.ended_at else "",
        tuple(_row(part, zone, is_whole=False, due_at=due_at, now=now) for part in line.parts)
        if is_whole
        else (),
    )


def _why(each: CountedDay) -> str:
    return each.note or _said(_DAYS[each.kind])


def _number(number: int | None) -> str:
    return str(number) if number else "–"


def _said(pair: Pair) -> str:
    return pair[1] if language_of(None) == "en" else pair[0]
