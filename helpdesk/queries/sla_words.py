"""Instants, spans and what happened to a clock in plain words, in Indonesian and in English side by side."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date

from helpdesk.domain.wording import zone_label
from helpdesk.sla.clock import ClockState
from helpdesk.sla.durations import WORKING_DAY
from helpdesk.sla.escalation import LAST_DAY, Level, StepAction, Trigger, shipped_rules
from helpdesk.sla.explain import Fold, Stretch, StretchKind
from helpdesk.sla.policy import CalendarCode, Metric

Pair = tuple[str, str]
"""One sentence in Indonesian and in English."""

CALENDARS: Mapping[CalendarCode, Pair] = {
    CalendarCode.SERVICE: ("jam layanan", "service hours"),
    CalendarCode.ALWAYS: ("setiap saat, siang malam", "every hour, day and night"),
    CalendarCode.REGULATORY: (
        "hari kerja (cuti bersama libur)",
        "working days (cuti bersama is closed)",
    ),
    CalendarCode.STRICT: ("hari kerja (cuti bersama dihitung)", "working days (cuti bersama is worked)"),
}
KINDS: Mapping[StretchKind, Pair] = {
    StretchKind.RUNNING: ("berjalan", "running"),
    StretchKind.CLOSED: ("tutup", "closed"),
    StretchKind.HOLIDAY: ("libur", "holiday"),
    StretchKind.PAUSED: ("dijeda", "paused"),
    StretchKind.RECEIPT: ("hari ke-0", "day 0"),
    StretchKind.STOPPED: ("tidak dihitung lagi", "no longer counted"),
}
METRICS: Mapping[Metric, Pair] = {
    Metric.ACKNOWLEDGEMENT: ("diterima petugas", "acknowledgement"),
    Metric.FIRST_RESPONSE: ("balas pertama", "first reply"),
    Metric.NEXT_RESPONSE: ("balas berikut", "next reply"),
    Metric.RESOLUTION: ("penyelesaian", "resolution"),
    Metric.REGULATORY: ("batas OJK", "OJK deadline"),
}
STATES: Mapping[ClockState, Pair] = {
    ClockState.RUNNING: ("berjalan", "running"),
    ClockState.PAUSED: ("dijeda", "paused"),
    ClockState.MET: ("dipenuhi", "met"),
    ClockState.BREACHED: ("terlewat", "breached"),
    ClockState.SUPERSEDED: ("digantikan atau diakhiri", "replaced or ended"),
}
_LEVELS: Mapping[Level, Pair] = {
    Level.L1: ("L1, tim tiket", "L1, the ticket's team"),
    Level.L2: ("L2, manajer area", "L2, area manager"),
    Level.L3: ("L3, manajer wilayah", "L3, regional manager"),
    Level.L4: ("L4, pelindungan konsumen di pusat", "L4, consumer protection at head office"),
    Level.L5: ("L5, komite", "L5, committee"),
    Level.L6: ("L6, direksi", "L6, board of directors"),
}
_REASONS: Mapping[str, Pair] = {"waiting_for_contact": ("menunggu Mitra", "waiting for the contact")}
_ACTORS: Mapping[str, Pair] = {"system": ("sistem", "the system"), "contact": ("Mitra", "the contact")}
_FROM_THE_START = frozenset(rule.code for rule in shipped_rules() if rule.trigger is Trigger.START)
_DAY = 24 * 3600
_WORKING_DAY = int(WORKING_DAY.total_seconds())


def in_words(seconds: int, calendar: CalendarCode) -> Pair:
    """Return a duration as its calendar counts it: working days, working hours, or hours."""
    day = _WORKING_DAY if calendar is CalendarCode.SERVICE else _DAY
    is_working = calendar is not CalendarCode.ALWAYS
    days, rest = divmod(seconds, day) if is_working else (0, seconds)
    hours, minutes = rest // 3600, rest % 3600 // 60
    worked = " kerja" if calendar is CalendarCode.SERVICE else ""
    indonesian = [f"{days} hari kerja"] if days else []
    english = [f"{days} working day{s_of(days)}"] if days else []
    if hours:
        indonesian.append(f"{hours} jam{worked}")
        english.append(f"{hours} {'working ' if worked else ''}hour{s_of(hours)}")
    if minutes or not (days or hours or seconds % 60):
        indonesian.append(f"{minutes} menit")
        english.append(f"{minutes} minute{s_of(minutes)}")
    if odd := seconds % 60:  # what is used and what is left add up
        indonesian.append(f"{odd} detik")
        english.append(f"{odd} second{s_of(odd)}")
    return " ".join(indonesian), " ".join(english)


def clock_span(span: timedelta) -> str:
    """Write a span to the second, "2:30" or "2:30:05"."""
    seconds = int(span.total_seconds())
    text = f"{seconds // 3600}:{seconds // 60 % 60:02d}"
    return f"{text}:{seconds % 60:02d}" if seconds % 60 else text


def day(on: date, this_year: int | None = None) -> Pair:
    """Return `Sen 8 Jun`, with its year where it is another than this one."""
    pattern = "EEE d MMM" if this_year in (None, on.year) else "EEE d MMM y"
    return _date(on, pattern, "id"), _date(on, pattern, "en")


def moment(instant: datetime, zone: ZoneInfo, *, now: datetime) -> Pair:
    """Return when something happened, `Sen 8 Jun 14.30`, `Mon 8 Jun 14:30`; seconds are told where there are any."""
    local = instant.astimezone(zone)
    clock = f"{local:%H.%M.%S}" if local.second else f"{local:%H.%M}"
    return _with_clock(local.date(), clock, year_of(now, zone))


def end(instant: datetime, zone: ZoneInfo, *, now: datetime) -> Pair:
    """Return by when something is due or until when it lasts: midnight is 24.00 of the day that ends."""
    local = instant.astimezone(zone)
    if local.time() != time.min:
        return moment(instant, zone, now=now)
    return _with_clock(local.date() - timedelta(days=1), "24.00", year_of(now, zone))


def due(instant: datetime, zone: ZoneInfo, *, now: datetime) -> Pair:
    """Return a due instant with the name of its zone."""
    label = zone_label(zone, at=instant)
    return _join(end(instant, zone, now=now), (label, label))


def reason(code: str) -> Pair:
    """Return why a clock stands still; an unknown reason is shown as it is."""
    return _REASONS.get(code, (code, code))


def actor(code: str, names: Mapping[str, str]) -> Pair:
    """Return who did it; `names` are those of staff."""
    name = names.get(code, code)
    return _ACTORS.get(code, (name, name))


def step(code: str, action: StepAction, level: Level | None) -> Pair:
    """Return a warning, breach or escalation in words."""
    match action:
        case StepAction.SLA_WARNING:
            share = code.removeprefix("warning_")
            if code == LAST_DAY:
                return "Peringatan hari terakhir", "Warning of the last day"
            return (
                (f"Peringatan {share} %", f"Warning at {share}%")
                if share.isdecimal()
                else ("Peringatan", "Warning")
            )
        case StepAction.SLA_BREACHED:
            return "Terlewat", "Breach"
        case StepAction.ESCALATED:
            to = _LEVELS[level] if level else ("-", "-")
            if code in _FROM_THE_START:
                return f"Tanggung jawab {to[0]} sejak awal", f"Responsibility of {to[1]} from the start"
            return f"Eskalasi ke {to[0]}", f"Escalation to {to[1]}"


def stretch_words(stretch: Stretch, names: Mapping[str, str]) -> Pair:
    """Return why a stretch counts or does not, with its holiday, or who paused it and why."""
    kind = KINDS[stretch.kind]
    match stretch.kind:
        case StretchKind.HOLIDAY if stretch.note:
            return _join(kind, (f"({stretch.note})", f"({stretch.note})"))
        case StretchKind.PAUSED:
            why, who = reason(stretch.note), actor(stretch.actor, names)
            return f"{kind[0]}: {why[0]} ({who[0]})", f"{kind[1]}: {why[1]} ({who[1]})"
    return kind


def fold_words(line: Fold, names: Mapping[str, str]) -> Pair:
    """Return what a line holds, each thing once; who paused and why is told by its stretches."""
    told = dict.fromkeys(
        KINDS[part.kind] if part.kind is StretchKind.PAUSED else stretch_words(part, names)
        for part in line.parts
    )
    return "; ".join(each[0] for each in told), "; ".join(each[1] for each in told)


def s_of(count: int) -> str:
    """Return the English ending of more than one."""
    return "" if count == 1 else "s"


def year_of(now: datetime, zone: ZoneInfo) -> int:
    """Return the year that needs no saying."""
    return now.astimezone(zone).year


def _with_clock(on: date, clock: str, this_year: int) -> Pair:
    # Indonesian writes 14.30, English 14:30, as the chips on the same page do.
    return _join(day(on, this_year), (clock, clock.replace(".", ":")))


def _join(first: Pair, second: Pair) -> Pair:
    return f"{first[0]} {second[0]}", f"{first[1]} {second[1]}"


@lru_cache(maxsize=4096)
def _date(on: date, pattern: str, language: str) -> str:
    return format_date(on, pattern, locale=language)
