"""The conversation with a Mitra: where it stands and what she says give what we do and say (design.md 3).

A machine without memory: the scene is read from the ticket each time, so that a restart, another worker or a
person who steps in never leaves it behind. Texts are named by their step in texts.yaml.
"""

from collections.abc import Callable, Mapping

from helpdesk.domain.conversation import UtteranceKind as K
from helpdesk.domain.message_templates import NEWS
from helpdesk.domain.scene import Act, Heard, Known, Phase, Placed, Scene, Turn

SILENCE = Turn()
NOT_UNDERSTOOD, CODE_WARNING, ANOTHER = "T18", "T14", "T05b"
STILL_THERE = "T19"
PASSED_OVER = frozenset({NOT_UNDERSTOOD, CODE_WARNING, STILL_THERE, NEWS})
"""Texts after which the question before them still stands; NEWS asks only while something waits for her word."""

_INTAKE = frozenset(
    {"T06", "T02", "T02b", "T03a", "T03b", "T04", "T04b", "T05", "T12a", "T12c", "T20", "T21", "T21a"}
)
"""While one of these stands she is still telling what happened: more words are no other complaint."""
_MAY_END = frozenset({"T04", "T04b"})
"""Where SELESAI ends the story though more could be asked."""
WAITS_FOR_HER = frozenset({"T02", "T03a", "T03b", "T04", "T04b", "T05"})
"""Questions after which silence is met with T19, once."""
_GOES = frozenset({K.YES, K.DONE, K.SKIP, K.THANKS, K.GREETING, K.SOLVED})
_NO = frozenset({K.NO, K.NOT_SOLVED})
_SOLVED = frozenset({K.YES, K.SOLVED, K.DONE, K.THANKS})


def respond(scene: Scene, heard: Heard) -> Turn:
    """Return what we do about a message."""
    if heard.line is not None:
        return _ON_LINE[scene.asked](scene, heard.line)
    if heard.tells and not scene.is_acknowledged and scene.phase in (Phase.UNTOLD, Phase.OPEN):
        return Turn((Act.ACKNOWLEDGE,), goes_on=True)
    if heard.kind in _ON_WORD:
        return _ON_WORD[heard.kind](scene)
    if heard.kind == K.DIGIT and scene.asked in _ON_LINE and not _is_with_person(scene):
        return miss(scene)
    if scene.asked == NEWS:
        return _at_news(scene, heard)
    return _IN_PHASE[scene.phase](scene, heard)


def _at_news(scene: Scene, heard: Heard) -> Turn:
    """Something waits that she has not read: YA, a digit or a few words only open it. They accept and rate nothing.

    More words than that are heard as ever; what she objects to is looked at again.
    """
    if not heard.tells or heard.is_brief:
        return Turn((Act.OPEN_UNREAD,))
    if scene.phase is Phase.ANSWERED:
        return Turn((Act.OBJECT,), ("T12c",))
    return _IN_PHASE[scene.phase](scene, heard)


def _is_with_person(scene: Scene) -> bool:
    return scene.has_person and scene.phase is Phase.OPEN


def next_texts(scene: Scene) -> tuple[str, ...]:
    """Return what we say to go on: one question, or none where all is known or a person has taken over."""
    if scene.is_attended or scene.phase is not Phase.OPEN:
        return ()
    if scene.is_sensitive:
        return () if "T20" in scene.said else ("T20",)
    wanted = _SMS_ORDER if scene.is_sms else _ORDER
    texts: list[str] = []
    for step, is_wanted in wanted:
        if step in scene.said or not is_wanted(scene):
            continue
        texts.append(step)
        if not (scene.is_sms and step == "T02"):  # by SMS the notice asks nothing
            break
    return tuple(texts)


def miss(scene: Scene) -> Turn:
    """Not understood: say how to answer; after two misses in a row a person helps, never a loop."""
    if not scene.misses:
        return Turn(says=(NOT_UNDERSTOOD,))
    if scene.phase is Phase.CLOSED:
        return Turn((Act.TELL_STATUS,))  # nobody works on it: she was only asked for a rating
    return _to_person(scene)


