"""How instants, durations, money and numbers are written on screens; the SLA chip. Local time is here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import wraps
from pathlib import PurePosixPath
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_decimal
from flask import Flask, current_app, request
from flask_babel import get_locale
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from helpdesk.domain.numbers import format_number
from helpdesk.views import charts
from helpdesk.views.chat_text import chat_text
from helpdesk.views.labels import label

Zone = ZoneInfo | str

CRITICAL_SHARE = 0.10
SOON_SHARE = 0.25
CRITICAL_LEFT = timedelta(minutes=30)
_DAY = timedelta(days=1)
NEAR = 6 * _DAY
"""A weekday alone names a day only within the coming week."""
_NONE = "–"

_ZONE_NAMES = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}
_PATTERNS = {
    "id": {
        "full": "EEEE, d MMMM y 'pukul' HH.mm",
        "date": "d MMMM y",
        "weekday": "EEE HH.mm",
        "day": "EEE d MMM HH.mm",
        "day_of_year": "EEE d MMM y HH.mm",
        "short": "d MMM HH.mm",
        "short_of_year": "d MMM y HH.mm",
        "clock": "HH.mm",
    },
    "en": {
        "full": "EEEE, d MMMM y 'at' HH:mm",
        "date": "d MMMM y",
        "weekday": "EEE HH:mm",
        "day": "EEE d MMM HH:mm",
        "day_of_year": "EEE d MMM y HH:mm",
        "short": "d MMM HH:mm",
        "short_of_year": "d MMM y HH:mm",
        "clock": "HH:mm",
    },
}
_WORDS = {
    "id": {
        "left": "{} lagi",
        "late": "Lewat {}",
        "days": "{} hari",
        "hours": "{} jam",
        "minutes": "{} mnt",
        "paused": "Dijeda",
        "met": "Tepat",
        "superseded": "Diganti",
        "due": "Batas {}",
        "no_due": "Tanpa batas",
        "latest": "Paling lambat {}",
        "was_due": "Batasnya {}",
        "ago": "{} lalu",
        "now": "baru saja",
    },
    "en": {
        "left": "{} left",
        "late": "Late {}",
        "days": "{} d",
        "hours": "{} h",
        "minutes": "{} min",
        "paused": "Paused",
        "met": "On time",
        "superseded": "Replaced",
        "due": "Due {}",
        "no_due": "No deadline",
        "latest": "Due {} at the latest",
        "was_due": "Was due {}",
        "ago": "{} ago",
        "now": "just now",
    },
}


_UNITS = {"id": ("hari", "jam", "menit", "detik"), "en": ("d", "h", "min", "s")}
_UNIT_SECONDS = (86400, 3600, 60, 1)


class ChipState(StrEnum):
    """Look of an SLA chip (design.md section 4)."""

    OK = "ok"
    SOON = "soon"
    CRIT = "crit"
    LATE = "late"
    PAUSED = "paused"
    MET = "met"


@dataclass(frozen=True, slots=True)
class ChipView:
    """An SLA chip: `text` is short, `title` names the deadline in full."""

    state: ChipState
    text: str
    title: str


def language_of(language: str | None) -> str:
    """Return the language asked for, else that of the request, else Bahasa Indonesia."""
    if language is None:
        locale = get_locale()
        language = locale.language if locale is not None else "id"
    return language if language in _PATTERNS else "id"


def local_time(
    instant: datetime | None,
    zone: Zone,
    style: str = "short",
    language: str | None = None,
    now: datetime | None = None,
) -> str:
    """Write when something happened. Styles: full, date, day, short, clock. None is a dash.

    With `now`, day and short say the year where it is not this one.
    """
    if instant is None:
        return _NONE
    spoken = language_of(language)
    local = instant.astimezone(_zone(zone))
    return _written(local, _PATTERNS[spoken][_fitting(style, local, now)], style, spoken)


def deadline(
    instant: datetime | None,
    zone: Zone,
    style: str = "short",
    language: str | None = None,
    now: datetime | None = None,
) -> str:
    """Write by when something is due. Styles: full, day, short, weekday. None is a dash.

    Midnight is 24.00 of the day that ends: "00.00" of the next one is read a day too late. What happened at
    midnight is local_time()'s, 00.00 of its own day. With `now`, day is a weekday alone within the coming
    days, and the year is told where it is not this one.
    """
    if instant is None:
        return _NONE
    if style == "day" and now is not None and now <= instant < now + NEAR:
        style = "weekday"
    local = instant.astimezone(_zone(zone))
    if local.time() != time.min:
        return local_time(instant, zone, style, language, now)
    spoken, ended = language_of(language), local - timedelta(minutes=1)
    pattern = _PATTERNS[spoken][_fitting(style, ended, now)].replace("HH", "'24'").replace("mm", "'00'")
    return _written(ended, pattern, style, spoken)


def _fitting(style: str, local: datetime, now: datetime | None) -> str:
    """Return the style that also says the year, of a day that is not in this one."""
    if now is None or local.year == now.astimezone(local.tzinfo).year:
        return style
    return {"day": "day_of_year", "short": "short_of_year"}.get(style, style)


def _zone(zone: Zone) -> ZoneInfo:
    return ZoneInfo(zone) if isinstance(zone, str) else zone


def _written(local: datetime, pattern: str, style: str, language: str) -> str:
    text = format_datetime(local.replace(tzinfo=None), pattern, locale=language)
    if style != "full":
        return text
    return f"{text} {_ZONE_NAMES.get(str(local.tzinfo), local.tzname() or '')}".rstrip()


def zone_name(zone: Zone) -> str:
    """Return what people call a time zone: WIB, WITA, WIT; another by its own name."""
    return _ZONE_NAMES.get(str(zone), str(zone))


def hours_minutes(span: timedelta) -> str:
    """Write a span as hours and minutes, "1:35"; seconds are dropped, the sign too."""
    minutes = int(abs(span).total_seconds()) // 60
    return f"{minutes // 60}:{minutes % 60:02d}"


def duration(span: timedelta | None, language: str | None = None) -> str:
    """Write a span by its two largest units, "1 jam 12 menit"; below one minute in seconds."""
    if span is None:
        return _NONE
    seconds = int(abs(span).total_seconds())
    units = list(zip(_UNIT_SECONDS, _UNITS[language_of(language)], strict=True))
    if seconds < 60:
        return f"{seconds} {units[-1][1]}"
    first = next(place for place, size in enumerate(_UNIT_SECONDS) if seconds >= size)
    parts = []
    for size, unit in units[:-1][first : first + 2]:
        if seconds >= size:
            parts.append(f"{seconds // size} {unit}")
        seconds %= size
    return " ".join(parts)


def time_ago(instant: datetime | None, now: datetime, language: str | None = None) -> str:
    """Write how long ago, by the largest unit: "2 menit lalu". An instant to come is "baru saja"."""
    if instant is None:
        return _NONE
    spoken = language_of(language)
    seconds = int((now - instant).total_seconds())
    for size, unit in zip(_UNIT_SECONDS, _UNITS[spoken], strict=True):
        if seconds >= size:
            return _WORDS[spoken]["ago"].format(f"{seconds // size} {unit}")
    return _WORDS[spoken]["now"]


def number(value: float | Decimal | None, places: int = 0, language: str | None = None) -> str:
    """Write a number with the separators of the language: 1.204 or 4,1."""
    if value is None:
        return _NONE
    pattern = "#,##0" + (f".{'0' * places}" if places else "")
    return format_decimal(value, format=pattern, locale=language_of(language))


def percent(share: float | None, places: int = 1, language: str | None = None) -> str:
    """Write a share of one: 0.941 is "94,1 %", in English "94.1%"."""
    if share is None:
        return _NONE
    spoken = language_of(language)
    return number(Decimal(str(share)) * 100, places, spoken) + (" %" if spoken == "id" else "%")


def rupiah(amount: int | Decimal | None, language: str | None = None) -> str:
    """Write whole rupiah: "Rp1.250.000"."""
    if amount is None:
        return _NONE
    return f"{'-' if amount < 0 else ''}Rp{number(abs(Decimal(amount)), 0, language)}"


def ticket_number(digits: str) -> str:
    """Write a ticket's number with its dash, 4821-9375; with a dash already it stays as it is."""
    return format_number(str(digits).replace("-", ""))


