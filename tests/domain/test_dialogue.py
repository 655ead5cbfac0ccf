"""The conversation as a pure machine: it never presses, never loops, and never talks over a person."""

import random
from dataclasses import replace

import pytest

from helpdesk.domain.conversation import UtteranceKind as K
from helpdesk.domain.dialogue import (
    MENUS,
    NOT_UNDERSTOOD,
    PASSED_OVER,
    SILENCE,
    WAITS_FOR_HER,
    next_texts,
    respond,
)
from helpdesk.domain.message_templates import NEWS
from helpdesk.domain.options import offer_of
from helpdesk.domain.scene import Act, Heard, Known, Phase, Placed, Scene, Turn
from helpdesk.domain.wording import Language, steps

OPEN = Scene(Phase.OPEN, is_acknowledged=True)
STORY = Heard(K.STORY, tells=True)


@pytest.mark.parametrize(
    ("scene", "texts"),
    [
        pytest.param(replace(OPEN, needs_notice=True, known=Known.UNKNOWN), ("T02",), id="notice first"),
        pytest.param(replace(OPEN, known=Known.NAMED), ("T03a",), id="is it she"),
        pytest.param(replace(OPEN, known=Known.UNKNOWN, placed=Placed.UNCLEAR), ("T03b",), id="name"),
        pytest.param(replace(OPEN, placed=Placed.GUESSED), ("T04b",), id="our guess"),
        pytest.param(replace(OPEN, placed=Placed.UNCLEAR), ("T04",), id="the menu"),
        pytest.param(OPEN, ("T05",), id="the whole story"),
        pytest.param(replace(OPEN, said=frozenset({"T05"})), (), id="nothing more"),
        pytest.param(replace(OPEN, is_sensitive=True, needs_notice=True), ("T20",), id="harm"),
        pytest.param(replace(OPEN, is_attended=True, needs_notice=True), (), id="a person is there"),
        pytest.param(
            replace(OPEN, is_sms=True, needs_notice=True, known=Known.UNKNOWN), ("T02", "T03b"), id="sms"
        ),
        pytest.param(replace(OPEN, is_sms=True, placed=Placed.GUESSED), (), id="sms asks no guess"),
        pytest.param(replace(OPEN, phase=Phase.CLOSED, needs_notice=True), (), id="closed"),
    ],
)
def test_the_next_question_is_what_is_missing_first(scene: Scene, texts: tuple[str, ...]) -> None:
    assert next_texts(scene) == texts


@pytest.mark.parametrize("asked", sorted(WAITS_FOR_HER | {"T02b", "T20", "T21", "T06", "T12a", ""}))
def test_a_story_is_never_called_wrong(asked: str) -> None:
    turn = respond(replace(OPEN, asked=asked), STORY)
    assert NOT_UNDERSTOOD not in turn.says
    assert Act.WEIGH in turn.acts


@pytest.mark.parametrize("phase", [Phase.UNTOLD, Phase.OPEN])
@pytest.mark.parametrize("asked", ["", "T01", "T02", "T04", "T05", "T17"])
def test_the_first_story_has_its_number_whatever_was_asked(phase: Phase, asked: str) -> None:
    turn = respond(Scene(phase, asked=asked), STORY)
    assert turn == Turn((Act.ACKNOWLEDGE,), goes_on=True)


@pytest.mark.parametrize("kind", sorted(set(K) - {K.STATUS, K.HUMAN, K.WITHDRAW, K.DATA, K.REPORT, K.URGENT}))
@pytest.mark.parametrize("asked", sorted(WAITS_FOR_HER))
def test_beside_a_person_only_commands_are_answered(kind: K, asked: str) -> None:
    scene = replace(OPEN, asked=asked, has_person=True, is_attended=True)
    turn = respond(scene, Heard(kind, tells=kind is K.STORY))
    expected = {K.OPT_OUT: ("T17",), K.OPT_IN: ("T17d",)}.get(kind, ())
    assert turn.says == expected
    assert not turn.goes_on


def test_two_misses_bring_a_person() -> None:
    scene = replace(OPEN, asked="T04")
    assert respond(scene, Heard(K.DIGIT, digit=9)).says == (NOT_UNDERSTOOD,)
    assert respond(replace(scene, misses=1), Heard(K.EMPTY)) == Turn((Act.HAND_OVER,), ("T15",))
    night = replace(scene, misses=1, is_office_open=False)
    assert respond(night, Heard(K.EMPTY)).says == ("T16",)


def test_what_she_mends_answers_no_question() -> None:
    scene = replace(OPEN, asked="T02")
    assert respond(scene, Heard(K.YES, is_edit=True)) == SILENCE


