"""A message belongs to a ticket, and may turn out to belong to another: it moves, and can move back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, exists, func, select
from sqlalchemy.orm import Session

from helpdesk.domain.complaints import Disposition
from helpdesk.domain.conversation import tells_something
from helpdesk.domain.errors import Conflict, NotFound
from helpdesk.domain.lender import Lender
from helpdesk.domain.lifecycle import ACTIVE_STATUSES, TicketKind, TicketStatus
from helpdesk.domain.messages import Direction
from helpdesk.models.complaints import Resolution
from helpdesk.models.merges import end_of
from helpdesk.models.messages import Attachment, Message
from helpdesk.models.tickets import MOVED_IN, MOVED_OUT, Ticket, TicketWord
from helpdesk.services import complaints, periods, replies, reply_clocks, sla, tickets, transcripts, triage
from helpdesk.services.standing_replies import unanswered_since
from helpdesk.services.tickets import NewTicket
from helpdesk.services.trail import lock_tickets, record, record_message

WORDLESS = "[Pesan tanpa teks]"


def newest_of_hers(session: Session, ticket: Ticket) -> Message:
    """Return what the contact said last in the ticket."""
    return session.scalars(_hers(ticket.id).order_by(Message.id.desc()).limit(1)).one()


def told_since(session: Session, ticket: Ticket, public_id: str) -> list[Message]:
    """Return the message with this id and all that she told in the ticket after it, oldest first."""
    first_id = session.scalar(
        select(Message.id).where(Message.public_id == public_id, Message.ticket_id == ticket.id)
    )
    if first_id is None:
        return []
    later = session.scalars(_hers(ticket.id).where(Message.id >= first_id).order_by(Message.id)).all()
    return [message for message in later if message.id == first_id or _tells(session, message)]


def into_new_ticket(
    session: Session,
    source: Ticket,
    parts: Sequence[Message],
    *,
    chosen: str | None = None,
    actor: str,
    now: datetime,
) -> Ticket:
    """Make the messages a complaint of their own, received when the first of them was. `source` is locked.

    What was told in a complaint about staff stays kept from them.
    `chosen`: the category of the source that she had chosen before these messages changed it.
    """
    words = "\n".join(filter(None, (part.body for part in parts))) or WORDLESS
    target = tickets.open_ticket(
        session,
        NewTicket(
            channel=parts[0].channel,
            contact_id=source.contact_id,
            handle_id=source.handle_id,
            text=words,
            received_at=parts[0].at,
            kind=TicketKind.COMPLAINT,
            language=source.language,
            unit_id=source.unit_id,
            subjects=triage.subjects_of(session, source),
            is_about_staff=source.is_about_staff,
            actor=actor,
        ),
        now=now,
    )
    for part in parts:
        _relocate(session, part, source, target, actor=actor, now=now)
    _settle(session, source, chosen=chosen, now=now)
    target.last_inbound_at = parts[-1].at
    return target


def split(
    session: Session, ticket_id: int, message_id: str, *, lender: Lender, actor: str, now: datetime
) -> Ticket:
    """Make one message of the ticket a complaint of its own, because a person says so, and return it.

    She hears its number as of any other complaint.
    """
    source = lock_tickets(session, (ticket_id,))[0]
    message = _message(session, source, message_id)
    _check_rest(session, source, message)
    target = into_new_ticket(session, source, [message], actor=actor, now=now)
    replies.receipt(session, target, lender=lender, now=now)
    tickets.touched_by_person(session, source, actor=actor, now=now)
    return target


def into_ticket(
    session: Session, ticket_id: int, message_id: str, *, target_id: int, actor: str, now: datetime
) -> None:
    """Move a message of the contact to another ticket of the same contact.

    Raises NotFound for a message of another ticket; Conflict (`same_ticket`, `closed`, `other_person`), and
    (`only_message`) where nothing of hers would be left: unless the ticket was made of just this message and
    nobody has worked on it, which is how a move is undone. A ticket that closed because its only message had left
    takes it back, and is open again.
    """
    ticket_id, target_id = end_of(session, ticket_id), end_of(session, target_id)
    if ticket_id == target_id:
        raise Conflict("the message is there already", code="same_ticket")
    both = {ticket.id: ticket for ticket in lock_tickets(session, (ticket_id, target_id))}
    if target_id not in both or ticket_id not in both:
        raise NotFound("no such ticket")
    source, target = both[ticket_id], both[target_id]
    message = _message(session, source, message_id)
    if target.status not in ACTIVE_STATUSES:
        _open_empty(session, target, actor=actor, now=now)
    if source.contact_id != target.contact_id:  # an erasure goes by the contact of the ticket
        raise Conflict("the other complaint is another person's", code="other_person")
    is_last = _is_only(session, source, message)
    if is_last and source.last_human_at is not None:
        _check_rest(session, source, message)
    _relocate(session, message, source, target, actor=actor, now=now)
    target.last_inbound_at = max(filter(None, (target.last_inbound_at, message.at)))
    asked_at = unanswered_since(session, target.id)
    if asked_at is not None:  # what was written before our last reply there is answered by it
        if target.status == TicketStatus.PENDING:  # what we waited for is here
            tickets.set_status(session, target, TicketStatus.OPEN, actor=actor, now=now)
        sla.contact_wrote(session, target, at=asked_at)
    words = _words(session, message)
    triage.bar_as(session, source, target, now=now)
    triage.keep_from_staff(session, target, words, now=now)
    triage.weigh_again(session, target, words, now=now)
    tickets.touched_by_person(session, target, actor=actor, now=now)
    if is_last:
        complaints.close_empty(session, source, Disposition.DUPLICATE, actor=actor, now=now)
    else:
        _settle(session, source, now=now)


def bring_on(
    session: Session, source: Ticket, target: Ticket, *which: ColumnElement[bool], actor: str, now: datetime
) -> None:
    """Move on what was said to us in the source, as far as these terms hold. Both are locked."""
    parts = session.scalars(_hers(source.id).where(*which).order_by(Message.id)).all()
    for part in parts:
        _relocate(session, part, source, target, actor=actor, now=now)
        target.last_inbound_at = max(filter(None, (target.last_inbound_at, part.at)))
    if parts:
        _settle(session, source, now=now)


def _hers(ticket_id: int) -> Select[Message]:
    return select(Message).where(Message.ticket_id == ticket_id, Message.direction == Direction.IN)


def _words(session: Session, message: Message) -> str:
    """What the message says, also aloud, as far as somebody wrote that down."""
    of_message = Attachment.message_id == message.id
    spoken = session.scalars(select(Attachment.transcript).where(of_message).order_by(Attachment.id))
    return "\n".join(filter(None, (message.body, *spoken)))


def _tells(session: Session, message: Message) -> bool:
    has_files = session.scalar(select(exists().where(Attachment.message_id == message.id))) or False
    return tells_something(message.body, facts=message.facts or {}, has_files=has_files)


def _message(session: Session, source: Ticket, public_id: str) -> Message:
    found = session.scalar(_hers(source.id).where(Message.public_id == public_id))
    if found is None:
        raise NotFound(f"the contact said no such message in this ticket: {public_id}")
    return found


def _is_only(session: Session, source: Ticket, message: Message) -> bool:
    others = select(func.count()).select_from(_hers(source.id).where(Message.id != message.id).subquery())
    return session.scalar(others) == 0


def _open_empty(session: Session, target: Ticket, *, actor: str, now: datetime) -> None:
    """Open the ticket that a move had emptied and closed. Raises Conflict (`closed`) for any other."""
    has_words = session.scalar(select(_hers(target.id).exists()))
    outcome = session.scalar(
        select(Resolution.disposition)
        .where(Resolution.ticket_id == target.id)
        .order_by(Resolution.id.desc())
        .limit(1)
    )
    if has_words or target.status != TicketStatus.CLOSED or outcome != Disposition.DUPLICATE:
        raise Conflict("the other complaint is not being worked on", code="closed")
    ended_at = target.closed_at
    tickets.set_status(session, target, TicketStatus.OPEN, actor=actor, now=now, reason="message_came_back")
    target.resolved_at = target.closed_at = None
    reply_clocks.unended(session, target, ended_at, now=now)
    periods.unended(session, target, ended_at=ended_at, now=now)


def _check_rest(session: Session, source: Ticket, message: Message) -> None:
    if _is_only(session, source, message):
        raise Conflict("nothing of hers would be left in the ticket", code="only_message")


def _relocate(
    session: Session, message: Message, source: Ticket, target: Ticket, *, actor: str, now: datetime
) -> None:
    """Give the message to the other ticket; both trails say so, and the new one seals what was said."""
    record(
        session,
        source,
        MOVED_OUT,
        actor=actor,
        at=now,
        data={"message": message.public_id, "to": target.number},
    )
    message.ticket_id = target.id
    session.flush()
    # How grave it was where it came from: whoever moves it must not be able to set it aside alone by that.
    facts = {"from": source.number, "severity": triage.gravest(session, source)}
    record_message(session, target, message, MOVED_IN, actor=actor, at=now, data=facts)
    index_again(session, source)
    tickets.index_text(
        session, target.id, "\n".join((message.body, *transcripts.words_of(session, target.id)))
    )


def index_again(session: Session, ticket: Ticket) -> None:
    """Let the ticket be found by the words that lie in it now, and by no others."""
    session.execute(delete(TicketWord).where(TicketWord.ticket_id == ticket.id))
    lies_here = session.scalars(select(Message.body).where(Message.ticket_id == ticket.id)).all()
    tickets.index_text(session, ticket.id, "\n".join((*lies_here, *transcripts.words_of(session, ticket.id))))


def _settle(session: Session, source: Ticket, *, chosen: str | None = None, now: datetime) -> None:
    """What is left decides how the source stands: when she wrote last, what is owed, and how grave it is."""
    source.last_inbound_at = session.scalar(
        select(func.max(Message.at)).where(Message.ticket_id == source.id, Message.direction == Direction.IN)
    )
    reply_clocks.unasked(session, source, now=now)
    triage.judge_what_is_left(session, source, chosen=chosen, now=now)