_ORDER: tuple[tuple[str, Callable[[Scene], bool]], ...] = (
    ("T02", lambda scene: scene.needs_notice),
    ("T03a", lambda scene: scene.known is Known.NAMED),
    ("T03b", lambda scene: scene.known is Known.UNKNOWN),
    ("T04b", lambda scene: scene.placed is Placed.GUESSED and "T04" not in scene.said),
    ("T04", lambda scene: scene.placed is Placed.UNCLEAR),
    ("T05", lambda _scene: True),
)
_SMS_ORDER: tuple[tuple[str, Callable[[Scene], bool]], ...] = (
    ("T02", lambda scene: scene.needs_notice),
    ("T04", lambda scene: scene.placed is Placed.UNCLEAR),
    ("T03b", lambda scene: scene.known is Known.UNKNOWN),
)


def _to_person(scene: Scene) -> Turn:
    return Turn((Act.HAND_OVER,), ("T15" if scene.is_office_open else "T16",))


def _on_status(scene: Scene) -> Turn:
    return Turn((Act.TELL_STATUS,))


def _on_data(_scene: Scene) -> Turn:
    return Turn((Act.NOTE_DATA,), ("T23",))


def _on_withdrawal(scene: Scene) -> Turn:
    """Only what is still being worked on can be withdrawn, and only after asking again."""
    return Turn(says=("T17b",)) if scene.phase is Phase.OPEN else Turn((Act.TELL_STATUS,))


_ON_WORD: Mapping[K, Callable[[Scene], Turn]] = {
    K.STATUS: _on_status,
    K.HUMAN: _to_person,
    K.WITHDRAW: _on_withdrawal,
    K.DATA: _on_data,
    K.REPORT: lambda scene: Turn(says=("T05" if scene.phase is Phase.UNTOLD else ANOTHER,)),
    K.URGENT: lambda _scene: Turn((Act.CALL_FOR_HELP,), ("T16b",)),
    K.OPT_OUT: lambda _scene: Turn(says=("T17",)),
    K.OPT_IN: lambda _scene: Turn(says=("T17d",)),
}


def _choose_problem(scene: Scene, _line: int) -> Turn:
    if scene.phase is Phase.UNTOLD:
        return Turn((Act.COMPLAIN_OF,), goes_on=True)
    if scene.phase is Phase.OPEN and not scene.is_attended:
        return Turn((Act.PLACE,), goes_on=True)
    return SILENCE


def _choose_call(_scene: Scene, line: int) -> Turn:
    return Turn((Act.WANT_CALL,), ("T02c",)) if line == 1 else Turn(says=("T02d",))


def _rate(scene: Scene, line: int) -> Turn:
    return Turn((Act.RATE,), ("T13b" if line <= 2 else "T13c",))


def _choose_withdrawal(scene: Scene, line: int) -> Turn:
    if line == 1 and scene.phase is Phase.OPEN:
        return Turn((Act.WITHDRAW,), ("T17c",))
    return Turn(says=("T17e",))


def _choose_ticket(_scene: Scene, line: int) -> Turn:
    return Turn((Act.SPLIT,), goes_on=True) if line == 2 else Turn((Act.WEIGH,), ("T21b",))


_ON_LINE: Mapping[str, Callable[[Scene, int], Turn]] = {
    "T02b": _choose_call,
    "T04": _choose_problem,
    "T08c": lambda _scene, _line: Turn((Act.TELL_CHOSEN_STATUS,)),
    "T13": _rate,
    "T17b": _choose_withdrawal,
    "T21": _choose_ticket,
    "T21a": _choose_ticket,
    "T23": lambda _scene, _line: Turn((Act.NOTE_WISH,), ("T23b",)),
}
MENUS = frozenset(_ON_LINE)
"""Texts that ask for one of their lines; a digit counts for the last of them only (design.md 3)."""


