"""People with shifts and signs of life, and what became of a ticket."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from factories import make_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models.people import Notification, Presence, Team, User
from helpdesk.models.tickets import Ticket, TicketEvent

OFFICE_HOURS = {day: [["08:00", "12:00"], ["13:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def at_work(
    session: Session, *teams: Team, seen_at: datetime | None = None, is_away: bool = False, **changes: Any
) -> User:
    """A member of the teams who was seen then; never, where nothing is said."""
    user = make_user(session, teams=teams, **changes)
    if seen_at is not None:
        session.add(Presence(user_id=user.id, seen_at=seen_at, is_away=is_away))
        session.flush()
    return user


def events(session: Session, ticket: Ticket, kind: str) -> list[Mapping[str, Any]]:
    """Data of the ticket's events of a kind, oldest first."""
    found = session.scalars(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == kind)
        .order_by(TicketEvent.serial)
    )
    return [event.data or {} for event in found]


def notices(session: Session, kind: str) -> list[Notification]:
    """Notices of a kind."""
    return list(
        session.scalars(select(Notification).where(Notification.kind == kind).order_by(Notification.id))
    )
