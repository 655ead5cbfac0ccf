"""Who it may be that calls or comes: contacts, each with the complaints that she could mean."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.models.tickets import CategoryRow, Ticket
from helpdesk.queries import contacts
from helpdesk.queries.contacts import ContactRow
from helpdesk.queries.visibility import Action, Viewer, can, visible


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint that is not closed: what to know it by, without its story."""

    number: str
    status: TicketStatus
    category_id: str | None
    category_en: str | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """A contact that was found, and what she has complained of, newest first."""

    contact: ContactRow
    complaints: tuple[Complaint, ...]


def callers(session: Session, viewer: Viewer, text: str, *, place: str = "") -> tuple[Caller, ...]:
    """Find by ticket number, phone, mitra id or name; field staff find the people of their point."""
    if not text:
        return ()
    if can(viewer, Action.READ_CONTACTS):
        found = contacts.find(session, viewer, text, place=place)
    else:
        found = contacts.lookup(session, viewer, phone=text, mitra_id=text, name=text, place=place)
    complaints = _complaints(session, viewer, [contact.id for contact in found])
    return tuple(Caller(contact, tuple(complaints.get(contact.id, ()))) for contact in found)


def _complaints(
    session: Session, viewer: Viewer, contact_ids: Sequence[int]
) -> Mapping[int, list[Complaint]]:
    complaints: dict[int, list[Complaint]] = defaultdict(list)
    if not contact_ids:
        return complaints
    found = session.execute(
        select(
            Ticket.contact_id,
            Ticket.number,
            Ticket.status,
            CategoryRow.name_id,
            CategoryRow.name_en,
            Ticket.received_at,
        )
        .outerjoin(CategoryRow, CategoryRow.code == Ticket.category_code)
        .where(Ticket.contact_id.in_(contact_ids), Ticket.status != TicketStatus.CLOSED, visible(viewer))
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
    )
    for row in found:
        complaints[row[0]].append(Complaint(*row[1:]))
    return complaints
