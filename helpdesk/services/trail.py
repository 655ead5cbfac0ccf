"""The audit trail: the only place that writes ticket events and audit entries, chained as they are written."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.crypto import canonical_json, keys_of
from helpdesk.domain.chain import ChainEntry, head_after, link, said
from helpdesk.domain.errors import Conflict, NotFound
from helpdesk.models.merges import end_of, merged_into
from helpdesk.models.messages import Message
from helpdesk.models.tickets import AuditEntry, AuditHead, Ticket, TicketEvent

SYSTEM = "system"
CONTACT = "contact"


def lock_ticket(session: Session, ticket_id: int) -> Ticket:
    """Return the ticket locked until the end of the transaction: events of one ticket are written one by one."""
    ticket = session.scalar(
        select(Ticket)
        .where(Ticket.id == ticket_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if ticket is None:
        raise NotFound(f"no ticket with id {ticket_id}")
    return ticket


def lock_own(session: Session, ticket_id: int) -> Ticket:
    """Return the ticket locked. Raises Conflict (`merged`) where another stands for it: this one rests."""
    ticket = lock_ticket(session, ticket_id)
    if merged_into(session, ticket_id) is not None:
        raise Conflict("the ticket was merged: take it out first", code="merged")
    return ticket


def lock_end(session: Session, ticket_id: int) -> Ticket:
    """Return the ticket in which what concerns this one is done now, locked: the end of its chain of merges."""
    while True:
        ticket = lock_ticket(session, end_of(session, ticket_id))
        if end_of(session, ticket_id) == ticket.id:  # else the chain changed while we waited for it
            return ticket


def lock_tickets(session: Session, ticket_ids: Sequence[int]) -> Sequence[Ticket]:
    """Return the tickets locked like one, always in the order of their ids: two that lock the same never cross."""
    return session.scalars(
        select(Ticket)
        .where(Ticket.id.in_(ticket_ids))
        .order_by(Ticket.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def record(
    session: Session,
    ticket: Ticket,
    kind: str,
    *,
    actor: str,
    at: datetime,
    data: dict[str, Any] | None = None,
) -> TicketEvent:
    """Append an event to the ticket's chain. The ticket must be new or locked by lock_ticket()."""
    details = data or {}
    keys = keys_of(session)
    seal = keys.seal(canonical_json(details))
    entry = ChainEntry(ticket.version + 1, at, kind, actor, seal)
    event = TicketEvent(
        ticket_id=ticket.id,
        serial=entry.serial,
        at=at,
        kind=kind,
        actor=actor,
        data=details,
        seal=seal,
        link=link(ticket.chain_head, entry),
    )
    session.add(event)
    ticket.version = entry.serial
    ticket.chain_head = head_after(event.link, seal=keys.seal)
    ticket.updated_at = at
    return event


def newest_event(session: Session, ticket_id: int, kind: str) -> TicketEvent | None:
    """Return the last event of a kind in the ticket."""
    return session.scalars(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket_id, TicketEvent.kind == kind)
        .order_by(TicketEvent.serial.desc())
        .limit(1)
    ).first()


def record_message(
    session: Session,
    ticket: Ticket,
    message: Message,
    kind: str,
    *,
    actor: str,
    at: datetime,
    data: dict[str, Any] | None = None,
) -> TicketEvent:
    """Append the event of a new message: it seals what was said, so that another text in its place shows."""
    told = sealed(session, message)
    return record(session, ticket, kind, actor=actor, at=at, data=told | (data or {}))


def sealed(session: Session, message: Message) -> dict[str, str]:
    """Return what the event with which a message comes to lie in a ticket holds of it."""
    content = said(direction=message.direction, author_id=message.author_id, at=message.at, body=message.body)
    return {"message": message.public_id, "seal": keys_of(session).seal(content).hex()}


def audit(
    session: Session, kind: str, *, actor: str, at: datetime, data: dict[str, Any] | None = None
) -> AuditEntry:
    """Append an entry that belongs to no ticket. The lock on the head puts those of several processes in line.

    The last thing that a use case does: every sign-in waits for that lock, and tickets are locked before it.
    """
    details = data or {}
    keys = keys_of(session)
    head = _lock_audit_head(session)
    seal = keys.seal(canonical_json(details))
    entry = ChainEntry(head.serial + 1, at, kind, actor, seal)
    row = AuditEntry(
        serial=entry.serial,
        at=at,
        kind=kind,
        actor=actor,
        data=details,
        seal=seal,
        link=link(head.head, entry),
    )
    session.add(row)
    head.serial, head.head = entry.serial, head_after(row.link, seal=keys.seal)
    session.flush()
    return row


def _lock_audit_head(session: Session) -> AuditHead:
    """Return the head, locked. Two first entries at once collide on its key; rt.write tries again."""
    head = session.scalar(select(AuditHead).with_for_update().execution_options(populate_existing=True))
    if head is None:
        head = AuditHead(id=1, serial=0, head=b"")
        session.add(head)
        session.flush()
    return head
