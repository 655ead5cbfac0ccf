"""What the checks find in a set of policies, and what they let pass."""

from collections.abc import Sequence

import pytest
from policy_samples import LAWFUL, a_policy, with_target

from helpdesk.sla.policy import Metric, SlaPolicy, shipped_policies
from helpdesk.sla.policy_checks import (
    OTHER,
    Finding,
    FindingKind,
    Weight,
    check_policies,
    errors,
    has_warnings,
)

DATA = {"regulatory": {"within": "72h", "calendar": "always"}, "resolution": LAWFUL["resolution"]}
SERVICE = {"resolution": LAWFUL["resolution"]}


def of_kind(policies: Sequence[SlaPolicy], kind: FindingKind) -> list[Finding]:
    return [finding for finding in check_policies(policies) if finding.kind is kind]


def test_the_shipped_policies_have_no_fault_and_nothing_to_warn_of() -> None:
    findings = check_policies(shipped_policies())
    assert errors(findings) == ()
    assert not has_warnings(findings)
    assert {finding.policy for finding in findings} == {"data-rights", "data-breach"}


# What is longer than the law is refused, whatever else is shorter.
@pytest.mark.parametrize(
    ("code", "entry", "is_lawful"),
    [
        pytest.param(
            "complaint-s3-lisan", {"within": "5d", "calendar": "regulatory"}, True, id="5 days, spoken"
        ),
        pytest.param(
            "complaint-s3-lisan", {"within": "6d", "calendar": "regulatory"}, False, id="6 days, spoken"
        ),
        pytest.param("complaint-s3-lisan", {"within": "4d", "calendar": "regulatory"}, True, id="shorter"),
        pytest.param(
            "complaint-s3-lisan", {"within": "5d", "calendar": "strict"}, True, id="stricter calendar"
        ),
        pytest.param(
            "complaint-s3-lisan", {"within": "6d", "calendar": "strict"}, False, id="stricter, longer"
        ),
        pytest.param("complaint-s3-lisan", {"within": "120h", "calendar": "always"}, True, id="by the clock"),
        pytest.param(
            "complaint-s3-lisan", {"within": "1wd", "calendar": "service"}, False, id="hours that may close"
        ),
        pytest.param(
            "complaint-s3-tertulis", {"within": "10d", "calendar": "regulatory"}, True, id="written"
        ),
        pytest.param(
            "complaint-s3-tertulis", {"within": "11d", "calendar": "regulatory"}, False, id="11 days"
        ),
        pytest.param("data-breach", {"within": "72h", "calendar": "always"}, True, id="72 hours"),
        pytest.param("data-breach", {"within": "73h", "calendar": "always"}, False, id="73 hours"),
        pytest.param("data-breach", {"within": "3d", "calendar": "regulatory"}, False, id="3 working days"),
    ],
)
def test_a_promise_is_never_later_than_the_law(code: str, entry: dict[str, str], is_lawful: bool) -> None:
    found = of_kind(with_target(code, "regulatory", **entry), FindingKind.LATER_THAN_LAW)
    assert {(finding.policy, finding.weight) for finding in found} == (
        set() if is_lawful else {(code, Weight.ERROR)}
    )


def test_a_policy_for_both_forms_keeps_the_shorter_law() -> None:
    ten_days = LAWFUL | {"regulatory": {"within": "10d", "calendar": "regulatory"}}
    found = of_kind([a_policy("both", ten_days)], FindingKind.LATER_THAN_LAW)
    assert [finding.where.get("forms") for finding in found if str(finding.limit) == "5d regulatory"] == [
        ["lisan"]
    ]


def test_personal_data_needs_its_hours_also_in_a_request() -> None:
    services = a_policy("requests", SERVICE, kinds=["request", "enquiry"])
    (found,) = of_kind([services, a_policy("rest", DATA)], FindingKind.NO_LEGAL_PROMISE)
    assert (found.policy, found.weight, str(found.limit)) == ("requests", Weight.ERROR, "72h always")
    assert found.where["categories"] == ["DAT-HAK"]


@pytest.mark.parametrize(
    ("policies", "where"),
    [
        pytest.param(
            [a_policy("s1", severities=["S1"])], {"severities": ["S2", "S3", "S4"]}, id="severities"
        ),
        pytest.param([a_policy("lisan", forms=["lisan"])], {"forms": ["tertulis"]}, id="a form"),
        pytest.param(
            [a_policy("one", categories=["PNG-KERAS"])],
            {"categories": sorted(["DAT-BOCOR", "DAT-HAK", OTHER])},
            id="categories",
        ),
    ],
)
def test_what_only_the_fallback_takes_is_a_gap(
    policies: list[SlaPolicy], where: dict[str, list[str]]
) -> None:
    found = of_kind([*policies, a_policy("rest", DATA)], FindingKind.LEFT_TO_FALLBACK)
    assert [(finding.where, finding.weight) for finding in found] == [(where, Weight.WARNING)]


def test_without_a_fallback_a_gap_refuses() -> None:
    found = of_kind([a_policy("s1", DATA, severities=["S1"])], FindingKind.NO_POLICY)
    assert [(finding.where, finding.weight) for finding in found] == [
        ({"severities": ["S2", "S3", "S4"]}, Weight.ERROR)
    ]


