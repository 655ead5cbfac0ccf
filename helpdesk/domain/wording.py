"""What a Mitra reads from us: the standing texts by step, channel and language, and dates in words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.packaged import load_yaml


class Language(StrEnum):
    """Languages we write in."""

    ID = "id"
    EN = "en"


class TextForm(StrEnum):
    """A text for chats, and the plain short one for SMS; a step without the latter says its chat text there, too.

    Beside them what may be pressed under the text, by line: `label`, or `label | second line` of a list, whose
    first line is its title with a colon.
    """

    CHAT = "chat"
    SMS = "sms"
    OPTIONS = "options"


PROSE = (TextForm.CHAT, TextForm.SMS)
"""What is said; the rest is pressed."""


Part = tuple[TextForm, Language]
"""Which of the texts of a step."""
StepTexts = Mapping[Part, str]

# The shape of the shipped file is held by tests/domain/test_text_checks.py, which is why it is trusted here.
_PROSE = cast(Mapping[str, Mapping[str, Mapping[str, str]]], load_yaml("texts.yaml"))
_PRESSED: Any = load_yaml("options.yaml")


def _option_lines(pressed: Any, language: Language) -> str:
    if "rows" not in pressed:
        return "\n".join(pressed["buttons"][language])
    rows = (f"{label} | {detail}" if detail else str(label) for label, detail in pressed["rows"][language])
    return "\n".join([f"{pressed['title'][language]}:", *rows])


def _shipped_step(key: str) -> dict[Part, str]:
    said = {
        (TextForm(form), Language(language)): text
        for form, pair in _PROSE[key].items()
        for language, text in pair.items()
    }
    if key not in _PRESSED:
        return said
    return said | {(TextForm.OPTIONS, each): _option_lines(_PRESSED[key], each) for each in Language}


_STEPS: Mapping[str, StepTexts] = {key: _shipped_step(key) for key in _PROSE}
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SENTENCE_END = re.compile(r"(\n|(?<=[.?!]) )")
_DEFAULTS = {"sapaan": "Ibu"}


_EMPHASIS = re.compile(r"\*([^*\n]+)\*")


def steps() -> frozenset[str]:
    """Return the keys that say() knows (design.md 3: T01 ...)."""
    return frozenset(_STEPS)


def placeholders(text: str) -> frozenset[str]:
    """Return what a text names in braces."""
    return frozenset(_PLACEHOLDER.findall(text))


@dataclass(frozen=True, slots=True)
class TextBook:
    """The texts in force: those that ship, and in the place of some what the lender says instead."""

    own: Mapping[str, StepTexts] = field(default_factory=dict)
    """Of a step only the texts that differ from the shipped ones."""

    def texts(self, key: str) -> StepTexts:
        """Return all texts of a step. Raises InvalidInput for none."""
        return _shipped_texts(key) | dict(self.own.get(key, {}))

    def template(self, key: str, *, language: Language, channel: ChannelCode) -> str:
        """Return the text with its {placeholders}; the SMS variant for sms. Raises InvalidInput for none."""
        return _picked(self.texts(key), language, channel)

    def say(self, key: str, *, language: Language, channel: ChannelCode, values: Mapping[str, str]) -> str:
        """Return the finished text. Raises InvalidInput (`placeholder`) where a value is missing.

        A sentence or line that promises a date (`tgl…`) which is empty is left out rather than said without it.
        A text of our own that names what a release no longer tells is not said: the shipped one is.
        """
        known = _DEFAULTS | dict(values)
        text = self.template(key, language=Language(language), channel=ChannelCode(channel))
        if key in self.own and not placeholders(text) <= set(known):
            text = SHIPPED.template(key, language=Language(language), channel=ChannelCode(channel))
        missing = sorted(placeholders(text) - set(known))
        if missing:
            raise InvalidInput(f"text {key} lacks {', '.join(missing)}", field=missing[0], code="placeholder")
        return _PLACEHOLDER.sub(lambda match: known[match[1]], _without_empty_dates(text, known)).strip()

    def put(self, key: str, texts: StepTexts) -> "TextBook":
        """Return the book with these texts as the own ones of a step; none of them: as shipped."""
        others = {step: own for step, own in self.own.items() if step != key}
        own = differing(key, texts)
        return TextBook(others | {key: own} if own else others)


def differing(key: str, texts: StepTexts) -> StepTexts:
    """Return those of the texts that are not as shipped. Raises InvalidInput for an unknown step."""
    shipped = _shipped_texts(key)
    return {part: text for part, text in texts.items() if text != shipped.get(part)}


def _shipped_texts(key: str) -> dict[Part, str]:
    if key not in _STEPS:
        raise InvalidInput(f"no text {key!r}", field="key", code="unknown_text")
    return dict(_STEPS[key])


def _picked(texts: StepTexts, language: Language, channel: ChannelCode) -> str:
    form = TextForm.SMS if channel == ChannelCode.SMS else TextForm.CHAT
    text = texts.get((form, language)) or texts[TextForm.CHAT, language]
    # WhatsApp prints *this* bold; everybody else would see the stars.
    return text if channel == ChannelCode.WHATSAPP else _EMPHASIS.sub(r"\1", text)


SHIPPED = TextBook()
"""What is said where the lender has no texts of its own."""
template, say = SHIPPED.template, SHIPPED.say


def _without_empty_dates(text: str, values: Mapping[str, str]) -> str:
    pieces = _SENTENCE_END.split(text)
    kept: list[str] = []
    for sentence, gap in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        names = _PLACEHOLDER.findall(sentence)
        if not any(name.startswith("tgl") and not values[name] for name in names):
            kept += [sentence, gap]
    return "".join(kept)


def promise_date(instant: datetime, *, zone: ZoneInfo | str, language: Language) -> str:
    """Return `Selasa, 4 Agustus, jam 17.00 WIB`. Midnight is said as 24.00 of the day before."""
    local, hour = _local(instant, zone)
    label = zone_label(zone, at=instant)
    if language == Language.EN:
        return f"{_date(local.date(), 'EEEE d MMMM', 'en')}, {_english_hour(local, hour)} {label}"
    return f"{_date(local.date(), 'EEEE, d MMMM', 'id')}, jam {hour} {label}"


def short_promise(instant: datetime, *, zone: ZoneInfo | str, language: Language) -> str:
    """Return `4 Agu 17.00`, short enough for an SMS; midnight as in promise_date()."""
    local, hour = _local(instant, zone)
    return f"{_date(local.date(), 'd MMM', language)} {hour}"


def long_date(instant: datetime, *, zone: ZoneInfo | str, language: Language) -> str:
    """Return `Selasa, 4 Agustus 2026`, the local date of the instant."""
    style = "EEEE d MMMM y" if language == Language.EN else "EEEE, d MMMM y"
    return _date(instant.astimezone(_zone(zone)).date(), style, language)


def weekday(instant: datetime, *, zone: ZoneInfo | str, language: Language) -> str:
    """Return the local day's name: `Senin`."""
    return _date(instant.astimezone(_zone(zone)).date(), "EEEE", language)


