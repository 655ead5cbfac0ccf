"""Reads a severity matrix document and refuses it with every fault named at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.phrases import compile_phrase
from helpdesk.domain.taxonomy import CATEGORIES, Severity


class Impact(StrEnum):
    """How much harm; I4 is the most."""

    I4 = "I4"
    I3 = "I3"
    I2 = "I2"
    I1 = "I1"


class Urgency(StrEnum):
    """How soon the harm grows; U3 is within 24 hours or on a vulnerable person."""

    U3 = "U3"
    U2 = "U2"
    U1 = "U1"


FLOOR_RULE = "M-01"
CELL_RULE = "M-02"
STATED_IMPACT_RULE = "M-03"
STATED_URGENCY_RULE = "M-04"
DEFAULT_RULE = "M-05"
BUILT_IN_RULES = frozenset({FLOOR_RULE, CELL_RULE, STATED_IMPACT_RULE, STATED_URGENCY_RULE, DEFAULT_RULE})

_KEYS = {
    "version", "valid_from", "cells", "floors", "defaults", "loan_words", "groups",
    "impact_rules", "urgency_rules",
}  # fmt: skip
_CONDITIONS = {"categories", "words", "amount_from", "affected_from", "vulnerable"}
_GROUP_CODES = frozenset(each.group for each in CATEGORIES.values())


@dataclass(frozen=True, slots=True)
class MatrixRule:
    """One reason for a level. Conditions left empty do not matter; those given must all hold."""

    id: str
    level: Impact | Urgency
    text_id: str
    text_en: str
    categories: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    amount_from: int | None = None
    affected_from: int | None = None
    is_for_vulnerable: bool = False


@dataclass(frozen=True, slots=True)
class MatrixDocument:
    """A matrix that has been found whole."""

    version: int
    valid_from: date | None
    cells: Mapping[tuple[Impact, Urgency], Severity]
    floors: Mapping[str, Severity]
    default_impact: Impact
    default_urgency: Urgency
    loan_words: frozenset[str]
    groups: Mapping[str, tuple[str, ...]]
    rules: tuple[MatrixRule, ...]


class _Reader:
    """Collects faults instead of stopping at the first."""

    def __init__(self, document: Mapping[str, object]) -> None:
        self.document = document
        self.faults: list[str] = []

    def mapping(self, key: str) -> Mapping[str, object]:
        return self._as_mapping(self.document.get(key, {}), key)

    def _as_mapping(self, value: object, where: str) -> Mapping[str, object]:
        if isinstance(value, Mapping):
            return {str(name): each for name, each in value.items()}
        self.faults.append(f"{where} is not a mapping")
        return {}

    def level(self, kind: type[StrEnum], value: object, where: str) -> str | None:
        try:
            return kind(str(value)).value
        except ValueError:
            self.faults.append(f"{where}: {value!r} is none of {', '.join(kind)}")
            return None

    def texts(self, value: object, where: str) -> tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
        self.faults.append(f"{where} is not a list of words")
        return ()

    def whole_number(self, value: object, where: str) -> int | None:
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self.faults.append(f"{where} is not a whole number")
        return None

    def cells(self) -> dict[tuple[Impact, Urgency], Severity]:
        rows = self.mapping("cells")
        found: dict[tuple[Impact, Urgency], Severity] = {}
        for name in sorted(rows.keys() - set(Impact)):
            self.faults.append(f"cells: {name} is none of {', '.join(Impact)}")
        for impact in Impact:
            row = self._as_mapping(rows.get(impact.value, {}), f"cells.{impact}")
            for name in sorted(row.keys() - set(Urgency)):
                self.faults.append(f"cells.{impact}: {name} is none of {', '.join(Urgency)}")
            for urgency in Urgency:
                where = f"cells.{impact}.{urgency}"
                if urgency.value not in row:
                    self.faults.append(f"{where} is missing")
                elif level := self.level(Severity, row[urgency.value], where):
                    found[impact, urgency] = Severity(level)
        return found

    def floors(self) -> dict[str, Severity]:
        found: dict[str, Severity] = {}
        for code, value in self.mapping("floors").items():
            if code not in CATEGORIES:
                self.faults.append(f"floors: no category {code}")
            if level := self.level(Severity, value, f"floors.{code}"):
                found[code] = Severity(level)
        return found

    def groups(self) -> dict[str, tuple[str, ...]]:
        return {name: self.texts(value, f"groups.{name}") for name, value in self.mapping("groups").items()}

    def rules(self, key: str, kind: type[Impact] | type[Urgency], field: str) -> list[MatrixRule]:
        rows = self.document.get(key, [])
        if not isinstance(rows, list):
            self.faults.append(f"{key} is not a list")
            return []
        parsed = [
            self.rule(self._as_mapping(row, f"{key}[{n}]"), kind, field, f"{key}[{n}]")
            for n, row in enumerate(rows)
        ]
        return [rule for rule in parsed if rule is not None]

    def rule(
        self, row: Mapping[str, object], kind: type[Impact] | type[Urgency], field: str, where: str
    ) -> MatrixRule | None:
        faults_before = len(self.faults)
        where = self.named(row, field, where)
        level = self.level(kind, row.get(field), f"{where}.{field}")
        categories = self.categories(row, where)
        words = self.texts(row["words"], f"{where}.words") if "words" in row else ()
        amount = (
            self.whole_number(row["amount_from"], f"{where}.amount_from") if "amount_from" in row else None
        )
        affected = (
            self.whole_number(row["affected_from"], f"{where}.affected_from")
            if "affected_from" in row
            else None
        )
        if level is None or len(self.faults) > faults_before:
            return None
        return MatrixRule(
            id=where,
            level=kind(level),
            text_id=str(row["text_id"]),
            text_en=str(row["text_en"]),
            categories=categories,
            words=words,
            amount_from=amount,
            affected_from=affected,
            is_for_vulnerable=row.get("vulnerable") is True,
        )

    def named(self, row: Mapping[str, object], field: str, where: str) -> str:
        """Return the rule's id, having noted what it lacks and what nobody knows."""
        name = row.get("id")
        if isinstance(name, str) and name.strip():
            where = name
        else:
            self.faults.append(f"{where} has no id")
        lacking = [each for each in ("text_id", "text_en") if not str(row.get(each) or "").strip()]
        self.faults.extend(f"{where} has no {each}" for each in lacking)
        unknown = sorted(row.keys() - _CONDITIONS - {"id", field, "text_id", "text_en"})
        self.faults.extend(f"{where}: unknown key {each}" for each in unknown)
        if not row.keys() & _CONDITIONS:
            self.faults.append(f"{where} has no condition")
        return where

    def categories(self, row: Mapping[str, object], where: str) -> tuple[str, ...]:
        codes = self.texts(row["categories"], f"{where}.categories") if "categories" in row else ()
        self.faults.extend(
            f"{where}: no category {code}"
            for code in codes
            if code not in CATEGORIES and code not in _GROUP_CODES
        )
        return codes

    def valid_from(self) -> date | None:
        value = self.document.get("valid_from")
        if value is None or isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.faults.append(f"valid_from: {value!r} is not a date")
            return None