def chip_for(
    due_at: datetime | None,
    *,
    state: str,
    now: datetime,
    zone: Zone,
    started_at: datetime | None = None,
    share_left: float | None = None,
    met_at: datetime | None = None,
    closes_at: datetime | None = None,
    latest_at: datetime | None = None,
    language: str | None = None,
) -> ChipView:
    """Choose look and words of a clock's chip (design.md W2).

    `state` is the clock's: running, paused, met, breached, superseded. `share_left` (of the target, 0..1)
    is better than `started_at`, which measures by elapsed time. `closes_at` ends today's work: before it the
    time left is shown, after it day and clock; without it the local day decides. A breached clock that has
    ended keeps its lateness by `met_at`. `latest_at`: when a clock that stands still is due at the latest.
    """
    spoken = language_of(language)
    words = _WORDS[spoken]
    if due_at is None:
        kind = state if state in ("paused", "met", "superseded") else ""
        title = words["no_due"]
        if latest_at is not None:
            title = words["latest"].format(deadline(latest_at, zone, "full", spoken))
        look = ChipState.MET if state == "met" else ChipState.PAUSED if kind else ChipState.OK
        return ChipView(look, words[kind] if kind else _NONE, title)
    full = deadline(due_at, zone, "full", spoken)
    if state in ("paused", "superseded"):
        return ChipView(ChipState.PAUSED, words[state], words["was_due"].format(full))
    if state == "met":
        return ChipView(ChipState.MET, words["met"], words["was_due"].format(full))
    if state == "breached" or now > due_at:
        late_by = (met_at or now) - due_at
        if late_by < timedelta():  # a sweep for a later instant has recorded the breach ahead of time
            return ChipView(ChipState.LATE, words["late"].format("").rstrip(), words["was_due"].format(full))
        return ChipView(ChipState.LATE, _late_text(late_by, spoken), words["was_due"].format(full))
    look = _running_look(due_at - now, _share(due_at, now=now, started_at=started_at, given=share_left))
    today = now <= due_at <= closes_at if closes_at else _same_day(due_at, now, zone)
    text = _left_text(due_at, now=now, zone=zone, language=spoken, as_span=today or look is ChipState.CRIT)
    return ChipView(look, text, words["due"].format(full))


