"""Which team takes which ticket."""

import pytest

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.routing import RoutingDecision, RoutingRule, choose_team, default_rules, default_teams
from helpdesk.domain.taxonomy import CATEGORIES, Severity

PATH = ("HO", "R1", "A1", "P1")


def route(
    category: str | None,
    *,
    severity: str = "S3",
    rules: tuple[RoutingRule, ...] | None = None,
    kind: str = "complaint",
) -> RoutingDecision:
    return choose_team(
        default_rules() if rules is None else rules,
        category=category,
        severity=Severity(severity),
        kind=TicketKind(kind),
        unit_path=PATH,
    )


@pytest.mark.parametrize(
    ("category", "severity", "team"),
    [
        (None, "S4", "triage"),
        (None, "S1", "perlindungan"),
        ("LNY", "S4", "triage"),
        ("FRD-GELAP", "S1", "penipuan"),
        ("FRD-LUAR", "S2", "penipuan"),
        ("PNG-ANCAM", "S1", "perlindungan"),
        ("PNG-KASAR", "S2", "perlindungan"),
        ("PNG-LAYAN", "S3", "lapangan"),
        ("TRG-PAKSA", "S2", "lapangan"),
        ("TRG-KETUA", "S2", "perlindungan"),
        ("DAT-HAK", "S3", "perlindungan"),
        ("PGD-ABAI", "S2", "perlindungan"),
        ("BYR-TUNAI", "S1", "perlindungan"),
        ("BYR-POST", "S2", "pembayaran"),
        ("TRP-DENDA", "S2", "pembayaran"),
        ("DIG-ERROR", "S4", "digital"),
        ("PRD-LAMBAT", "S3", "produk"),
        ("BEB-RESTR", "S3", "produk"),
        ("PDN", "S3", "produk"),
    ],
)
def test_the_shipped_rules_send_it_to(category: str | None, severity: str, team: str) -> None:
    assert route(category, severity=severity).team == team


def test_every_category_has_a_team_that_exists() -> None:
    known = {team.code for team in default_teams()}
    for code, each in CATEGORIES.items():
        decision = route(code, severity=each.default_severity)
        assert decision.team in known
        assert decision.rule
    assert {rule.team for rule in default_rules()} == known


def test_the_lowest_rank_wins_whatever_the_order() -> None:
    rules = (RoutingRule("B", "late", 20), RoutingRule("A", "early", 10))
    assert route("LNY", rules=rules).rule == "A"


@pytest.mark.parametrize("category", ["PNG-KASAR", "PNG-LAYAN", "FRD-LUAR", "PGD-BALAS", "TRG-KETUA"])
def test_a_complaint_about_staff_never_stays_in_its_point(category: str) -> None:
    rules = (
        RoutingRule("P", "point-one", 1, team_unit="P1"),
        RoutingRule("A", "area-one", 2, team_unit="A1"),
    )
    assert route(category, rules=rules).team == "area-one"


def test_another_complaint_may_stay_in_its_point() -> None:
    assert route("TRG-ADM", rules=(RoutingRule("P", "point-one", 1, team_unit="P1"),)).team == "point-one"


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        pytest.param(RoutingRule("X", "x", 1, units=("A1",)), True, id="unit above"),
        pytest.param(RoutingRule("X", "x", 1, units=("A2",)), False, id="other unit"),
        pytest.param(RoutingRule("X", "x", 1, kinds=(TicketKind.ENQUIRY,)), False, id="other kind"),
        pytest.param(RoutingRule("X", "x", 1, severities=(Severity.S1,)), False, id="other severity"),
        pytest.param(RoutingRule("X", "x", 1, categories=("BYR",)), True, id="group"),
        pytest.param(RoutingRule("X", "x", 1, categories=("none",)), False, id="only unplaced"),
    ],
)
def test_a_condition_decides(rule: RoutingRule, fits: bool) -> None:
    decision = route("BYR-POST", rules=(rule,))
    assert (decision.rule == "X") is fits
    assert decision.team == ("x" if fits else "triage")


def test_a_rule_may_be_for_unplaced_tickets() -> None:
    assert route(None, rules=(RoutingRule("N", "new", 1, categories=("none",)),)).team == "new"


def test_the_decision_says_why_in_both_languages() -> None:
    decision = route("BYR-POST", severity="S2")
    assert decision.rule == "R-50"
    assert decision.reason_id == "Aturan R-50: kategori BYR-POST"
    assert decision.reason_en == "Rule R-50: category BYR-POST"


@pytest.mark.parametrize(
    "mapping",
    [
        {"code": "X", "team": "x", "rank": 1, "colour": "red"},
        {"code": "X", "team": "x", "rank": 1, "severities": ["S9"]},
        {"code": "X", "team": "x", "rank": "first"},
        {"code": "X", "team": "x", "rank": 1, "categories": "BYR"},
        {"team": "x", "rank": 1},
    ],
    ids=["unknown key", "unknown level", "rank", "no list", "no code"],
)
def test_a_faulty_rule_is_refused(mapping: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        RoutingRule.from_mapping(mapping)
