"""Dates, times, money and counts as people type them into forms; each says what is wrong with it."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import LazyString, lazy_gettext

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.folding import plain_digits
from helpdesk.domain.rupiah import parse_rupiah

T = TypeVar("T")

_TEXTS: Mapping[str, LazyString] = {
    "date": lazy_gettext("Tulis tanggal, contoh 31/07/2026."),
    "future_date": lazy_gettext("Tanggal ini belum terjadi. Periksa lagi."),
    "instant": lazy_gettext("Tulis tanggal dan jam, contoh 31/07/2026 14.05."),
    "amount": lazy_gettext("Tulis jumlah uang, contoh 150000 atau 1,5 juta."),
    "count": lazy_gettext("Tulis angka, contoh 40."),
    "menu_choice": lazy_gettext("Tulis satu angka, 1 sampai 6."),
    "required": lazy_gettext("Isi dulu bagian ini."),
    "too_long": lazy_gettext("Terlalu panjang. Pendekkan dulu."),
    "choice": lazy_gettext("Pilih satu."),
    "unknown_category": lazy_gettext("Pilih kategori dari daftar."),
    "key_reused": lazy_gettext("Formulir ini sudah terkirim dengan isi lain. Buat formulir baru."),
    "totals_differ": lazy_gettext("Jumlah berbeda dari slip. Tulis alasannya."),
    "unsettled": lazy_gettext("Ada uang yang dibaca berbeda oleh dua orang. Bereskan dulu."),
    "yes_no": lazy_gettext("Tulis y kalau ada, t kalau tidak."),
}

_DAY_FIRST = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})(?:[/.\- ](\d{4}))?")
_SHORT = re.compile(r"(\d{2})(\d{2})(\d{4})?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_INSTANT = re.compile(r"(\S+?)[Tt ]+(?:jam |pukul )?(\d{1,2})[.:](\d{2})(?:[.:]\d{2})?")


def field_text(error: InvalidInput) -> str:
    """Return what a form says about a value."""
    return str(_TEXTS.get(error.code) or lazy_gettext("Isian belum benar. Periksa lagi."))


def short_field(name: str) -> str:
    """Return a field of one line as it was sent, without the signs that nobody sees and without blanks around."""
    return _CONTROL.sub("", request.form.get(name, "").replace("\t", " ")).strip()


def parse_day(text: str, *, today: date, field: str) -> date | None:
    """Return a day up to `today`, None for an empty field: 31/07/2026, 2026-07-31, 3107, 31/7 (the last one).

    Raises InvalidInput.
    """
    typed = plain_digits(text).strip()
    if not typed:
        return None
    found = _day(typed, today, field)
    if found > today:
        raise InvalidInput("the day has not come", field=field, code="future_date")
    return found


def parse_instant(text: str, *, zone: ZoneInfo, now: datetime, field: str) -> datetime:
    """Return an instant up to `now`, `now` itself for an empty field. Raises InvalidInput."""
    typed = plain_digits(text).strip()
    if not typed:
        return now
    parts = _INSTANT.fullmatch(typed)
    if parts is None or int(parts[2]) > 23 or int(parts[3]) > 59:
        raise InvalidInput("not a date with a time", field=field, code="instant")
    day = _day(parts[1], now.astimezone(zone).date(), field)
    found = datetime(day.year, day.month, day.day, int(parts[2]), int(parts[3]), tzinfo=zone).astimezone(
        now.tzinfo
    )
    if found > now:
        raise InvalidInput("the instant has not come", field=field, code="future_date")
    return found


def parse_amount(text: str, *, field: str) -> int | None:
    """Return whole rupiah, None for an empty field. Raises InvalidInput."""
    if not text.strip():
        return None
    try:
        return parse_rupiah(text)
    except InvalidInput as error:
        raise InvalidInput(str(error), field=field, code="amount") from None


def parse_count(text: str, *, field: str, least: int = 1, most: int = 9999) -> int:
    """Return a number within its bounds. Raises InvalidInput."""
    typed = plain_digits(text).strip()
    if not typed:
        raise InvalidInput("a number is required", field=field, code="count")
    if not typed.isdecimal() or len(typed) > 9 or not least <= int(typed) <= most:
        raise InvalidInput("not a number within its bounds", field=field, code="count")
    return int(typed)


def collect(errors: dict[str, str], read: Callable[[], T], otherwise: T) -> T:
    """Return what `read` gives; its InvalidInput joins `errors` beside its field, so that all are told at once."""
    try:
        return read()
    except InvalidInput as error:
        errors[error.field] = field_text(error)
        return otherwise


def _day(typed: str, today: date, field: str) -> date:
    iso = _ISO.fullmatch(typed)
    parts = iso or _DAY_FIRST.fullmatch(typed) or _SHORT.fullmatch(typed)
    if parts is None:
        raise InvalidInput("not a date", field=field, code="date")
    try:
        if iso:
            return date(int(parts[1]), int(parts[2]), int(parts[3]))
        if parts[3]:
            return date(int(parts[3]), int(parts[2]), int(parts[1]))
        return _latest(int(parts[1]), int(parts[2]), today)
    except ValueError:
        raise InvalidInput("no such day", field=field, code="date") from None


def _latest(day: int, month: int, today: date) -> date:
    """Return the last such day of the year up to today."""
    for year in range(today.year, today.year - 5, -1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue  # 29 February
        if found <= today:
            return found
    raise ValueError("no such day")
