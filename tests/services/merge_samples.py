"""Complaints of one Mitra that may be merged, and everything that an undone merge must leave as it was."""

from datetime import datetime

from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import message

from helpdesk.crypto import keys_of
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.messages import ChannelCode, Direction, Purpose
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Message
from helpdesk.models.sla import SlaClockRow, SlaPauseRow
from helpdesk.models.tickets import Ticket, TicketWord
from helpdesk.services import tickets
from helpdesk.services.contacts import external_digest, handle_for
from helpdesk.services.tickets import NewTicket
from helpdesk.services.trail import CONTACT, record_message

PHONE = "+6285711112222"
AGENT = "user:x"


def person(session: Session, phone: str = PHONE) -> tuple[Contact, Handle]:
    """Return a Mitra and where she writes from, as if she had."""
    handle = handle_for(session, message(phone=phone), now=NOW)
    return session.get_one(Contact, handle.contact_id), handle


def complaint(
    session: Session,
    handle: Handle,
    words: str = "saya sudah bayar tapi belum masuk",
    *,
    at: datetime,
    external_id: str | None = None,
    **more: object,
) -> Ticket:
    """Return a complaint of the handle's contact with one message, received then."""
    values = {"received_at": at, "kind": TicketKind.COMPLAINT, "channel": ChannelCode.WHATSAPP, **more}
    ticket = tickets.open_ticket(
        session,
        NewTicket(contact_id=handle.contact_id, handle_id=handle.id, text=words, **values),  # type: ignore[arg-type]
        now=at,
    )
    row = Message(
        direction=Direction.IN,
        purpose=Purpose.STORY,
        channel=ChannelCode.WHATSAPP,
        handle_id=handle.id,
        external_id=external_id,
        external_digest=external_digest(keys_of(session), external_id) if external_id else None,
        body=words,
        at=at,
    )
    tickets.add_message(session, ticket, row)
    record_message(session, ticket, row, "message_received", actor=CONTACT, at=at)
    return ticket


def stands(session: Session, ticket: Ticket) -> dict[str, object]:
    """Return all of a ticket that merges change, in a form that can be compared."""
    session.flush()
    session.expire_all()
    rows = session.scalars(
        select(SlaClockRow).where(
            SlaClockRow.ticket_id == ticket.id,
            SlaClockRow.met_at.is_(None),
            SlaClockRow.superseded_at.is_(None),
        )
    ).all()
    pauses = session.execute(
        select(SlaClockRow.metric, SlaPauseRow.started_at, SlaPauseRow.ended_at)
        .join(SlaClockRow, SlaClockRow.id == SlaPauseRow.clock_id)
        .where(SlaPauseRow.clock_id.in_([row.id for row in rows]))
    )
    words = session.scalars(select(TicketWord.word).where(TicketWord.ticket_id == ticket.id))
    messages = session.scalars(select(Message.id).where(Message.ticket_id == ticket.id))
    return {
        "row": (ticket.status, ticket.kind, ticket.closed_at, ticket.received_at, ticket.last_inbound_at),
        "rating": (ticket.severity, ticket.impact, ticket.urgency, ticket.severity_reasons),
        "owner": (ticket.assignee_id, ticket.assigned_at, ticket.react_by, ticket.returned_at),
        "clocks": {row.metric: (row.started_at, row.due_at) for row in rows},
        "steps": {row.metric: row.next_step_at for row in rows},
        "next": ticket.next_due_at,
        "pauses": set(map(tuple, pauses)),
        "words": set(words),
        "messages": set(messages),
    }
