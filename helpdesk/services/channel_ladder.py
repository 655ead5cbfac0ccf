"""What must arrive and does not goes another way: the next channel of the same person, then a person of ours.

One message, several attempts: an earlier one that arrives after all is proof for the whole.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import ARRIVED, DeliveryStatus
from helpdesk.domain.messages import WHATSAPP_WINDOW, ChannelCode, Purpose
from helpdesk.domain.outreach import ladder
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Dispatch, Message, OutboxItem
from helpdesk.models.outreach import ContactTask, DeliveryAttempt
from helpdesk.models.reaching import is_over, is_stopped
from helpdesk.models.tickets import Ticket
from helpdesk.services import contact_tasks, dispatches, held, outreach_hours
from helpdesk.services.chat_scene import is_restricted
from helpdesk.services.contacts import handle_of_phone
from helpdesk.services.trail import SYSTEM, lock_ticket, record

NEXT = "next_channel"
"""Kind of the event of a change of the way."""
WROTE = "wrote"
"""Why it goes another way: she writes from there."""
REPORTED = (ChannelCode.WHATSAPP, ChannelCode.SMS)
"""Channels whose providers say that something arrived; from others silence means nothing."""
LOOK_BACK = timedelta(days=7)


def must_arrive(message: Message, item: OutboxItem) -> bool:
    """Whether a message may not get lost; the question whether she wants to read something is none of them."""
    return message.purpose in ladder().purposes and item.template_id is None


def next_way(
    session: Session, ticket: Ticket, message: Message, item: OutboxItem, *, code: str, now: datetime
) -> bool:
    """Send the message another way; without one a person gets a task, and it is False. The ticket is locked."""
    if not must_arrive(message, item) or is_over(session, ticket):
        return False
    handle = None if is_restricted(ticket) else _next_handle(session, ticket, message, now=now)
    if handle is None or message.handle_id is None:
        contact_tasks.for_message(session, ticket, message, reason="not_arrived", now=now)
        return False
    _leave(session, message, DeliveryStatus.FAILED, code=code, now=now)
    _go_by(session, ticket, message, item, handle, code=code, now=now)
    item.next_attempt_at = outreach_hours.free_at(session, ticket, now=now)
    session.flush()
    return True


def bring(
    session: Session, ticket: Ticket, message: Message, item: OutboxItem, handle: Handle, *, now: datetime
) -> None:
    """Let the message go at once to an address from which she writes now. The ticket is locked."""
    if item.held_at is not None and message.purpose == Purpose.ANSWER:
        _leave(session, message, DeliveryStatus.FAILED, code=held.UNREAD, now=now)
    elif message.external_digest is not None or dispatches.parts_of(session, message):
        _leave(session, message, message.delivery or DeliveryStatus.SENT, code=WROTE, now=now)
    _go_by(session, ticket, message, item, handle, code=WROTE, now=now)
    item.next_attempt_at = item.released_at = now
    item.lane = held.OPENED_LANE
    session.flush()


def _leave(session: Session, message: Message, status: DeliveryStatus, *, code: str, now: datetime) -> None:
    """Keep what is known of the way on which the message was so far."""
    session.add(
        DeliveryAttempt(
            message_id=message.id,
            channel=message.channel,
            handle_id=message.handle_id,
            # That one part arrives proves nothing of the whole.
            external_digest=None if dispatches.parts_of(session, message) else message.external_digest,
            status=status,
            error_code=code,
            ended_at=now,
        )
    )


def _go_by(
    session: Session,
    ticket: Ticket,
    message: Message,
    item: OutboxItem,
    handle: Handle,
    *,
    code: str,
    now: datetime,
) -> None:
    session.execute(delete(Dispatch).where(Dispatch.message_id == message.id))
    data = {"message": message.public_id, "from": message.channel, "to": handle.channel, "code": code}
    message.channel, message.handle_id = handle.channel, handle.id
    if message.delivery not in ARRIVED:
        message.delivery = DeliveryStatus.QUEUED
    message.external_id = message.external_digest = message.error_code = None
    item.channel, item.status = handle.channel, DeliveryStatus.QUEUED
    item.attempts, item.last_error, item.held_at, item.rung = 0, None, None, item.rung + 1
    record(session, ticket, NEXT, actor=SYSTEM, at=now, data=data)


def to_a_person(session: Session, ticket: Ticket, message: Message, *, now: datetime) -> None:
    """What somebody wrote to her and no channel may bring now does not wait for ever: one of us calls."""
    if message.purpose == Purpose.REPLY:
        contact_tasks.for_message(session, ticket, message, reason="not_arrived", now=now)


def stop(session: Session, message: Message) -> None:
    """An earlier attempt arrived: one that has not gone yet stays here."""
    item = session.scalars(select(OutboxItem).where(OutboxItem.message_id == message.id)).one()
    if item.status == DeliveryStatus.QUEUED:
        item.status, item.held_at = DeliveryStatus.SENT, None


def invitation_lost(session: Session, ticket: Ticket, asked: Message, *, code: str, now: datetime) -> None:
    """The question whether she wants to read it did not arrive: what waits in the ticket takes another way."""
    waiting = session.execute(
        select(OutboxItem, Message)
        .join(Message, Message.id == OutboxItem.message_id)
        .where(
            Message.ticket_id == ticket.id,
            Message.handle_id == asked.handle_id,
            OutboxItem.held_at.is_not(None),
            OutboxItem.status == DeliveryStatus.QUEUED,
        )
    ).all()
    for item, message in waiting:
        if not next_way(session, ticket, message, item, code=code, now=now):
            to_a_person(session, ticket, message, now=now)
    of_others = Message.ticket_id != ticket.id
    held.ask_anew(session, select(Message.handle_id).where(Message.id == asked.id), of_others)


def unproven_ids(session: Session, *, now: datetime, limit: int = 100) -> list[int]:
    """Return items that she has not opened, or of which nobody says that they arrived, for too long."""
    late = now - ladder().unread_after
    is_held = and_(OutboxItem.held_at <= late, OutboxItem.status == DeliveryStatus.QUEUED)
    is_silent = and_(
        OutboxItem.status == DeliveryStatus.SENT,
        OutboxItem.claimed_at <= late,
        OutboxItem.claimed_at > now - LOOK_BACK,
        Message.delivery == DeliveryStatus.SENT,
        OutboxItem.channel.in_(REPORTED),
    )
    is_known = select(ContactTask.id).where(ContactTask.message_id == Message.id).exists()
    due = (
        select(OutboxItem.id)
        .join(Message, Message.id == OutboxItem.message_id)
        .where(or_(is_held, is_silent), OutboxItem.template_id.is_(None), ~is_known)
        .where(~is_stopped(for_all=True))
        .where(or_(Message.purpose.in_(ladder().purposes), and_(is_held, Message.purpose == Purpose.REPLY)))
        .order_by(OutboxItem.id)
        .limit(limit)
    )
    return list(session.scalars(due))


def climb(session: Session, outbox_id: int, *, now: datetime) -> None:
    """Go on with an item of unproven_ids(): what waits unread takes another way, of the rest a person asks."""
    message_id = session.scalars(select(OutboxItem.message_id).where(OutboxItem.id == outbox_id)).one()
    message = session.get_one(Message, message_id)
    ticket = lock_ticket(session, message.ticket_id)
    item = session.get_one(OutboxItem, outbox_id)
    session.refresh(message)
    session.refresh(item, with_for_update=True)
    if item.held_at is not None and item.status == DeliveryStatus.QUEUED:
        if not next_way(session, ticket, message, item, code=held.UNREAD, now=now):
            to_a_person(session, ticket, message, now=now)
    elif message.delivery == DeliveryStatus.SENT:
        contact_tasks.for_message(session, ticket, message, reason="no_proof", now=now)


def _next_handle(session: Session, ticket: Ticket, message: Message, *, now: datetime) -> Handle | None:
    """Return the next address of hers that nobody else uses, was not tried, and takes this text now."""
    tried = set(
        session.scalars(select(DeliveryAttempt.channel).where(DeliveryAttempt.message_id == message.id))
    )
    contact = session.get_one(Contact, ticket.contact_id)
    handles = list(session.scalars(select(Handle).where(Handle.contact_id == contact.id)))
    phone = None
    if ChannelCode.SMS not in {*tried, message.channel} and _is_her_phone(session, contact):
        phone = handle_of_phone(session, contact, now=now)
    if phone is not None and phone.contact_id == contact.id and phone not in handles:
        handles.append(phone)
    steps = ladder()
    for channel in steps.channels:
        if channel in tried or channel == message.channel or not steps.takes(channel, message.body):
            continue
        for handle in handles:
            if handle.channel == channel and _is_free(handle, now=now):
                return handle
    return None


def _is_free(handle: Handle, *, now: datetime) -> bool:
    if handle.is_shared or handle.is_blocked:
        return False
    if handle.channel != ChannelCode.WHATSAPP:
        return True
    return handle.last_inbound_at is not None and handle.last_inbound_at > now - WHATSAPP_WINDOW


def _is_her_phone(session: Session, contact: Contact) -> bool:
    """Whether nobody else is known by this number."""
    if contact.phone_digest is None:
        return False
    owners = select(func.count()).where(Contact.phone_digest == contact.phone_digest)
    return session.scalar(owners) == 1
