"""Turns chat Indonesian (with Javanese and Sundanese words) into words of standard spelling."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import cast

from helpdesk.domain.packaged import load_yaml

LONGEST_TEXT = 20_000
"""Signs that are read; what stands behind them cannot change what a complaint is about."""

_TOKEN = re.compile(r"[^\W_]+")
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_ENGLISH_NOT = re.compile(r"n['\u2019]t\b")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_NUMBER_THEN_WORD = re.compile(r"(\d+)([a-z]+)")
_DOUBLED = re.compile(r"([a-z]{3,})2([a-z]{0,3})")
_LEET = re.compile(r"[a-z]+(?:[013457]+[a-z]+)+[013457]?")
_LEET_SIGNS = str.maketrans("013457", "oieast")

_SUFFIXES = ("nya", "ku", "mu", "kah", "lah", "pun", "kan", "an", "in", "i", "e", "ne", "ke", "ny")
_PREFIXES = (
    ("memper", ""), ("diper", ""), ("menge", ""), ("meng", ""), ("meng", "k"), ("meny", "s"), ("men", ""),
    ("men", "t"), ("mem", ""), ("mem", "p"), ("me", ""), ("penge", ""), ("peng", ""), ("peng", "k"),
    ("peny", "s"), ("pen", ""), ("pen", "t"), ("pem", ""), ("pem", "p"), ("per", ""), ("pe", ""), ("di", ""),
    ("d", ""), ("ter", ""), ("ke", ""), ("ber", ""), ("be", ""), ("se", ""), ("nge", ""), ("ng", ""),
    ("ng", "k"), ("ny", "s"), ("n", "t"), ("m", "p"), ("tak", ""), ("ku", ""),
)  # fmt: skip
_SHORTEST_ROOT = 4

_HOURS = {
    "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas",
    "setengah", "berapa", *map(str, range(25)), *(f"0{hour}" for hour in range(10)),
}  # fmt: skip
_COUNTED = {"kali", "orang", "anak", "mati"}
"""Behind `pukul` and a number: blows or persons, not the time."""


@cache
def _spellings() -> Mapping[str, tuple[str, ...]]:
    """Return {as written: standard words}, read once."""
    rows = cast(Mapping[str, str], load_yaml("spelling.yaml")["spelling"])
    return {
        variant: tuple(standard.split())
        for standard, variants in rows.items()
        for variant in variants.split()
    }


@lru_cache(maxsize=16_384)
def _standard(token: str) -> tuple[str, ...]:
    """Return one token in standard words: `gila2an` is `gila gilaan`, `b4yar` is `bayar`."""
    spellings = _spellings()
    if token in spellings:
        return spellings[token]
    if parts := _NUMBER_THEN_WORD.fullmatch(token):
        return (parts[1], *_standard(parts[2]))
    if parts := _DOUBLED.fullmatch(token):
        return (*_standard(parts[1]), *_standard(parts[1] + parts[2]))
    if _LEET.fullmatch(token):
        return _standard(token.translate(_LEET_SIGNS))
    return (token,)


def words(text: str) -> list[str]:
    """Return the text's words in order, lower case, standard spelling; punctuation and emoji are gone."""
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKC", text[:LONGEST_TEXT])).casefold()
    plain = _ENGLISH_NOT.sub(" not", _STRETCHED.sub(r"\1", plain))
    found: list[str] = []
    for token in _TOKEN.findall(plain):
        for word in _standard(token):
            # Thanks are one word, or their halves would read as receiving and giving.
            if word == "kasih" and found and found[-1] == "terima":
                found[-1] = "terimakasih"
            else:
                found.append(word)
    return _with_hours(found)


def _with_hours(found: list[str]) -> list[str]:
    """Return the words with the hour `pukul 9` as `jam 9`, and `pukul rata` (one for all) as `rata`: no blows."""
    told: list[str] = []
    for at, word in enumerate(found):
        following, after = (*found[at + 1 : at + 3], "", "")[:2]
        if word != "pukul" or (following != "rata" and (following not in _HOURS or after in _COUNTED)):
            told.append(word)
        elif following != "rata":
            told.append("jam")
    return told


def normalise(text: str) -> str:
    """Return the text as the word rules see it: `words` joined by single blanks."""
    return " ".join(words(text))


def _without_suffixes(word: str) -> Iterator[str]:
    """Yield the word, then without one and without two endings (`dibayarkannya` -> `dibayar`)."""
    yield word
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_ROOT:
            shorter = word[: -len(suffix)]
            yield shorter
            for inner in ("kan", "an", "in", "i"):
                if shorter.endswith(inner) and len(shorter) - len(inner) >= _SHORTEST_ROOT:
                    yield shorter[: -len(inner)]


def possible_roots(word: str) -> Iterator[str]:
    """Yield the word and every shorter form that could be its root; the caller knows which are words."""
    for stem in _without_suffixes(word):
        yield stem
        for prefix, restored in _PREFIXES:
            if stem.startswith(prefix):
                root = restored + stem[len(prefix) :]
                if len(root) >= _SHORTEST_ROOT:
                    yield root