def _before_story(scene: Scene, heard: Heard) -> Turn:
    """She has greeted or said a short word: ask for the story."""
    if scene.is_new or heard.kind == K.GREETING:
        return _guide(scene, "T01")
    if heard.kind == K.DIGIT:
        return _guide(scene, "T04")
    if heard.kind == K.NO:
        return _guide(scene, "T13c")
    return SILENCE if heard.kind == K.THANKS else _guide(scene, "T05")


def _guide(scene: Scene, step: str) -> Turn:
    """Say what to do next, unless she has just read it: two machines could answer each other for ever."""
    return SILENCE if step == scene.asked and scene.is_just_said else Turn(says=(step,))


def _in_work(scene: Scene, heard: Heard) -> Turn:
    """A person reads what she adds; our own questions go on as long as nobody has taken over.

    What she mends of her earlier words is weighed, and answers none of our questions.
    """
    if heard.is_edit:
        return Turn((Act.WEIGH,)) if heard.tells else SILENCE
    if heard.kind == K.DONE and (scene.asked == "T06" or (scene.asked in _MAY_END and not scene.has_person)):
        return Turn(says=_farewell(scene))
    if not scene.has_person and scene.asked in _ON_STEP:
        return _ON_STEP[scene.asked](scene, heard)
    if not heard.tells:
        return SILENCE
    if heard.is_elsewhere and not scene.is_attended and scene.asked not in _INTAKE:
        return Turn((Act.OFFER_SPLIT,))
    return Turn((Act.WEIGH,))


def _farewell(scene: Scene) -> tuple[str, ...]:
    return ("T07",) if scene.is_office_open else ("T07", "T16")


def _at_notice(scene: Scene, heard: Heard) -> Turn:
    """The notice is no gate: whatever she says, her complaint goes on; a no is offered a call (design.md 1.4)."""
    if heard.kind in _NO or heard.digit == 2:
        return Turn(says=("T02b",))
    if heard.tells:
        return Turn((Act.WEIGH,), goes_on=True)
    return Turn(goes_on=True) if heard.kind in _GOES or heard.digit == 1 else miss(scene)


def _at_call(scene: Scene, heard: Heard) -> Turn:
    if heard.tells:
        return Turn((Act.WEIGH,))
    if heard.kind in _GOES:
        return _choose_call(scene, 1)
    return _choose_call(scene, 2) if heard.kind in _NO else miss(scene)


def _at_person(scene: Scene, heard: Heard) -> Turn:
    """A yes, a no, or at once who she is: `bukan, saya Wati`."""
    if heard.is_name:
        acts = (Act.CONFIRM_PERSON,) if heard.is_same_name else (Act.OTHER_PERSON, Act.KEEP_NAME)
        return Turn(acts, goes_on=True)
    if heard.tells:
        return Turn((Act.WEIGH,))
    if heard.kind in _NO or heard.digit == 2:
        return Turn((Act.OTHER_PERSON,), ("T03b",))
    is_yes = heard.kind in (K.YES, K.SOLVED) or heard.digit == 1
    return Turn((Act.CONFIRM_PERSON,), goes_on=True) if is_yes else miss(scene)


def _at_name(scene: Scene, heard: Heard) -> Turn:
    """She is never pressed for a name: LEWAT, or anything short, goes on without one."""
    if heard.is_name:
        return Turn((Act.KEEP_NAME,), goes_on=True)
    if heard.is_phone:
        return Turn((Act.CONFIRM_PERSON,), goes_on=True)
    if heard.tells:
        return Turn((Act.WEIGH,))
    return Turn(goes_on=True) if heard.kind in _GOES | _NO else miss(scene)


def _at_guess(scene: Scene, heard: Heard) -> Turn:
    if heard.tells:
        return Turn((Act.WEIGH,))
    if heard.kind in _NO or heard.digit == 2:
        return Turn(says=("T04",))
    is_yes = heard.kind in (K.YES, K.SOLVED) or heard.digit == 1
    return Turn((Act.CONFIRM_CATEGORY,), goes_on=True) if is_yes else miss(scene)


