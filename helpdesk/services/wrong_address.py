"""A phone number that turns out to be somebody else's: nothing of the contact goes there any more."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.domain.delivery import DeliveryStatus, SendOutcome
from helpdesk.domain.errors import Conflict
from helpdesk.domain.messages import CHAT_CHANNELS
from helpdesk.domain.phones import normalise_phone
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.tickets import Ticket
from helpdesk.services import contacts, delivery
from helpdesk.services.trail import lock_tickets, record

WRONG_NUMBER = "wrong_number"
"""Error of a message that was on its way there."""


def not_hers(session: Session, ticket_id: int, *, actor: str, now: datetime) -> None:
    """Take the number from the contact and from all of her tickets; what waits to be sent there fails.

    Who answers from it is a stranger from now on. Raises Conflict: `no_address` where the ticket has none, `wrote`
    where she wrote to us from it herself.
    """
    ticket = session.get_one(Ticket, ticket_id)
    contact = contacts.hold_contact(session, ticket.contact_id)
    session.refresh(ticket)
    if ticket.channel in CHAT_CHANNELS:
        raise Conflict("the contact wrote from this address herself", code="wrote")
    handle = session.get(Handle, ticket.handle_id) if ticket.handle_id else None
    handle = handle or contacts.handle_of_phone(session, contact, now=now)
    if handle is None:
        raise Conflict("the ticket has no address", code="no_address")
    _forget_phone(session, contact, handle)
    if handle.contact_id == contact.id:
        handle.contact_id = contacts.stranger(session, contact, now=now).id
        handle.is_shared, handle.identified_at, handle.nudge_at = False, None, None
    session.flush()
    named = select(Ticket.id).where(Ticket.contact_id == contact.id, Ticket.handle_id == handle.id)
    waits = (
        select(Message.ticket_id)
        .join(OutboxItem, OutboxItem.message_id == Message.id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Message.handle_id == handle.id, OutboxItem.status == DeliveryStatus.QUEUED)
        .where(Ticket.contact_id == contact.id)
    )
    ids = {ticket.id, *session.scalars(named), *session.scalars(waits)}
    for each in lock_tickets(session, tuple(sorted(ids))):
        if each.channel in CHAT_CHANNELS and each.handle_id == handle.id:
            continue  # she wrote from there
        _stop_sending(session, each, handle, now=now)
        if each.channel not in CHAT_CHANNELS and each.handle_id in (handle.id, None):
            each.handle_id = None
            record(session, each, "address_dropped", actor=actor, at=now)
    session.flush()


def _stop_sending(session: Session, ticket: Ticket, handle: Handle, *, now: datetime) -> None:
    """Let what waits for its turn fail as any message that cannot arrive: a person sees it, and promises count on."""
    waiting = (
        select(OutboxItem.id)
        .join(Message, Message.id == OutboxItem.message_id)
        .where(Message.ticket_id == ticket.id, Message.handle_id == handle.id)
        .where(OutboxItem.status == DeliveryStatus.QUEUED)
        .order_by(OutboxItem.id)
    )
    for outbox_id in session.scalars(waiting).all():
        delivery.record_failure(session, outbox_id, code=WRONG_NUMBER, outcome=SendOutcome.REJECTED, now=now)


def _forget_phone(session: Session, contact: Contact, handle: Handle) -> None:
    phone = normalise_phone(handle.address.rpartition(":")[2])
    if phone is None or contact.phone_digest != contacts.phone_digest(keys_of(session), phone):
        return
    contact.phone = contact.phone_digest = None
    contacts.index_contact(session, contact)
