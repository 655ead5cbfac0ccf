"""What a turn of the conversation does beside what it says, one function for each domain.dialogue.Act."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain import taxonomy
from helpdesk.domain.folding import plain_digits
from helpdesk.domain.introductions import introduction
from helpdesk.domain.lender import Lender
from helpdesk.domain.lifecycle import ACTIVE_STATUSES, TicketKind, TicketStatus
from helpdesk.domain.numbers import SHORTEST, format_number
from helpdesk.domain.scene import Act
from helpdesk.domain.triage import placed
from helpdesk.domain.wording import Language, long_date, short_promise, status_words
from helpdesk.models.contacts import Contact
from helpdesk.models.merges import end_of
from helpdesk.models.tickets import Ticket
from helpdesk.services import (
    complaints,
    contact_tasks,
    contacts,
    data_requests,
    escalations,
    following,
    merging,
    moving,
    replies,
    sla,
    tickets,
    triage,
)
from helpdesk.services.chat import Asked
from helpdesk.services.chat_scene import Place, is_restricted, live_tickets
from helpdesk.services.trail import CONTACT, record
from helpdesk.sla.escalation import Level
from helpdesk.sla.policy import Metric

_DATA_WISHES = {1: "see", 2: "change", 3: "delete"}
_OTHER = "LNY"


@dataclass
class Turning:
    """The turn under way: its place, which an act may move to another ticket, and what was said in it."""

    session: Session
    place: Place
    lender: Lender
    now: datetime
    said: frozenset[str] = field(default_factory=frozenset)

    @property
    def ticket(self) -> Ticket:
        return self.place.ticket

    @property
    def language(self) -> Language:
        return Language(self.ticket.language)

    def say(
        self, step: str, values: Mapping[str, str] | None = None, *, facts: Mapping[str, str] | None = None
    ) -> None:
        """Queue one of the standing texts in the ticket."""
        replies.say_to(
            self.session, self.ticket, step, lender=self.lender, now=self.now, values=values, facts=facts
        )
        self.said |= {step}

    def note(self, kind: str, **data: str) -> None:
        """Append an event of hers to the ticket."""
        record(self.session, self.ticket, kind, actor=CONTACT, at=self.now, data=data)

    def tell_team(self, kind: str) -> None:
        """Let the team know at once."""
        escalations.notify(self.session, self.ticket, Level.L1, kind, at=self.now)


def promised_end(session: Session, ticket: Ticket) -> dict[str, str]:
    """The promised dates where a text speaks of the end: the short one of SMS is then the end's, too."""
    values = replies.promises(session, ticket)
    return values | {"tglp": values["tglp_selesai"]}


def menu_name(ticket: Ticket, language: Language) -> str:
    """Return what the ticket is about in the words of the Mitra's menu."""
    menu = taxonomy.MENU[taxonomy.category(ticket.category_code or _OTHER).menu]
    return menu.name_en if language == Language.EN else menu.name_id


def data_date(doing: Turning) -> str:
    """The 72 hours count from her first word in the request (UU PDP 27/2022 Ps. 32-33)."""
    ticket = doing.ticket
    promised = sla.promised(doing.session, ticket) if data_requests.is_request(ticket) else {}
    # Staff may have corrected the category meanwhile: her request has its date all the same.
    due_at = promised.get(Metric.REGULATORY, ticket.received_at + data_requests.LIMIT)
    zone = replies.zone_of(doing.session, ticket)
    return short_promise(due_at, zone=zone, language=doing.language)


def _acknowledge(doing: Turning) -> None:
    ticket, said = doing.ticket, doing.place.said
    if not doing.place.is_new and ticket.kind == TicketKind.ENQUIRY:
        ticket.language = said.utterance.language  # a greeting or /start told little of it
        tickets.become_complaint(doing.session, ticket, said.words, now=doing.now)
    _receipt(doing)


def _complain_of(doing: Turning) -> None:
    """A problem of the menu is a complaint already, with its number."""
    menu = taxonomy.MENU[doing.place.said.choice or 6]
    tickets.become_complaint(doing.session, doing.ticket, menu.name_id, category=menu.fallback, now=doing.now)
    _receipt(doing)


def _receipt(doing: Turning) -> None:
    replies.receipt(doing.session, doing.ticket, lender=doing.lender, now=doing.now)
    doing.said |= {"T06"}


def _place(doing: Turning) -> None:
    """Her choice places the story, and may make it graver; it lowers nothing."""
    words = triage.story(doing.session, doing.ticket, newest=20)
    category = placed(words, doing.place.said.choice or 6)
    triage.chosen_by_contact(doing.session, doing.ticket, category, now=doing.now)


def _confirm_category(doing: Turning) -> None:
    code = doing.ticket.category_code
    if code is not None:
        triage.chosen_by_contact(doing.session, doing.ticket, code, now=doing.now)


def _confirm_person(doing: Turning) -> None:
    doing.place.handle.identified_at = doing.now
    doing.note("contact_confirmed")


