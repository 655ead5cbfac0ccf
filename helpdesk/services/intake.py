"""Everything that comes in by chat: each message lands in exactly one ticket, and is answered as it deserves."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.domain.conversation import Utterance, UtteranceKind, understand
from helpdesk.domain.lender import Lender
from helpdesk.domain.lifecycle import ACTIVE_STATUSES, TicketKind, TicketStatus
from helpdesk.domain.messages import Direction, InboundMessage, MediaKind, OptOut, Purpose
from helpdesk.domain.privacy import CODE_KINDS, Redaction, redact
from helpdesk.domain.wording import Language, greeting, long_date, status_words
from helpdesk.models.complaints import Rating
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from helpdesk.services import attachments, complaints, replies, sla, tickets, triage
from helpdesk.services.contacts import external_digest, handle_for
from helpdesk.services.tickets import NewTicket
from helpdesk.services.trail import CONTACT, lock_ticket, record_message

RATING_WINDOW = timedelta(days=7)

_WORDLESS_FILES = {
    MediaKind.PHOTO: "Foto",
    MediaKind.VOICE: "Pesan suara",
    MediaKind.AUDIO: "Suara",
    MediaKind.VIDEO: "Video",
    MediaKind.DOCUMENT: "Dokumen",
    MediaKind.CONTACT: "Kontak",
    MediaKind.STICKER: "Stiker",
}
_WORDLESS_FACTS = {"latitude": "Lokasi", "contact_phone": "Nomor HP"}


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a message."""

    ticket_id: int
    is_repeat: bool = False
    is_new_ticket: bool = False


@dataclass(frozen=True, slots=True)
class _Said:
    """One message with what was understood of it."""

    message: InboundMessage
    clean: Redaction
    utterance: Utterance

    @property
    def is_story(self) -> bool:
        """Whether it tells something: words, a file or a place."""
        return self.utterance.kind == UtteranceKind.STORY or bool(
            self.message.attachments or self.message.facts
        )


def receive_message(session: Session, message: InboundMessage, *, lender: Lender, now: datetime) -> Received:
    """Take one message of a person. A repeat of its external id changes nothing."""
    digest = external_digest(keys_of(session), message.external_id)
    known = session.scalar(
        select(Message.ticket_id).where(
            Message.channel == message.channel,
            Message.direction == Direction.IN,
            Message.external_digest == digest,
        )
    )
    if known is not None:
        return Received(known, is_repeat=True)
    handle = handle_for(session, message, now=now)
    contact = session.get_one(Contact, handle.contact_id)
    clean = redact(message.text)
    said = _Said(message, clean, understand(clean.text, language_hint=contact.language))
    _keep_opt_out(handle, said, now=now)
    ticket = _ticket_of(session, handle, said, now=now)
    is_new = ticket is None
    if ticket is None:
        ticket = _begin(session, handle, contact, said, now=now)
    _append(session, ticket, handle, said, now=now)
    _answer(session, ticket, said, is_new=is_new, lender=lender, now=now)
    return Received(ticket.id, is_new_ticket=is_new)


def _ticket_of(session: Session, handle: Handle, said: _Said, *, now: datetime) -> Ticket | None:
    """Newest ticket of this handle that the message can belong to, locked; None begins a new one."""
    newest = session.scalars(
        select(Ticket)
        .where(Ticket.handle_id == handle.id)
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(1)
    ).first()
    if newest is None:
        return None
    ticket = lock_ticket(session, newest.id)
    if ticket.status in ACTIVE_STATUSES or ticket.status == TicketStatus.RESOLVED:
        return ticket
    is_recent = ticket.closed_at is not None and now - ticket.closed_at <= RATING_WINDOW
    return ticket if is_recent and not said.is_story else None


def _begin(session: Session, handle: Handle, contact: Contact, said: _Said, *, now: datetime) -> Ticket:
    """Open a complaint for a story, an enquiry for everything else."""
    return tickets.open_ticket(
        session,
        NewTicket(
            channel=said.message.channel,
            contact_id=contact.id,
            handle_id=handle.id,
            text=said.clean.text or _placeholder(said),
            received_at=now,
            kind=TicketKind.COMPLAINT if said.is_story else TicketKind.ENQUIRY,
            language=said.utterance.language,
            has_story=said.is_story,
        ),
        now=now,
    )


def _append(session: Session, ticket: Ticket, handle: Handle, said: _Said, *, now: datetime) -> None:
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
    if ticket.status == TicketStatus.PENDING:
        tickets.set_status(session, ticket, TicketStatus.OPEN, actor=CONTACT, now=now)
    if ticket.status in ACTIVE_STATUSES:
        sla.contact_wrote(session, ticket, at=now)


def _answer(
    session: Session, ticket: Ticket, said: _Said, *, is_new: bool, lender: Lender, now: datetime
) -> None:
    """Say what the conversation needs, at most one text and a warning; silence where a person must answer."""
    if CODE_KINDS & said.clean.kinds:
        replies.say_to(session, ticket, "T14", lender=lender, now=now)
    if said.message.is_provider_answered or said.message.is_edit:
        return
    kind = said.utterance.kind
    if said.is_story and ticket.acknowledged_at is None and ticket.status in ACTIVE_STATUSES:
        if not is_new and ticket.kind == TicketKind.ENQUIRY:
            tickets.become_complaint(session, ticket, said.clean.text or _placeholder(said), now=now)
        replies.receipt(session, ticket, lender=lender, now=now)
    elif kind == UtteranceKind.STATUS:
        _say_status(session, ticket, lender=lender, now=now)
    elif kind in _STANDING_ANSWERS:
        replies.say_to(
            session, ticket, _STANDING_ANSWERS[kind], lender=lender, now=now, values={"menit": "15"}
        )
    elif ticket.status == TicketStatus.RESOLVED:
        _after_answer(session, ticket, said, lender=lender, now=now)
    elif ticket.status == TicketStatus.CLOSED:
        _after_closing(session, ticket, said, lender=lender, now=now)
    elif is_new:
        replies.say_to(
            session, ticket, "T01", lender=lender, now=now, values={"salam": _salam(ticket, lender, now)}
        )
    elif said.is_story and ticket.assignee_id is None:
        _weigh_again(session, ticket, now=now)


