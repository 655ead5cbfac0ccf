"""Complaint categories and their groups, the regulator's types and the Mitra's menu (domain.md 7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypedDict, cast

from helpdesk.domain.errors import NotFound
from helpdesk.domain.packaged import load_yaml


class Severity(StrEnum):
    """How grave a ticket is; S1 is the gravest, so the smaller word wins."""

    S1 = "S1"
    S2 = "S2"
    S3 = "S3"
    S4 = "S4"


@dataclass(frozen=True, slots=True)
class Category:
    """What the contact says the ticket is about; never the cause."""

    code: str
    group: str
    name_id: str
    name_en: str
    principles: tuple[int, ...]
    """Numbers 1..8 of the client-protection principles it touches; the first weighs most."""
    regulators: tuple[str, ...]
    """Keys of REGULATOR_TYPES; the first is the one reported."""
    default_severity: Severity
    menu: int
    """The Mitra's choice 1..6 in the chat."""
    is_conduct: bool
    """It complains about staff or a group leader."""
    bars_point: bool
    """Nobody of the Point that it is about may handle it (domain.md 7.3)."""
    is_sensitive: bool = False
    """Violence or harassment: she is asked nothing but when it is safe to call her (design.md T20)."""
    suspects_staff: bool = False
    """A member of staff may have done it: nobody of that Point may read it, though one may have written it down."""

    @property
    def regulator(self) -> str:
        """The problem type under which the half-yearly report counts it."""
        return self.regulators[0]


@dataclass(frozen=True, slots=True)
class CategoryGroup:
    """A parent of categories. PDN and LNY hold only themselves."""

    code: str
    name_id: str
    name_en: str
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class MenuChoice:
    """One of the six coarse choices of a Mitra, and the category of a story that triage cannot place."""

    number: int
    name_id: str
    name_en: str
    fallback: str


@dataclass(frozen=True, slots=True)
class RegulatorType:
    """A problem type of the regulator's report; keys are provisional until the SiPEDULI list is loaded."""

    key: str
    name_id: str
    name_en: str


class _Names(TypedDict):
    id: str
    en: str


class _MenuRow(_Names):
    fallback: str


class _CategoryRow(_Names, total=False):
    code: str
    principles: list[int]
    regulator: list[str]
    severity: str
    menu: int
    conduct: bool
    bars_point: bool
    suspects_staff: bool
    sensitive: bool


class _GroupRow(_Names):
    code: str
    categories: list[_CategoryRow]


class _Document(TypedDict):
    regulator_types: dict[str, _Names]
    menu: dict[int, _MenuRow]
    groups: list[_GroupRow]


def _category(row: _CategoryRow, group: str) -> Category:
    return Category(
        code=row["code"],
        group=group,
        name_id=row["id"],
        name_en=row["en"],
        principles=tuple(row["principles"]),
        regulators=tuple(row["regulator"]),
        default_severity=Severity(row["severity"]),
        menu=row["menu"],
        is_conduct=row.get("conduct", False),
        bars_point=row.get("bars_point", False),
        is_sensitive=row.get("sensitive", False),
        suspects_staff=row.get("suspects_staff", False),
    )


def _group(row: _GroupRow) -> CategoryGroup:
    return CategoryGroup(
        row["code"],
        row["id"],
        name_en=row["en"],
        categories=tuple(_category(each, row["code"]) for each in row["categories"]),
    )


# The shape of the shipped file is held by tests/domain/test_taxonomy.py, which is why it is trusted here.
_DOCUMENT = cast(_Document, load_yaml("taxonomy.yaml"))
_GROUPS = tuple(_group(row) for row in _DOCUMENT["groups"])

CATEGORIES: Mapping[str, Category] = MappingProxyType(
    {each.code: each for group in _GROUPS for each in group.categories}
)
MENU: Mapping[int, MenuChoice] = MappingProxyType(
    {
        number: MenuChoice(number, row["id"], name_en=row["en"], fallback=row["fallback"])
        for number, row in _DOCUMENT["menu"].items()
    }
)
REGULATOR_TYPES: Mapping[str, RegulatorType] = MappingProxyType(
    {
        key: RegulatorType(key, row["id"], name_en=row["en"])
        for key, row in _DOCUMENT["regulator_types"].items()
    }
)


def category(code: str) -> Category:
    """Return the category; any letter case. Raises NotFound."""
    try:
        return CATEGORIES[code.upper()]
    except KeyError:
        raise NotFound(f"no category {code!r}") from None


def groups() -> tuple[CategoryGroup, ...]:
    """Return the groups with their categories, in the order of the paper form."""
    return _GROUPS


def matches_any(code: str, patterns: tuple[str, ...]) -> bool:
    """Whether `code` is one of `patterns`, each a category code or a group (`PNG` takes all `PNG-…`)."""
    return code in patterns or code.split("-", 1)[0] in patterns
