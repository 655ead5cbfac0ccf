"""How long a text is where it is sent: SMS segments, each provider's limit, and where a longer one is cut."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
"""These take two places each (GSM 03.38)."""

_JOINER, _KEYCAP = "\u200d", "\u20e3"
_SPACES = " \n\t"


class TextUnit(StrEnum):
    """What a provider counts when it limits the length of a text."""

    CHARACTERS = "characters"
    UTF16 = "utf16"


@dataclass(frozen=True, slots=True)
class TextLimit:
    """The longest text of one message, in `unit`."""

    size: int
    unit: TextUnit = TextUnit.CHARACTERS

    def length(self, text: str) -> int:
        """Return the length of a text in this unit."""
        return _utf16(text) if self.unit is TextUnit.UTF16 else len(text)


class Encoding(StrEnum):
    """How an SMS travels: one sign outside GSM-7 makes the whole of it UCS-2."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


_ROOM = {Encoding.GSM7: (160, 153), Encoding.UCS2: (70, 67)}
"""Places in a single SMS, and in each part of a longer one, which carries a header."""


@dataclass(frozen=True, slots=True)
class SmsSize:
    """What a text costs as SMS."""

    encoding: Encoding
    units: int
    segments: int


def sms_size(text: str) -> SmsSize:
    """Count the places and segments of a text; what takes two places is never cut between two segments."""
    is_plain = all(sign in _BASIC or sign in _EXTENSION for sign in text)
    encoding = Encoding.GSM7 if is_plain else Encoding.UCS2
    if is_plain:
        sizes = [2 if sign in _EXTENSION else 1 for sign in text]
    else:
        sizes = [_utf16(sign) for sign in text]
    alone, each = _ROOM[encoding]
    if sum(sizes) <= alone:
        return SmsSize(encoding, sum(sizes), 1)
    segments, used = 1, 0
    for size in sizes:
        if used + size > each:
            segments, used = segments + 1, 0
        used += size
    return SmsSize(encoding, sum(sizes), segments)


def beyond_plain(text: str) -> list[str]:
    """Return the signs that make an SMS UCS-2, each once."""
    return [sign for sign in dict.fromkeys(text) if sign not in _BASIC and sign not in _EXTENSION]


def split(text: str, limit: TextLimit) -> tuple[tuple[int, int], ...]:
    """Return where the parts of a text begin and end; one part where it fits.

    Cut at the end of a paragraph, a sentence or a word where one is near, and never inside of what is seen
    as one sign. Room is left for the number that numbered() puts before each of several.
    """
    if limit.length(text) <= limit.size:
        return ((0, len(text)),)
    room = TextLimit(limit.size - len(numbered("", 99, 99)), limit.unit)
    spans: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        end = _cut(text, start, room)
        spans.append((start, end))
        start = end
        while start < len(text) and text[start] in _SPACES:
            start += 1
    return tuple(spans)


def numbered(text: str, part: int, parts: int) -> str:
    """Return a part as it is sent: only one of several says which one it is."""
    return text if parts == 1 else f"({part}/{parts}) {text}"


def _cut(text: str, start: int, room: TextLimit) -> int:
    """Return the end of the part that begins at `start`: at least one sign, be it longer than there is room for."""
    end, used = start, 0
    for cluster in _clusters(text, start):
        used += room.length(cluster)
        if used > room.size and end > start:
            break
        end += len(cluster)
    if end == len(text):
        return end
    nearest = start + (end - start) // 2
    for mark in ("\n\n", "\n", ". ", "? ", "! ", " "):
        # The cut stands after the mark's sign, before its space.
        found = text.rfind(mark, nearest, end + 1)
        if found > start:
            return found + len(mark.strip(_SPACES))
    return end


def _clusters(text: str, start: int) -> Iterator[str]:
    """Yield what is seen as one sign each: with its accents, skin tone, joined family, the two letters of a flag."""
    begin = start
    for at in range(start + 1, len(text)):
        if not _goes_on(text, begin, at):
            yield text[begin:at]
            begin = at
    yield text[begin:]


def _goes_on(text: str, begin: int, at: int) -> bool:
    sign, before = text[at], text[at - 1]
    if sign in (_JOINER, _KEYCAP) or before == _JOINER or (before, sign) == ("\r", "\n"):
        return True
    if _is_flag_letter(sign) and _is_flag_letter(before):
        return (at - begin) % 2 == 1
    is_tone_or_tag = "\U0001f3fb" <= sign <= "\U0001f3ff" or "\U000e0020" <= sign <= "\U000e007f"
    return is_tone_or_tag or unicodedata.category(sign) in ("Mn", "Me", "Mc")


def _is_flag_letter(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
