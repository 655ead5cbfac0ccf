"""The words of the conversation's machine: where it stands, what she says, what follows (domain/dialogue.py)."""

from dataclasses import dataclass
from enum import StrEnum, auto

from helpdesk.domain.conversation import UtteranceKind


class Phase(StrEnum):
    """How far the ticket is."""

    UNTOLD = auto()  # an enquiry: she has greeted, or said a short word
    OPEN = auto()
    ANSWERED = auto()
    CLOSED = auto()


class Known(StrEnum):
    """Whether we know who writes."""

    SETTLED = auto()  # she said who she is, or does not want to
    NAMED = auto()  # the number belongs to somebody whose name we have
    UNKNOWN = auto()


class Placed(StrEnum):
    """Whether we know what it is about."""

    SETTLED = auto()
    GUESSED = auto()
    UNCLEAR = auto()


class Act(StrEnum):
    """What is done beside what is said; carried out by services/chat_acts.py in this order."""

    ACKNOWLEDGE = auto()  # the story is a complaint: number and promised dates
    COMPLAIN_OF = auto()  # the same, of a line of the menu
    PLACE = auto()  # she chose what it is about
    CONFIRM_CATEGORY = auto()
    CONFIRM_PERSON = auto()
    OTHER_PERSON = auto()  # somebody else on the same phone
    KEEP_NAME = auto()
    WANT_CALL = auto()
    KEEP_HOUR = auto()  # when it is safe to call her
    WEIGH = auto()  # what she adds may be graver
    OFFER_SPLIT = auto()  # what she adds may be another complaint
    SPLIT = auto()  # it is one
    HAND_OVER = auto()  # a person takes over
    CALL_FOR_HELP = auto()
    TELL_STATUS = auto()
    TELL_CHOSEN_STATUS = auto()
    OPEN_UNREAD = auto()  # she wants to read what waited for her
    ACCEPT = auto()
    OBJECT = auto()
    RATE = auto()
    COMMENT = auto()
    WITHDRAW = auto()
    NOTE_DATA = auto()
    NOTE_WISH = auto()


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the conversation stands when a message of hers is in the ticket."""

    phase: Phase
    asked: str = ""
    """Step of our last text; empty where a person wrote last, or nobody."""
    said: frozenset[str] = frozenset()
    """Steps of the texts in this ticket so far."""
    misses: int = 0
    """How often we have said since our last question that we did not understand."""
    is_new: bool = False
    is_acknowledged: bool = False
    is_sms: bool = False
    """Each text costs a short message: only what is needed is asked."""
    is_just_said: bool = False
    """Our last text is some minutes old: she has just read it."""
    has_person: bool = False
    """A member of staff has done something since our last text: we only answer commands."""
    is_attended: bool = False
    """A member of staff has taken the ticket up: we ask nothing more by ourselves."""
    needs_notice: bool = False
    known: Known = Known.SETTLED
    placed: Placed = Placed.SETTLED
    is_sensitive: bool = False
    is_office_open: bool = True
    has_opted_out: bool = False
    is_rated: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message says against that scene."""

    kind: UtteranceKind
    digit: int | None = None
    line: int | None = None
    """Line of the menu that was asked last."""
    tells: bool = False
    """Words, a file or a place that tell something."""
    is_name: bool = False
    """Could be a name and a village."""
    is_same_name: bool = False
    """It is the name of the one whom we take her for."""
    is_brief: bool = False
    """A few words without a file or a place."""
    is_phone: bool = False
    """She shared her own number."""
    is_edit: bool = False
    is_content: bool = False
    """Says that all is well."""
    is_elsewhere: bool = False
    """What she tells belongs to another kind of complaint than this one."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What follows: acts, then texts, then, where it goes on, our next question."""

    acts: tuple[Act, ...] = ()
    says: tuple[str, ...] = ()
    goes_on: bool = False
