"""Warnings, breaches and the ladder: each step once per clock, at its true instant."""

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from sla_samples import REGULATORY, STRICT, always, at, office

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.taxonomy import Severity
from helpdesk.sla.clock import Pause, SlaClock
from helpdesk.sla.escalation import (
    Circumstance,
    Level,
    Step,
    StepAction,
    Trigger,
    load_rules,
    next_step_at,
    shipped_rules,
    steps,
    steps_due,
)
from helpdesk.sla.policy import Metric

HOUR = timedelta(hours=1)
MONDAY = at("2026-06-01T08:00")
NOTHING: frozenset[str] = frozenset()


def clock(metric: Metric = Metric.RESOLUTION, hours: int = 24, **changes: object) -> SlaClock:
    return replace(SlaClock(metric, MONDAY, MONDAY, hours * HOUR, office()), **changes)  # type: ignore[arg-type]


def due(
    it: SlaClock, now: str | datetime, severity: Severity = Severity.S3, done: frozenset[str] = NOTHING
) -> list[Step]:
    instant = at(now) if isinstance(now, str) else now
    return steps_due(it, shipped_rules(), severity=severity, done=done, now=instant)


def following(
    it: SlaClock, now: str, done: frozenset[str] = NOTHING, severity: Severity = Severity.S3
) -> datetime | None:
    return next_step_at(it, shipped_rules(), severity=severity, done=done, now=at(now))


def codes(found: list[Step]) -> list[str]:
    return [step.code for step in found]


def timetable(it: SlaClock, severity: Severity) -> list[tuple[str, datetime]]:
    return [(step.code, step.at) for step in steps(it, shipped_rules(), severity=severity)]


def test_a_resolution_clock_warns_breaches_and_climbs() -> None:
    assert timetable(clock(), Severity.S3) == [
        ("warning_50", at("2026-06-02T12:00")),
        ("warning_last_day", at("2026-06-02T17:00")),
        ("warning_75", at("2026-06-03T10:00")),
        ("ladder_L2_resolution_75", at("2026-06-03T10:00")),
        ("warning_90", at("2026-06-03T14:36")),
        ("breached", at("2026-06-03T17:00")),
        ("ladder_L3_resolution_breach", at("2026-06-03T17:00")),
        ("ladder_L4_resolution_overdue", at("2026-06-04T17:00")),
    ]


def test_the_gravest_begins_at_the_head_office_and_reaches_the_committee_over_a_weekend() -> None:
    friday = at("2026-06-05T16:00")
    found = timetable(clock(started_at=friday, counts_from=friday), Severity.S1)
    assert found[:2] == [("ladder_L4_S1_start", friday), ("ladder_L5_S1_24h", friday + 24 * HOUR)]
    assert found[-1] == ("ladder_L6_resolution_breach", at("2026-06-10T16:00"))


@pytest.mark.parametrize(
    ("severity", "start", "missed_promise", "missed_resolution"),
    [
        (Severity.S1, ["L4"], ["L5", "L6"], ["L6"]),
        (Severity.S2, ["L2"], ["L3", "L4"], ["L3", "L4"]),
        (Severity.S3, [], ["L2", "L3"], ["L3", "L4"]),
        (Severity.S4, [], ["L2", "L3"], ["L3", "L4"]),
    ],
)
def test_the_ladder_of_each_severity(
    severity: Severity, start: list[str], missed_promise: list[str], missed_resolution: list[str]
) -> None:
    """Who is told at the start, and then on the breach and, still unmet, a working day after it."""
    due = at("2026-06-03T17:00")

    def told(it: SlaClock) -> list[tuple[str, datetime]]:
        found = steps(it, shipped_rules(), severity=severity)
        return [(str(step.level), step.at) for step in found if step.level]

    resolution = told(clock())
    assert [level for level, instant in resolution if instant == MONDAY] == start
    after = [due, at("2026-06-04T17:00")]
    assert [pair for pair in resolution if pair[1] >= due] == list(
        zip(missed_resolution, after, strict=False)
    )
    for metric in (Metric.ACKNOWLEDGEMENT, Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE):
        breach, overdue = told(clock(metric, 8))
        assert [breach, overdue] == [
            (missed_promise[0], at("2026-06-01T17:00")),
            (missed_promise[1], at("2026-06-02T17:00")),
        ]


def test_what_is_about_staff_or_objected_to_goes_up_from_its_start() -> None:
    def start(severity: Severity, circumstance: Circumstance) -> list[tuple[str, bool]]:
        found = steps(clock(), shipped_rules(), severity=severity, circumstances={circumstance})
        functional = {rule.code for rule in shipped_rules() if rule.is_functional}
        return [(step.code, step.code in functional) for step in found if step.at == MONDAY]

    assert start(Severity.S3, Circumstance.ABOUT_STAFF) == [("ladder_L2_staff_start", False)]
    assert start(Severity.S4, Circumstance.OBJECTION) == [("ladder_L4_objection_start", True)]
    # S2 is with the area manager and S1 with the head office anyhow.
    assert start(Severity.S2, Circumstance.ABOUT_STAFF) == [("ladder_L2_S2_start", False)]
    assert start(Severity.S1, Circumstance.OBJECTION) == [("ladder_L4_S1_start", True)]