def _other_person(doing: Turning) -> None:
    """She is another than the one whom we took her for: her complaint is hers, and the phone is shared."""
    handle = doing.place.handle
    ticket = merging.stand_alone(doing.session, doing.ticket, handle.id, actor=CONTACT, now=doing.now)
    doing.place = replace(doing.place, ticket=ticket)
    before = doing.session.get_one(Contact, ticket.contact_id)
    contact = contacts.stranger(doing.session, before, now=doing.now)
    handle.is_shared, handle.contact_id, ticket.contact_id = True, contact.id, contact.id
    doing.note("contact_changed")


def _keep_name(doing: Turning) -> None:
    told = introduction(doing.place.said.clean.text)
    if told is None:
        return
    handle, ticket = doing.place.handle, doing.ticket
    contact = doing.session.get_one(Contact, ticket.contact_id)
    known = contacts.known_on(doing.session, handle, told.name) if handle.is_shared else None
    if known is not None and known is not contact:  # one of those who share the phone is back
        handle.contact_id = ticket.contact_id = known.id
        merging.follow_contact(doing.session, ticket)
        contacts.drop_unused(doing.session, contact)
        contact = known
    contacts.learn(doing.session, contact, name=told.name, village=told.village)
    handle.identified_at = doing.now
    doing.note("contact_named")


def _want_call(doing: Turning) -> None:
    doing.note("call_wanted")
    _open_call(doing, "asked")


def _keep_hour(doing: Turning) -> None:
    doing.note("call_hour_told")
    _open_call(doing, "safe_hour")


def _open_call(doing: Turning, reason: str) -> None:
    contact_tasks.wanted(doing.session, doing.ticket, reason=reason, now=doing.now)


def _weigh(doing: Turning) -> None:
    triage.weigh_again(doing.session, doing.ticket, doing.place.said.words, now=doing.now)


def _offer_split(doing: Turning) -> None:
    """Ask whether it is another complaint. It lies in this one meanwhile, and what is graver counts at once."""
    chosen = doing.ticket.category_code if doing.ticket.category_source == "contact" else None
    _weigh(doing)
    newest = moving.newest_of_hers(doing.session, doing.ticket)
    facts = {"message": newest.public_id, "chosen": chosen or ""}
    if is_restricted(doing.ticket) or doing.place.handle.is_shared:
        doing.say("T21a", facts=facts)
        return
    doing.say("T21", {"kategori": menu_name(doing.ticket, doing.language)}, facts=facts)


def _split(doing: Turning) -> None:
    """The message that we asked about, and what she told since, becomes a complaint of its own."""
    asked = doing.place.said.asked
    parts = moving.told_since(doing.session, doing.ticket, asked.facts.get("message", ""))
    if not parts:
        return
    chosen = asked.facts.get("chosen") or None
    ticket = moving.into_new_ticket(
        doing.session, doing.ticket, parts, chosen=chosen, actor=CONTACT, now=doing.now
    )
    said = replace(doing.place.said, asked=Asked(), choice=None)
    doing.place = replace(doing.place, ticket=ticket, said=said, is_new=True)
    doing.said = frozenset()
    _receipt(doing)


def _hand_over(doing: Turning) -> None:
    """A person takes over: an answered ticket opens again."""
    ticket = doing.ticket
    if ticket.status == TicketStatus.RESOLVED:
        tickets.set_status(
            doing.session,
            ticket,
            TicketStatus.OPEN,
            actor=CONTACT,
            now=doing.now,
            reason="asked_for_person",
        )
        tickets.reopened(doing.session, ticket, now=doing.now)
    doing.note("person_wanted")
    doing.tell_team("person_wanted")


def _call_for_help(doing: Turning) -> None:
    doing.note("help_wanted")
    doing.tell_team("help_wanted")


def _tell_status(doing: Turning) -> None:
    """Tell how the ticket stands, another of hers whose number she sends, or let her choose among several."""
    said = doing.place.said
    number = said.utterance.number or _mistyped_number(said.clean.text)
    if number is None:
        _tell_or_list(doing)
    elif number == doing.ticket.number:
        _tell_of(doing, doing.ticket)
    else:
        other = _other_of_hers(doing.session, doing.ticket, number)
        if other is None:
            doing.say("T08d", {"nomor": format_number(number)})
        else:
            _tell_of(doing, other, number=number)


def _tell_or_list(doing: Turning) -> None:
    hers = live_tickets(doing.session, doing.place.handle)
    if len(hers) > 1:
        lines = [f"{place} {_line(doing, ticket)}" for place, ticket in enumerate(hers, start=1)]
        numbers = " ".join(ticket.number for ticket in hers)
        doing.say("T08c", {"daftar": "\n".join(lines)}, facts={"numbers": numbers})
    elif doing.ticket.kind == TicketKind.ENQUIRY and doing.ticket.acknowledged_at is None:
        _tell_of(doing, hers[0]) if hers else doing.say("T08b")
    else:
        _tell_of(doing, doing.ticket)


