"""Quiet hours: in the local night of the person nothing leaves but the gravest."""

import pytest
from sla_samples import at

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.taxonomy import Severity
from helpdesk.sla.quiet import load_notice_rules, shipped_notice_rules

RULES = shipped_notice_rules()


@pytest.mark.parametrize(
    ("now", "out"),
    [
        pytest.param("2026-06-01T20:59:59", "2026-06-01T20:59:59", id="a second before"),
        pytest.param("2026-06-01T21:00", "2026-06-02T06:00", id="evening"),
        pytest.param("2026-06-02T00:00", "2026-06-02T06:00", id="midnight"),
        pytest.param("2026-06-02T05:59:59", "2026-06-02T06:00", id="early morning"),
        pytest.param("2026-06-02T06:00", "2026-06-02T06:00", id="over"),
        pytest.param("2026-06-30T22:15", "2026-07-01T06:00", id="into the next month"),
    ],
)
def test_a_notice_of_the_night_waits_for_the_morning(now: str, out: str) -> None:
    assert RULES.goes_out_at(at(now), zone="Asia/Jakarta", severity=Severity.S2) == at(out)


def test_the_hours_are_those_where_the_person_works() -> None:
    now = at("2026-06-01T20:30")
    assert RULES.goes_out_at(now, zone="Asia/Jakarta", severity=Severity.S3) == now
    assert RULES.goes_out_at(now, zone="Asia/Jayapura", severity=Severity.S3) == at(
        "2026-06-02T06:00", "Asia/Jayapura"
    )


def test_the_gravest_wakes_people() -> None:
    now = at("2026-06-01T23:00")
    assert RULES.goes_out_at(now, zone="Asia/Jakarta", severity=Severity.S1) == now


def test_where_clocks_change_in_the_night_the_morning_is_that_of_the_wall() -> None:
    now = at("2026-03-28T22:00", "Europe/Berlin")  # the clocks go forward at 02.00
    assert RULES.goes_out_at(now, zone="Europe/Berlin", severity=Severity.S2) == at(
        "2026-03-29T06:00", "Europe/Berlin"
    )


def test_quiet_hours_within_one_day_are_possible() -> None:
    rules = load_notice_rules(
        {"notices": {"kinds": ["escalated"], "quiet": {"from": "12:00", "until": "13:00"}}}
    )
    noon, before = at("2026-06-01T12:30"), at("2026-06-01T11:59")
    assert rules.goes_out_at(noon, zone="Asia/Jakarta", severity=Severity.S1) == at("2026-06-01T13:00")
    assert rules.goes_out_at(before, zone="Asia/Jakarta", severity=Severity.S1) == before


@pytest.mark.parametrize(
    ("notices", "message"),
    [
        pytest.param(None, "mapping", id="nothing"),
        pytest.param(
            {"kinds": [], "quiet": {"from": "21:00", "until": "06:00"}}, "something in it", id="no kind"
        ),
        pytest.param(
            {"kinds": ["x"], "quiet": {"from": "9 pm", "until": "06:00"}}, "local time", id="no time"
        ),
        pytest.param({"kinds": ["x"], "quiet": {"from": "21:00"}}, "a text is needed", id="no end"),
    ],
)
def test_wrong_rules_are_refused_with_the_reason(notices: object, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        load_notice_rules({"notices": notices})
