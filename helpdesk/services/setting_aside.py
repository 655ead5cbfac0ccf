"""Spam and wrong numbers are set aside, not deleted: kept, listed, counted as no complaint, and brought back."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict
from helpdesk.domain.lifecycle import ACTIVE_STATUSES, SetAside, TicketKind, TicketStatus
from helpdesk.domain.severity import Severity
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.tickets import Ticket
from helpdesk.services import (
    contact_tasks,
    held,
    outcomes,
    owners,
    periods,
    sla,
    tickets,
    triage,
    undelivered,
)
from helpdesk.services.chat_scene import is_restricted
from helpdesk.services.trail import lock_ticket, newest_event, record

GRAVE = frozenset({Severity.S1, Severity.S2})
"""What was ever one of these, or is about staff, only a supervisor may set aside, whoever made it milder."""


def set_aside(
    session: Session, ticket_id: int, reason: SetAside, *, is_leader: bool, actor: str, now: datetime
) -> None:
    """Close a ticket that is no complaint, without a word to whoever wrote. What is owed for it is owed no more.

    Raises Conflict: `grave` where a supervisor must decide, `transition` for a ticket that is not being worked on.
    """
    ticket = lock_ticket(session, ticket_id)
    if ticket.status not in ACTIVE_STATUSES:
        raise Conflict("the ticket is not being worked on", code="transition")
    if not is_leader and (is_restricted(ticket) or triage.gravest(session, ticket) in GRAVE):
        raise Conflict("a supervisor decides about a grave one", code="grave")
    tickets.touched_by_person(session, ticket, actor=actor, now=now)
    record(session, ticket, "set_aside", actor=actor, at=now, data={"as": reason, "kind": ticket.kind})
    _nothing_more(session, ticket, now=now)
    ticket.kind = TicketKind.ENQUIRY  # no report counts it among the complaints
    ticket.set_aside_as, ticket.set_aside_at = reason, now
    tickets.set_status(session, ticket, TicketStatus.CLOSED, actor=actor, now=now)
    ticket.closed_at = now
    owners.take_away(ticket)
    sla.dropped(session, ticket, at=now)
    periods.end_with(session, ticket, actor=actor, at=now)


def _nothing_more(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """What waits to be sent stays here, and kept no promise; nobody calls or visits a stranger."""
    if held.drop(
        session, OutboxItem.message_id.in_(select(Message.id).where(Message.ticket_id == ticket.id))
    ):
        undelivered.owed_again(session, ticket, now=now)
        undelivered.waited_in_vain(session, ticket, now=now)
    contact_tasks.all_needless(session, ticket.id, now=now)


def bring_back(session: Session, ticket_id: int, *, actor: str, now: datetime) -> None:
    """Put it into the queue as what it was: its promises count from its receipt, also for the time in between."""
    ticket = lock_ticket(session, ticket_id)
    if ticket.set_aside_as is None:
        raise Conflict("the ticket was not set aside", code="transition")
    before, set_aside_at = newest_event(session, ticket_id, "set_aside"), ticket.set_aside_at
    periods.unended(session, ticket, ended_at=set_aside_at, now=now)
    record(session, ticket, "brought_back", actor=actor, at=now)
    ticket.kind = TicketKind((before.data or {}).get("kind", ticket.kind)) if before else ticket.kind
    ticket.set_aside_as = ticket.set_aside_at = ticket.closed_at = None
    tickets.set_status(session, ticket, TicketStatus.OPEN, actor=actor, now=now)
    undelivered.owed_again(session, ticket, now=now)  # also what a sender had claimed, and did not bring
    sla.refit(session, ticket, now=now)
    undelivered.waited_in_vain(session, ticket, now=now)
    outcomes.go_on(session, ticket, now=now)
    contact_tasks.needed_after_all(session, ticket, ended_at=set_aside_at, actor=actor, now=now)
    tickets.touched_by_person(session, ticket, actor=actor, now=now)
