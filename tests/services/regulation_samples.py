"""Complaints before the regulator, and what their tests look at."""

from datetime import datetime

from clock_samples import REGULATORY
from factories import make_contact, make_handle
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, tell, ticket_of

from helpdesk.domain.messages import ChannelCode
from helpdesk.models.people import Notification
from helpdesk.models.sla import SlaClockRow, StatutoryPeriod
from helpdesk.models.tickets import Ticket, TicketEvent
from helpdesk.services import documents, tickets
from helpdesk.services.tickets import NewTicket

ACT = {"actor": "user:x", "lender": LENDER}
ASK = {"author_id": None, **ACT}


def written(session: Session, **more: object) -> Ticket:
    """A complaint by WhatsApp of Monday 23 November 10.00: ten working days end on 7 December."""
    return ticket_of(session, tell(session, now=NOW, **more))


def verbal(session: Session, *, now: datetime = NOW) -> Ticket:
    """A complaint by phone, of a contact who is reached by SMS: five working days end on 30 November."""
    contact = make_contact(session, phone="+6285711112222")
    handle = make_handle(session, contact=contact, channel=ChannelCode.SMS)
    new = NewTicket(
        channel=ChannelCode.PHONE, contact_id=contact.id, handle_id=handle.id, text="Uang dobel", received_at=now
    )  # fmt: skip
    return tickets.open_ticket(session, new, now=now)


def asked(session: Session, ticket: Ticket, *items: str, now: datetime, note: str = "") -> StatutoryPeriod:
    """Let a person ask for documents."""
    return documents.request(session, ticket.id, items or ("supporting",), note=note, now=now, **ASK)  # type: ignore[arg-type]


def regulatory(session: Session, ticket: Ticket) -> list[SlaClockRow]:
    """All regulatory clocks of a ticket, oldest first."""
    found = select(SlaClockRow).where(SlaClockRow.ticket_id == ticket.id, SlaClockRow.metric == REGULATORY)
    return list(session.scalars(found.order_by(SlaClockRow.id)))


def event(session: Session, ticket: Ticket, kind: str) -> TicketEvent:
    """The newest event of a kind."""
    found = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == kind)
    return session.scalars(found.order_by(TicketEvent.serial.desc()).limit(1)).one()


def told(session: Session, ticket: Ticket, kind: str) -> int:
    """How many people were told of something."""
    found = select(Notification.id).where(Notification.ticket_id == ticket.id, Notification.kind == kind)
    return len(session.scalars(found).all())
