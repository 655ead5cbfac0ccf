"""She writes from another address of hers: the conversation goes on there, and what waits for her comes along."""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.messages import Purpose
from helpdesk.domain.outreach import ladder
from helpdesk.models.contacts import Handle
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.tickets import Ticket
from helpdesk.services import channel_ladder, held
from helpdesk.services.chat_scene import is_restricted
from helpdesk.services.contacts import is_of_owner
from helpdesk.services.trail import CONTACT, record

FOLLOWED = "address_followed"
"""Kind of the event."""


def follow(session: Session, ticket: Ticket, handle: Handle, *, now: datetime) -> None:
    """Go on in the ticket where she writes, if the address is hers alone, and proven so; both are locked.

    A number that staff typed may be a stranger's, whose first word would take her conversation over.
    What has not gone elsewhere comes along, but nothing of what only one phone may tell.
    """
    if ticket.handle_id != handle.id:
        if handle.is_shared or handle.is_blocked or handle.contact_id != ticket.contact_id:
            return
        if session.scalar(select(Ticket.id).where(Ticket.id == ticket.id, is_of_owner(handle))) is None:
            return
        left = session.get(Handle, ticket.handle_id) if ticket.handle_id is not None else None
        if left is not None:
            left.nudge_at = None
        ticket.handle_id = handle.id
        record(session, ticket, FOLLOWED, actor=CONTACT, at=now, data={"to": handle.channel})
    if is_restricted(ticket):
        return
    waiting = session.execute(_elsewhere(ticket, handle).where(OutboxItem.status == DeliveryStatus.QUEUED))
    for item, message in waiting.all():
        is_passing = message.purpose == Purpose.CHAT or item.template_id is not None
        if is_passing and (item.held_at is not None or item.template_id is not None):
            held.drop(session, OutboxItem.id == item.id)  # the conversation has gone on without it
        elif not is_passing and ladder().takes(handle.channel, message.body):
            channel_ladder.bring(session, ticket, message, item, handle, now=now)


def open_unread(
    session: Session, ticket: Ticket, handle: Handle, *, asked_at: datetime, now: datetime
) -> None:
    """She wants to read what waited here since that question (T22), and has gone another way meanwhile: here it is."""
    left = held.has_left(handle, since=asked_at, until=now)
    gone = _elsewhere(ticket, handle).where(OutboxItem.status == DeliveryStatus.SENT, left)
    for item, message in session.execute(gone).all():
        channel_ladder.bring(session, ticket, message, item, handle, now=now)


def _elsewhere(ticket: Ticket, handle: Handle) -> Select[OutboxItem, Message]:
    return (
        select(OutboxItem, Message)
        .join(Message, Message.id == OutboxItem.message_id)
        .where(Message.ticket_id == ticket.id, Message.handle_id != handle.id)
        .order_by(OutboxItem.id)
        .with_for_update(of=OutboxItem)
        .execution_options(populate_existing=True)
    )
