"""What we answer in chat by ourselves: at most one text and a warning; silence where a person must answer."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain import taxonomy
from helpdesk.domain.conversation import UtteranceKind
from helpdesk.domain.folding import plain_digits
from helpdesk.domain.lender import Lender
from helpdesk.domain.lifecycle import ACTIVE_STATUSES, TicketKind, TicketStatus
from helpdesk.domain.numbers import SHORTEST, format_number
from helpdesk.domain.privacy import CODE_KINDS
from helpdesk.domain.wording import (
    Language,
    clock_time,
    greeting,
    long_date,
    short_promise,
    status_words,
    weekday,
)
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.complaints import Rating
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.tickets import Ticket
from helpdesk.services import complaints, data_requests, escalations, replies, sla, tickets, triage
from helpdesk.services.chat import ANOTHER, CODE_WARNING, NOT_UNDERSTOOD, Said
from helpdesk.services.trail import CONTACT, record
from helpdesk.sla.escalation import Level
from helpdesk.sla.policy import CalendarCode, Metric

QUIET = timedelta(minutes=20)
"""Within it no guidance is said twice in a row: two machines could answer each other for ever."""

_DATA_WISHES = {1: "see", 2: "change", 3: "delete"}

K = UtteranceKind
_STANDING_ANSWERS = {K.URGENT: "T16b", K.OPT_OUT: "T17", K.OPT_IN: "T17d"}
"""Words that get the same answer at any moment."""
_UNTOLD_ANSWERS = {
    K.GREETING: "T01",
    K.DIGIT: "T04",
    K.NO: "T13c",
    K.YES: "T05",
    K.DONE: "T05",
    K.SOLVED: "T05",
    K.NOT_SOLVED: "T05",
    K.SKIP: "T05",
    K.EMPTY: "T05",
}
"""What a short word gets from us as long as she has told nothing."""
_SOLVED = frozenset({K.YES, K.SOLVED, K.DONE, K.THANKS})
_OBJECTS = frozenset({K.NO, K.NOT_SOLVED})


@dataclass(frozen=True, slots=True)
class _Turn:
    """One message of hers in its ticket, with all that an answer needs."""

    session: Session
    ticket: Ticket
    said: Said
    lender: Lender
    now: datetime

    @property
    def is_untold(self) -> bool:
        """Whether there is only an enquiry yet, in which she told nothing."""
        return self.ticket.kind == TicketKind.ENQUIRY and self.ticket.acknowledged_at is None

    @property
    def has_opted_out(self) -> bool:
        """Whether her address gets no more surveys (T17)."""
        handle = self.session.get(Handle, self.ticket.handle_id) if self.ticket.handle_id else None
        return handle is not None and handle.opted_out_at is not None

    @property
    def language(self) -> Language:
        return Language(self.ticket.language)

    def say(self, key: str, **values: str) -> None:
        replies.say_to(self.session, self.ticket, key, lender=self.lender, now=self.now, values=values)

    def guide(self, key: str) -> None:
        """Say what to do next, unless that was the last thing we said and she has just read it."""
        asked = self.said.asked
        if key == asked.step and asked.at is not None and self.now - asked.at < QUIET:
            return
        self.say(key, salam=greeting(self.now.astimezone(self.lender.zone).hour, self.language))


def answer(
    session: Session, ticket: Ticket, said: Said, *, is_new: bool, lender: Lender, now: datetime
) -> None:
    """Answer the message that was just put into the ticket."""
    turn = _Turn(session, ticket, said, lender, now)
    if CODE_KINDS & said.clean.kinds:
        turn.say(CODE_WARNING)
    if said.message.is_provider_answered:
        return
    if said.choice is not None:
        MENU_ANSWERS[said.asked.step](turn, said.choice)
    elif said.is_story and ticket.acknowledged_at is None and ticket.status in ACTIVE_STATUSES:
        if not is_new and ticket.kind == TicketKind.ENQUIRY:
            ticket.language = said.utterance.language  # a greeting or /start told little of it
            tickets.become_complaint(session, ticket, said.words, now=now)
        replies.receipt(session, ticket, lender=lender, now=now)
    elif said.kind in _COMMANDS:
        _COMMANDS[said.kind](turn)
    elif said.kind in _STANDING_ANSWERS:
        turn.say(_STANDING_ANSWERS[said.kind])
    elif said.is_miss:
        _miss(turn)
    elif ticket.status == TicketStatus.RESOLVED:
        _after_answer(turn)
    elif ticket.status == TicketStatus.CLOSED:
        _after_closing(turn)
    elif turn.is_untold:
        _before_story(turn, is_new=is_new)
    else:
        _in_work(turn)


def _before_story(turn: _Turn, *, is_new: bool) -> None:
    """She has greeted or said a short word: ask for the story."""
    key = "T01" if is_new else _UNTOLD_ANSWERS.get(turn.said.kind)
    if key is not None:
        turn.guide(key)


def _in_work(turn: _Turn) -> None:
    """A person reads what she adds; we only weigh it, and thank her when she says that this was all."""
    if turn.said.kind == K.DONE and turn.said.asked.step in ("T05", "T06"):
        turn.say("T07")
    elif turn.said.is_story:
        triage.weigh_again(turn.session, turn.ticket, turn.said.words, now=turn.now)


def _after_answer(turn: _Turn) -> None:
    """She was asked whether it is solved: yes closes and asks for a rating, no or more story opens it again.

    Who opted out is only thanked: T17 promised her no more surveys.
    """
    session, ticket, now = turn.session, turn.ticket, turn.now
    kind, choice = turn.said.kind, turn.said.utterance.choice
    if kind in _SOLVED or choice == 1:
        complaints.accept(session, ticket, now=now)
        turn.say("T13c" if turn.has_opted_out else "T13")
    elif kind in _OBJECTS or choice == 2 or turn.said.is_story:
        complaints.reject(session, ticket, now=now)
        sla.contact_wrote(session, ticket, at=now)
        turn.say("T12a", **_promised_end(session, ticket))
    elif kind == K.DIGIT:
        _miss(turn)
    elif kind == K.GREETING:
        _say_status(turn)


def _after_closing(turn: _Turn) -> None:
    """A digit rates the service once, words after a low rating are its comment; short words get the status."""
    session, ticket, now = turn.session, turn.ticket, turn.now
    if turn.said.message.is_edit and turn.said.kind != K.NOT_SOLVED:
        return  # she mends what she wrote before: it lies beside it
    score = turn.said.utterance.choice
    if turn.said.is_story:
        is_first = turn.said.asked.step == "T13b"
        complaints.comment(session, ticket, turn.said.words, now=now)
        if is_first:
            turn.say("T13d")
    elif score is not None and 1 <= score <= 5 and session.get(Rating, ticket.id) is None:
        _rate(turn, score)
    elif turn.said.kind == K.NOT_SOLVED:
        complaints.reject(session, ticket, now=now)
        turn.say("T12a", **_promised_end(session, ticket))
    elif turn.said.kind != K.THANKS:
        _say_status(turn)


def _miss(turn: _Turn) -> None:
    """Not understood: say how to answer; after two misses in a row a person helps (design.md 3)."""
    if not turn.said.asked.misses:
        turn.say(NOT_UNDERSTOOD)
    elif turn.ticket.status == TicketStatus.CLOSED:
        _say_status(turn)  # nobody works on it: she was only asked for a rating
    else:
        _to_person(turn)


def _rate(turn: _Turn, score: int) -> None:
    complaints.rate(turn.session, turn.ticket, score, now=turn.now)
    turn.say("T13b" if score <= complaints.LOW_SCORE else "T13c")


def _choose_problem(turn: _Turn, choice: int) -> None:
    """A problem of the menu is a complaint already, with its number; then we ask what happened."""
    if not turn.is_untold:
        return  # a person has taken it up meanwhile
    menu = taxonomy.MENU[choice]
    tickets.become_complaint(turn.session, turn.ticket, menu.name_id, category=menu.fallback, now=turn.now)
    replies.receipt(turn.session, turn.ticket, lender=turn.lender, now=turn.now)
    turn.say("T05")


def _ask_withdrawal(turn: _Turn) -> None:
    """Only what is still being worked on can be withdrawn, and only after asking again."""
    if turn.is_untold or turn.ticket.status not in ACTIVE_STATUSES:
        _say_status(turn)
    else:
        turn.say("T17b")


def _answer_withdrawal(turn: _Turn, choice: int) -> None:
    if choice == 1 and turn.ticket.status in ACTIVE_STATUSES:
        complaints.withdraw(turn.session, turn.ticket, now=turn.now)
        turn.say("T17c")
    else:
        turn.say("T17e")


def _offer_data(turn: _Turn) -> None:
    """She wants to see, change or delete her data: those who decide are told at once, as a date is promised."""
    if turn.is_untold:
        tickets.become_request(
            turn.session, turn.ticket, turn.said.words, category=data_requests.CATEGORY, now=turn.now
        )
    turn.ticket.acknowledged_at = turn.ticket.acknowledged_at or turn.now
    _note_data_request(turn, "")
    turn.say("T23", tgl=_data_date(turn))


def _take_data_wish(turn: _Turn, choice: int) -> None:
    _note_data_request(turn, _DATA_WISHES[choice])
    turn.say("T23b", tgl=_data_date(turn))


def _note_data_request(turn: _Turn, wish: str) -> None:
    data = {"wish": wish} if wish else {}
    record(turn.session, turn.ticket, "data_requested", actor=CONTACT, at=turn.now, data=data)
    if wish or turn.said.asked.step != "T23":
        escalations.notify(turn.session, turn.ticket, Level.L5, "data_requested", at=turn.now)


def _data_date(turn: _Turn) -> str:
    """The 72 hours count from her first word in the request (UU PDP 27/2022 Ps. 32-33)."""
    ticket = turn.ticket
    promised = sla.promised(turn.session, ticket) if data_requests.is_request(ticket) else {}
    # Staff may have corrected the category meanwhile: her request has its date all the same.
    due_at = promised.get(Metric.REGULATORY, ticket.received_at + data_requests.LIMIT)
    zone = replies.zone_of(turn.session, ticket)
    return short_promise(due_at, zone=zone, language=turn.language)


def _to_person(turn: _Turn) -> None:
    """A person takes over: an answered ticket opens again, and outside office hours we say when they are."""
    session, ticket, now = turn.session, turn.ticket, turn.now
    if ticket.status == TicketStatus.RESOLVED:
        tickets.set_status(
            session, ticket, TicketStatus.OPEN, actor=CONTACT, now=now, reason="asked_for_person"
        )
        tickets.reopened(session, ticket, now=now)
    book = CalendarBook(session)
    office = book.calendar(CalendarCode.SERVICE, book.unit(ticket.unit_id))
    if office.is_open(now):
        turn.say("T15", menit="15")
        return
    zone, opens = replies.zone_of(session, ticket), office.next_open(now)
    day = weekday(opens, zone=zone, language=turn.language)
    turn.say("T16", hari=day, jam=clock_time(opens, zone=zone))


def _tell_anew(turn: _Turn) -> None:
    """LAPOR: ask for the story; where one was told already this will be another complaint."""
    turn.say("T05" if turn.is_untold else ANOTHER)


def _say_status(turn: _Turn) -> None:
    """Tell how the ticket stands, or another of hers whose number she sends."""
    number = turn.said.utterance.number or _mistyped_number(turn.said.clean.text)
    if number is None or number == turn.ticket.number:
        if turn.is_untold:
            turn.say("T08b")
        else:
            _tell_status(turn, turn.ticket)
        return
    other = _other_of_hers(turn.session, turn.ticket, number)
    if other is None:
        turn.say("T08d", nomor=format_number(number))
    else:
        _tell_status(turn, other)


def _mistyped_number(text: str) -> str | None:
    """Return digits that are meant as a number of ours and are none: she must not take another's news for it."""
    digits = re.sub(r"\D", "", plain_digits(text))
    return digits if len(digits) >= SHORTEST else None