def _line(doing: Turning, ticket: Ticket) -> str:
    """A phone that others see tells nothing of what it is about."""
    number = format_number(ticket.number)
    is_hidden = is_restricted(ticket) or doing.place.handle.is_shared or ticket.category_code is None
    if is_hidden or doing.place.said.message.channel == "sms":
        return number
    return f"{number} {menu_name(ticket, doing.language)}"


def _tell_chosen_status(doing: Turning) -> None:
    numbers = doing.place.said.asked.facts.get("numbers", "").split()
    line = doing.place.said.choice or 0
    if not 1 <= line <= len(numbers):
        return
    ticket = doing.session.scalar(
        select(Ticket).where(Ticket.number == numbers[line - 1], contacts.is_hers(doing.place.handle))
    )
    if ticket is not None:
        _tell_of(doing, _worked_on(doing.session, ticket), number=ticket.number)


def _mistyped_number(text: str) -> str | None:
    """Return digits that are meant as a number of ours and are none: she must not take another's news for it."""
    digits = re.sub(r"\D", "", plain_digits(text))
    return digits if len(digits) >= SHORTEST else None


def _tell_of(doing: Turning, about: Ticket, *, number: str | None = None) -> None:
    """Tell number, status and promised date. `number`: the one that she knows it by, where it was merged."""
    icon, words = status_words(about.status, doing.language, is_read=about.last_human_at is not None)
    values = promised_end(doing.session, about)
    values |= {"nomor": format_number(number or about.number), "ikon": icon, "status": words}
    if about.resolved_at is None:
        doing.say("T08", values)
        return
    zone = replies.zone_of(doing.session, about)
    doing.say("T08a", values | {"tgl": long_date(about.resolved_at, zone=zone, language=doing.language)})


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
    return _worked_on(session, other) if is_hers else None


def _worked_on(session: Session, ticket: Ticket) -> Ticket:
    """Return the ticket that stands for this one, if it was merged."""
    return session.get_one(Ticket, end_of(session, ticket.id))


def _accept(doing: Turning) -> None:
    complaints.accept(doing.session, doing.ticket, now=doing.now)


def _object(doing: Turning) -> None:
    complaints.reject(doing.session, doing.ticket, now=doing.now)
    sla.contact_wrote(doing.session, doing.ticket, at=doing.now)


def _open_unread(doing: Turning) -> None:
    asked_at = doing.place.said.asked.at
    if asked_at is not None:
        following.open_unread(
            doing.session, doing.ticket, doing.place.handle, asked_at=asked_at, now=doing.now
        )


def _rate(doing: Turning) -> None:
    said = doing.place.said
    score = said.choice or said.utterance.choice or 3
    complaints.rate(doing.session, doing.ticket, score, now=doing.now)


def _comment(doing: Turning) -> None:
    complaints.comment(doing.session, doing.ticket, doing.place.said.words, now=doing.now)


def _withdraw(doing: Turning) -> None:
    if doing.ticket.status in ACTIVE_STATUSES:
        complaints.withdraw(doing.session, doing.ticket, now=doing.now)


def _note_data(doing: Turning) -> None:
    """She wants to see, change or delete her data: those who decide are told at once, as a date is promised."""
    ticket, said = doing.ticket, doing.place.said
    if ticket.kind == TicketKind.ENQUIRY and ticket.acknowledged_at is None:
        tickets.become_request(
            doing.session, ticket, said.words, category=data_requests.CATEGORY, now=doing.now
        )
    ticket.acknowledged_at = ticket.acknowledged_at or doing.now
    doing.note("data_requested")
    if said.asked.step != "T23":
        escalations.notify(doing.session, ticket, Level.L5, "data_requested", at=doing.now)


def _note_wish(doing: Turning) -> None:
    doing.note("data_requested", wish=_DATA_WISHES[doing.place.said.choice or 1])
    escalations.notify(doing.session, doing.ticket, Level.L5, "data_requested", at=doing.now)


ACTS: Mapping[Act, Callable[[Turning], None]] = {
    Act.ACKNOWLEDGE: _acknowledge,
    Act.COMPLAIN_OF: _complain_of,
    Act.PLACE: _place,
    Act.CONFIRM_CATEGORY: _confirm_category,
    Act.CONFIRM_PERSON: _confirm_person,
    Act.OTHER_PERSON: _other_person,
    Act.KEEP_NAME: _keep_name,
    Act.WANT_CALL: _want_call,
    Act.KEEP_HOUR: _keep_hour,
    Act.WEIGH: _weigh,
    Act.OFFER_SPLIT: _offer_split,
    Act.SPLIT: _split,
    Act.HAND_OVER: _hand_over,
    Act.CALL_FOR_HELP: _call_for_help,
    Act.TELL_STATUS: _tell_status,
    Act.TELL_CHOSEN_STATUS: _tell_chosen_status,
    Act.OPEN_UNREAD: _open_unread,
    Act.ACCEPT: _accept,
    Act.OBJECT: _object,
    Act.RATE: _rate,
    Act.COMMENT: _comment,
    Act.WITHDRAW: _withdraw,
    Act.NOTE_DATA: _note_data,
    Act.NOTE_WISH: _note_wish,
}