def test_a_gap_of_two_corners_is_told_in_as_few_conditions_as_it_takes() -> None:
    policies = [
        a_policy("grave", DATA, severities=["S1", "S2"]),
        a_policy("spoken", DATA, severities=["S3", "S4"], forms=["lisan"]),
        a_policy("rest", DATA),
    ]
    found = of_kind(policies, FindingKind.LEFT_TO_FALLBACK)
    assert [finding.where for finding in found] == [{"severities": ["S3", "S4"], "forms": ["tertulis"]}]


@pytest.mark.parametrize(
    ("above", "is_reached"),
    [
        pytest.param([{"severities": ["S1"]}], False, id="the same"),
        pytest.param([{"kinds": ["complaint"]}], True, id="only complaints"),
        pytest.param(
            [{"kinds": ["complaint"]}, {"kinds": ["enquiry", "request"]}],
            False,
            id="two that cover it together",
        ),
        pytest.param([{"categories": ["DAT-HAK"]}], True, id="one category"),
    ],
)
def test_a_policy_that_those_above_hide_is_never_reached(
    above: list[dict[str, list[str]]], is_reached: bool
) -> None:
    policies = [a_policy(f"above-{at}", DATA, **when) for at, when in enumerate(above)]
    policies += [a_policy("hidden", DATA, severities=["S1"]), a_policy("rest", DATA)]
    found = of_kind(policies, FindingKind.NEVER_REACHED)
    assert [finding.policy for finding in found] == ([] if is_reached else ["hidden"])


def test_policies_that_share_tickets_are_named_with_the_one_that_wins() -> None:
    policies = [
        a_policy("first", DATA, severities=["S1", "S2"]),
        a_policy("second", DATA, severities=["S2", "S3"]),
        a_policy("third", DATA, severities=["S4"]),
        a_policy("rest", DATA),
    ]
    found = of_kind(policies, FindingKind.OVERLAP)
    assert [(finding.policy, finding.others, finding.weight) for finding in found] == [
        ("first", ("second",), Weight.NOTE)
    ]


@pytest.mark.parametrize(
    ("metric", "entry", "contradicted", "weight"),
    [
        pytest.param(
            "acknowledgement", {"within": "3wd", "calendar": "service"}, Metric.FIRST_RESPONSE, Weight.ERROR,
            id="taken up after it was answered",
        ),
        pytest.param(
            "first_response", {"within": "9wd", "calendar": "service"}, Metric.RESOLUTION, Weight.ERROR,
            id="answered after it was solved",
        ),
        pytest.param(
            "resolution", {"within": "11wd", "calendar": "service"}, Metric.REGULATORY, Weight.WARNING,
            id="solved after the regulator's limit",
        ),
        pytest.param(
            "acknowledgement", {"within": "100h", "calendar": "always"}, Metric.FIRST_RESPONSE, Weight.WARNING,
            id="on another calendar it is only likely",
        ),
    ],
)  # fmt: skip
def test_promises_out_of_order_are_found(
    metric: str, entry: dict[str, str], contradicted: Metric, weight: Weight
) -> None:
    found = of_kind(with_target("complaint-s3-tertulis", metric, **entry), FindingKind.OUT_OF_ORDER)
    assert [(finding.metric, finding.than, finding.weight) for finding in found] == [
        (Metric(metric), contradicted, weight)
    ]


def test_promises_are_compared_across_one_that_is_not_given() -> None:
    policies = [a_policy("rest", DATA | {"acknowledgement": {"within": "5wd", "calendar": "service"}})]
    (found,) = of_kind(policies, FindingKind.OUT_OF_ORDER)
    assert (found.metric, found.than) == (Metric.ACKNOWLEDGEMENT, Metric.RESOLUTION)


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param({"within": "2wd", "calendar": "service"}, id="slower"),
        pytest.param({}, id="not promised at all"),
    ],
)
def test_a_graver_ticket_is_not_slower(entry: dict[str, str]) -> None:
    found = of_kind(
        with_target("complaint-s1-lisan", "first_response", **entry), FindingKind.GRAVER_IS_SLOWER
    )
    assert [(finding.policy, finding.others, finding.metric) for finding in found] == [
        ("complaint-s1-lisan", ("complaint-s2-lisan",), Metric.FIRST_RESPONSE)
    ]
    assert found[0].weight is Weight.WARNING


def test_a_pause_without_a_cap_is_warned_of() -> None:
    changed = with_target("service-s4", "resolution", within="8wd", calendar="service", pausable=True)
    (found,) = of_kind(changed, FindingKind.PAUSE_WITHOUT_CAP)
    assert (found.policy, found.metric, found.weight) == ("service-s4", Metric.RESOLUTION, Weight.WARNING)


def test_an_unknown_category_is_warned_of() -> None:
    policies = [a_policy("odd", DATA, categories=["XYZ-BARU"]), a_policy("rest", DATA)]
    (found,) = of_kind(policies, FindingKind.UNKNOWN_CATEGORY)
    assert (found.policy, found.others, found.weight) == ("odd", ("XYZ-BARU",), Weight.WARNING)
    assert of_kind(policies, FindingKind.NEVER_REACHED) == []


def test_the_gravest_findings_come_first() -> None:
    weights = [
        finding.weight for finding in check_policies([a_policy("s1", severities=["S1"]), a_policy("rest")])
    ]
    assert weights == sorted(weights, key=list(Weight).index)
    assert weights[0] is Weight.ERROR
