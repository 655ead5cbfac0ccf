"""Finds names of people in what was told: known ones anywhere, and whatever follows a title or a role."""

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import cast

from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.spelling import possible_roots, words

HIDDEN_NAME = "[nama]"
_SHORTEST = 3
"""Letters of a part of a known name; "de" and "al" stand in too many other words' places."""
_LONGEST_NAME = 4
"""Words of a name that is written with capitals."""
_LONGEST_SMALL = 2
"""Words of a name in small letters: what follows is more likely a word that our lists do not have."""

_TOKEN = re.compile(
    r"\[[^\]\n]{1,30}\]"
    r"|(?i:(?<![\w./])a[./]n(?!\w)|(?<!\w)(?:atas|ats)[ \t]{1,3}(?:nama|nm)(?!\w))"
    r"|[^\W\d_](?:\w|['’](?=\w))*"
)
"""A mark, "in the name of" (its words are one title), or a word."""
_ENDING = re.compile(r"(?<=\w)2?(?:ny|nya)?\Z")
"""What a title may end with: "petugasnya", "pak2"."""
_TITLE_GAP = re.compile(r"(?P<dot>\.?)[ \t]*:?[ \t]*\n?[ \t]*[\"'“‘(]?")
_NAME_GAP = re.compile(r"\.?[ \t]+|\.|-")
_BETWEEN_MARKS = re.compile(r"\[nama\](?:[ \t]+\[nama\])+")


@dataclass(frozen=True, slots=True)
class _Lists:
    titles: frozenset[str]
    dotted: frozenset[str]
    between: frozenset[str]
    ordinary: frozenset[str]
    names: frozenset[str]
    capital: frozenset[str]


@cache
def _lists() -> _Lists:
    document = cast("dict[str, str]", load_yaml("name_words.yaml"))
    lists = {name: frozenset(document[name].split()) for name in _Lists.__dataclass_fields__}
    ordinary = lists["ordinary"] | _lexicon_words()
    return _Lists(**(lists | {"ordinary": ordinary}))


def _lexicon_words() -> frozenset[str]:
    """Return every word that the lexicon or the chat spellings use: their texts tell of acts, not of persons."""
    lexicon, spelling = load_yaml("lexicon.yaml"), load_yaml("spelling.yaml")
    told = " ".join(str(lexicon[part]) for part in ("groups", "whole", "categories"))
    standard = " ".join(cast("dict[str, str]", spelling["spelling"]))
    return frozenset(re.findall(r"[a-z]{3,}", f"{told} {standard}"))


def name_words(names: Iterable[str]) -> frozenset[str]:
    """Return the words of which the names are made, as strip_personal() wants to know them."""
    found = {match.group().casefold() for name in names for match in _TOKEN.finditer(name)}
    return frozenset(word for word in found - _lists().titles - _lists().between if len(word) >= _SHORTEST)


def hide_names(text: str, names: Iterable[str] = (), known: Set[str] = frozenset()) -> str:
    """Put a mark in the place of each name.

    `names` are hidden wherever they stand, whole and by their parts. Of `known`, name_words() of more people,
    those that are no ordinary word are; one that is ("Indah", "Hari") counts as a name after a title alone.
    """
    text = _hide_given(text, names)
    pieces: list[str] = []
    position = 0
    for start, end in _spans(text, known):
        pieces += [text[position:start], HIDDEN_NAME]
        position = end
    return _BETWEEN_MARKS.sub(HIDDEN_NAME, "".join([*pieces, text[position:]]))


def speaks_of(text: str, name: str) -> bool:
    """Whether a text names this person: by two parts of the name together, or by one after a title (`Pak Budi`)."""
    parts = [part for part in re.findall(r"\w+", name.casefold()) if len(part) >= _SHORTEST]
    if not parts:
        return False
    one = "|".join(map(re.escape, parts))
    titles = "|".join(re.escape(title) for title in sorted(_lists().titles, key=len, reverse=True))
    pattern = rf"(?<!\w)(?:(?:{titles})(?:2|nya|ny)?[\s.:]+(?:{one})|(?:{one})\s+(?:{one}))(?!\w)"
    return re.search(pattern, text.casefold()) is not None