def test_every_text_that_the_machine_says_exists() -> None:
    rng = random.Random(1)
    said = {step for _ in range(20_000) for step in _step(rng, _anywhere(rng))[0]}
    assert said <= steps()
    assert {
        "T01",
        "T02",
        "T02b",
        "T02c",
        "T02d",
        "T03b",
        "T04",
        "T04b",
        "T05",
        "T07",
        "T12a",
        "T12b",
        "T12c",
    } <= said


@pytest.mark.parametrize("step", sorted(MENUS))
def test_every_menu_shows_its_lines(step: str) -> None:
    has_own_lines = step == "T08c"  # the numbers of her complaints
    assert has_own_lines or offer_of(step, Language.ID).options


def test_nonsense_for_ten_thousand_turns_never_loops() -> None:
    """Each turn says little, the same text is not said again and again, and what is asked is asked once."""
    rng = random.Random(20261129)
    for _ in range(100):
        scene = replace(OPEN, needs_notice=True, known=Known.UNKNOWN, placed=Placed.UNCLEAR)
        texts: list[str] = []
        for _ in range(100):
            says, scene = _step(rng, scene)
            assert len(says) <= 3
            texts += says
        asked = [step for step in texts if step in WAITS_FOR_HER - {"T04", "T05"}]
        assert len(asked) == len(set(asked))
        runs = [texts[place : place + 3] for place in range(len(texts) - 2)]
        assert [NOT_UNDERSTOOD] * 2 not in [run[:2] for run in runs]


_MINDLESS = (
    K.YES,
    K.NO,
    K.DIGIT,
    K.EMPTY,
    K.THANKS,
    K.GREETING,
    K.DONE,
    K.SKIP,
    K.STORY,
    K.SOLVED,
    K.NOT_SOLVED,
)


def _step(rng: random.Random, scene: Scene) -> tuple[list[str], Scene]:
    """Let her say anything, and return what is said and where it stands then."""
    kind = rng.choice(_MINDLESS)
    digit = rng.randrange(10) if kind is K.DIGIT else None
    line = digit if digit in (1, 2) and scene.asked in MENUS else None
    heard = Heard(kind, digit=digit, line=line, tells=kind is K.STORY, is_name=rng.random() < 0.2)
    turn = respond(scene, heard)
    says = list(turn.says)
    if Act.KEEP_NAME in turn.acts or Act.CONFIRM_PERSON in turn.acts:
        scene = replace(scene, known=Known.SETTLED)
    if Act.PLACE in turn.acts or Act.CONFIRM_CATEGORY in turn.acts:
        scene = replace(scene, placed=Placed.SETTLED)
    scene = replace(scene, said=scene.said | frozenset(says))
    if turn.goes_on:
        says += next_texts(scene)
    questions = [step for step in says if step not in PASSED_OVER]
    misses = 0 if questions else scene.misses + says.count(NOT_UNDERSTOOD)
    asked = questions[-1] if questions else scene.asked
    return says, replace(
        scene,
        said=scene.said | frozenset(says),
        asked=asked,
        misses=misses,
        needs_notice=scene.needs_notice and "T02" not in says,
    )


def _anywhere(rng: random.Random) -> Scene:
    return Scene(
        rng.choice(list(Phase)),
        asked=rng.choice(sorted(steps())),
        is_new=rng.random() < 0.5,
        is_acknowledged=rng.random() < 0.9,
        needs_notice=rng.random() < 0.2,
        known=rng.choice(list(Known)),
        placed=rng.choice(list(Placed)),
        misses=rng.randrange(2),
    )


@pytest.mark.parametrize("phase", [Phase.OPEN, Phase.ANSWERED, Phase.CLOSED])
@pytest.mark.parametrize("kind", [K.YES, K.SOLVED, K.DONE, K.THANKS, K.NO, K.NOT_SOLVED, K.DIGIT, K.GREETING])
def test_a_short_word_to_what_she_has_not_read_only_opens_it(phase: Phase, kind: K) -> None:
    """YA after T22 accepts, rejects and rates nothing: she does not know the answer yet."""
    scene, opens = Scene(phase, asked=NEWS, is_acknowledged=True), Turn((Act.OPEN_UNREAD,))
    for digit in (None, 1, 2):
        assert respond(scene, Heard(kind, digit=digit)) == opens
    brief = Heard(K.STORY, tells=True, is_brief=True, is_content=True)
    assert respond(scene, brief) == opens
    assert Act.ACCEPT not in respond(scene, replace(STORY, is_content=True)).acts
