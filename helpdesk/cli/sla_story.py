"""The story of a ticket's clocks on a terminal and as JSON."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from helpdesk.cli.base import Json, rfc3339
from helpdesk.queries.sla import ClockLine
from helpdesk.queries.sla_explain import Explanation, LedgerLine
from helpdesk.queries.sla_words import METRICS, STATES, Pair, clock_span, due, end, moment
from helpdesk.sla.arithmetic import Arithmetic

LANGUAGES = ("id", "en")

_HEAD: tuple[Pair, ...] = (
    ("dari", "from"), ("sampai", "to"), ("", ""), ("apa", "what"), ("terhitung", "counted"), ("jumlah", "total"),
)  # fmt: skip
_LABELS: dict[str, Pair] = {
    "policy": ("aturan", "policy"),
    "version": ("versi", "version"),
    "calendar": ("kalender", "calendar"),
    "start": ("mulai", "start"),
    "due": ("batas", "due"),
    "none": ("tidak ada", "none"),
    "latest": ("paling lambat", "at the latest"),
    "used": ("terpakai", "used"),
    "of": ("dari", "of"),
    "paused": ("dijeda", "paused"),
    "because": ("karena", "because"),
    "ahead": ("nanti", "to come"),
    "nothing": ("Tiket ini tidak punya jam SLA.", "This ticket has no clocks."),
}


def as_json(told: Explanation, language: str) -> Json:
    """Return a clock with every stretch and the sum to its due instant."""
    clock = told.clock
    return {
        "metric": clock.metric.value,
        "state": clock.state.value,
        "policy": clock.policy,
        "policy_version": clock.policy_version,
        "calendar": clock.calendar.value,
        "calendar_version": clock.calendar_version,
        "zone": clock.zone,
        "started_at": rfc3339(clock.started_at),
        "counts_from": rfc3339(clock.counts_from),
        "due_at": rfc3339(clock.due_at),
        "strict_due_at": rfc3339(clock.strict_due_at),
        "latest_due_at": rfc3339(told.latest_due_at),
        "met_at": rfc3339(clock.met_at),
        "breached_at": rfc3339(clock.breached_at),
        "superseded_at": rfc3339(clock.superseded_at),
        "target_seconds": clock.target_seconds,
        "used_seconds": clock.used_seconds,
        "paused_seconds": clock.paused_seconds,
        "pauses": [
            {"started_at": rfc3339(each.started_at), "ended_at": rfc3339(each.ended_at),
             "ends_by": rfc3339(each.ends_by), "reason": each.reason, "actor": each.actor}
            for each in clock.pauses
        ],
        "events": [
            {"at": rfc3339(each.at), "noticed_at": rfc3339(each.noticed_at), "action": each.action.value,
             "step": each.step, "level": each.level and each.level.value}
            for each in clock.events
        ],
        "ledger": [_line_json(line, language) for line in told.stretch_lines()],
        "arithmetic": _sum_json(told.arithmetic),
        "why": list(told.why_en if language == "en" else told.why_id),
    }  # fmt: skip


def tell(
    told: Sequence[Explanation], following: Sequence[Pair], language: str, *, now: datetime
) -> Iterator[str]:
    """Yield the lines of a terminal: which clock is next, then each clock with its reasons and its ledger."""
    at = LANGUAGES.index(language)
    yield from (pair[at] for pair in following)
    for each in told:
        yield from _tell_clock(each, at, now=now)
    if not told:
        yield _LABELS["nothing"][at]


def _tell_clock(told: Explanation, at: int, *, now: datetime) -> Iterator[str]:
    clock, zone = told.clock, ZoneInfo(told.clock.zone)
    words = {name: pair[at] for name, pair in _LABELS.items()}
    yield ""
    yield f"{clock.metric}: {clock.state} ({METRICS[clock.metric][at]}, {STATES[clock.state][at]})"
    facts = (
        (words["policy"], f"{clock.policy} {words['version']} {clock.policy_version}, {words['calendar']} "
         f"{clock.calendar} {words['version']} {clock.calendar_version}"),
        (words["start"], due(clock.started_at, zone, now=now)[at]),
        (words["due"], _due_text(told, at, now=now)),
        (words["used"], f"{_span(clock.used_seconds)} {words['of']} {_span(clock.target_seconds)}"),
        (words["paused"], _span(clock.paused_seconds)),
        *(("" if nth else words["because"], reason) for nth, reason in enumerate(told.why_en if at else told.why_id)),
    )  # fmt: skip
    width = max(len(name) for name, _text in facts)
    yield from (f"  {name.ljust(width)}  {text}" for name, text in facts)
    yield ""
    yield from _table(told, zone, at=at, now=now)


def _due_text(told: Explanation, at: int, *, now: datetime) -> str:
    clock: ClockLine = told.clock
    zone = ZoneInfo(clock.zone)
    if clock.due_at is not None:
        return due(clock.due_at, zone, now=now)[at]
    if told.latest_due_at is not None:
        return f"{_LABELS['latest'][at]} {due(told.latest_due_at, zone, now=now)[at]}"
    return _LABELS["none"][at]


def _table(told: Explanation, zone: ZoneInfo, *, at: int, now: datetime) -> Iterator[str]:
    rows = [tuple(pair[at] for pair in _HEAD)]
    for line in told.lines:
        words = line.words_en if at else line.words_id
        is_ahead = _LABELS["ahead"][at] if line.is_ahead else ""
        begins, ends = moment(line.started_at, zone, now=now)[at], end(line.ended_at, zone, now=now)[at]
        rows.append((begins, ends, is_ahead, words, _span(line.counted_seconds), _span(line.total_seconds)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for row in rows:
        left = (cell.ljust(width) for cell, width in zip(row[:4], widths[:4], strict=True))
        right = (cell.rjust(width) for cell, width in zip(row[4:], widths[4:], strict=True))
        yield "  " + "  ".join((*left, *right))


def _line_json(line: LedgerLine, language: str) -> Json:
    return {
        "kind": line.kinds[0].value,
        "from": rfc3339(line.started_at),
        "to": rfc3339(line.ended_at),
        "counted_seconds": line.counted_seconds,
        "total_seconds": line.total_seconds,
        "is_ahead": line.is_ahead,
        "words": line.words_en if language == "en" else line.words_id,
    }


def _sum_json(sums: Arithmetic) -> Json:
    return {
        "target_seconds": int(sums.target.total_seconds()),
        "due_at": rfc3339(sums.due_at),
        "strict_due_at": rfc3339(sums.strict_due_at),
        "addends": [
            {"first": each.first.isoformat(), "last": each.last.isoformat(), "count": each.count,
             "seconds": int(each.each.total_seconds())}
            for each in sums.addends
        ],
        "days": [
            {"on": each.on.isoformat(), "kind": each.kind.value, "number": each.number,
             "strict_number": each.strict_number, "note": each.note}
            for each in sums.days
        ],
    }  # fmt: skip


def _span(count: int) -> str:
    return clock_span(timedelta(seconds=count))
