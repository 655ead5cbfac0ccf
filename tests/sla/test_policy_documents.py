"""Policies as documents, what differs between two sets, and single changes of a set."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from policy_samples import LAWFUL, a_policy, with_target

from helpdesk.domain.errors import InvalidInput, NotFound
from helpdesk.sla import policy_edits
from helpdesk.sla.policy import Metric, SlaPolicy, shipped_policies
from helpdesk.sla.policy_changes import CONDITIONS, NAME, ChangeKind, compare, is_same, lines
from helpdesk.sla.policy_document import fingerprint, parse_document, write_document

DAY = timedelta(hours=8)


def test_what_is_written_is_read_back_the_same() -> None:
    assert parse_document(write_document(shipped_policies())) == shipped_policies()


def test_the_longest_unit_that_fits_is_written() -> None:
    document = write_document(
        [a_policy("all", LAWFUL | {"acknowledgement": {"within": "90m", "calendar": "service"}})]
    )
    assert "within: 90m" in document
    assert "pause_cap: 10wd" in document
    assert "within: 5d" in document


@pytest.mark.parametrize(
    ("document", "message"),
    [
        pytest.param("policies: [a", "broken YAML in line", id="no YAML"),
        pytest.param("- a\n- b", "a mapping is needed", id="a list"),
        pytest.param("", "a mapping is needed", id="nothing"),
        pytest.param("policies: []", "something in it", id="no policies"),
        pytest.param("a: !!python/object:os.system {}", "broken YAML", id="an object of a program"),
    ],
)
def test_a_broken_document_is_refused_in_one_sentence(document: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        parse_document(document)


def test_a_shipped_pause_has_a_cap_and_other_promises_have_none() -> None:
    for policy in shipped_policies():
        for target in policy.targets:
            assert (target.pause_cap is not None) == target.is_pausable
    written = next(policy for policy in shipped_policies() if policy.code == "complaint-s2-tertulis")
    resolution = written.target(Metric.RESOLUTION)
    assert resolution is not None
    assert (resolution.duration, resolution.pause_cap) == (5 * DAY, 10 * DAY)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        pytest.param(
            {"within": "3wd", "calendar": "service", "pause_cap": "10wd"}, "not pausable", id="no pause"
        ),
        pytest.param(
            {"within": "3wd", "calendar": "service", "pausable": True, "pause_cap": "10d"},
            "a duration is in m or h or wd",
            id="a unit of another calendar",
        ),
        pytest.param(
            {"within": "3wd", "calendar": "service", "pausable": True, "pause_cap": "long"},
            "not a duration",
            id="not a duration",
        ),
        pytest.param({"within": "99999wd", "calendar": "service"}, "longer than any promise", id="for ever"),
    ],
)
def test_a_wrong_cap_is_refused(target: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        a_policy("all", LAWFUL | {"resolution": target})


def test_another_text_or_reason_has_another_sign() -> None:
    assert fingerprint("a", "b") == fingerprint("a", "b")
    assert (
        len({fingerprint("a", "b"), fingerprint("a", "c"), fingerprint("ab", ""), fingerprint("", "ba")}) == 4
    )


def renamed(policy: SlaPolicy) -> SlaPolicy:
    return replace(policy, name_id="Lain")


FIRST, SECOND, REST = (
    a_policy("first", severities=["S1"]),
    a_policy("second", severities=["S2"]),
    a_policy("rest"),
)


@pytest.mark.parametrize(
    ("after", "kinds"),
    [
        pytest.param([FIRST, SECOND, REST], {}, id="nothing"),
        pytest.param([FIRST, replace(SECOND, version=7), REST], {}, id="a version is no difference"),
        pytest.param([FIRST, renamed(SECOND), REST], {"second": ChangeKind.CHANGED}, id="a name"),
        pytest.param([FIRST, REST], {"second": ChangeKind.REMOVED}, id="one less"),
        pytest.param(
            [FIRST, SECOND, a_policy("new", forms=["lisan"]), REST], {"new": ChangeKind.ADDED}, id="one more"
        ),
        pytest.param(
            [a_policy("new", forms=["lisan"]), FIRST, SECOND, REST], {"new": ChangeKind.ADDED}, id="first"
        ),
    ],
)
def test_the_kind_of_a_change(after: list[SlaPolicy], kinds: dict[str, ChangeKind]) -> None:
    found = compare([FIRST, SECOND, REST], after)
    assert {each.code: each.kind for each in found if each.kind is not ChangeKind.SAME} == kinds
    assert is_same(found) == (not kinds)


def test_a_policy_that_changed_places_is_told_and_those_that_kept_theirs_are_not() -> None:
    order = shipped_policies()
    after = policy_edits.moved(order, "service-s1", is_up=True)
    changed = [each for each in compare(order, after) if each.kind is not ChangeKind.SAME]
    assert [each.kind for each in changed] == [ChangeKind.MOVED]
    assert changed[0].code in ("service-s1", "complaint-s4-tertulis")


def test_what_differs_is_named_part_by_part() -> None:
    before = a_policy("p", severities=["S1"])
    after = replace(
        a_policy(
            "p",
            LAWFUL | {"first_response": {"within": "1wd", "calendar": "service"}},
            severities=["S1", "S2"],
        ),
        name_en="Other",
    )
    (change,) = compare([before], [after])
    assert change.parts == {NAME, CONDITIONS, Metric.FIRST_RESPONSE}
    assert lines(change) == (
        "name_en: P → Other",
        "when: severities S1 → severities S1, S2",
        "first_response: none → 1wd service",
    )


def test_a_changed_promise_is_told_with_its_pause() -> None:
    changed = with_target(
        "service-s4", "resolution", within="7wd", calendar="service", pausable=True, pause_cap="5wd"
    )
    (change,) = [each for each in compare(shipped_policies(), changed) if each.parts]
    assert lines(change) == ("resolution: 8wd service pausable up to 10wd → 7wd service pausable up to 5wd",)


def codes(policies: tuple[SlaPolicy, ...]) -> list[str]:
    return [policy.code for policy in policies]


THREE = (FIRST, SECOND, REST)


@pytest.mark.parametrize(
    ("code", "is_up", "order"),
    [
        pytest.param("second", True, ["second", "first", "rest"], id="earlier"),
        pytest.param("first", False, ["second", "first", "rest"], id="later"),
        pytest.param("first", True, ["first", "second", "rest"], id="the first stays"),
        pytest.param("second", False, ["first", "second", "rest"], id="never behind the fallback"),
    ],
)
def test_a_policy_moves_one_place(code: str, is_up: bool, order: list[str]) -> None:
    assert codes(policy_edits.moved(THREE, code, is_up=is_up)) == order


def test_a_new_policy_is_tried_first_and_one_can_be_taken_out() -> None:
    new = a_policy("new", forms=["lisan"])
    assert codes(policy_edits.added(THREE, new)) == ["new", "first", "second", "rest"]
    assert codes(policy_edits.without(THREE, "first")) == ["second", "rest"]
    assert policy_edits.replaced(THREE, renamed(FIRST))[0].name_id == "Lain"


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda: policy_edits.without(THREE, "rest"), id="taken out"),
        pytest.param(lambda: policy_edits.moved(THREE, "rest", is_up=True), id="moved"),
        pytest.param(lambda: policy_edits.replaced(THREE, a_policy("rest", forms=["lisan"])), id="narrowed"),
        pytest.param(lambda: policy_edits.added(THREE, a_policy("second-rest")), id="doubled"),
    ],
)
def test_the_fallback_stays_the_last_one(edit: Callable[[], object]) -> None:
    with pytest.raises(InvalidInput) as refused:
        edit()
    assert refused.value.code == "fallback"


def test_what_is_not_there_is_not_found() -> None:
    for edit in (policy_edits.without, policy_edits.find):
        with pytest.raises(NotFound):
            edit(THREE, "none")
    with pytest.raises(InvalidInput, match="twice"):
        policy_edits.added(THREE, a_policy("first", forms=["lisan"]))