def _share(
    due_at: datetime, *, now: datetime, started_at: datetime | None, given: float | None
) -> float | None:
    """Return the part of the target that is left, or None where nothing tells it."""
    if given is not None or started_at is None or started_at >= due_at:
        return given
    return (due_at - now) / (due_at - started_at)


def _running_look(left: timedelta, share: float | None) -> ChipState:
    if left <= CRITICAL_LEFT or (share is not None and share <= CRITICAL_SHARE):
        return ChipState.CRIT
    if share is not None and share <= SOON_SHARE:
        return ChipState.SOON
    return ChipState.OK


def _late_text(late_by: timedelta, language: str) -> str:
    words = _WORDS[language]
    minutes = late_by // timedelta(minutes=1)
    hours = words["hours"].format(minutes // 60) if minutes >= 60 else ""
    rest = words["minutes"].format(minutes % 60) if minutes % 60 or not hours else ""
    # "17:45" would be read as a time of day
    span = f"{hours} {rest}".strip() if late_by < _DAY else words["days"].format(late_by // _DAY)
    return words["late"].format(span)


def _left_text(due_at: datetime, *, now: datetime, zone: Zone, language: str, as_span: bool) -> str:
    left = due_at - now
    if as_span and left < _DAY:
        return _WORDS[language]["left"].format(hours_minutes(left))
    return deadline(due_at, zone, "weekday" if left < NEAR else "short", language, now)


def _same_day(one: datetime, other: datetime, zone: Zone) -> bool:
    there = _zone(zone)
    return one.astimezone(there).date() == other.astimezone(there).date()


def lang_url(language: str) -> str:
    """Return the address of this page in another language; the rest of the query stays.

    The answer to a form may stand at an address that cannot be read: then it is the page that the form stood on.
    """
    path, query = _readable_address()
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "lang"]
    return f"{path}?{urlencode([*kept, ('lang', language)])}"


def _readable_address() -> tuple[str, str]:
    """Return path and query of this page, of the page of ours before it, or else of the nearest one above."""
    if _can_be_read(request.path):
        return request.path, request.query_string.decode()
    before = urlsplit(request.referrer or "")
    if f"{before.scheme}://{before.netloc}/" == request.host_url and _can_be_read(unquote(before.path)):
        return before.path, before.query
    above = PurePosixPath(request.path).parents
    return next((str(path) for path in above if _can_be_read(str(path))), "/"), ""


def _can_be_read(path: str) -> bool:
    """Say whether a GET finds a page there; this page's own address may be one that is nowhere."""
    adapter = current_app.create_url_adapter(request)
    try:
        return adapter is not None and bool(adapter.match(path, method="GET"))
    except MethodNotAllowed:
        return False
    except HTTPException:
        return path == request.path


def _as_of_now(writer: Callable[..., str]) -> Callable[..., str]:
    """Return a writer of instants as templates call it: the page's clock tells what is near and which year it is."""
    if writer not in (local_time, deadline):
        return writer

    @wraps(writer)
    def write(instant: datetime | None, zone: Zone, style: str = "short", language: str | None = None) -> str:
        rt = current_app.extensions.get("helpdesk")
        return writer(instant, zone, style, language, rt.now() if rt else None)

    return write


def init_formatting(app: Flask) -> None:
    """Register filters and globals of the same names, `current_locale`, `lang_url` and the chart geometry."""
    writers: tuple[Callable[..., str], ...] = (
        local_time,
        deadline,
        zone_name,
        hours_minutes,
        duration,
        time_ago,
        number,
        percent,
        rupiah,
        ticket_number,
        label,
    )
    for writer in map(_as_of_now, writers):
        app.jinja_env.filters[writer.__name__] = writer
        app.jinja_env.globals[writer.__name__] = writer
    app.jinja_env.filters["chat_text"] = chat_text
    app.jinja_env.globals.update(chip_for=chip_for, lang_url=lang_url, charts=charts)

    @app.context_processor
    def current_locale() -> dict[str, str]:
        return {"current_locale": language_of(None)}
