"""Finds phrases in a list of words, in time linear in its length; what triage and severity rules are made of.

A phrase is words in order. `a|b` is either word, `@name` a group of words, `..` up to four and `...` up to
ten words in between, `#` any number; `!a|b` at the end: unless one of these follows. A word stands for its
inflected forms too: `ancam` finds `diancam`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from helpdesk.domain.spelling import possible_roots

_GAPS = {"..": 4, "...": 10}
_NUMBER = "#"
_NEGATORS = frozenset({"tidak", "bukan", "tanpa", "not", "never", "without", "nobody"})
_BETWEEN_NEGATOR_AND_WORD = frozenset(
    {"pernah", "ada", "merasa", "sampai", "ikut", "sedang", "lagi", "akan", "usah", "been", "ever", "even"}
)
_MOST_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Phrase:
    """Compiled: at each step one of the words, at most `gap` words after the step before."""

    source: str
    steps: tuple[frozenset[str], ...]
    gaps: tuple[int, ...]
    is_negation: bool
    """It begins with a negator itself, so one before it says nothing."""

    unless_next: frozenset[str] = frozenset()
    """Words that must not follow (`dorong saya !untuk`)."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One phrase found. `index` is its place in the book; `words` are those of the text."""

    index: int
    positions: tuple[int, ...]
    words: tuple[str, ...]


def compile_phrase(source: str, groups: Mapping[str, frozenset[str]]) -> Phrase:
    """Raise ValueError for an unknown group, a gap at either end, or a `!` before the end."""
    steps: list[frozenset[str]] = []
    gaps: list[int] = []
    gap = 0
    parts = source.split()
    unless_next = parts.pop()[1:] if parts and parts[-1].startswith("!") else ""
    for part in parts:
        if part in _GAPS:
            gap = _GAPS[part]
            continue
        if part.startswith("!"):
            raise ValueError(f"{source!r}: {part} stands before the end")
        steps.append(_choices(part, groups, source=source))
        gaps.append(gap)
        gap = 0
    if not steps or gap or gaps[0]:
        raise ValueError(f"{source!r}: a phrase begins and ends with a word")
    return Phrase(
        source,
        tuple(steps),
        gaps=tuple(gaps),
        is_negation=bool(steps[0] & _NEGATORS),
        unless_next=_choices(unless_next, groups, source=source) if unless_next else frozenset(),
    )


def _choices(part: str, groups: Mapping[str, frozenset[str]], *, source: str) -> frozenset[str]:
    choices: set[str] = set()
    for choice in part.split("|"):
        if choice.startswith("@"):
            if choice[1:] not in groups:
                raise ValueError(f"{source!r}: no word group {choice}")
            choices |= groups[choice[1:]]
        else:
            choices.add(choice)
    return frozenset(choices)


class PhraseBook:
    """Phrases compiled together. Build once, use from any thread."""

    def __init__(
        self, phrases: Iterable[str], groups: Mapping[str, Iterable[str]], *, whole: Iterable[str] = ()
    ) -> None:
        """`whole`: words that are never taken for a form of another one (`ketua` is no form of `tua`)."""
        known = {name: frozenset(members) for name, members in groups.items()}
        self.phrases = tuple(compile_phrase(source, known) for source in phrases)
        self._vocabulary = {
            word for phrase in self.phrases for step in (*phrase.steps, phrase.unless_next) for word in step
        }
        self._whole = frozenset(whole)
        self._starting_with: dict[str, list[int]] = defaultdict(list)
        for index, phrase in enumerate(self.phrases):
            for word in phrase.steps[0]:
                self._starting_with[word].append(index)
        self._forms_of: dict[str, tuple[str, ...]] = {}

    def _forms(self, word: str) -> tuple[str, ...]:
        """Return the words of the vocabulary that this word of a text stands for."""
        known = self._forms_of.get(word)
        if known is None:
            known = tuple(dict.fromkeys(each for each in self._candidates(word) if each in self._vocabulary))
            if len(self._forms_of) < _MOST_REMEMBERED:
                self._forms_of[word] = known
        return known

    def _candidates(self, word: str) -> Iterable[str]:
        if word.isdigit():
            return (word, _NUMBER)
        candidates = list(possible_roots(word))
        stop = next((at for at, each in enumerate(candidates) if each in self._whole), None)
        return candidates if stop is None else candidates[: stop + 1]

    def find(self, words: Sequence[str]) -> list[Hit]:
        """Return each phrase found, once, unless it is denied (`tidak pernah diancam`)."""
        positions: dict[str, list[int]] = defaultdict(list)
        for position, word in enumerate(words):
            for form in self._forms(word):
                positions[form].append(position)
        candidates = {index for form in positions for index in self._starting_with.get(form, ())}
        present = positions.keys()
        hits: list[Hit] = []
        for index in sorted(candidates):
            phrase = self.phrases[index]
            if any(step.isdisjoint(present) for step in phrase.steps[1:]):
                continue
            path = _first_path(phrase, words, positions)
            if path:
                hits.append(Hit(index, tuple(path), words=tuple(words[at] for at in path)))
        return hits


def _is_denied(words: Sequence[str], at: int) -> bool:
    """Whether the word at `at` is denied by what stands before it. `bukan hanya` denies nothing."""
    if at and words[at - 1] in _NEGATORS:
        return True
    return (
        at > 1
        and words[at - 1] in _BETWEEN_NEGATOR_AND_WORD
        and (words[at - 2] in _NEGATORS or words[at - 2 : at] == ["belum", "pernah"])
    )


def _first_path(phrase: Phrase, words: Sequence[str], positions: Mapping[str, Sequence[int]]) -> list[int]:
    """Return the positions of the phrase's words, or nothing.

    Each step keeps the positions reachable from the one before, both walked in order: no backtracking.
    """
    starts = _places(phrase.steps[0], positions)
    if not phrase.is_negation:
        starts = [at for at in starts if not _is_denied(words, at)]
    reached = starts
    came_from: list[dict[int, int]] = []
    for step, gap in zip(phrase.steps[1:], phrase.gaps[1:], strict=True):
        links: dict[int, int] = {}
        nearest = 0
        for at in _places(step, positions):
            while nearest + 1 < len(reached) and reached[nearest + 1] < at:
                nearest += 1
            is_near = reached and 0 < at - reached[nearest] <= gap + 1
            # `proses cepat tidak ribet` does not say `proses .. ribet`.
            if is_near and not (words[at - 1] in _NEGATORS and reached[nearest] != at - 1):
                links[at] = reached[nearest]
        came_from.append(links)
        reached = list(links)
    if phrase.unless_next:
        barred = set(_places(phrase.unless_next, positions))
        reached = [at for at in reached if at + 1 not in barred]
    if not reached:
        return []
    path = [reached[0]]
    for links in reversed(came_from):
        path.append(links[path[-1]])
    return path[::-1]


def _places(step: frozenset[str], positions: Mapping[str, Sequence[int]]) -> list[int]:
    """Return in order where any word of the step stands."""
    lists = [positions[word] for word in step if word in positions]
    return list(lists[0]) if len(lists) == 1 else sorted({at for each in lists for at in each})