def could_be_name(words: Iterable[str]) -> bool:
    """Whether none of the words is one of the language, or each is known to be a name as well."""
    return all(word in _lists().names or not _is_ordinary(word) for word in map(str.casefold, words))


def _hide_given(text: str, names: Iterable[str]) -> str:
    given = {name.strip() for name in names if name.strip()}
    parts = given | {part for name in given for part in name.split() if len(part) >= _SHORTEST}
    if not parts:
        return text
    one = "|".join(re.escape(part) for part in sorted(parts, key=len, reverse=True))
    return re.sub(rf"(?i)(?<!\w)(?:{one})(?:\s+(?:{one}))*(?!\w)", HIDDEN_NAME, text)


def _spans(text: str, known: Set[str]) -> Iterator[tuple[int, int]]:
    """Yield where each word of a name stands. `title` is the title that still waits for its name."""
    title, name_length, previous_end = "", 0, 0
    for match in _TOKEN.finditer(text):
        word, low = match.group(), match.group().casefold()
        gap, previous_end = text[previous_end : match.start()], match.end()
        is_after_title = bool(title) and (_opens_name(title, gap) or (gap == "-" and low == "nya"))
        is_after_name = bool(name_length) and bool(_NAME_GAP.fullmatch(gap))
        if word == HIDDEN_NAME:
            title, name_length = "", 1
        elif _is_in(_lists().titles, low):
            title, name_length = low, 0
        elif is_after_title and _is_in(_lists().between, low):
            title = low
        elif (
            (is_after_title and _is_name(word, known))
            or (is_after_name and _goes_on(word, name_length, known))
            or _is_known(low, known)
        ):
            yield match.start(), match.start() + len(_without_ending(word, known))
            title, name_length = "", name_length + 1 if is_after_name else 1
        else:
            title, name_length = "", 0


def _is_in(listed: Set[str], low: str) -> bool:
    """Whether the list has the word, as it stands or without its ending; blanks do not count."""
    low = "".join(low.split())
    return low in listed or _ENDING.sub("", low, count=1) in listed


def _opens_name(title: str, gap: str) -> bool:
    found = _TITLE_GAP.fullmatch(gap)
    return bool(found and gap and (not found["dot"] or title in _lists().dotted))


def _is_name(word: str, known: Set[str]) -> bool:
    """Whether a word after a title is a name."""
    low, lists = word.casefold(), _lists()
    if low in known or low in lists.names or (low in lists.capital and word.istitle()):
        return True
    return not _is_ordinary(low)


def _goes_on(word: str, length: int, known: Set[str]) -> bool:
    """Whether a word belongs to the name before it, of which `length` words were found."""
    low = word.casefold()
    if _is_known(low, known):
        return True
    longest = _LONGEST_NAME if word[0].isupper() else _LONGEST_SMALL
    return length < longest and (low in _lists().names or not _is_ordinary(low))


def _is_known(low: str, known: Set[str]) -> bool:
    return any(
        each in known and each not in _lists().names and not _is_ordinary(each) for each in _stems(low)
    )


def _stems(low: str) -> tuple[str, ...]:
    """Return the word, and without "nya": "asepnya marah"."""
    return (low, low.removesuffix("nya")) if low.endswith("nya") else (low,)


def _without_ending(word: str, known: Set[str]) -> str:
    low = word.casefold()
    is_known_before_ending = low.endswith("nya") and low not in known and low[:-3] in known
    return word[:-3] if is_known_before_ending else word


@lru_cache(maxsize=16_384)
def _is_ordinary(low: str) -> bool:
    """Whether it is a word of the language: as it stands, in standard spelling, or by its root."""
    ordinary = _lists().ordinary
    standard = words(low)
    return low in ordinary or all(any(root in ordinary for root in possible_roots(each)) for each in standard)
