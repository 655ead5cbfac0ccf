"""How easily an Indonesian text reads: words of its sentences and syllables of its words (bar 12 of design.md 6)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_PLACEHOLDER = re.compile(r"\{\w+\}")
_FILLED = "kata"
"""What stands for a value: one word of two syllables, as most Indonesian words are."""
# A digit at the head of a choice begins a line of its own, also where an SMS writes all of them in one.
_SENTENCE_END = re.compile(r"[.?!:\n]+|(?<!\S)\d(?= )")
_WORD = re.compile(r"[A-Za-z]+")
_VOWEL = re.compile(r"[aeiou]", re.IGNORECASE)
# Two vowels that are one sound: only at the end of a word, or before what is hung on to it (`pakainya`).
_DIPHTHONG = re.compile(r"(?:ai|au|oi|ei)(?=(?:nya|kan|lah|kah|pun|mu|ku)?$)", re.IGNORECASE)
_SPELLED = re.compile(r"(?!.*[^AEIOU][AEIOU])[A-Z]{2,4}")
"""An abbreviation that cannot be said as a word: HP, OTP, SMS, but not PIN."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was counted in one text or in several together."""

    sentences: int
    words: int
    syllables: int

    @property
    def mean_words(self) -> float:
        """Words of a sentence on average."""
        return self.words / self.sentences if self.sentences else 0.0

    @property
    def index(self) -> float:
        """School years that a reader needs, by the weights of Flesch and Kincaid for a language of longer words."""
        if not self.words:
            return 0.0
        return 0.39 * self.mean_words + 7.08 * self.syllables / self.words - 15.59

    def __add__(self, other: "Reading") -> "Reading":
        return Reading(
            self.sentences + other.sentences, self.words + other.words, self.syllables + other.syllables
        )


def syllables(word: str) -> int:
    """Count the syllables of an Indonesian word: one for each vowel, a diphthong being one."""
    if _SPELLED.fullmatch(word):
        return len(word)
    return max(1, len(_VOWEL.findall(_DIPHTHONG.sub("a", word))))


def sentences(text: str) -> list[list[str]]:
    """Return the words of each sentence or line; what will be filled in counts as one word."""
    parts = _SENTENCE_END.split(_PLACEHOLDER.sub(_FILLED, text))
    return [words for part in parts if (words := _WORD.findall(part))]


def reading(text: str) -> Reading:
    """Count a text."""
    found = sentences(text)
    words = [word for sentence in found for word in sentence]
    return Reading(len(found), len(words), sum(syllables(word) for word in words))


def together(texts: Iterable[str]) -> Reading:
    """Count several texts as one."""
    return sum((reading(text) for text in texts), Reading(0, 0, 0))
