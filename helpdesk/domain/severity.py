"""The severity matrix: impact, urgency and level of a ticket, each with its rule (domain.md 7.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from helpdesk.domain.matrix_rules import (
    CELL_RULE,
    DEFAULT_RULE,
    FLOOR_RULE,
    STATED_IMPACT_RULE,
    STATED_URGENCY_RULE,
    MatrixDocument,
    MatrixRule,
    read_matrix,
)
from helpdesk.domain.matrix_rules import Impact as Impact
from helpdesk.domain.matrix_rules import Urgency as Urgency
from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.phrases import PhraseBook
from helpdesk.domain.rupiah import locate_amounts
from helpdesk.domain.taxonomy import Severity as Severity
from helpdesk.domain.taxonomy import category as category_of
from helpdesk.domain.taxonomy import matches_any
from helpdesk.domain.triage import words as words_of

_LOAN_WORD_REACH = 30
"""Signs before an amount in which a loan word makes it the size of a loan."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that took part. `rule` is its id in the matrix."""

    rule: str
    text_id: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the matrix says of a ticket, and why."""

    level: Severity
    impact: Impact
    urgency: Urgency
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Facts:
    category: str | None
    amount: int | None
    affected_count: int | None
    is_vulnerable: bool
    found: Mapping[str, str]
    """{rule id: words found for it}"""


class SeverityMatrix:
    """A published matrix. Immutable; safe in any thread."""

    def __init__(self, document: MatrixDocument) -> None:
        self.document = document
        self._phrases = [(rule.id, phrase) for rule in document.rules for phrase in rule.words]
        self._impact_rules = [rule for rule in document.rules if isinstance(rule.level, Impact)]
        self._urgency_rules = [rule for rule in document.rules if isinstance(rule.level, Urgency)]
        self._book = PhraseBook([phrase for _, phrase in self._phrases], document.groups)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object]) -> "SeverityMatrix":
        """Read the YAML document. Raises InvalidInput that lists every fault."""
        return cls(read_matrix(mapping))

    @property
    def version(self) -> int:
        """Number of the published version, kept with each ticket that it rated."""
        return self.document.version

    def floor(self, category: str) -> Severity:
        """Return the mildest level that a ticket of the category may have. Raises NotFound."""
        return self.document.floors.get(category, category_of(category).default_severity)

    def cell(self, impact: Impact, urgency: Urgency) -> Severity:
        """Return the level of a cell."""
        return self.document.cells[impact, urgency]

    def assess(
        self,
        category: str | None,
        *,
        text: str = "",
        impact: Impact | None = None,
        urgency: Urgency | None = None,
        amount: int | None = None,
        affected_count: int | None = None,
        is_vulnerable: bool = False,
    ) -> Assessment:
        """Rate a ticket. `impact` and `urgency` as a person states them replace what the rules find.

        `amount` in rupiah; None takes the largest that the text disputes. Raises NotFound for the category.
        """
        floor = None if category is None else self.floor(category)
        facts = _Facts(
            category,
            amount if amount is not None else self._disputed_amount(text),
            affected_count=affected_count,
            is_vulnerable=is_vulnerable,
            found=self._words_found(text),
        )
        rated_impact, impact_reasons = self._impact(impact, facts)
        rated_urgency, urgency_reasons = self._urgency(urgency, facts)
        cell = self.cell(rated_impact, rated_urgency)
        reasons = [*impact_reasons, *urgency_reasons, _cell_reason(rated_impact, rated_urgency, level=cell)]
        level = cell
        if category is not None and floor is not None:
            reasons.append(_floor_reason(category, floor))
            level = min(cell, floor)  # S1 sorts before S2
        return Assessment(level, rated_impact, urgency=rated_urgency, reasons=tuple(reasons))

    def _impact(self, stated: Impact | None, facts: _Facts) -> tuple[Impact, list[Reason]]:
        if stated is not None:
            level = Impact(stated)
            return level, [
                Reason(STATED_IMPACT_RULE, f"Dampak {level} ditetapkan", f"Impact {level} was stated")
            ]
        rules = [rule for rule in self._impact_rules if _holds(rule, facts)]
        gravest = max((Impact(rule.level) for rule in rules), default=None)
        if gravest is None:
            level = self.document.default_impact
            return level, [
                Reason(DEFAULT_RULE, f"Tidak ada aturan: dampak {level}", f"No rule: impact {level}")
            ]
        return gravest, [_reason(rule, facts) for rule in rules if rule.level == gravest]

    def _urgency(self, stated: Urgency | None, facts: _Facts) -> tuple[Urgency, list[Reason]]:
        if stated is not None:
            level = Urgency(stated)
            return level, [
                Reason(STATED_URGENCY_RULE, f"Urgensi {level} ditetapkan", f"Urgency {level} was stated")
            ]
        rules = [rule for rule in self._urgency_rules if _holds(rule, facts)]
        gravest = max((Urgency(rule.level) for rule in rules), default=None)
        if gravest is None:
            return self.document.default_urgency, []
        return gravest, [_reason(rule, facts) for rule in rules if rule.level == gravest]

    def _words_found(self, text: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for hit in self._book.find(words_of(text)) if text else []:
            found.setdefault(self._phrases[hit.index][0], " ".join(hit.words))
        return found

    def _disputed_amount(self, text: str) -> int | None:
        """Return the largest amount in the text that is not the size of a loan (`pinjaman 5 juta`)."""
        amounts = [
            value
            for at, value in locate_amounts(text)
            if not self.document.loan_words & set(words_of(text[max(0, at - _LOAN_WORD_REACH) : at])[-2:])
        ]
        return max(amounts, default=None)


def _holds(rule: MatrixRule, facts: _Facts) -> bool:
    if rule.categories and not (facts.category and matches_any(facts.category, rule.categories)):
        return False
    if rule.words and rule.id not in facts.found:
        return False
    if rule.amount_from is not None and (facts.amount is None or facts.amount < rule.amount_from):
        return False
    if rule.affected_from is not None and (facts.affected_count or 0) < rule.affected_from:
        return False
    return facts.is_vulnerable or not rule.is_for_vulnerable


def _reason(rule: MatrixRule, facts: _Facts) -> Reason:
    said = facts.found.get(rule.id)
    ending = f" ({said})" if said and rule.words else ""
    return Reason(rule.id, rule.text_id + ending, rule.text_en + ending)


def _cell_reason(impact: Impact, urgency: Urgency, *, level: Severity) -> Reason:
    return Reason(
        CELL_RULE,
        f"Dampak {impact} dan urgensi {urgency}: {level}",
        f"Impact {impact} and urgency {urgency}: {level}",
    )


def _floor_reason(category: str, floor: Severity) -> Reason:
    return Reason(
        FLOOR_RULE, f"Kategori {category} paling ringan {floor}", f"Category {category} is at least {floor}"
    )


@cache
def default_matrix() -> SeverityMatrix:
    """Return the matrix that ships with the product."""
    return SeverityMatrix.from_mapping(load_yaml("severity_matrix.yaml"))
