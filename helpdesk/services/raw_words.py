"""What a person said and nobody could process yet: raw webhooks of hers, found to be kept, handed over or erased."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.domain.messages import ChannelCode
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from helpdesk.models.webhooks import WebhookEvent, WebhookState
from helpdesk.services import webhooks
from helpdesk.services.contacts import address_digest

_UNPROCESSED = (WebhookState.RECEIVED, WebhookState.STUCK)
"""Spelt out: the index by state answers this, and not that it is another."""


def waiting(session: Session, contact: Contact) -> Sequence[WebhookEvent]:
    """Return what came from her and has not been processed, or repeats a message of hers; oldest first.

    What comes from a telephone that others use too is theirs as well, and not among it.
    """
    repeats = (
        select(Message.external_digest)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Ticket.contact_id == contact.id, Message.external_digest.is_not(None))
    )
    is_hers = or_(_is_from_her(session, contact), WebhookEvent.message_digest.in_(repeats))
    return session.scalars(
        select(WebhookEvent)
        .where(WebhookEvent.state.in_(_UNPROCESSED), WebhookEvent.body.is_not(None), is_hers)
        .order_by(WebhookEvent.id)
    ).all()


def forget(session: Session, contact: Contact, *, now: datetime) -> None:
    """Drop what waits, so that no replay brings her back, and let nothing else tell that it came from her.

    What is being processed at this moment is passed over: it comes from a new contact. The provider's ids stay as
    digests, for by them what it lists again is known to have been here.
    """
    drop(session, WebhookEvent.id.in_([each.id for each in waiting(session, contact)]), now=now)
    session.execute(
        update(WebhookEvent)
        .where(WebhookEvent.state == WebhookState.PROCESSED, _is_from_her(session, contact))
        .values(sender_digest=None)
    )


def old(*, before: datetime) -> ColumnElement[bool]:
    """Return the condition for what nobody could process since then, whoever it was from."""
    return and_(
        WebhookEvent.state.in_(_UNPROCESSED),
        WebhookEvent.body.is_not(None),
        WebhookEvent.received_at <= before,
    )


def drop(session: Session, which: ColumnElement[bool], *, now: datetime) -> None:
    """Drop these, but for what is being processed at this moment."""
    held = select(WebhookEvent).where(which).with_for_update(skip_locked=True)
    for event in session.scalars(held.execution_options(populate_existing=True)).all():
        webhooks.mark_processed(event, now=now)
    session.flush()


def _is_from_her(session: Session, contact: Contact) -> ColumnElement[bool]:
    keys = keys_of(session)
    return or_(
        *(
            and_(
                WebhookEvent.channel == channel,
                WebhookEvent.sender_digest.in_(webhooks.sender_digests(keys, address)),
            )
            for channel, address in _addresses(session, contact)
        ),
        WebhookEvent.id.in_(()),
    )


def _addresses(session: Session, contact: Contact) -> set[tuple[ChannelCode, str]]:
    """Return the addresses that nobody else uses: those she wrote from, and those of her telephone."""
    found = session.scalars(select(Handle).where(Handle.contact_id == contact.id, ~is_of_another(contact.id)))
    hers = {(handle.channel, handle.address) for handle in found}
    other = select(Contact.id).where(Contact.phone_digest == contact.phone_digest, Contact.id != contact.id)
    if contact.phone is None or session.scalar(other.limit(1)) is not None:
        return hers
    spellings = {
        ChannelCode.SMS: (contact.phone,),
        ChannelCode.WHATSAPP: (f"whatsapp:{contact.phone}", contact.phone.removeprefix("+")),
    }
    for channel, spelt in spellings.items():
        digests = [address_digest(keys_of(session), channel, address) for address in spelt]
        known = select(Handle.id).where(Handle.channel == channel, Handle.address_digest.in_(digests))
        if session.scalars(known.limit(1)).first() is None:
            hers.add((channel, spelt[0]))
    return hers


def is_of_another(contact_id: int) -> ColumnElement[bool]:
    """Return the condition on Handle: it serves a ticket of somebody else."""
    return exists().where(Ticket.handle_id == Handle.id, Ticket.contact_id != contact_id)
