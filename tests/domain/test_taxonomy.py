"""The taxonomy of domain.md 7 and what hangs on it."""

import pytest

from helpdesk.domain.errors import NotFound
from helpdesk.domain.taxonomy import (
    CATEGORIES,
    MENU,
    REGULATOR_TYPES,
    Severity,
    category,
    groups,
    matches_any,
)

S1_CODES = {
    "PNG-KERAS", "PNG-ANCAM", "PNG-BARANG", "PNG-MALU", "BYR-TUNAI", "FRD-GELAP", "FRD-NAMA", "FRD-PUNGLI",
    "FRD-TTD", "DAT-BOCOR", "PGD-BALAS",
}  # fmt: skip


def test_the_table_is_whole() -> None:
    assert len(CATEGORIES) == 57
    assert [(group.code, len(group.categories)) for group in groups()] == [
        ("PNG", 13), ("TRG", 5), ("BYR", 7), ("FRD", 5), ("DAT", 4), ("BEB", 4), ("TRP", 5), ("PRD", 4),
        ("DIG", 5),
        ("PGD", 3), ("PDN", 1), ("LNY", 1),
    ]  # fmt: skip


def test_the_gravest_defaults_are_those_of_the_domain_paper() -> None:
    assert {code for code, each in CATEGORIES.items() if each.default_severity is Severity.S1} == S1_CODES


@pytest.mark.parametrize("code", CATEGORIES)
def test_every_category_is_complete(code: str) -> None:
    found = category(code)
    assert (found.code, found.group) == (code, code.split("-")[0])
    assert found.name_id
    assert found.name_en
    assert all(1 <= each <= 8 for each in found.principles)
    assert found.regulator == found.regulators[0]
    assert set(found.regulators) <= set(REGULATOR_TYPES)
    assert found.menu in MENU


def test_each_regulator_type_is_used() -> None:
    assert {key for each in CATEGORIES.values() for key in each.regulators} == set(REGULATOR_TYPES)


def test_each_menu_choice_falls_back_on_a_category_of_its_own() -> None:
    assert sorted(MENU) == [1, 2, 3, 4, 5, 6]
    for choice in MENU.values():
        assert category(choice.fallback).menu == choice.number
        assert choice.name_id
        assert choice.name_en
    assert {number: MENU[number].fallback for number in (3, 4, 6)} == {
        3: "PNG-LAYAN",
        4: "FRD-LUAR",
        6: "LNY",
    }


def test_grave_conduct_fraud_retaliation_and_leaders_bar_the_point() -> None:
    barred = {code for code, each in CATEGORIES.items() if each.bars_point}
    grave_conduct = {
        code
        for code, each in CATEGORIES.items()
        if each.group == "PNG" and each.default_severity <= Severity.S2
    }
    fraud = {code for code in CATEGORIES if code.startswith("FRD-")}
    assert barred == grave_conduct | fraud | {"PGD-BALAS", "TRG-KETUA", "BYR-TUNAI"}


def test_conduct_is_every_complaint_about_staff() -> None:
    about_staff = {code for code, each in CATEGORIES.items() if each.is_conduct}
    staff_fraud = {"FRD-GELAP", "FRD-NAMA", "FRD-PUNGLI", "FRD-TTD"}
    conduct = {code for code in CATEGORIES if code.startswith("PNG-")}
    assert about_staff == conduct | staff_fraud | {"TRG-KETUA", "PGD-BALAS"}


def test_a_code_is_found_in_any_letter_case() -> None:
    assert category("byr-tunai").code == "BYR-TUNAI"


@pytest.mark.parametrize("code", ["", "PNG", "BYR-XXX"])
def test_an_unknown_code_is_not_found(code: str) -> None:
    with pytest.raises(NotFound):
        category(code)


@pytest.mark.parametrize(
    ("code", "patterns", "expected"),
    [
        ("PNG-JAM", ("PNG",), True),
        ("PNG-JAM", ("PNG-JAM",), True),
        ("PNG-JAM", ("PNG-KASAR", "BYR"), False),
        ("LNY", ("LNY",), True),
    ],
)
def test_a_pattern_is_a_code_or_a_group(code: str, patterns: tuple[str, ...], expected: bool) -> None:
    assert matches_any(code, patterns) is expected