def _tell_status(turn: _Turn, about: Ticket) -> None:
    """Tell number, status and promised date."""
    icon, words = status_words(about.status, turn.language, is_read=about.last_human_at is not None)
    values = _promised_end(turn.session, about)
    values |= {"nomor": format_number(about.number), "ikon": icon, "status": words}
    if about.resolved_at is None:
        turn.say("T08", **values)
        return
    zone = replies.zone_of(turn.session, about)
    turn.say("T08a", **values | {"tgl": long_date(about.resolved_at, zone=zone, language=turn.language)})


def _other_of_hers(session: Session, ticket: Ticket, number: str) -> Ticket | None:
    """Return the ticket with the number if it is of the same contact, or of one with the same phone."""
    found = session.execute(
        select(Ticket, Contact).join(Contact, Contact.id == Ticket.contact_id).where(Ticket.number == number)
    ).one_or_none()
    if found is None:
        return None
    other, owner = found
    phone = session.get_one(Contact, ticket.contact_id).phone_digest
    is_hers = owner.id == ticket.contact_id or (phone is not None and owner.phone_digest == phone)
    return other if is_hers else None


def _promised_end(session: Session, ticket: Ticket) -> dict[str, str]:
    """The promised dates where a text speaks of the end: the short one of SMS is then the end's, too."""
    values = replies.promises(session, ticket)
    return values | {"tglp": values["tglp_selesai"]}


_COMMANDS = {
    K.STATUS: _say_status,
    K.HUMAN: _to_person,
    K.WITHDRAW: _ask_withdrawal,
    K.DATA: _offer_data,
    K.REPORT: _tell_anew,
}
MENU_ANSWERS = {"T04": _choose_problem, "T13": _rate, "T17b": _answer_withdrawal, "T23": _take_data_wish}
"""What a chosen line does, for each of services.chat.MENUS."""
