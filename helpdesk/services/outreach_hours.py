"""When a Mitra may be written to unasked: not at night in her own zone, unless it is of the gravest kind."""

from datetime import datetime

from sqlalchemy.orm import Session

from helpdesk.domain.messages import Purpose
from helpdesk.domain.outreach import unasked
from helpdesk.models.people import OrgUnit
from helpdesk.models.tickets import Ticket


def goes_at(session: Session, ticket: Ticket, purpose: Purpose, *, now: datetime) -> datetime:
    """Return when a message of this purpose may go."""
    return free_at(session, ticket, now=now) if purpose in unasked().purposes else now


def free_at(session: Session, ticket: Ticket, *, now: datetime) -> datetime:
    """Return when something that she did not ask for may go."""
    rules = unasked()
    if ticket.severity in rules.despite:
        return now
    unit = session.get_one(OrgUnit, ticket.unit_id)
    return rules.hours.free_at(now, zone=unit.zone)
