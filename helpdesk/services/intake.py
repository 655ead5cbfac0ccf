"""Everything that comes in by chat: each message lands in exactly one ticket, and is answered as it deserves."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.domain.conversation import UtteranceKind, tells_something
from helpdesk.domain.dialogue import ANOTHER
from helpdesk.domain.lender import Lender
from helpdesk.domain.lifecycle import ACTIVE_STATUSES, LIVE_STATUSES, TicketKind, TicketStatus
from helpdesk.domain.message_templates import NEWS
from helpdesk.domain.messages import Direction, InboundMessage, OptOut, Purpose
from helpdesk.domain.numbers import find_number
from helpdesk.domain.severity import Severity
from helpdesk.domain.triage import CLEARER, suggest
from helpdesk.models.complaints import Rating
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Message
from helpdesk.models.people import OrgUnit
from helpdesk.models.tickets import Ticket
from helpdesk.services import (
    attachments,
    chat_turns,
    complaints,
    data_requests,
    following,
    held,
    sla,
    tickets,
    triage,
)
from helpdesk.services.chat import Said, hear
from helpdesk.services.chat_scene import QUIET, Place
from helpdesk.services.contacts import external_digest, handle_for, is_hers
from helpdesk.services.tickets import NewTicket
from helpdesk.services.trail import CONTACT, lock_end, record_message

RATING_WINDOW = timedelta(days=7)
"""So long after closing a short answer still belongs to the closed ticket."""
COMMENT_WINDOW = timedelta(hours=24)
"""So long after a low rating a story is its comment."""

_BEGINS_ANEW = frozenset({UtteranceKind.GREETING, UtteranceKind.HUMAN, UtteranceKind.URGENT})
"""Words that need a ticket which somebody sees: a closed one stands in no queue."""
_ASKS_FOR_US = (_BEGINS_ANEW - {UtteranceKind.GREETING}) | {UtteranceKind.REPORT, UtteranceKind.STATUS}


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a message."""

    ticket_id: int
    is_repeat: bool = False
    is_new_ticket: bool = False


def receive_message(session: Session, message: InboundMessage, *, lender: Lender, now: datetime) -> Received:
    """Take one message of a person. A repeat of its external id changes nothing."""
    known = _ticket_id_of(session, message, message.external_id)
    if known is not None:
        return Received(known, is_repeat=True)
    handle = handle_for(session, message, now=now)
    contact = session.get_one(Contact, handle.contact_id)
    edited = _edited_ticket(session, handle, message)
    named = _named_ticket(session, handle, message)
    newest = named or _last_ticket(session, handle, message, language=contact.language, now=now)
    heard_in = edited or newest
    said = hear(session, message, heard_in, handle=handle, language=contact.language, now=now)
    _keep_opt_out(handle, said, now=now)
    held.release(session, handle.id, now=now)
    handle.nudge_at = None
    found = (each for each in (edited, newest) if each is not None)
    ticket = next(
        (
            each
            for each in found
            if (each is named and said.kind != UtteranceKind.DATA)
            or _belongs(session, each, said, is_mended=each is edited, now=now)
        ),
        None,
    )
    is_new = ticket is None
    if ticket is not heard_in:
        said = said.afresh()
    if ticket is None:
        ticket = _begin(session, handle, contact, said, now=now)
    _append(session, ticket, handle, said, now=now)
    if ticket.set_aside_as is not None:
        return Received(ticket.id)  # kept, and nobody is answered
    following.follow(session, ticket, handle, now=now)
    chat_turns.take_turn(session, Place(ticket, handle, said, is_new), lender=lender, now=now)
    return Received(ticket.id, is_new_ticket=is_new)


def _ticket_id_of(session: Session, message: InboundMessage, external_id: str) -> int | None:
    """Id of the ticket that holds the message with this external id of the same channel, if we have it."""
    return session.scalar(
        select(Message.ticket_id).where(
            Message.channel == message.channel,
            Message.direction == Direction.IN,
            Message.external_digest == external_digest(keys_of(session), external_id),
        )
    )


def _edited_ticket(session: Session, handle: Handle, message: InboundMessage) -> Ticket | None:
    """Ticket of the first version of an edited message, locked; None where it never came, or from somebody else."""
    ticket_id = _ticket_id_of(session, message, message.edits) if message.edits else None
    if ticket_id is None:
        return None
    is_found = session.scalar(select(Ticket.id).where(Ticket.id == ticket_id, is_hers(handle))) is not None
    return lock_end(session, ticket_id) if is_found else None


def _last_ticket(
    session: Session, handle: Handle, message: InboundMessage, *, language: str, now: datetime
) -> Ticket | None:
    """Ticket in which somebody spoke last at this address, or a data request beside it, locked."""
    request, chosen = data_requests.newest(session, handle)
    if request is not None:
        said = hear(session, message, request, handle=handle, language=language, now=now)
        if data_requests.hears(session, request, chosen, said):
            chosen = request
    return lock_end(session, chosen.id) if chosen is not None else None


def _named_ticket(session: Session, handle: Handle, message: InboundMessage) -> Ticket | None:
    """The live ticket of hers that the message points to by a quotation, or a story by its number.

    One that was merged points on to that into which it was, wherever answers to it go.
    """
    quoted, number = message.reply_to_external_id, find_number(message.text)
    wanted: list[ColumnElement[bool]] = []
    if quoted:
        digest = external_digest(keys_of(session), quoted)
        lies_in = select(Message.ticket_id).where(
            Message.channel == message.channel,
            Message.external_digest == digest,
            Message.handle_id == handle.id,
        )
        wanted.append(Ticket.id.in_(lies_in))
    if number and tells_something(message.text):
        wanted.append(Ticket.number == number)
    for condition in wanted:
        ticket_id = session.scalar(select(Ticket.id).where(condition, is_hers(handle)))
        ticket = lock_end(session, ticket_id) if ticket_id is not None else None
        if ticket is not None and ticket.status in LIVE_STATUSES:
            return ticket
    return None


