"""To whom a ticket is given: skill, load, who has waited longest; and why not to the others."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.domain.assignment import Candidate, Out, Work, assignment_rules, choose_assignee
from helpdesk.domain.severity import Severity

RULES = assignment_rules()
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
FRAUD = Work("FRD", "id", "whatsapp")


def person(number: int, **changes: object) -> Candidate:
    plain = Candidate(
        id=number, public_id=f"p{number}", skills=frozenset(), held={}, capacity=None, given_at=None
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("candidates", "order"),
    [
        pytest.param([person(1), person(2, skills=frozenset({"FRD"}))], [2, 1], id="skill first"),
        pytest.param(
            [person(1, skills=frozenset({"FRD"})), person(2, skills=frozenset({"FRD", "whatsapp"}))],
            [2, 1],
            id="more skills first",
        ),
        pytest.param(
            [person(1, skills=frozenset({"FRD"}), held={Severity.S1: 2}), person(2)], [1, 2], id="skill before load"
        ),
        pytest.param(
            [person(1, held={Severity.S1: 1}), person(2, held={Severity.S4: 5})], [2, 1], id="S1 weighs most"
        ),
        pytest.param(
            [person(1, given_at=NOON), person(2, given_at=NOON - timedelta(hours=1))], [2, 1], id="longest without"
        ),
        pytest.param([person(1, given_at=NOON), person(2)], [2, 1], id="never given any: first"),
        pytest.param([person(2), person(1)], [1, 2], id="else by id"),
    ],
)  # fmt: skip
def test_candidates_stand_in_order(candidates: list[Candidate], order: list[int]) -> None:
    choice = choose_assignee(FRAUD, candidates, RULES)
    assert [each.candidate.id for each in choice.standings] == order
    assert choice.chosen is not None
    assert choice.chosen.id == order[0]


@pytest.mark.parametrize(
    ("change", "reason", "is_busy"),
    [
        ({"is_on_shift": False}, Out.OFF_SHIFT, True),
        ({"is_online": False}, Out.OFFLINE, True),
        ({"is_away": True}, Out.AWAY, True),
        ({"held": {Severity.S4: 2}, "capacity": 2}, Out.FULL, True),
        ({"held": {Severity.S3: RULES.capacity}}, Out.FULL, True),
        ({"is_barred": True}, Out.BARRED, False),
    ],
)
def test_who_is_not_asked_has_a_reason(change: dict[str, object], reason: Out, is_busy: bool) -> None:
    choice = choose_assignee(FRAUD, [person(1, **change)], RULES)
    assert choice.chosen is None
    assert choice.standings[0].out == (reason,)
    assert choice.is_team_busy is is_busy


def test_who_lost_it_does_not_get_it_again_even_where_nobody_else_is_there() -> None:
    lost, other = person(1, has_lost_it=True), person(2, held={Severity.S1: 5})
    assert choose_assignee(FRAUD, [lost, other], RULES).chosen == other
    alone = choose_assignee(FRAUD, [lost, replace(other, is_away=True)], RULES)
    assert alone.chosen is None
    assert alone.standings[0].out == (Out.LOST_IT,)
    assert not alone.is_team_busy  # any other ticket may go to her


def test_nobody_is_chosen_from_an_empty_team() -> None:
    choice = choose_assignee(FRAUD, [], RULES)
    assert (choice.chosen, choice.is_team_busy) == (None, True)


def test_the_reasons_are_kept_as_plain_data() -> None:
    fit = person(1, skills=frozenset({"FRD", "en"}), held={Severity.S2: 1}, given_at=NOON)
    data = choose_assignee(FRAUD, [fit, person(2, is_away=True)], RULES).as_data()
    assert data[0] == {
        "person": "p1",
        "place": 1,
        "skills": ["FRD"],
        "load": 4,
        "count": 1,
        "capacity": RULES.capacity,
        "given_at": NOON.isoformat(),
        "out": [],
    }
    assert (data[1]["place"], data[1]["out"]) == (None, ["away"])


people = st.builds(
    person,
    st.integers(1, 50),
    skills=st.frozensets(st.sampled_from(["FRD", "PAY", "id", "whatsapp"])),
    held=st.dictionaries(st.sampled_from(sorted(Severity)), st.integers(0, 30)),
    capacity=st.none() | st.integers(0, 40),
    is_on_shift=st.booleans(),
    is_online=st.booleans(),
    is_away=st.booleans(),
    is_barred=st.booleans(),
    has_lost_it=st.booleans(),
)


@given(st.lists(people, unique_by=lambda each: each.id, max_size=8))
def test_the_choice_is_allowed_and_does_not_depend_on_the_order_of_asking(
    candidates: list[Candidate],
) -> None:
    choice = choose_assignee(FRAUD, candidates, RULES)
    assert choose_assignee(FRAUD, list(reversed(candidates)), RULES) == choice
    chosen = choice.chosen
    if chosen is not None:
        assert (chosen.is_on_shift, chosen.is_online) == (True, True)
        assert (chosen.is_away, chosen.is_barred) == (False, False)
        assert sum(chosen.held.values()) < (RULES.capacity if chosen.capacity is None else chosen.capacity)
