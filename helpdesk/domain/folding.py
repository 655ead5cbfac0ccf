"""Fold a text to plain lower-case signs for matching, remembering where each sign stood."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_DASHES = frozenset("‐‑‒–—―−﹣－")
_KEYCAPS = frozenset("\ufe0e\ufe0f\u20e3")


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` in folded form; `starts[i]` is where its i-th sign stands in the original."""

    text: str
    starts: Sequence[int]
    original_length: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original span of folded [start, end), with the invisible signs that follow it."""
        last = self.starts[end] if end < len(self.starts) else self.original_length
        return self.starts[start], last


@lru_cache(maxsize=8192)
def fold_sign(sign: str) -> str:
    """Return one folded sign, or "" for what nobody sees (zero width, soft hyphen, keycap marks, NUL)."""
    if sign in _DASHES:
        return "-"
    category = unicodedata.category(sign)
    if sign in _KEYCAPS or category == "Cf" or sign == "\0":
        return ""
    if sign in "\n\r\u2028\u2029":
        return "\n"
    if sign.isspace():
        return " "
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    if category == "Co":
        return " "
    plain = unicodedata.normalize("NFKC", sign)
    low = (plain if len(plain) == 1 else sign).lower()
    return low if len(low) == 1 else sign


def fold(text: str) -> Folded:
    """Fold digits of every script to 0-9, full-width letters to plain ones, and runs of blanks to one."""
    signs: list[str] = []
    starts: list[int] = []
    previous = ""
    for position, original in enumerate(text):
        sign = fold_sign(original)
        if not sign:
            continue
        if sign in " \n" and previous in (" ", "\n"):
            if sign == "\n":
                signs[-1] = previous = "\n"
            continue
        signs.append(sign)
        starts.append(position)
        previous = sign
    return Folded("".join(signs), starts, len(text))


def storable(text: str) -> str:
    """Return the text without what no database of ours takes: NUL (PostgreSQL refuses it), half surrogates."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def plain_digits(text: str) -> str:
    """Return the text with the digits of every script as 0-9 and without invisible signs."""
    return fold(text).text
