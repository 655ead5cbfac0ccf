"""Rupiah as people write it: `50rb`, `1,5jt`, `Rp 134.000,-`, `lima ratus ribu` (domain.md 6.5)."""

import re

from helpdesk.domain.errors import InvalidInput

_UNITS = {
    **dict.fromkeys(("rb", "rbu", "ribu", "rebu", "k", "ewu", "rban", "ribuan"), 1_000),
    **dict.fromkeys(("jt", "juta", "jeti", "jtan", "yuta", "jutaan"), 1_000_000),
    **dict.fromkeys(("miliar", "milyar"), 1_000_000_000),
}
_DIGITS = {
    "nol": 0, "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7, "delapan": 8,
    "sembilan": 9, "setengah": 0.5,
}  # fmt: skip
_ONES = {"sepuluh": 10, "sebelas": 11, "seratus": 100, "seribu": 1_000, "sejuta": 1_000_000}
_SLANG = {
    "gopek": 500, "seceng": 1_000, "goceng": 5_000, "ceban": 10_000, "goban": 50_000, "gocap": 50_000,
    "cepek": 100_000,
}  # fmt: skip
_FIRST_WORDS = "|".join([*_DIGITS, *_ONES])
_NUMBER_WORDS = f"{_FIRST_WORDS}|belas|puluh|ratus|ribu|rebu|juta"

# Digits with separators, at most 20 characters so that a long run of digits costs no more than its length.
_FIGURE = r"\d[\d.,]{0,19}"
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_AMOUNT = re.compile(
    rf"(?:(?P<rp>\b(?:rp|idr)[.\s]{{0,2}})|(?<![\d.,/:+]))(?P<figure>{_FIGURE})"
    rf"(?:\s?-?(?P<unit>{_UNIT})\b)?(?P<half>\s+setengah\b)?",
    re.IGNORECASE,
)
_SPELLED = re.compile(
    rf"\b(?:{_FIRST_WORDS})\b(?:\s+(?:{_NUMBER_WORDS})\b){{0,20}}",
    re.IGNORECASE,
)
_SLANG_WORD = re.compile(rf"\b(?:{'|'.join(_SLANG)})\b", re.IGNORECASE)
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?|\d{1,3}(?:,\d{3}){2,}")
_DOTTED = re.compile(r"\d{1,3}(?:\.\d{3})+")
_COMMAED = re.compile(r"\d{1,3}(?:,\d{3})+")
_LEAST_SPELLED = 1_000
"""Smaller number words count people and days, not rupiah."""
_GREATEST = 1_000_000_000_000
"""Anything above is an account or loan number, not an amount of ours."""


def _value(figure: str, unit: int) -> int | None:
    """Return rupiah; None for what is no number. A dot before three digits is the thousands mark."""
    whole = figure.rstrip(".,")
    if _DOTTED.fullmatch(whole) and (unit == 1 or whole.count(".") > 1):
        return int(whole.replace(".", "")) * unit
    if unit == 1 and _COMMAED.fullmatch(whole):
        return int(whole.replace(",", ""))
    if unit == 1 and (parts := re.fullmatch(r"([\d.]+),\d{1,2}", whole)) and _DOTTED.fullmatch(parts[1]):
        return int(parts[1].replace(".", ""))
    if re.fullmatch(r"\d+", whole):
        return int(whole) * unit
    if parts := re.fullmatch(r"(\d+)[.,](\d+)", whole):
        return round(float(f"{parts[1]}.{parts[2]}") * unit)
    return None


def _figures(text: str) -> list[tuple[int, int]]:
    """Return (position, rupiah) of amounts in digits: those with Rp, a unit or a thousands mark."""
    found: list[tuple[int, int]] = []
    millions_end = -1
    for match in _AMOUNT.finditer(text):
        figure = match["figure"]
        unit = _UNITS[match["unit"].lower()] if match["unit"] else 1
        if not (match["rp"] or match["unit"] or _THOUSANDS.fullmatch(figure.rstrip(".,"))):
            continue
        value = _value(figure, unit)
        if value is None:
            continue
        if match["half"] and unit > 1:
            value += unit // 2
        # `1 juta 250 ribu` is one amount.
        follows_millions = millions_end > 0 and not text[millions_end : match.start()].strip()
        if unit == 1_000 and follows_millions:
            at, millions = found[-1]
            found[-1] = (at, millions + value)
        else:
            found.append((match.start(), value))
        millions_end = match.end() if unit == 1_000_000 else -1
    return found


def _spelled_value(words: list[str]) -> int:
    """Return what number words say: `dua juta lima ratus ribu`, `satu setengah juta`."""
    total = 0.0
    group = 0.0
    last = 0.0
    for word in words:
        if word in {"ribu", "rebu", "juta"}:
            total += ((group + last) or 1) * _UNITS[word]
            group = last = 0
        elif word == "belas":
            group, last = group + last + 10, 0
        elif word in {"puluh", "ratus"}:
            group, last = group + last * (10 if word == "puluh" else 100), 0
        elif word == "setengah" and group + last == 0 and total:
            total += 500_000 if total >= 1_000_000 else 500
        elif word in _ONES and _ONES[word] >= 1_000:
            total += group + last + _ONES[word]
            group = last = 0
        elif word in _ONES:
            group, last = group + last + _ONES[word], 0
        else:
            last += _DIGITS[word]
    return round(total + group + last)


def _spelled(text: str) -> list[tuple[int, int]]:
    """Return (position, rupiah) of amounts in words."""
    found = [(m.start(), _spelled_value(m[0].lower().split())) for m in _SPELLED.finditer(text)]
    slang = [(m.start(), _SLANG[m[0].lower()]) for m in _SLANG_WORD.finditer(text)]
    return [(at, value) for at, value in found if value >= _LEAST_SPELLED] + slang


def locate_amounts(text: str) -> tuple[tuple[int, int], ...]:
    """Return (position, rupiah) of every amount in the text, in order. Bare digits are not amounts."""
    both = sorted(_figures(text) + _spelled(text))
    return tuple((at, value) for at, value in both if 0 < value <= _GREATEST)


def find_amounts(text: str) -> tuple[int, ...]:
    """Return every amount of rupiah that the text names, in order."""
    return tuple(value for _, value in locate_amounts(text))


def parse_rupiah(text: str) -> int:
    """Return the one amount typed into a field; there bare digits count. Raises InvalidInput."""
    cleaned = text.strip()
    if plain := re.fullmatch(rf"(?:rp\.?|idr)?\s*({_FIGURE})\s*-?", cleaned, re.IGNORECASE):
        value = _value(plain[1], 1)
        if value is not None and value <= _GREATEST:
            return value
    amounts = find_amounts(cleaned)
    if len(amounts) != 1:
        raise InvalidInput("not one amount of rupiah", field="amount", code="amount")
    return amounts[0]
