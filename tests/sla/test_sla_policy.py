"""Which promises a ticket gets, and which policies are refused."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from helpdesk.domain.errors import InvalidInput, NotFound
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.taxonomy import Severity
from helpdesk.sla.policy import (
    CalendarCode,
    Form,
    Metric,
    SlaPolicy,
    SlaTarget,
    choose_policy,
    form_of,
    load_policies,
    make_policy,
    shipped_policies,
)

HOUR = timedelta(hours=1)
SERVICE, ALWAYS, REGULATORY = CalendarCode.SERVICE, CalendarCode.ALWAYS, CalendarCode.REGULATORY


def chosen(
    kind: TicketKind = TicketKind.COMPLAINT,
    severity: Severity = Severity.S3,
    form: Form = Form.TERTULIS,
    category: str | None = None,
) -> SlaPolicy:
    return choose_policy(shipped_policies(), kind=kind, severity=severity, form=form, category=category)


def promises(policy: SlaPolicy) -> dict[Metric, tuple[float, CalendarCode]]:
    return {target.metric: (target.duration / HOUR, target.calendar) for target in policy.targets}


@pytest.mark.parametrize(
    ("channel", "place", "form"),
    [
        (ChannelCode.PHONE, None, Form.LISAN),
        (ChannelCode.SMS, None, Form.LISAN),
        (ChannelCode.VISIT, "office", Form.TERTULIS),
        (ChannelCode.VISIT, "field", Form.LISAN),
        (ChannelCode.VISIT, None, Form.LISAN),
        (ChannelCode.WHATSAPP, None, Form.TERTULIS),
        (ChannelCode.TELEGRAM, None, Form.TERTULIS),
        (ChannelCode.WEB, None, Form.TERTULIS),
        (ChannelCode.APP, None, Form.TERTULIS),
        (ChannelCode.LWK, None, Form.TERTULIS),
    ],
)
def test_the_channel_decides_the_regulators_form(channel: ChannelCode, place: str | None, form: Form) -> None:
    assert form_of(channel, place=place) is form


@pytest.mark.parametrize(
    ("severity", "acknowledgement", "first_response", "next_response", "lisan", "tertulis"),
    [
        (Severity.S1, (2, ALWAYS), 8, 8, 24, 24),
        (Severity.S2, (4, SERVICE), 8, 16, 32, 40),
        (Severity.S3, (8, SERVICE), 16, 24, 32, 64),
        (Severity.S4, (8, SERVICE), 24, None, 40, 64),
    ],
)
def test_complaints_get_the_deadlines_of_their_severity(
    severity: Severity,
    acknowledgement: tuple[int, CalendarCode],
    first_response: int,
    next_response: int | None,
    lisan: int,
    tertulis: int,
) -> None:
    for form, hours, days in ((Form.LISAN, lisan, 5), (Form.TERTULIS, tertulis, 10)):
        found = promises(chosen(severity=severity, form=form))
        assert found[Metric.ACKNOWLEDGEMENT] == acknowledgement
        assert found[Metric.FIRST_RESPONSE] == (first_response, SERVICE)
        assert found.get(Metric.NEXT_RESPONSE) == (next_response and (next_response, SERVICE))
        assert found[Metric.RESOLUTION] == (hours, SERVICE)
        assert found[Metric.REGULATORY] == (days * 24, REGULATORY)


@pytest.mark.parametrize("category", ["DAT-HAK", "DAT-BOCOR"])
@pytest.mark.parametrize("severity", Severity)
def test_personal_data_has_48_hours_and_72_by_law_at_any_severity(category: str, severity: Severity) -> None:
    found = promises(chosen(severity=severity, category=category))
    assert found[Metric.RESOLUTION] == (48, ALWAYS)
    assert found[Metric.REGULATORY] == (72, ALWAYS)


def test_a_request_of_a_data_subject_has_the_legal_clock_too() -> None:
    assert promises(chosen(TicketKind.REQUEST, category="DAT-HAK"))[Metric.REGULATORY] == (72, ALWAYS)


@pytest.mark.parametrize("kind", [TicketKind.ENQUIRY, TicketKind.REQUEST])
@pytest.mark.parametrize("severity", Severity)
def test_enquiries_and_requests_have_service_clocks_only(kind: TicketKind, severity: Severity) -> None:
    found = promises(chosen(kind, severity, category="LNY"))
    assert Metric.RESOLUTION in found
    assert Metric.REGULATORY not in found


def test_every_complaint_has_a_resolution_and_an_unpausable_regulatory_clock() -> None:
    for severity, form, category in product(
        Severity, Form, (None, "LNY", "DAT-HAK", "DAT-BOCOR", "PNG-KASAR")
    ):
        targets = {
            target.metric: target for target in chosen(TicketKind.COMPLAINT, severity, form, category).targets
        }
        assert targets[Metric.RESOLUTION].is_pausable
        assert not targets[Metric.REGULATORY].is_pausable
        assert not targets[Metric.ACKNOWLEDGEMENT].is_pausable


def test_no_ticket_is_left_to_the_fallback_of_the_shipped_policies() -> None:
    for kind, severity, form in product(TicketKind, Severity, Form):
        assert not chosen(kind, severity, form).is_fallback
    assert shipped_policies()[-1].is_fallback


def test_the_first_policy_that_fits_wins() -> None:
    narrow, broad = policy("narrow", severities=["S1"]), policy("broad")
    both = load_policies({"policies": [narrow, broad]})
    for severity, code in ((Severity.S1, "narrow"), (Severity.S2, "broad")):
        found = choose_policy(
            both, kind=TicketKind.COMPLAINT, severity=severity, form=Form.LISAN, category=None
        )
        assert found.code == code
    with pytest.raises(NotFound):
        choose_policy(
            both[:1], kind=TicketKind.COMPLAINT, severity=Severity.S2, form=Form.LISAN, category=None
        )


def test_a_policy_is_rebuilt_from_what_a_database_keeps_of_it() -> None:
    for shipped in shipped_policies():
        rebuilt = make_policy(
            code=shipped.code,
            version=shipped.version,
            name_id=shipped.name_id,
            name_en=shipped.name_en,
            conditions=shipped.conditions(),
            targets=shipped.targets,
        )
        assert rebuilt == shipped


def policy(code: str = "all", targets: dict[str, Any] | None = None, **when: Any) -> dict[str, Any]:
    usual = {
        "resolution": {"within": "3wd", "calendar": "service", "pausable": True},
        "regulatory": {"within": "5d", "calendar": "regulatory"},
    }
    return {
        "code": code,
        "version": 1,
        "name_id": "Semua",
        "name_en": "All",
        "when": when,
        "targets": usual if targets is None else usual | targets,
    }


def test_targets_are_read_with_their_units() -> None:
    (found,) = load_policies(
        {"policies": [policy(targets={"acknowledgement": {"within": "30m", "calendar": "always"}})]}
    )
    assert found.targets == (
        SlaTarget(Metric.ACKNOWLEDGEMENT, timedelta(minutes=30), ALWAYS, False),
        SlaTarget(Metric.RESOLUTION, 24 * HOUR, SERVICE, True),
        SlaTarget(Metric.REGULATORY, timedelta(days=5), REGULATORY, False),
    )


@pytest.mark.parametrize(
    ("policies", "message"),
    [
        pytest.param([], "something in it", id="none at all"),
        pytest.param(["all"], "a mapping is needed", id="not a mapping"),
        pytest.param([policy(severities=["S1"])], "exactly the last one", id="no fallback"),
        pytest.param([policy("a"), policy("b")], "exactly the last one", id="one behind a fallback"),
        pytest.param([policy("a", kinds=["request"]), policy("a")], "there twice", id="the same code twice"),
        pytest.param([policy(severities=["S5"])], "none of S1, S2", id="unknown severity"),
        pytest.param([policy(severities=[])], "something in it", id="a condition that nothing fits"),
        pytest.param([policy(severity=["S1"])], "unknown key severity", id="misspelt condition"),
        pytest.param([policy() | {"version": 0}], "a number from 1", id="version zero"),
        pytest.param([policy() | {"name_en": " "}], "a text is needed", id="no English name"),
        pytest.param([policy() | {"targets": {}}], "promises nothing", id="no target"),
        pytest.param([policy(targets={"solution": {}})], "unknown key solution", id="unknown metric"),
        pytest.param(
            [policy() | {"targets": {"resolution": {"within": "1h", "calendar": "always"}}}],
            "no target for regulatory",
            id="a complaint without the regulator's clock",
        ),
        pytest.param(
            [policy(targets={"resolution": {"within": "soon", "calendar": "service"}})],
            "not a duration",
            id="not a duration",
        ),
        pytest.param(
            [policy(targets={"resolution": {"within": "0h", "calendar": "service"}})],
            "not a duration",
            id="nothing",
        ),
        pytest.param(
            [policy(targets={"regulatory": {"within": "40h", "calendar": "regulatory"}})],
            "a duration is in d",
            id="hours on a calendar of days",
        ),
        pytest.param(
            [policy(targets={"resolution": {"within": "3d", "calendar": "service"}})],
            "a duration is in m or h or wd",
            id="days on working hours",
        ),
        pytest.param(
            [policy(targets={"regulatory": {"within": "5d", "calendar": "regulatory", "pausable": True}})],
            "never pauses",
            id="a regulator's clock that pauses",
        ),
        pytest.param(
            [policy(targets={"resolution": {"within": "3wd", "calendar": "service", "pausable": "ja"}})],
            "true or false",
            id="a truth value in words",
        ),
    ],
)
def test_wrong_policies_are_refused_with_the_reason(policies: list[Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        load_policies({"policies": policies})
