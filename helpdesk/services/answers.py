"""What the contact says to our answer: it is accepted, or the complaint opens again."""

from datetime import datetime

from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode, Direction, Purpose
from helpdesk.domain.privacy import redact
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from helpdesk.services import complaints, sla, tickets
from helpdesk.services.registration import ticket_by_number
from helpdesk.services.trail import CONTACT, record_message


def answer(
    session: Session,
    number: str,
    *,
    is_accepted: bool,
    comment: str = "",
    channel: ChannelCode,
    now: datetime,
) -> None:
    """Close the complaint, or open it again, and keep her words. Raises Conflict when there is no answer."""
    ticket = ticket_by_number(session, number)
    if ticket.status not in (TicketStatus.RESOLVED, TicketStatus.CLOSED):
        raise Conflict("there is no answer yet", code="no_answer")
    _keep(session, ticket, comment, channel=channel, now=now)
    if is_accepted:
        complaints.accept(session, ticket, now=now)
    else:
        complaints.reject(session, ticket, now=now)
        sla.contact_wrote(session, ticket, at=now)


def _keep(session: Session, ticket: Ticket, comment: str, *, channel: ChannelCode, now: datetime) -> None:
    body = redact(comment.replace("\0", "")).text.strip()
    if not body:
        return
    message = Message(direction=Direction.IN, purpose=Purpose.STORY, channel=channel, body=body, at=now)
    tickets.add_message(session, ticket, message)
    ticket.last_inbound_at = now
    record_message(session, ticket, message, "message_received", actor=CONTACT, at=now)
