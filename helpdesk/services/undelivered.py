"""What becomes of a ticket whose message never arrived, or counts after all (ADR 0006)."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import RESPONSES, Direction, Purpose
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket, TicketEvent
from helpdesk.services import complaints, documents, escalations, reply_clocks, sla, tickets
from helpdesk.services.trail import SYSTEM, record
from helpdesk.sla.escalation import Level

FAILED = "delivery_failed"
"""Kind of the event of a failure, and the reason of the move that it makes."""

_TELLING = (FAILED, "status_changed", "message_received", "replied")
"""Kinds of events that tell whether a ticket still stands where a failure left it."""


def back_to_queue(session: Session, ticket: Ticket, message: Message, *, now: datetime) -> None:
    """A message that never arrived answers nobody: its clock runs again and a person sees it (ADR 0006).

    The ticket itself goes back only where nothing later has taken the message's place.
    """
    data = {"message": message.public_id, "code": message.error_code or "", "purpose": message.purpose}
    record(session, ticket, FAILED, actor=SYSTEM, at=now, data=data)
    if ticket.set_aside_as is not None:
        return  # it asks for nothing; owed_again() when it comes back
    _tell_of_notice(session, ticket, message, now=now)
    if message.purpose not in RESPONSES:
        return
    carries, left = _carries_status(session, ticket, message), ticket.status
    if carries:
        tickets.set_status(session, ticket, TicketStatus.OPEN, actor=SYSTEM, now=now, reason=FAILED)
    # After the move: in a ticket that stays finished nothing counts on.
    reply_clocks.undo_reply(session, ticket, message.counts_from, now=now)
    if carries and left == TicketStatus.RESOLVED:
        tickets.reopened(session, ticket, now=now)
    elif carries:
        sla.void_pause(session, ticket, since=message.counts_from, now=now)


def owed_again(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """No reply that failed has answered anybody, also where it failed while the ticket was set aside.

    Asked with the ticket in work: what such replies met counts on.
    """
    for message in _failed_replies(session, ticket):
        reply_clocks.undo_reply(session, ticket, message.counts_from, now=now)


def waited_in_vain(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """The time counts in which the clocks waited for her answer to a question that failed."""
    for message in _failed_replies(session, ticket):
        if not _is_followed(session, message):
            sla.void_pause(session, ticket, since=message.counts_from, now=now)


def failed_ids(session: Session, ticket: Ticket) -> list[int]:
    """Return the ids of the replies that failed, for failed_meanwhile()."""
    return [message.id for message in _failed_replies(session, ticket)]


def failed_meanwhile(session: Session, ticket: Ticket, *, known: Collection[int], now: datetime) -> bool:
    """Let what failed while the replies lay in another ticket, besides the `known`, count; whether there is any."""
    news = [message for message in _failed_replies(session, ticket) if message.id not in known]
    for message in news:
        carries = ticket.status == TicketStatus.PENDING and not _is_followed(session, message)
        if carries:
            tickets.set_status(session, ticket, TicketStatus.OPEN, actor=SYSTEM, now=now, reason=FAILED)
        reply_clocks.undo_reply(session, ticket, message.counts_from, now=now)
        if carries:
            sla.void_pause(session, ticket, since=message.counts_from, now=now)
    return bool(news)


def _failed_replies(session: Session, ticket: Ticket) -> Sequence[Message]:
    failed = select(Message).where(
        Message.ticket_id == ticket.id,
        Message.direction == Direction.OUT,
        Message.purpose.in_(RESPONSES),
        Message.delivery == DeliveryStatus.FAILED,
    )
    return session.scalars(failed.order_by(Message.id)).all()


def _tell_of_notice(session: Session, ticket: Ticket, message: Message, *, now: datetime) -> None:
    """What the law has a contact told did not reach her: the team prints the letter. A lost request asks nothing."""
    step = (message.facts or {}).get("step", "")
    if step in documents.REQUEST_TEXTS + documents.NOTICE_TEXTS:
        escalations.notify(session, ticket, Level.L1, "notice_undelivered", at=now)
    if step in documents.REQUEST_TEXTS:
        documents.never_arrived(session, ticket, message, now=now)


def count_again(
    session: Session, ticket: Ticket, message: Message, *, actor: str, reason: str, now: datetime
) -> None:
    """A reply that had failed counts, as given at `message.counts_from`: what its failure undid is done again.

    It arrived after all, or a person has it sent once more. The status returns only where nothing but the
    failure has moved the ticket since.
    """
    if message.purpose not in RESPONSES:
        return
    before = _moved_from(session, ticket, message)
    is_settled = before == TicketStatus.RESOLVED
    reply_clocks.redo_reply(session, ticket, message.counts_from, is_settled=is_settled, now=now)
    if before is not None:  # after the clocks: what is met is not paused any more
        tickets.set_status(session, ticket, before, actor=actor, now=now, reason=reason)
    documents.arrived_after_all(session, ticket, message, actor=actor, reason=reason, now=now)
    if is_settled:
        complaints.stands_after_all(session, ticket, answered_at=message.counts_from, now=now)


def _moved_from(session: Session, ticket: Ticket, message: Message) -> TicketStatus | None:
    """Status from which the last failure of the message took the ticket.

    None where it took it nowhere, or where a message, a reply or another move came after it.
    """
    newest_first = session.scalars(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind.in_(_TELLING))
        .order_by(TicketEvent.serial.desc())
    )
    moved: TicketStatus | None = None
    for event in newest_first:
        data = event.data or {}
        if event.kind == FAILED:
            if data.get("message") == message.public_id:
                return moved
            if moved is not None:
                return None  # that failure moved it
        elif event.kind == "status_changed" and data.get("reason") == FAILED and moved is None:
            moved = TicketStatus(data["from"])
        else:
            return None
    return None


def _carries_status(session: Session, ticket: Ticket, message: Message) -> bool:
    """Whether the ticket waits for the contact, or is answered, by nothing but this failed message."""
    if ticket.status == TicketStatus.RESOLVED:
        later = _later(message).where(Message.purpose == Purpose.ANSWER)
        return message.purpose == Purpose.ANSWER and session.scalar(later.limit(1)) is None
    return ticket.status == TicketStatus.PENDING and not _is_followed(session, message)


def _is_followed(session: Session, message: Message) -> bool:
    """Whether a later reply that has not failed stands in the place of this one."""
    stands = or_(Message.delivery.is_(None), Message.delivery != DeliveryStatus.FAILED)
    later = _later(message).where(Message.purpose.in_(RESPONSES), stands)
    return session.scalar(later.limit(1)) is not None


def _later(message: Message) -> Select[int]:
    return select(Message.id).where(
        Message.ticket_id == message.ticket_id, Message.direction == Direction.OUT, Message.id > message.id
    )