_STANDING_ANSWERS = {
    UtteranceKind.URGENT: "T16b",
    UtteranceKind.HUMAN: "T15",
    UtteranceKind.OPT_OUT: "T17",
    UtteranceKind.OPT_IN: "T17d",
}
"""Words that get the same answer at any moment."""

_SOLVED = frozenset({UtteranceKind.YES, UtteranceKind.SOLVED, UtteranceKind.DONE, UtteranceKind.THANKS})
_OBJECTS = frozenset({UtteranceKind.NO, UtteranceKind.NOT_SOLVED, UtteranceKind.STORY, UtteranceKind.EMPTY})


def _after_answer(session: Session, ticket: Ticket, said: _Said, *, lender: Lender, now: datetime) -> None:
    """She was asked whether it is solved: yes closes and asks for a rating, no or more story opens it again."""
    kind, choice = said.utterance.kind, said.utterance.choice
    if kind in _SOLVED or choice == 1:
        complaints.accept(session, ticket, now=now)
        replies.say_to(session, ticket, "T13", lender=lender, now=now)
    elif kind in _OBJECTS or choice == 2 or said.is_story:
        complaints.reject(session, ticket, now=now)
        sla.contact_wrote(session, ticket, at=now)
        replies.say_to(session, ticket, "T12a", lender=lender, now=now, values=_promised_end(session, ticket))


def _after_closing(session: Session, ticket: Ticket, said: _Said, *, lender: Lender, now: datetime) -> None:
    """A digit rates the service once; other short words get the status."""
    score = said.utterance.choice
    if score is not None and 1 <= score <= 5 and session.get(Rating, ticket.id) is None:
        complaints.rate(session, ticket, score, now=now)
        replies.say_to(session, ticket, "T13b" if score <= 2 else "T13c", lender=lender, now=now)
    elif said.utterance.kind == UtteranceKind.NOT_SOLVED:
        complaints.reject(session, ticket, now=now)
        replies.say_to(session, ticket, "T12a", lender=lender, now=now, values=_promised_end(session, ticket))
    elif said.utterance.kind != UtteranceKind.THANKS:
        _say_status(session, ticket, lender=lender, now=now)


def _promised_end(session: Session, ticket: Ticket) -> dict[str, str]:
    """The promised dates where a text speaks of the end: the short one of SMS is then the end's, too."""
    values = replies.promises(session, ticket)
    return values | {"tglp": values["tglp_selesai"]}


def _say_status(session: Session, ticket: Ticket, *, lender: Lender, now: datetime) -> None:
    """Tell number, status and promised date; an enquiry without a story has no status yet (T08b)."""
    if ticket.kind == TicketKind.ENQUIRY and ticket.acknowledged_at is None:
        replies.say_to(session, ticket, "T08b", lender=lender, now=now)
        return
    language = Language(ticket.language)
    icon, words = status_words(ticket.status, language, is_read=ticket.last_human_at is not None)
    values = _promised_end(session, ticket) | {"ikon": icon, "status": words}
    if ticket.resolved_at is None:
        replies.say_to(session, ticket, "T08", lender=lender, now=now, values=values)
        return
    zone = replies.zone_of(session, ticket)
    values["tgl"] = long_date(ticket.resolved_at, zone=zone, language=language)
    replies.say_to(session, ticket, "T08a", lender=lender, now=now, values=values)


def _weigh_again(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Judge the whole story so far: a second message may tell of the harm."""
    bodies = session.scalars(
        select(Message.body)
        .where(Message.ticket_id == ticket.id, Message.direction == Direction.IN)
        .order_by(Message.id.desc())
        .limit(20)
    ).all()
    triage.judge_again(session, ticket, "\n".join(reversed(bodies)), now=now)


def _keep_opt_out(handle: Handle, said: _Said, *, now: datetime) -> None:
    """STOP and START, from the provider or in her own words; the message itself is never dropped."""
    opt_out = said.message.opt_out
    if opt_out == OptOut.STOP or said.utterance.kind == UtteranceKind.OPT_OUT:
        handle.opted_out_at = handle.opted_out_at or now
    elif opt_out == OptOut.START or said.utterance.kind == UtteranceKind.OPT_IN:
        handle.opted_out_at = None


def _salam(ticket: Ticket, lender: Lender, now: datetime) -> str:
    return greeting(now.astimezone(lender.zone).hour, Language(ticket.language))


def _placeholder(said: _Said) -> str:
    """Subject of a story without words: its files or place, in the staff's own words."""
    kinds = sorted({_WORDLESS_FILES[file.kind] for file in said.message.attachments})
    facts = [words for fact, words in _WORDLESS_FACTS.items() if fact in said.message.facts]
    return f"[{', '.join(kinds or facts) or 'Pesan tanpa teks'}]"
