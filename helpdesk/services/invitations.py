"""Outside WhatsApp's window a message waits, and she is asked once whether she wants to read it (T22)."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.message_templates import NEWS
from helpdesk.domain.messages import ChannelCode, Purpose
from helpdesk.domain.numbers import format_number
from helpdesk.domain.wording import Language, say
from helpdesk.models.contacts import Handle
from helpdesk.models.message_templates import MessageTemplate
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.reaching import is_stopped
from helpdesk.models.tickets import Ticket
from helpdesk.services import channel_ladder, dispatches, message_templates, replies
from helpdesk.services.chat_scene import is_restricted
from helpdesk.services.trail import SYSTEM, lock_ticket, record

HELD = "message_held"
"""Kind of the event."""


def outside_ids(
    session: Session, channel: ChannelCode, *, window: timedelta, now: datetime, limit: int = 50
) -> list[int]:
    """Return items that are due and may not go: her last message is `window` ago, or there is none."""
    is_closed = or_(Handle.last_inbound_at.is_(None), Handle.last_inbound_at <= now - window)
    due = (
        select(OutboxItem.id)
        .join(Message, Message.id == OutboxItem.message_id)
        .join(Handle, Handle.id == Message.handle_id)
        .where(
            OutboxItem.status == DeliveryStatus.QUEUED,
            OutboxItem.channel == channel,
            OutboxItem.held_at.is_(None),
            OutboxItem.template_id.is_(None),
            OutboxItem.next_attempt_at <= now,
            is_closed,
            ~is_stopped(),
        )
        .order_by(OutboxItem.id)
        .limit(limit)
    )
    return list(session.scalars(due))


def hold_due(session: Session, outbox_id: int, *, window: timedelta, now: datetime) -> bool:
    """Hold an item of outside_ids(); False where she has written meanwhile, or it has gone."""
    message_id = session.scalar(select(OutboxItem.message_id).where(OutboxItem.id == outbox_id))
    message = session.get_one(Message, message_id)
    # The address first, then the ticket, as when she writes: either she is heard before, or after.
    handle = session.get_one(Handle, message.handle_id)
    session.refresh(handle, with_for_update={"key_share": True})
    ticket = lock_ticket(session, message.ticket_id)
    item = session.get_one(OutboxItem, outbox_id)
    session.refresh(message)
    session.refresh(item, with_for_update=True)
    is_open = handle.last_inbound_at is not None and handle.last_inbound_at > now - window
    if item.status != DeliveryStatus.QUEUED or item.held_at is not None or is_open:
        return False
    hold(session, ticket, item, message, now=now)
    return True


def hold(session: Session, ticket: Ticket, item: OutboxItem, message: Message, *, now: datetime) -> None:
    """Keep the message until she writes, and ask her to. The ticket is locked."""
    item.status, item.held_at, item.released_at = DeliveryStatus.QUEUED, now, None
    item.attempts, item.last_error = 0, None
    parts = dispatches.parts_of(session, message)
    dispatches.try_again(parts)
    message.delivery, message.error_code = DeliveryStatus.QUEUED, None
    if not parts or parts[0].external_digest is None:
        message.external_id = message.external_digest = None
    session.flush()
    handle = session.get_one(Handle, message.handle_id)
    is_asked = message.purpose != Purpose.CHAT and _invite(session, ticket, handle, now=now)
    data = {"message": message.public_id, "asked": "yes" if is_asked else ""}
    record(session, ticket, HELD, actor=SYSTEM, at=now, data=data)
    if not is_asked and not channel_ladder.next_way(session, ticket, message, item, code="window", now=now):
        channel_ladder.to_a_person(session, ticket, message, now=now)


def news_values(session: Session, ticket: Ticket, handle: Handle) -> dict[str, str]:
    """Return what fills T22; on a phone that several people use not even a name."""
    nama = "Mitra" if handle.is_shared else replies.first_name(session, ticket)
    return {"nama": nama, "nomor": format_number(ticket.number)}


def way_of_asking(session: Session, ticket: Ticket, handle: Handle) -> MessageTemplate | None:
    """Return the template by which she may be asked; None where nothing may be sent unasked, or none is approved."""
    if handle.is_blocked or is_restricted(ticket) or ticket.handle_id != handle.id:
        return None
    return message_templates.approved(session, NEWS, Language(ticket.language))


def _invite(session: Session, ticket: Ticket, handle: Handle, *, now: datetime) -> bool:
    """Queue T22, once between two messages of hers. Returns whether she is or was asked."""
    if _is_asked(session, handle):
        return True
    template = way_of_asking(session, ticket, handle)
    if template is None:
        return False
    body = say(
        NEWS,
        language=Language(ticket.language),
        channel=handle.channel,
        values=news_values(session, ticket, handle),
    )
    message = replies.queue(session, ticket, body, purpose=Purpose.NOTICE, now=now, facts={"step": NEWS})
    item = session.scalars(select(OutboxItem).where(OutboxItem.message_id == message.id)).one()
    item.template_id = template.id
    session.flush()
    return True


def _is_asked(session: Session, handle: Handle) -> bool:
    asked = (
        select(OutboxItem.id)
        .join(Message, Message.id == OutboxItem.message_id)
        .where(Message.handle_id == handle.id, OutboxItem.template_id.is_not(None))
        .where(OutboxItem.status != DeliveryStatus.FAILED)
        .limit(1)
    )
    if handle.last_inbound_at is not None:
        asked = asked.where(Message.at >= handle.last_inbound_at)
    return session.scalar(asked) is not None