def clock_time(instant: datetime, *, zone: ZoneInfo | str) -> str:
    """Return `17.00`, as both languages write it here."""
    return instant.astimezone(_zone(zone)).strftime("%H.%M")


_LABELS = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Ujung_Pandang": "WITA",
    "Asia/Jayapura": "WIT",
}


def zone_label(zone: ZoneInfo | str, *, at: datetime) -> str:
    """Return WIB, WITA or WIT; elsewhere the zone's own abbreviation at that instant."""
    place = _zone(zone)
    return _LABELS.get(place.key) or at.astimezone(place).tzname() or "UTC"


_GREETINGS = {
    Language.ID: ((4, "Selamat pagi"), (11, "Selamat siang"), (15, "Selamat sore"), (18, "Selamat malam")),
    Language.EN: ((4, "Good morning"), (12, "Good afternoon"), (18, "Good evening")),
}


def greeting(local_hour: int, language: Language) -> str:
    """Return the greeting of that hour (0-23) in the contact's own zone."""
    hours = _GREETINGS[language]
    said = [words for start, words in hours if start <= local_hour]
    return said[-1] if said else hours[-1][1]


_STATUS_WORDS: dict[TicketStatus, tuple[str, str, str]] = {
    TicketStatus.NEW: ("📥", "Diterima", "Received"),
    TicketStatus.OPEN: ("🔧", "Sedang dikerjakan", "Being worked on"),
    TicketStatus.PENDING: ("✋", "Menunggu jawaban Ibu", "Waiting for you"),
    TicketStatus.ON_HOLD: ("🔧", "Sedang dikerjakan", "Being worked on"),
    TicketStatus.RESOLVED: ("✅", "Selesai", "Finished"),
    TicketStatus.CLOSED: ("✅", "Selesai", "Finished"),
}
_READ = ("👀", "Dibaca petugas", "Read")


def status_words(status: TicketStatus, language: Language, *, is_read: bool = False) -> tuple[str, str]:
    """Return icon and words for a Mitra. `is_read`: somebody has taken up a ticket that is still new."""
    icon, indonesian, english = _READ if is_read and status is TicketStatus.NEW else _STATUS_WORDS[status]
    return icon, english if language == Language.EN else indonesian


@lru_cache(maxsize=4096)
def _date(day: date, style: str, language: str) -> str:
    """Babel reads the style anew each time, and most messages name one of a few days."""
    return format_date(day, style, locale=language)


def _zone(zone: ZoneInfo | str) -> ZoneInfo:
    return ZoneInfo(zone) if isinstance(zone, str) else zone


def _local(instant: datetime, zone: ZoneInfo | str) -> tuple[datetime, str]:
    """Return the local time and its `17.00`; exactly midnight belongs to the day that it ends."""
    local = instant.astimezone(_zone(zone))
    if local.hour == local.minute == local.second == 0:
        return local - timedelta(days=1), "24.00"
    return local, local.strftime("%H.%M")


def _english_hour(local: datetime, hour: str) -> str:
    if hour == "24.00":
        return "midnight"
    return format_datetime(local, "h.mm a", locale="en").replace("\u202f", " ").lower()
