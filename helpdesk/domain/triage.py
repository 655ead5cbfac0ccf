"""Suggests what a text is about: category codes with a score and the words that say so."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TypedDict, cast

from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.phrases import PhraseBook
from helpdesk.domain.spelling import normalise as normalise
from helpdesk.domain.spelling import words as words
from helpdesk.domain.taxonomy import CATEGORIES, MENU

_SIBLING_SHARE = 0.2
Suggestion = tuple[str, float, tuple[str, ...]]

SURE_ENOUGH = 0.35
"""A suggestion below this score is shown to the agent and decides nothing."""

CLEARER = 0.6
"""From this score on the story outweighs a coarse choice of another kind."""

_NEAR = 0.65
"""A category that yields does so from this score of the nearer one on."""

_CIRCUMSTANCE_SHARE = 0.3
"""What is left of a circumstance beside an act of staff: a mention, below SURE_ENOUGH."""


class _Document(TypedDict):
    weights: dict[str, list[float]]
    floor: float
    praise_ceilings: list[float]
    groups: dict[str, list[str]]
    whole: list[str]
    categories: dict[str, dict[str, list[str]]]
    english: dict[str, dict[str, list[str]]]
    yields: dict[str, list[str]]
    circumstances: dict[str, list[str]]
    praise: list[str]
    contrast: list[str]


class _Lexicon:
    """The shipped lexicon, compiled once."""

    def __init__(self, document: _Document) -> None:
        self.floor = document["floor"]
        self.praise_ceilings = document["praise_ceilings"]
        self.yields = document["yields"]
        self.circumstances = document["circumstances"]
        placed = [
            (code, document["weights"][band], phrase)
            for code, bands in (*document["categories"].items(), *document["english"].items())
            for band, phrases in bands.items()
            for phrase in phrases
        ]
        groups, whole = document["groups"], document["whole"]
        self.book = PhraseBook([phrase for _, _, phrase in placed], groups, whole=whole)
        self.entries = [
            (code, weights[min(len(phrase.steps), len(weights)) - 1], phrase.source)
            for (code, weights, _), phrase in zip(placed, self.book.phrases, strict=True)
        ]
        self.praise = PhraseBook(document["praise"], groups)
        self.contrast = PhraseBook(document["contrast"], groups)

    def is_praise(self, words: Sequence[str], score: float) -> bool:
        """Whether the text praises, and too little in it complains."""
        praises = len(self.praise.find(words))
        if not praises or score > self.praise_ceilings[min(praises, len(self.praise_ceilings)) - 1]:
            return False
        return not self.contrast.find(words)


@cache
def _lexicon() -> _Lexicon:
    return _Lexicon(cast(_Document, load_yaml("lexicon.yaml")))


def suggest(text: str) -> list[Suggestion]:
    """Return (category code, score 0..1, words found), best first; equal scores: the graver first.

    Empty for a text without a sign of a complaint: a greeting, thanks, praise.
    """
    lexicon = _lexicon()
    found = words(text)
    raw, reasons = _evidence(lexicon, found)
    scores = {code: _with_siblings(code, raw) for code in raw}
    kept = sorted(
        ((code, round(score, 3)) for code, score in scores.items() if score >= lexicon.floor),
        key=lambda pair: (-pair[1], CATEGORIES[pair[0]].default_severity, pair[0]),
    )
    if not kept or lexicon.is_praise(found, kept[0][1]):
        return []
    return [(code, score, tuple(reasons[code])) for code, score in kept]


def best_guess(text: str) -> str | None:
    """Return the category that the words alone decide; None where nothing is sure enough."""
    return next((code for code, score, _reasons in suggest(text)[:1] if score >= SURE_ENOUGH), None)


def placed(text: str, choice: int) -> str:
    """Return the category of a story told under a coarse choice of the menu.

    The choice decides only where the text itself proposes nothing of that kind, and nothing clearer of another.
    """
    suggestions = suggest(text)
    for code, score, _reasons in suggestions:
        if score >= SURE_ENOUGH and CATEGORIES[code].menu == choice:
            return code
    best = next((code for code, score, _reasons in suggestions if score >= CLEARER), None)
    return best or MENU[choice].fallback


def _evidence(lexicon: _Lexicon, found: list[str]) -> tuple[dict[str, float], dict[str, list[str]]]:
    """Return score and words of each category. A word of the text counts once for a category."""
    hits = [(*lexicon.entries[hit.index][:2], hit) for hit in lexicon.book.find(found)]
    hits.sort(key=lambda each: (-each[1], each[2].positions))
    missing: dict[str, float] = defaultdict(lambda: 1.0)
    reasons: dict[str, list[str]] = defaultdict(list)
    used: dict[str, set[int]] = defaultdict(set)
    for code, weight, hit in hits:
        if used[code].isdisjoint(hit.positions):
            used[code].update(hit.positions)
            missing[code] *= 1 - weight
            reasons[code].append(" ".join(hit.words))
    return {code: 1 - product for code, product in missing.items()}, reasons


def _with_siblings(code: str, raw: Mapping[str, float]) -> float:
    """Return the score with a share of what speaks for other categories of the same group."""
    if _is_found(_lexicon().circumstances.get(code, ()), raw):
        return raw[code] * _CIRCUMSTANCE_SHARE
    missing = 1 - _after_yielding(code, raw)
    group = CATEGORIES[code].group
    for other, score in raw.items():
        if other != code and CATEGORIES[other].group == group:
            missing *= 1 - _SIBLING_SHARE * score
    return 1 - missing


def _after_yielding(code: str, raw: Mapping[str, float]) -> float:
    return raw[code] / 2 if _is_found(_lexicon().yields.get(code, ()), raw) else raw[code]


def _is_found(codes: Sequence[str], raw: Mapping[str, float]) -> bool:
    return any(raw.get(code, 0.0) >= _NEAR for code in codes)