def _phrase_faults(rules: list[MatrixRule], groups: Mapping[str, tuple[str, ...]]) -> list[str]:
    known = {name: frozenset(members) for name, members in groups.items()}
    faults: list[str] = []
    for rule in rules:
        for phrase in rule.words:
            try:
                compile_phrase(phrase, known)
            except ValueError as error:
                faults.append(f"{rule.id}: {error}")
    return faults


def _id_faults(rules: list[MatrixRule]) -> list[str]:
    ids = [rule.id for rule in rules]
    twice = sorted({each for each in ids if ids.count(each) > 1})
    reserved = sorted(set(ids) & BUILT_IN_RULES)
    return [f"rule {each} stands twice" for each in twice] + [
        f"rule id {each} is reserved" for each in reserved
    ]


def read_matrix(mapping: Mapping[str, object]) -> MatrixDocument:
    """Raise InvalidInput, whose message lists every fault, one a line."""
    read = _Reader(mapping)
    read.faults.extend(
        f"unknown key {key}" for key in sorted(str(key) for key in mapping) if key not in _KEYS
    )
    version = read.whole_number(mapping.get("version"), "version")
    cells, floors, groups, valid_from = read.cells(), read.floors(), read.groups(), read.valid_from()
    rules = [*read.rules("impact_rules", Impact, "impact"), *read.rules("urgency_rules", Urgency, "urgency")]
    defaults = read.mapping("defaults")
    impact = read.level(Impact, defaults.get("impact", Impact.I1), "defaults.impact")
    urgency = read.level(Urgency, defaults.get("urgency", Urgency.U1), "defaults.urgency")
    loan_words = read.texts(mapping.get("loan_words", []), "loan_words")
    read.faults.extend(_id_faults(rules) + _phrase_faults(rules, groups))
    if read.faults or version is None or impact is None or urgency is None:
        raise InvalidInput("\n".join(read.faults), field="matrix", code="matrix")
    return MatrixDocument(
        version=version,
        valid_from=valid_from,
        cells=cells,
        floors=floors,
        default_impact=Impact(impact),
        default_urgency=Urgency(urgency),
        loan_words=frozenset(loan_words),
        groups=groups,
        rules=tuple(rules),
    )
