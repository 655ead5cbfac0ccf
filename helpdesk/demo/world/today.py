"""What happened this morning, done by the services themselves: corrected severities and categories."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from helpdesk.demo.world.chronicle import Chronicle, actor_of
from helpdesk.demo.world.people import Staff
from helpdesk.domain.lifecycle import ACTIVE_STATUSES, TicketKind
from helpdesk.domain.severity import Impact, Severity, Urgency
from helpdesk.services import sweeps, tickets

CORRECTED = 3
FRESH = timedelta(days=3)


def correct_some(session: Session, chronicles: list[Chronicle], staff: Staff, *, now: datetime) -> None:
    """Let the supervisor raise a few tickets, and an agent move one to another category."""
    supervisor = actor_of(staff.user("supervisor@demo.id"))
    agent = actor_of(staff.user("agen@demo.id"))
    mild = [
        chronicle.ticket.id
        for chronicle in chronicles
        if _is_fresh(chronicle, now) and chronicle.ticket.severity is Severity.S3
    ]
    for ticket_id in mild[-CORRECTED:]:
        tickets.override_severity(
            session,
            ticket_id,
            impact=Impact.I3,
            urgency=Urgency.U2,
            reason="Beberapa Mitra di majelis yang sama mengalaminya",
            actor=supervisor,
            now=now,
        )
    for ticket_id in mild[:-CORRECTED][-1:]:
        tickets.set_category(session, ticket_id, "PGD-ABAI", actor=agent, now=now)
    sweeps.run_within(session, now=now)


def _is_fresh(chronicle: Chronicle, now: datetime) -> bool:
    ticket = chronicle.ticket
    is_complaint = ticket.kind is TicketKind.COMPLAINT and not ticket.is_about_staff
    return is_complaint and ticket.status in ACTIVE_STATUSES and now - ticket.received_at < FRESH
