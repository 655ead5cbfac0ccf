"""The severity matrix: cells, floors, rules and the faults of a document."""

from copy import deepcopy

import pytest

from helpdesk.domain.errors import InvalidInput, NotFound
from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.severity import Impact, Severity, SeverityMatrix, Urgency, default_matrix
from helpdesk.domain.taxonomy import CATEGORIES

CELLS = {
    ("I4", "U3"): "S1", ("I4", "U2"): "S1", ("I4", "U1"): "S1",
    ("I3", "U3"): "S1", ("I3", "U2"): "S2", ("I3", "U1"): "S2",
    ("I2", "U3"): "S2", ("I2", "U2"): "S3", ("I2", "U1"): "S3",
    ("I1", "U3"): "S3", ("I1", "U2"): "S4", ("I1", "U1"): "S4",
}  # fmt: skip


@pytest.mark.parametrize(("cell", "level"), CELLS.items(), ids=["-".join(cell) for cell in CELLS])
def test_the_cells_are_those_of_the_domain_paper(cell: tuple[str, str], level: str) -> None:
    found = default_matrix().assess(None, impact=Impact(cell[0]), urgency=Urgency(cell[1]))
    assert (found.level, found.impact, found.urgency) == (level, *cell)


@pytest.mark.parametrize("code", CATEGORIES)
def test_no_ticket_is_milder_than_its_category(code: str) -> None:
    found = default_matrix().assess(code, impact=Impact.I1, urgency=Urgency.U1)
    assert found.level is CATEGORIES[code].default_severity
    assert "M-01" in [reason.rule for reason in found.reasons]


@pytest.mark.parametrize(
    ("category", "text", "level", "rule"),
    [
        pytest.param(None, "halo", "S4", "M-05", id="nothing known"),
        pytest.param(None, "dia bawa golok", "S1", "M-14", id="weapon"),
        pytest.param("PNG-LAYAN", "saya ditampar", "S1", "M-15", id="violence"),
        pytest.param("BEB-MUSIB", "saya hamil, petugas dorong saya", "S1", "M-15", id="pushed"),
        pytest.param("PNG-KERAS", "saya hamil, petugas dorong saya", "S1", "M-62", id="pushed, pregnant"),
        pytest.param("PNG-LAYAN", "dia pegang paha saya", "S1", "M-16", id="sexual"),
        pytest.param("BYR-SALDO", "saya rasanya mau mati saja", "S1", "M-61", id="self-harm"),
        pytest.param("LNY", "sy mau bunuh diri", "S1", "M-17", id="self-harm, plain"),
        pytest.param(None, "motor saya disita", "S1", "M-19", id="goods taken"),
        pytest.param("BYR-POST", "saya mau lapor OJK", "S1", "M-22", id="regulator"),
        pytest.param("DIG-ERROR", "uang saya 2 juta hilang", "S2", "M-30", id="large loss in the text"),
        pytest.param("BYR-KODE", "saya lagi hamil 8 bulan", "S2", "M-62", id="pregnant"),
        pytest.param("TRP-INFO", "ibu saya sudah lansia", "S2", "M-63", id="elderly"),
        pytest.param("BEB-RESTR", "rumah kebanjiran", "S2", "M-65", id="disaster"),
        pytest.param("PNG-TERUS", "tiap hari diteror", "S1", "M-66", id="going on"),
        pytest.param("PNG-KASAR", "petugasnya sekarang di depan rumah", "S1", "M-67", id="now"),
    ],
)
def test_the_story_raises_the_level(category: str | None, text: str, level: str, rule: str) -> None:
    found = default_matrix().assess(category, text=text)
    assert found.level == level
    assert rule in [reason.rule for reason in found.reasons]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("saya tidak hamil", id="not pregnant"),
        pytest.param("tidak pernah dipukul", id="never hit"),
        pytest.param("jualan tiap hari di pasar", id="every day, without harm"),
        pytest.param("sampai sekarang belum", id="until now"),
        pytest.param("apakah terdaftar di OJK", id="regulator asked for"),
        pytest.param("pinjaman 5 juta", id="size of a loan"),
        pytest.param("kontak darurat saya ganti", id="emergency contact"),
        pytest.param("petugas dorong saya untuk menabung", id="encouraged"),
        pytest.param("saya dorong gerobak", id="a cart"),
        pytest.param("kumpulan pukul 9 pagi", id="the hour"),
    ],
)
def test_what_is_denied_or_harmless_raises_nothing(text: str) -> None:
    assert default_matrix().assess(None, text=text).level is Severity.S4


