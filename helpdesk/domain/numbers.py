"""Ticket numbers: at least 8 digits, the last a Damm check digit; they tell nothing about each other."""

import re
from collections.abc import Callable

from stdnum import damm

from helpdesk.domain.folding import plain_digits
from helpdesk.domain.phones import normalise_phone

SHORTEST = 8
_LONGEST = 18
_TAIL = 4

_TYPED = re.compile(r"#?\s?\d(?:[\s.\-]{0,3}\d)*")
# A chat text: the number stands alone, not inside a longer run of digits, an amount or another identifier.
_IN_TEXT = re.compile(
    r"(?<![\w+])(?<!\d[\s.,\-/])(?<!rp[\s.])(?<!rp\. )(?<![a-z]-)"
    r"(?:\d{8,18}|\d{4,14}[\-. ]\d{4})"
    r"(?!\w|[\s.,\-/]\d| (?:ribu|rb|juta|jt|rupiah)\b)"
)


def new_number(randbelow: Callable[[int], int], *, length: int = SHORTEST) -> str:
    """Draw a number of `length` digits, never starting with 0. `randbelow` is secrets.randbelow."""
    if not SHORTEST <= length <= _LONGEST:
        raise ValueError(f"a ticket number has {SHORTEST} to {_LONGEST} digits, not {length}")
    smallest = 10 ** (length - 2)
    body = str(smallest + randbelow(9 * smallest))
    return body + damm.calc_check_digit(body)


def parse_number(text: str) -> str | None:
    """Return the digits of a typed number (dash, blanks, dots do not matter), or None if it cannot be one."""
    if len(text) > 4 * _LONGEST:
        return None
    typed = plain_digits(text).strip()
    return _valid(typed) if _TYPED.fullmatch(typed) else None


def format_number(number: str) -> str:
    """Return the form people see: `4821-9375`."""
    return f"{number[:-_TAIL]}-{number[-_TAIL:]}"


def find_number(text: str) -> str | None:
    """Return the first ticket number in a chat text; phones, dates and amounts are not taken for one."""
    for match in _IN_TEXT.finditer(plain_digits(text)):
        number = _valid(match.group())
        if number is not None and not (len(number) > SHORTEST and normalise_phone(number)):
            return number
    return None


def _valid(typed: str) -> str | None:
    digits = re.sub(r"\D", "", typed)
    if not SHORTEST <= len(digits) <= _LONGEST or digits.startswith("0"):
        return None
    return digits if damm.is_valid(digits) else None
