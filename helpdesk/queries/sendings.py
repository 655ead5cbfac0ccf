"""How the messages of one ticket leave the house: what its page tells beside the ticks."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain import taxonomy
from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.message_templates import NEWS
from helpdesk.models.messages import Dispatch, Message, OutboxItem
from helpdesk.queries.message_templates import is_approved
from helpdesk.queries.ticket import TicketView


@dataclass(frozen=True, slots=True)
class Sending:
    """One message on its way."""

    parts: tuple[DeliveryStatus, ...]
    """The state of each part, in order, where it goes in several."""
    held_at: datetime | None
    """Since when it waits for her to write."""
    is_template: bool


def sendings_of(session: Session, ticket_id: int) -> Mapping[int, Sending]:
    """Return what there is to tell, by the id of the message; the ticket is one that the viewer may see."""
    parts: dict[int, list[DeliveryStatus]] = defaultdict(list)
    states = session.execute(
        select(Dispatch.message_id, Dispatch.status)
        .join(Message, Message.id == Dispatch.message_id)
        .where(Message.ticket_id == ticket_id)
        .order_by(Dispatch.message_id, Dispatch.part)
    )
    for message_id, status in states:
        parts[message_id].append(status)
    items = session.execute(
        select(OutboxItem.message_id, OutboxItem.held_at, OutboxItem.template_id)
        .join(Message, Message.id == OutboxItem.message_id)
        .where(Message.ticket_id == ticket_id)
    )
    return {
        message_id: Sending(tuple(parts[message_id]), held_at, template_id is not None)
        for message_id, held_at, template_id in items
    }


def may_be_asked(session: Session, ticket: TicketView) -> bool:
    """Whether she is asked, outside WhatsApp's window, if she wants to read what waits (services/invitations.py)."""
    is_sensitive = ticket.category is not None and taxonomy.category(ticket.category).is_sensitive
    if ticket.handle is None or ticket.handle.is_blocked or ticket.is_about_staff or is_sensitive:
        return False
    return is_approved(session, NEWS, ticket.language)