@pytest.mark.parametrize(
    ("amount", "impact"), [(999_999, "I2"), (1_000_000, "I3"), (0, "I1"), (None, "I1")], ids=str
)
def test_a_loss_of_a_million_is_grave(amount: int | None, impact: str) -> None:
    assert default_matrix().assess("LNY", amount=amount).impact == impact


def test_the_stated_amount_wins_over_those_in_the_text() -> None:
    assert default_matrix().assess("LNY", text="hilang 5 juta", amount=50_000).impact is Impact.I2


@pytest.mark.parametrize(("count", "level"), [(9, "S4"), (10, "S1")])
def test_ten_people_are_a_grave_matter(count: int, level: str) -> None:
    assert default_matrix().assess("LNY", affected_count=count).level == level


def test_a_vulnerable_person_makes_it_urgent() -> None:
    assert default_matrix().assess("BYR-KODE", is_vulnerable=True).level is Severity.S2


def test_each_reason_names_its_rule_in_both_languages() -> None:
    for reason in default_matrix().assess("BYR-TUNAI", text="sudah setor 2 juta, saya hamil").reasons:
        assert reason.rule.startswith("M-")
        assert reason.text_id
        assert reason.text_en


def test_the_words_found_stand_in_the_reason() -> None:
    reasons = default_matrix().assess(None, text="bawa pisau").reasons
    assert [reason.text_en for reason in reasons if reason.rule == "M-14"] == [
        "A weapon is mentioned (pisau)"
    ]


def test_an_unknown_category_is_not_found() -> None:
    with pytest.raises(NotFound):
        default_matrix().assess("XXX")


def test_a_floor_of_the_document_replaces_the_default() -> None:
    document = deepcopy(dict(load_yaml("severity_matrix.yaml"))) | {"floors": {"LNY": "S2"}, "version": 7}
    matrix = SeverityMatrix.from_mapping(document)
    assert matrix.version == 7
    assert matrix.assess("LNY").level is Severity.S2


def test_every_fault_of_a_document_is_named_at_once() -> None:
    faulty = {
        "version": "one",
        "colour": "red",
        "valid_from": "soon",
        "cells": {"I4": {"U3": "S9", "U2": "S1", "U1": "S1"}, "I9": {}},
        "floors": {"XXX-YY": "S1"},
        "impact_rules": [
            {"id": "A", "impact": "I7", "words": ["pisau"], "text_id": "a", "text_en": "a"},
            {"id": "B", "impact": "I4", "text_id": "b", "text_en": ""},
            {"id": "C", "impact": "I4", "words": ["@nobody"], "text_id": "c", "text_en": "c"},
            {"id": "C", "impact": "I4", "categories": ["ZZZ"], "text_id": "c", "text_en": "c"},
            {"impact": "I4", "vulnerable": True, "text_id": "d", "text_en": "d"},
        ],
    }
    with pytest.raises(InvalidInput) as refused:
        SeverityMatrix.from_mapping(faulty)
    message = str(refused.value)
    for part in (
        "version is not", "unknown key colour", "valid_from", "'S9'", "I9", "cells.I3.U1 is missing",
        "XXX-YY",
        "'I7'",
        "B has no text_en", "B has no condition", "@nobody", "no category ZZZ", "impact_rules[4] has no id",
    ):  # fmt: skip
        assert part in message


@pytest.mark.parametrize("key", ["cells", "version"])
def test_a_document_without_its_core_is_refused(key: str) -> None:
    document = {name: value for name, value in load_yaml("severity_matrix.yaml").items() if name != key}
    with pytest.raises(InvalidInput):
        SeverityMatrix.from_mapping(document)