def _at_menu(scene: Scene, heard: Heard) -> Turn:
    """No line of the menu (that was heard before): words tell more, anything else was no answer."""
    if heard.tells:
        return Turn((Act.WEIGH,))
    return Turn(goes_on=True) if heard.kind == K.SKIP else miss(scene)


def _at_story(scene: Scene, heard: Heard) -> Turn:
    if heard.tells:
        return Turn((Act.WEIGH,))
    is_over = heard.kind in (K.DONE, K.SOLVED, K.NO, K.THANKS, K.SKIP)
    return Turn(says=_farewell(scene)) if is_over else SILENCE


def _at_withdrawal(_scene: Scene, heard: Heard) -> Turn:
    """What is no plain yes cancels nothing."""
    return Turn((Act.WEIGH,) if heard.tells else (), ("T17e",))


def _at_split(scene: Scene, heard: Heard) -> Turn:
    if heard.tells:
        return Turn((Act.WEIGH,))
    return SILENCE if heard.kind in (K.THANKS, K.GREETING) else miss(scene)


def _at_objection(_scene: Scene, heard: Heard) -> Turn:
    """She says what is not solved yet: another officer checks, and by when (design.md T12b)."""
    if heard.tells:
        return Turn((Act.WEIGH,), ("T12b",))
    return Turn(says=("T12b",)) if heard.kind in (K.DONE, K.THANKS, K.YES) else SILENCE


def _at_hour(_scene: Scene, heard: Heard) -> Turn:
    """The hour at which it is safe to call her; whatever she says is kept, and nothing more is asked."""
    acts = (Act.WEIGH, Act.KEEP_HOUR) if heard.tells else (Act.KEEP_HOUR,)
    return SILENCE if heard.kind in (K.THANKS, K.GREETING, K.EMPTY) else Turn(acts, ("T20b",))


_ON_STEP: Mapping[str, Callable[[Scene, Heard], Turn]] = {
    "T02": _at_notice,
    "T02b": _at_call,
    "T03a": _at_person,
    "T03b": _at_name,
    "T04": _at_menu,
    "T04b": _at_guess,
    "T05": _at_story,
    "T12a": _at_objection,
    "T17b": _at_withdrawal,
    "T20": _at_hour,
    "T21": _at_split,
    "T21a": _at_split,
}


def _after_answer(scene: Scene, heard: Heard) -> Turn:
    """She was asked whether it is solved: yes closes and asks for a rating, no or more story opens it again.

    Who opted out is only thanked: T17 promised her no more surveys.
    """
    if heard.kind in _SOLVED or heard.digit == 1 or heard.is_content:
        return Turn((Act.ACCEPT,), ("T13c" if scene.has_opted_out else "T13",))
    if heard.tells:
        return Turn((Act.OBJECT,), ("T12c",))
    if heard.kind in _NO or heard.digit == 2:
        return Turn((Act.OBJECT,), ("T12a",))
    if heard.kind == K.DIGIT:
        return miss(scene)
    return Turn((Act.TELL_STATUS,)) if heard.kind == K.GREETING else SILENCE


def _after_closing(scene: Scene, heard: Heard) -> Turn:
    """A digit rates the service once, words after a low rating are its comment; short words get the status."""
    if heard.is_edit and heard.kind != K.NOT_SOLVED:
        return SILENCE  # she mends what she wrote before: it lies beside it
    if heard.tells:
        return Turn((Act.COMMENT,), ("T13d",) if scene.asked == "T13b" else ())
    if heard.digit is not None and 1 <= heard.digit <= 5 and not scene.is_rated and scene.asked != "T17c":
        return _rate(scene, heard.digit)
    if heard.kind == K.NOT_SOLVED:
        return Turn((Act.OBJECT,), ("T12a",))
    return SILENCE if heard.kind == K.THANKS else Turn((Act.TELL_STATUS,))


_IN_PHASE: Mapping[Phase, Callable[[Scene, Heard], Turn]] = {
    Phase.UNTOLD: _before_story,
    Phase.OPEN: _in_work,
    Phase.ANSWERED: _after_answer,
    Phase.CLOSED: _after_closing,
}