def _belongs(session: Session, ticket: Ticket, said: Said, *, is_mended: bool, now: datetime) -> bool:
    """Whether the message continues the ticket; otherwise it begins another.

    `is_mended`: it is a later version of one in this ticket. A story then stays beside its first version,
    unless it only now tells of an S1: that must not end in a closed ticket.
    """
    if said.kind == UtteranceKind.DATA:
        return data_requests.takes(ticket)
    if ticket.set_aside_as is not None:
        return not _is_for_us(said)
    if said.is_story and said.asked.step == ANOTHER and not is_mended:
        return False
    if ticket.status in ACTIVE_STATUSES or (said.asked.step == NEWS and not said.is_story):
        return True
    if said.kind == UtteranceKind.REPORT:
        return False
    if ticket.status == TicketStatus.RESOLVED:
        return True
    if ticket.closed_at is None or now - ticket.closed_at > RATING_WINDOW:
        return False
    if said.is_story and is_mended:
        return ticket.severity == Severity.S1 or not _would_be_s1(session, ticket, said)
    if said.is_story:
        return _comments_on_rating(session, ticket, said, now=now)
    return said.kind not in _BEGINS_ANEW


def _is_for_us(said: Said) -> bool:
    """Whether an address that was set aside means us now: asks for somebody, or clearly tells of one of our matters."""
    if not said.is_story:
        return said.kind in _ASKS_FOR_US
    return next(iter(suggest(said.clean.text)), ("", 0))[1] >= CLEARER or bool(said.message.attachments)


def _comments_on_rating(session: Session, ticket: Ticket, said: Said, *, now: datetime) -> bool:
    """Whether it answers what was wrong after a low rating (design.md T13b).

    Some write in several messages, so what follows shortly after the first belongs to it. A story that would
    be an S1 is a complaint of its own: it must not end in a closed ticket.
    """
    rating = session.get(Rating, ticket.id)
    if rating is None or rating.score > complaints.LOW_SCORE or now - rating.at > COMMENT_WINDOW:
        return False
    goes_on = ticket.last_inbound_at is not None and now - ticket.last_inbound_at <= QUIET
    if said.asked.step != "T13b" and not (said.asked.step == "T13d" and goes_on):
        return False
    return not _would_be_s1(session, ticket, said)


def _would_be_s1(session: Session, ticket: Ticket, said: Said) -> bool:
    """Whether these words alone would be a complaint of the gravest kind."""
    unit = session.get_one(OrgUnit, ticket.unit_id)
    judgement = triage.judge(session, said.words, kind=TicketKind.COMPLAINT, unit=unit)
    return judgement.assessment.level == Severity.S1


def _begin(session: Session, handle: Handle, contact: Contact, said: Said, *, now: datetime) -> Ticket:
    """Open a complaint for a story, a request for her data, an enquiry for everything else."""
    is_request = said.kind == UtteranceKind.DATA
    kind = TicketKind.COMPLAINT if said.is_story else TicketKind.ENQUIRY
    return tickets.open_ticket(
        session,
        NewTicket(
            channel=said.message.channel,
            contact_id=contact.id,
            handle_id=handle.id,
            text=said.words,
            received_at=now,
            kind=TicketKind.REQUEST if is_request else kind,
            category=data_requests.CATEGORY if is_request else None,
            language=said.utterance.language,
            has_story=said.is_story or is_request,
        ),
        now=now,
    )


def _append(session: Session, ticket: Ticket, handle: Handle, said: Said, *, now: datetime) -> None:
    """Store the message with its files, wake the ticket, and start the clock of an unanswered message."""
    message = said.message
    facts = dict(message.facts)
    facts |= {"edited": "yes"} if message.is_edit else {}
    facts |= {"choice": message.choice} if message.choice else {}
    facts |= {"quoted": message.reply_to_external_id} if message.reply_to_external_id else {}
    row = Message(
        direction=Direction.IN,
        purpose=Purpose.STORY,
        channel=message.channel,
        external_id=message.external_id,
        external_digest=external_digest(keys_of(session), message.external_id),
        handle_id=handle.id,
        body=said.clean.text,
        facts=facts or None,
        at=now,
    )
    tickets.add_message(session, ticket, row)
    attachments.expect(session, row, message.attachments, now=now)
    ticket.last_inbound_at = now
    data = {"redacted": sorted(said.clean.kinds)} if said.clean.kinds else {}
    record_message(session, ticket, row, "message_received", actor=CONTACT, at=now, data=data)
    triage.keep_from_staff(session, ticket, said.words, now=now)
    if ticket.status == TicketStatus.PENDING:
        tickets.set_status(session, ticket, TicketStatus.OPEN, actor=CONTACT, now=now)
    if ticket.status in ACTIVE_STATUSES:
        sla.contact_wrote(session, ticket, at=now)


def _keep_opt_out(handle: Handle, said: Said, *, now: datetime) -> None:
    """STOP and START, from the provider or in her own words; the message itself is never dropped."""
    opt_out = said.message.opt_out
    if opt_out == OptOut.STOP:  # the provider lets nothing through from now on
        handle.is_blocked = True
    if opt_out == OptOut.STOP or said.utterance.kind == UtteranceKind.OPT_OUT:
        handle.opted_out_at = handle.opted_out_at or now
    elif opt_out == OptOut.START or said.utterance.kind == UtteranceKind.OPT_IN:
        handle.opted_out_at = None
