"""What becomes of a ticket whose message never arrived (ADR 0006)."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import RESPONSES, Direction, Purpose
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from helpdesk.services import sla, tickets
from helpdesk.services.trail import SYSTEM, record


def back_to_queue(session: Session, ticket: Ticket, message: Message, *, now: datetime) -> None:
    """A message that never arrived answers nobody: its clock runs again and a person sees it (ADR 0006).

    The ticket itself goes back only where nothing later has taken the message's place.
    """
    data = {"message": message.public_id, "code": message.error_code or "", "purpose": message.purpose}
    record(session, ticket, "delivery_failed", actor=SYSTEM, at=now, data=data)
    if message.purpose not in RESPONSES:
        return
    carries, was_resolved = _carries_status(session, ticket, message), ticket.status == TicketStatus.RESOLVED
    if carries:
        tickets.set_status(
            session, ticket, TicketStatus.OPEN, actor=SYSTEM, now=now, reason="delivery_failed"
        )
    sla.undo_reply(session, ticket, message.at, now=now)  # after that: in a finished ticket nothing counts on
    if carries and was_resolved:
        tickets.reopened(session, ticket, now=now)


def _carries_status(session: Session, ticket: Ticket, message: Message) -> bool:
    """Whether the ticket waits for the contact, or is answered, by nothing but this failed message."""
    later = select(Message.id).where(
        Message.ticket_id == ticket.id, Message.direction == Direction.OUT, Message.id > message.id
    )
    if ticket.status == TicketStatus.RESOLVED:
        later = later.where(Message.purpose == Purpose.ANSWER)
        return message.purpose == Purpose.ANSWER and session.scalar(later.limit(1)) is None
    if ticket.status == TicketStatus.PENDING:
        stands = or_(Message.delivery.is_(None), Message.delivery != DeliveryStatus.FAILED)
        return session.scalar(later.where(Message.purpose.in_(RESPONSES), stands).limit(1)) is None
    return False
