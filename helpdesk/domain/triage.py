"""Suggests what a text is about: category codes with a score and the words that say so. No words, no suggestion."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import TypedDict, cast

from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.phrases import PhraseBook
from helpdesk.domain.spelling import normalise as normalise
from helpdesk.domain.spelling import words as words
from helpdesk.domain.taxonomy import CATEGORIES

Suggestion = tuple[str, float, tuple[str, ...]]

_NEAR = 0.5
"""A category that yields does so from this score of the nearer one on."""


class _Document(TypedDict):
    weights: dict[str, float]
    floor: float
    praise_ceiling: float
    groups: dict[str, list[str]]
    whole: list[str]
    categories: dict[str, dict[str, list[str]]]
    yields: dict[str, list[str]]
    praise: list[str]


class _Lexicon:
    """The shipped lexicon, compiled once."""

    def __init__(self, document: _Document) -> None:
        self.floor = document["floor"]
        self.praise_ceiling = document["praise_ceiling"]
        self.yields = document["yields"]
        self.entries = [
            (code, document["weights"][band], phrase)
            for code, bands in document["categories"].items()
            for band, phrases in bands.items()
            for phrase in phrases
        ]
        self.book = PhraseBook(
            [phrase for _, _, phrase in self.entries], document["groups"], whole=document["whole"]
        )
        self.praise = PhraseBook(document["praise"], document["groups"])


@cache
def _lexicon() -> _Lexicon:
    return _Lexicon(cast(_Document, load_yaml("lexicon.yaml")))


def lexicon_phrases() -> Mapping[str, tuple[str, ...]]:
    """Return the phrases of each category, for the tests and the page that explains triage."""
    found: dict[str, list[str]] = defaultdict(list)
    for code, _, phrase in _lexicon().entries:
        found[code].append(phrase)
    return {code: tuple(phrases) for code, phrases in found.items()}


def suggest(text: str) -> list[Suggestion]:
    """Return (category code, score 0..1, words found), best first; equal scores: the graver first.

    Empty for a text without a sign of a complaint: a greeting, thanks, praise.
    """
    lexicon = _lexicon()
    found = words(text)
    missing: dict[str, float] = defaultdict(lambda: 1.0)
    reasons: dict[str, list[str]] = defaultdict(list)
    for hit in lexicon.book.find(found):
        code, weight, _ = lexicon.entries[hit.index]
        said = " ".join(hit.words)
        # The same words under two phrases are one piece of evidence.
        if said not in reasons[code]:
            missing[code] *= 1 - weight
            reasons[code].append(said)
    raw = {code: 1 - product for code, product in missing.items()}
    scores = {code: _after_yielding(code, raw) for code in raw}
    kept = sorted(
        ((code, round(score, 3)) for code, score in scores.items() if score >= lexicon.floor),
        key=lambda pair: (-pair[1], CATEGORIES[pair[0]].default_severity, pair[0]),
    )
    if kept and kept[0][1] <= lexicon.praise_ceiling and lexicon.praise.find(found):
        return []
    return [(code, score, tuple(reasons[code])) for code, score in kept]


def _after_yielding(code: str, raw: Mapping[str, float]) -> float:
    nearer = _lexicon().yields.get(code, ())
    if any(raw.get(other, 0.0) >= _NEAR for other in nearer):
        return raw[code] / 2
    return raw[code]
