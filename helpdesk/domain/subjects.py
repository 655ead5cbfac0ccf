"""The line by which lists call a story: its first words, from where it comes to the point."""

import re

from helpdesk.domain.packaged import load_yaml

SUBJECT_LENGTH = 90
"""Characters of a subject, without the sign that shows a cut."""
_LOOKED_AT = 1000
"""Characters in which greetings are looked for."""
_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Signs that turn the direction of writing: cut off in mid-line they would turn what stands beside it."""

_DOCUMENT = load_yaml("openings.yaml")


def _one_of(name: str) -> str:
    """Return a pattern for the phrases of the list; the last letter of each may be drawn out (`haloooo`)."""
    phrases = sorted((each.strip() for each in str(_DOCUMENT[name]).split(",")), key=len, reverse=True)
    written = (r"\s+".join(re.escape(word) for word in phrase.split()) for phrase in phrases)
    return "(?:" + "|".join(f"{phrase}{re.escape(phrase[-1])}*" for phrase in written) + ")"


# \w also holds the letters of other scripts; what is left out ends before a sign, a space or the end.
_SIGNS = r"[^\w\[(\"'“#+-]"
_ADDRESS, _HOURS, _BEGINS = (_one_of(name) for name in ("address", "hours", "begins"))
_BEFORE_MORE = rf"(?:\s*(?:[,.!?:;…\n]|$){_SIGNS}*|\s+(?=(?:{_BEGINS}|{_ADDRESS}|{_HOURS})\b))"
_GREETING = re.compile(rf"{_one_of('greetings')}(?:{_SIGNS}+|$)|{_HOURS}{_BEFORE_MORE}", re.IGNORECASE)
_CALLED = re.compile(_ADDRESS + _BEFORE_MORE, re.IGNORECASE)
_CALLED_AFTER_GREETING = re.compile(rf"{_ADDRESS}(?:{_SIGNS}+|$)", re.IGNORECASE)


def subject_of(text: str) -> str:
    """Return the first words of a story without its greetings, cut at a word; only greetings are kept."""
    text = _DIRECTIONS.sub("", text)
    line = " ".join((_to_the_point(text.strip()) or text).split())
    if len(line) <= SUBJECT_LENGTH:
        return line
    return line[:SUBJECT_LENGTH].rsplit(" ", 1)[0] + "…"


def _to_the_point(text: str) -> str:
    """Leave out greetings and forms of address from the beginning, until nothing more is one."""
    rest, has_greeted = text[:_LOOKED_AT], False
    while True:
        greeting = _GREETING.match(rest)
        called = (_CALLED_AFTER_GREETING if has_greeted else _CALLED).match(rest)
        found = greeting or called
        if found is None:
            return rest
        has_greeted = greeting is not None
        rest = rest[found.end() :]