@pytest.mark.parametrize("severity", Severity)
def test_regulatory_alarms_use_the_strict_date_and_the_breach_the_regulatory_one(severity: Severity) -> None:
    start = at("2026-03-14T00:00")
    it = SlaClock(
        Metric.REGULATORY,
        start - 8 * HOUR,
        start,
        timedelta(days=5),
        calendar=REGULATORY,
        strict_calendar=STRICT,
    )
    assert timetable(it, severity) == [
        ("warning_50", at("2026-03-18T12:00")),
        ("warning_75", at("2026-03-20T18:00")),
        ("warning_last_day", at("2026-03-21T00:00")),
        ("warning_90", at("2026-03-23T12:00")),
        ("ladder_L4_regulatory_due", at("2026-03-24T00:00")),
        ("breached", at("2026-03-28T00:00")),
        ("ladder_L5_regulatory_breach", at("2026-03-28T00:00")),
        ("ladder_L6_regulatory_breach", at("2026-03-28T00:00")),
    ]


@pytest.mark.parametrize("days", [5, 10, 20])
def test_the_last_day_is_not_announced_twice(days: int) -> None:
    it = clock(Metric.REGULATORY, days * 24, calendar=REGULATORY)
    warnings = [
        step.at for step in steps(it, (), severity=Severity.S3) if step.action is StepAction.SLA_WARNING
    ]
    assert len(warnings) == len(set(warnings)) == (3 if days == 10 else 4)


def test_a_promise_of_one_day_has_no_warning_of_its_last_day() -> None:
    assert codes(steps(clock(hours=8), (), severity=Severity.S3)) == [
        "warning_50",
        "warning_75",
        "warning_90",
        "breached",
    ]


def test_after_a_long_standstill_each_step_comes_once_in_order_with_its_true_instant() -> None:
    late = at("2026-06-08T09:00")
    missed = due(clock(), late)
    assert missed == steps(clock(), shipped_rules(), severity=Severity.S3)
    assert len(missed) == 8
    assert due(clock(), late, done=frozenset(codes(missed))) == []
    assert codes(due(clock(), late, done=frozenset(codes(missed[:5])))) == [
        "breached",
        "ladder_L3_resolution_breach",
        "ladder_L4_resolution_overdue",
    ]


def test_a_step_comes_at_its_second_and_not_before() -> None:
    assert due(clock(), "2026-06-02T11:59:59") == []
    assert due(clock(), "2026-06-02T12:00") == [
        Step("warning_50", at("2026-06-02T12:00"), StepAction.SLA_WARNING, share=Fraction(1, 2))
    ]


def test_a_paused_clock_has_no_steps_and_gets_what_it_missed_when_it_runs_again() -> None:
    begins = at("2026-06-02T14:00")
    waiting = clock(pauses=(Pause(begins, None, "contact"),))
    assert due(waiting, "2027-06-02T14:00") == []
    assert following(waiting, "2026-06-02T14:00") is None
    resumed = clock(pauses=(Pause(begins, at("2026-06-03T14:00"), "contact"),))
    assert codes(due(resumed, "2026-06-03T14:00")) == ["warning_50"]
    assert following(resumed, "2026-06-03T14:00", frozenset({"warning_50"})) == at("2026-06-03T17:00")
    assert steps(resumed, (), severity=Severity.S3)[-1].at == at("2026-06-04T17:00")


@pytest.mark.parametrize("stop", ["met_at", "superseded_at"])
def test_a_clock_stopped_in_time_has_no_steps(stop: str) -> None:
    it = clock(**{stop: at("2026-06-03T17:00")})
    assert due(it, "2026-06-09T09:00") == []
    assert following(it, "2026-06-01T09:00") is None


@pytest.mark.parametrize("stop", ["met_at", "superseded_at"])
def test_of_a_clock_stopped_too_late_only_the_breach_is_left_to_record(stop: str) -> None:
    it = clock(**{stop: at("2026-06-03T17:00:01")})
    assert codes(due(it, "2026-06-09T09:00")) == ["breached"]
    assert due(it, "2026-06-09T09:00", done=frozenset({"breached"})) == []
    assert following(it, "2026-06-09T09:00") == at("2026-06-03T17:00")


def test_a_breach_before_a_pause_is_still_recorded_during_it() -> None:
    it = clock(pauses=(Pause(at("2026-06-04T08:00"), None, "contact"),))
    assert "breached" in codes(due(it, "2026-06-05T08:00"))


