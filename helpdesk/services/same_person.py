"""Two contacts who turn out to be one: an account that wrote without its number shows it, sooner or later."""

from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from helpdesk.models.contacts import Contact, ContactWord, Handle, HandleKey
from helpdesk.models.tickets import Ticket
from helpdesk.services.trail import SYSTEM, lock_tickets, record

UNITED = "contact_united"


def unite(session: Session, handle: Handle, learnt: AbstractSet[bytes], *, now: datetime) -> None:
    """Make one contact of those whom an account names that has just been learnt of `handle`; all are locked.

    An account is one person's, a phone may be several people's: a phone unites nobody. Of two contacts the one of
    whom nothing is known but her account is given up. Only a tie that is new unites: whom people part later stays so.
    """
    if not learnt or handle.is_shared:
        return
    named = select(HandleKey.handle_id).where(HandleKey.key_digest.in_(learnt))
    others = session.scalars(
        select(Handle)
        .where(Handle.id.in_(named), Handle.contact_id != handle.contact_id, Handle.is_shared.is_(False))
        .order_by(Handle.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    for contact_id in dict.fromkeys(other.contact_id for other in others):
        _unite(session, handle.contact_id, contact_id, now=now)
        session.refresh(handle)


def _unite(session: Session, one_id: int, other_id: int, *, now: datetime) -> None:
    both = session.scalars(
        select(Contact)
        .where(Contact.id.in_((one_id, other_id)), Contact.erased_at.is_(None))
        .order_by(Contact.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    bare = [contact for contact in both if contact.mitra_digest is None and not contact.is_name_told]
    if len(both) < 2 or not bare:
        return
    leaves = bare[-1]
    stays = next(contact for contact in both if contact is not leaves)
    _hand_over(session, leaves, stays, now=now)
    stays.notice_shown_at = stays.notice_shown_at or leaves.notice_shown_at
    session.execute(delete(ContactWord).where(ContactWord.contact_id == leaves.id))
    session.delete(leaves)
    session.flush()


def _hand_over(session: Session, leaves: Contact, stays: Contact, *, now: datetime) -> None:
    hers = session.scalars(select(Ticket.id).where(Ticket.contact_id == leaves.id)).all()
    for ticket in lock_tickets(session, hers):
        ticket.contact_id = stays.id
        record(session, ticket, UNITED, actor=SYSTEM, at=now)
    session.execute(update(Handle).where(Handle.contact_id == leaves.id).values(contact_id=stays.id))
    session.flush()
