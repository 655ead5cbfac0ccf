"""The audit trail: the only place that writes ticket events and audit entries, chained as they are written."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.crypto import canonical_json, keys_of
from helpdesk.domain.chain import ChainEntry, link
from helpdesk.domain.errors import NotFound
from helpdesk.models.tickets import AuditEntry, Ticket, TicketEvent

SYSTEM = "system"
CONTACT = "contact"


def lock_ticket(session: Session, ticket_id: int) -> Ticket:
    """Return the ticket locked until the end of the transaction: events of one ticket are written one by one."""
    ticket = session.scalar(
        select(Ticket)
        .where(Ticket.id == ticket_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if ticket is None:
        raise NotFound(f"no ticket with id {ticket_id}")
    return ticket


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
    seal = keys_of(session).seal(canonical_json(details))
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
    ticket.chain_head = event.link
    ticket.updated_at = at
    return event


def audit(
    session: Session, kind: str, *, actor: str, at: datetime, data: dict[str, Any] | None = None
) -> AuditEntry:
    """Append an entry that belongs to no ticket. Two at once collide on `serial`; rt.write tries again."""
    details = data or {}
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.serial.desc()).limit(1)).first()
    seal = keys_of(session).seal(canonical_json(details))
    entry = ChainEntry(last.serial + 1 if last else 1, at, kind, actor, seal)
    row = AuditEntry(
        serial=entry.serial,
        at=at,
        kind=kind,
        actor=actor,
        data=details,
        seal=seal,
        link=link(last.link if last else b"", entry),
    )
    session.add(row)
    session.flush()
    return row