def test_the_next_step_is_the_first_that_is_not_done() -> None:
    assert following(clock(), "2026-06-01T09:00") == at("2026-06-02T12:00")
    assert following(clock(), "2026-06-09T09:00", frozenset({"warning_50"})) == at("2026-06-02T17:00")
    everything = frozenset(codes(steps(clock(), shipped_rules(), severity=Severity.S3)))
    assert following(clock(), "2026-06-09T09:00", everything) is None


def test_a_pause_after_the_breach_does_not_put_the_next_level_off() -> None:
    it = clock(pauses=(Pause(at("2026-06-03T18:00"), None, "contact"),))
    assert codes(due(it, "2026-06-05T08:00"))[-1] == "ladder_L4_resolution_overdue"


def test_the_committee_hears_of_an_s1_within_a_day_whomever_we_wait_for() -> None:
    it = clock(pauses=(Pause(at("2026-06-01T09:00"), None, "contact"),))
    told = frozenset({"ladder_L4_S1_start"})
    assert following(it, "2026-06-01T10:00", told, Severity.S1) == at("2026-06-02T08:00")
    assert codes(due(it, "2026-06-05T08:00", Severity.S1, told)) == ["ladder_L5_S1_24h"]
    resumed = clock(pauses=(Pause(at("2026-06-01T09:00"), at("2026-06-01T16:00"), "contact"),))
    ahead = steps(resumed, shipped_rules(), severity=Severity.S1)
    assert [step.at for step in ahead if step.code == "ladder_L5_S1_24h"] == [at("2026-06-02T08:00")]


def test_looking_changes_nothing() -> None:
    it = clock()
    assert due(it, "2026-06-09T09:00") == due(it, "2026-06-09T09:00")
    assert it == clock()


def rule(**changes: Any) -> dict[str, Any]:
    return {"code": "ladder_x", "metrics": ["resolution"], "level": "L2"} | changes


@pytest.mark.parametrize(
    ("change", "trigger", "instant"),
    [
        ({"at": "start"}, Trigger.START, "2026-06-01T08:00"),
        ({"share": 25}, Trigger.SHARE, "2026-06-01T15:00"),
        ({"at": "breach"}, Trigger.BREACH, "2026-06-03T17:00"),
        ({"after": "1wd"}, Trigger.AFTER, "2026-06-01T17:00"),
        ({"elapsed": "12h"}, Trigger.ELAPSED, "2026-06-01T20:00"),
        ({"after_breach": "4h"}, Trigger.AFTER_BREACH, "2026-06-04T12:00"),
    ],
    ids=str,
)
def test_a_rule_waits_for_its_trigger(change: dict[str, Any], trigger: Trigger, instant: str) -> None:
    rules = load_rules({"rules": [rule(**change)]})
    (step,) = (step for step in steps(clock(), rules, severity=Severity.S4) if step.level)
    assert rules[0].trigger is trigger
    assert step.at == at(instant)


def test_a_rule_of_another_severity_or_metric_is_silent() -> None:
    rules = load_rules({"rules": [rule(at="breach", severities=["S1"], metrics=["regulatory"])]})
    for metric, severity in ((Metric.RESOLUTION, Severity.S1), (Metric.REGULATORY, Severity.S2)):
        assert not [step for step in steps(clock(metric), rules, severity=severity) if step.level]
    it = SlaClock(Metric.REGULATORY, MONDAY, MONDAY, 72 * HOUR, always())
    assert [step.level for step in steps(it, rules, severity=Severity.S1) if step.level] == [Level.L2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({}, "exactly one of", id="no trigger"),
        pytest.param({"at": "breach", "share": 50}, "exactly one of", id="two triggers"),
        pytest.param({"at": "share"}, "start or breach", id="not a moment"),
        pytest.param({"share": 0}, "percentage", id="no share"),
        pytest.param({"share": "75 %"}, "percentage", id="a share in words"),
        pytest.param({"after": "later"}, "not a duration", id="not a duration"),
        pytest.param({"at": "breach", "level": "L7"}, "none of L1", id="unknown level"),
        pytest.param({"at": "breach", "metrics": []}, "something in it", id="no metric"),
        pytest.param({"at": "breach", "functional": 1}, "true or false", id="not a truth value"),
        pytest.param({"at": "breach", "severity": "S1"}, "unknown key", id="misspelt"),
        pytest.param({"at": "breach", "when": "raining"}, "none of about_staff", id="unknown circumstance"),
        pytest.param({"at": "breach", "after_breach": "1wd"}, "exactly one of", id="breach said twice"),
    ],
)
def test_wrong_rules_are_refused_with_the_reason(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        load_rules({"rules": [rule(**change)]})


def test_two_rules_with_one_code_are_refused() -> None:
    with pytest.raises(InvalidInput, match="twice"):
        load_rules({"rules": [rule(at="breach"), rule(at="start")]})
