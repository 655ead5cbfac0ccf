"""An escalation that nobody answers goes on up: level by level, once each, counted from when people were told."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sla_samples import at, office

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.taxonomy import Severity
from helpdesk.sla.clock import Pause, SlaClock
from helpdesk.sla.escalation import (
    EscalationRule,
    Level,
    Raised,
    Step,
    StepAction,
    answer_by,
    load_answers,
    load_rules,
    next_step_at,
    shipped_answers,
    steps_due,
    unanswered_below,
    unanswered_code,
)
from helpdesk.sla.policy import Metric

HOUR = timedelta(hours=1)
MONDAY = at("2026-06-01T08:00")
CLOCK = SlaClock(Metric.RESOLUTION, MONDAY, MONDAY, 800 * HOUR, office())


def told(level: Level, when: str, until: str, *, answered: str | None = None) -> Raised:
    return Raised(level, at(when), at(until), at(answered) if answered else None)


def due(
    raised: Iterable[Raised], now: str, *, clock: SlaClock = CLOCK, done: Iterable[str] = ()
) -> list[Step]:
    return steps_due(clock, (), severity=Severity.S3, raised=tuple(raised), done=frozenset(done), now=at(now))


def coming(raised: Iterable[Raised], *, clock: SlaClock = CLOCK, done: Iterable[str] = ()) -> datetime | None:
    return next_step_at(
        clock,
        (),
        severity=Severity.S3,
        raised=tuple(raised),
        done=frozenset(done),
        now=at("2026-06-01T09:00"),
    )


def test_the_next_level_is_told_at_the_second_the_time_is_over_and_not_before() -> None:
    raised = [told(Level.L2, "2026-06-01T10:00", "2026-06-02T10:00")]
    assert due(raised, "2026-06-02T09:59:59") == []
    assert due(raised, "2026-06-02T10:00") == [
        Step("unanswered_L3", at("2026-06-02T10:00"), StepAction.ESCALATED, level=Level.L3)
    ]
    assert coming(raised) == at("2026-06-02T10:00")


def test_an_answer_ends_it_also_a_late_one_that_no_pass_has_overtaken() -> None:
    raised = [told(Level.L2, "2026-06-01T10:00", "2026-06-02T10:00", answered="2026-06-02T11:00")]
    assert due(raised, "2026-06-09T10:00") == []
    assert coming(raised) == coming([])


def test_it_climbs_to_the_top_and_ends_there_each_level_once() -> None:
    """Ever told, never answered: as a sweep every hour carries it out."""
    raised, done, now = [told(Level.L2, "2026-06-01T10:00", "2026-06-01T11:00")], set[str](), MONDAY
    seen = []
    while now < at("2026-06-03T08:00"):
        for step in steps_due(
            CLOCK, (), severity=Severity.S1, raised=tuple(raised), done=frozenset(done), now=now
        ):
            assert step.level is not None
            raised.append(Raised(step.level, now, now + HOUR))
            done.add(step.code)
            seen.append((step.code, step.at))
        now += HOUR
    assert seen == [
        ("unanswered_L3", at("2026-06-01T11:00")),
        ("unanswered_L4", at("2026-06-01T12:00")),
        ("unanswered_L5", at("2026-06-01T13:00")),
        ("unanswered_L6", at("2026-06-01T14:00")),
    ]


def test_after_a_standstill_nobody_is_passed_over() -> None:
    """What was due long ago is told now, and the time of those who hear of it only begins."""
    raised = [told(Level.L2, "2026-06-01T10:00", "2026-06-01T18:00")]
    assert [step.code for step in due(raised, "2026-06-20T08:00")] == ["unanswered_L3"]
    raised.append(told(Level.L3, "2026-06-20T08:00", "2026-06-22T08:00"))
    assert due(raised, "2026-06-21T08:00", done=["unanswered_L3"]) == []
    assert coming(raised, done=["unanswered_L3"]) == at("2026-06-22T08:00")


def test_a_higher_level_that_was_told_since_answers_for_the_lower() -> None:
    raised = [
        told(Level.L2, "2026-06-01T10:00", "2026-06-02T10:00"),
        told(Level.L3, "2026-06-01T17:00", "2026-06-03T17:00"),
    ]
    assert due(raised, "2026-06-03T16:00") == []
    assert [step.code for step in due(raised, "2026-06-03T17:00")] == ["unanswered_L4"]


def test_a_higher_level_that_was_told_before_does_not_answer_for_what_came_later() -> None:
    raised = [
        told(Level.L4, "2026-06-01T10:00", "2026-06-01T11:00", answered="2026-06-01T10:30"),
        told(Level.L2, "2026-06-02T10:00", "2026-06-03T10:00"),
    ]
    assert [step.code for step in due(raised, "2026-06-03T10:00")] == ["unanswered_L3"]


@pytest.mark.parametrize("stop", ["met_at", "superseded_at"])
def test_a_clock_that_stopped_escalates_no_further(stop: str) -> None:
    raised = [told(Level.L2, "2026-06-01T10:00", "2026-06-01T18:00")]
    stopped = replace(CLOCK, **{stop: at("2026-06-01T17:00")})
    assert due(raised, "2026-06-09T08:00", clock=stopped) == []
    assert coming(raised, clock=stopped) is None


def test_while_a_clock_stands_still_nobody_is_told_and_afterwards_the_instant_is_the_true_one() -> None:
    raised = [told(Level.L2, "2026-06-01T10:00", "2026-06-02T10:00")]
    pause = Pause(at("2026-06-01T12:00"), None, "contact")
    assert due(raised, "2026-06-04T10:00", clock=replace(CLOCK, pauses=(pause,))) == []
    over = replace(pause, ended_at=at("2026-06-04T12:00"))
    (step,) = due(raised, "2026-06-04T12:00", clock=replace(CLOCK, pauses=(over,)))
    assert step.at == at("2026-06-02T10:00")


@pytest.mark.parametrize(
    ("severity", "told_at", "until"),
    [
        pytest.param(Severity.S1, "2026-06-05T23:30", "2026-06-06T00:30", id="an hour on any wall"),
        pytest.param(Severity.S2, "2026-06-05T16:00", "2026-06-08T11:00", id="four working hours"),
        pytest.param(Severity.S3, "2026-06-05T16:00", "2026-06-08T16:00", id="a working day"),
        pytest.param(Severity.S4, "2026-06-06T03:00", "2026-06-08T17:00", id="told in a weekend night"),
    ],
)
def test_the_time_to_answer_depends_on_the_severity(severity: Severity, told_at: str, until: str) -> None:
    assert answer_by(at(told_at), shipped_answers(), severity=severity, office=office()) == at(until)


def test_each_code_says_which_level_did_not_answer() -> None:
    assert [unanswered_below(unanswered_code(level)) for level in tuple(Level)[1:]] == list(Level)[:-1]
    assert unanswered_below("ladder_L3_resolution_breach") is None


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        pytest.param([], "something in it", id="none"),
        pytest.param([{"severities": ["S1"], "after": "1h"}], "no time is given for S2", id="a gap"),
        pytest.param([{"after": "1h", "elapsed": "1h"}], "exactly one", id="two"),
        pytest.param([{"after": "soon"}], "not a duration", id="no duration"),
    ],
)
def test_wrong_times_to_answer_are_refused_with_the_reason(answers: object, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        load_answers({"answers": answers})


def test_what_a_late_pass_tells_a_higher_level_overtakes_the_missing_answer_of_a_lower() -> None:
    """The same in one pass as in two with a step of another clock between them."""
    shared = {"metrics": ["resolution"], "level": "L3"}
    early, late = (
        load_rules({"rules": [{"code": "ladder_L3", "elapsed": hours, **shared}]}) for hours in ("24h", "30h")
    )
    raised = (told(Level.L2, "2026-06-01T10:00", "2026-06-02T10:00"),)
    now = at("2026-06-04T10:00")

    def told_in_one_pass(rules: tuple[EscalationRule, ...]) -> list[str]:
        found = steps_due(CLOCK, rules, severity=Severity.S3, raised=raised, done=frozenset(), now=now)
        return [step.code for step in found if step.level is Level.L3]

    assert told_in_one_pass(early) == ["ladder_L3"]  # 08:00 comes before 10:00
    assert told_in_one_pass(late) == ["unanswered_L3", "ladder_L3"]
