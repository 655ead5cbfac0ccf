"""A phone number that turns out to be somebody else's: nothing of the contact goes there, and nothing there is hers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, or_, select, update
from sqlalchemy.orm import Session, aliased

from helpdesk.crypto import keys_of
from helpdesk.domain.complaints import Disposition
from helpdesk.domain.delivery import ARRIVED, WRONG_NUMBER, DeliveryStatus
from helpdesk.domain.errors import Conflict
from helpdesk.domain.lifecycle import LIVE_STATUSES, TicketStatus
from helpdesk.domain.messages import CHAT_CHANNELS, RESPONSES, ChannelCode, Direction, Purpose
from helpdesk.domain.outreach import TOLD, TaskKind, ladder
from helpdesk.domain.phones import normalise_phone
from helpdesk.models.complaints import Resolution
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.outreach import ContactTask, DeliveryAttempt
from helpdesk.models.tickets import Ticket
from helpdesk.services import complaints, contact_tasks, contacts, outcomes
from helpdesk.services.trail import lock_tickets, record

_NEVER_TOLD = (Disposition.WITHDRAWN, Disposition.DUPLICATE)
"""Outcomes without an answer."""


def not_hers(session: Session, ticket_id: int, *, actor: str, now: datetime) -> None:
    """Take the number from the contact and from all of her tickets. What went or waits to go there is lost.

    Who answers from it is a stranger from now on. What is under way is lost when it ends.
    Raises Conflict: `no_address` where the ticket has none, `wrote` where she wrote to us from it herself.
    """
    ticket = session.get_one(Ticket, ticket_id)
    contact = contacts.hold_contact(session, ticket.contact_id)
    session.refresh(ticket)
    handle = session.get(Handle, ticket.handle_id) if ticket.handle_id else None
    handle = handle or contacts.handle_of_phone(session, contact, now=now)
    if ticket.channel in CHAT_CHANNELS or (handle is not None and _wrote(session, contact, handle)):
        raise Conflict("the contact wrote from this address herself", code="wrote")
    if handle is None:
        raise Conflict("the ticket has no address", code="no_address")
    _forget_phone(session, contact, handle)
    if handle.contact_id == contact.id:
        handle.contact_id = contacts.stranger(session, contact, now=now).id
        handle.is_shared, handle.identified_at, handle.nudge_at = False, None, None
    session.flush()
    for each in lock_tickets(session, _ids(session, ticket, handle)):
        if each.handle_id in (handle.id, None) and each.channel not in CHAT_CHANNELS:
            each.handle_id = None
            record(session, each, "address_dropped", actor=actor, at=now)
            session.flush()
        _lose(session, each, handle, is_known_here=each.id == ticket.id, now=now)
        contact_tasks.without_phone(session, each, actor=actor, now=now)
    session.flush()


def _wrote(session: Session, contact: Contact, handle: Handle) -> bool:
    """Whether a conversation of hers began from there; other chats than SMS we know only from her writing."""
    if handle.channel != ChannelCode.SMS:
        return True
    chat = select(Ticket.id).where(Ticket.contact_id == contact.id, Ticket.handle_id == handle.id)
    return session.scalar(chat.where(Ticket.channel.in_(CHAT_CHANNELS)).limit(1)) is not None


def _ids(session: Session, ticket: Ticket, handle: Handle) -> Sequence[int]:
    """Return her tickets that have the address, something for it, or a call to make."""
    hers = Ticket.contact_id == ticket.contact_id
    named = select(Ticket.id).where(hers, Ticket.handle_id == handle.id)
    written = select(Ticket.id).join(Message, Message.ticket_id == Ticket.id).where(hers, _went(handle))
    calls = select(Ticket.id).join(ContactTask, ContactTask.ticket_id == Ticket.id)
    calls = calls.where(hers, ContactTask.kind == TaskKind.CALL, ContactTask.done_at.is_(None))
    return sorted({ticket.id, *(id_ for each in (named, written, calls) for id_ in session.scalars(each))})


def _went(handle: Handle) -> ColumnElement[bool]:
    """What goes there, or arrived there by an earlier way and was therefore sent no other."""
    arrived = select(DeliveryAttempt.message_id).where(
        DeliveryAttempt.handle_id == handle.id, DeliveryAttempt.status.in_(ARRIVED)
    )
    is_all = and_(Message.external_digest.is_(None), Message.id.in_(arrived))
    return and_(Message.direction == Direction.OUT, or_(Message.handle_id == handle.id, is_all))


def _lose(session: Session, ticket: Ticket, handle: Handle, *, is_known_here: bool, now: datetime) -> None:
    """Let what waits for its turn, and what a stranger got, be lost as any message that did not arrive."""
    tried = select(Message.id).where(Message.ticket_id == ticket.id)
    session.execute(  # that an earlier way arrived there proves nothing
        update(DeliveryAttempt)
        .where(DeliveryAttempt.handle_id == handle.id, DeliveryAttempt.message_id.in_(tried))
        .values(error_code=WRONG_NUMBER)
    )
    is_lost = _is_taken_for_told()
    if ticket.status not in LIVE_STATUSES:  # of what is over only the decision of this one is still owed
        is_silent = is_known_here and _closed_by_silence(session, ticket)
        is_lost = and_(is_lost, Message.purpose == Purpose.ANSWER) if is_silent else false()
    lost = (
        select(OutboxItem, Message)
        .join(Message, Message.id == OutboxItem.message_id)
        .where(Message.ticket_id == ticket.id, _went(handle))
        .where(or_(OutboxItem.status == DeliveryStatus.QUEUED, is_lost))
        .order_by(OutboxItem.id)
        .with_for_update(of=OutboxItem)
        .execution_options(populate_existing=True)
    )
    for item, message in session.execute(lost).all():
        outcomes.end_here(session, item, message, code=WRONG_NUMBER, now=now)
        is_decision = message.purpose == Purpose.ANSWER and message.delivery == DeliveryStatus.QUEUED
        if is_decision and ticket.status == TicketStatus.RESOLVED:
            complaints.wait_for_her(session, ticket, since=now)


def _closed_by_silence(session: Session, ticket: Ticket) -> bool:
    """Whether the decision counts only because nobody objected to it."""
    newest = session.scalars(
        select(Resolution).where(Resolution.ticket_id == ticket.id).order_by(Resolution.id.desc()).limit(1)
    ).first()
    return newest is not None and newest.accepted_at is None and newest.disposition not in _NEVER_TOLD


def _is_taken_for_told() -> ColumnElement[bool]:
    """What she has to get and seems to have, or nobody knows; not what a person told her, nor an earlier decision."""
    later = aliased(Message)
    is_outdated = select(later.id).where(
        later.ticket_id == Message.ticket_id,
        later.direction == Direction.OUT,
        later.purpose == Purpose.ANSWER,
        later.id > Message.id,
    )
    told = select(ContactTask.id).where(ContactTask.message_id == Message.id, ContactTask.result.in_(TOLD))
    return and_(
        Message.purpose.in_((*RESPONSES, *ladder().purposes)),
        or_(OutboxItem.status == DeliveryStatus.SENT, OutboxItem.is_in_doubt),
        or_(Message.purpose != Purpose.ANSWER, ~is_outdated.exists()),
        ~told.exists(),
    )


def _forget_phone(session: Session, contact: Contact, handle: Handle) -> None:
    phone = normalise_phone(handle.address.rpartition(":")[2])
    if phone is None or contact.phone_digest != contacts.phone_digest(keys_of(session), phone):
        return
    contact.phone = contact.phone_digest = None
    contacts.index_contact(session, contact)
