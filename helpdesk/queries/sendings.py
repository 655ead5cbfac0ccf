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
    is_in_doubt: bool
    """It failed, and nobody knows whether it went."""
    waits_until: datetime | None
    """When it may go, where that was set: the end of her night, or of a pause between tries."""


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
    items = session.scalars(
        select(OutboxItem)
        .join(Message, Message.id == OutboxItem.message_id)
        .where(Message.ticket_id == ticket_id)
    )
    return {
        item.message_id: Sending(
            tuple(parts[item.message_id]),
            item.held_at if item.status == DeliveryStatus.QUEUED else None,
            item.template_id is not None,
            item.is_in_doubt,
            item.next_attempt_at if item.status == DeliveryStatus.QUEUED and item.held_at is None else None,
        )
        for item in items
    }


def may_be_asked(session: Session, ticket: TicketView) -> bool:
    """Whether she is asked, outside WhatsApp's window, if she wants to read what waits (services/invitations.py)."""
    is_sensitive = ticket.category is not None and taxonomy.category(ticket.category).is_sensitive
    if ticket.handle is None or ticket.handle.is_blocked or ticket.is_about_staff or is_sensitive:
        return False
    return is_approved(session, NEWS, ticket.language)
