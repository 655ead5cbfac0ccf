"""How instants, durations, money and numbers are written on screens. Local time is here."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_decimal
from flask_babel import get_locale

from helpdesk.domain.numbers import format_number

Zone = ZoneInfo | str

NEAR = timedelta(days=6)
"""A weekday alone names a day only within the coming week."""
NONE = "–"

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
    "id": {"ago": "{} lalu", "now": "baru saja"},
    "en": {"ago": "{} ago", "now": "just now"},
}


_UNITS = {"id": ("hari", "jam", "menit", "detik"), "en": ("d", "h", "min", "s")}
_UNIT_SECONDS = (86400, 3600, 60, 1)


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
        return NONE
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
        return NONE
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


def is_same_day(one: datetime, other: datetime, zone: Zone) -> bool:
    """Say whether two instants are on one day there."""
    there = _zone(zone)
    return one.astimezone(there).date() == other.astimezone(there).date()


def hours_minutes(span: timedelta) -> str:
    """Write a span as hours and minutes, "1:35"; seconds are dropped, the sign too."""
    minutes = int(abs(span).total_seconds()) // 60
    return f"{minutes // 60}:{minutes % 60:02d}"


def duration(span: timedelta | None, language: str | None = None) -> str:
    """Write a span by its two largest units, "1 jam 12 menit"; below one minute in seconds."""
    if span is None:
        return NONE
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
        return NONE
    spoken = language_of(language)
    seconds = int((now - instant).total_seconds())
    for size, unit in zip(_UNIT_SECONDS, _UNITS[spoken], strict=True):
        if seconds >= size:
            return _WORDS[spoken]["ago"].format(f"{seconds // size} {unit}")
    return _WORDS[spoken]["now"]


def number(value: float | Decimal | None, places: int = 0, language: str | None = None) -> str:
    """Write a number with the separators of the language: 1.204 or 4,1."""
    if value is None:
        return NONE
    pattern = "#,##0" + (f".{'0' * places}" if places else "")
    return format_decimal(value, format=pattern, locale=language_of(language))


def percent(share: float | None, places: int = 1, language: str | None = None) -> str:
    """Write a share of one: 0.941 is "94,1 %", in English "94.1%"."""
    if share is None:
        return NONE
    spoken = language_of(language)
    return number(Decimal(str(share)) * 100, places, spoken) + (" %" if spoken == "id" else "%")


def rupiah(amount: int | Decimal | None, language: str | None = None) -> str:
    """Write whole rupiah: "Rp1.250.000"."""
    if amount is None:
        return NONE
    return f"{'-' if amount < 0 else ''}Rp{number(abs(Decimal(amount)), 0, language)}"


def ticket_number(digits: str) -> str:
    """Write a ticket's number with its dash, 4821-9375; with a dash already it stays as it is."""
    return format_number(str(digits).replace("-", ""))
