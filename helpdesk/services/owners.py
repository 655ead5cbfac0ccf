"""Who has a ticket: the only writer of its assignee, and of the time by which she must react to it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.models.attendance import shift_of
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.people import User
from helpdesk.models.tickets import Ticket
from helpdesk.sla.ownership import reaction_due, shipped_ownership
from helpdesk.sla.policy import CalendarCode

WAITS_FOR_US = (TicketStatus.NEW, TicketStatus.OPEN)
"""Statuses in which a ticket is taken from whoever does not react: in the others nothing waits for her."""

_PROGRAM = "token:"


def give(session: Session, ticket: Ticket, user_id: int, *, now: datetime, has_acted: bool = False) -> None:
    """Make somebody the assignee of a locked ticket; nothing happens when she is. The caller writes the event.

    `has_acted`: she has done something with it already, and owes no reaction.
    """
    if ticket.assignee_id == user_id:
        return
    ticket.assignee_id, ticket.assigned_at, ticket.returned_at = user_id, now, None
    is_owed = not has_acted and ticket.status in WAITS_FOR_US
    ticket.react_by = _react_by(session, ticket, since=now) if is_owed else None


def take_away(ticket: Ticket, *, returned_at: datetime | None = None) -> None:
    """Let nobody be the assignee of a locked ticket. `returned_at`: it went back by itself. No event."""
    ticket.assignee_id = ticket.assigned_at = ticket.react_by = None
    ticket.returned_at = returned_at


def acted(session: Session, ticket: Ticket, *, actor: str) -> None:
    """Note that somebody did something with the ticket: the assignee owes no reaction any more when it was she.

    A program that works with a token stands for her: nobody else uses it on her tickets.
    """
    if ticket.react_by is None or ticket.assignee_id is None:
        return
    owner = session.scalars(select(User.public_id).where(User.id == ticket.assignee_id)).one()
    if actor == f"user:{owner}" or actor.startswith(_PROGRAM):
        ticket.react_by = None


def status_moved(ticket: Ticket) -> None:
    """Drop the reaction that is owed when nothing waits for the assignee any more."""
    if ticket.status not in WAITS_FOR_US:
        ticket.react_by = None


def severity_moved(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Let a graver rating shorten the time that is left, counted from now; a milder one lengthens nothing."""
    if ticket.react_by is not None:
        ticket.react_by = min(ticket.react_by, _react_by(session, ticket, since=now))


def _react_by(session: Session, ticket: Ticket, *, since: datetime) -> datetime:
    book = CalendarBook(session)
    owner = session.get_one(User, ticket.assignee_id)
    return reaction_due(
        shipped_ownership().reactions[ticket.severity],
        since=since,
        service=book.calendar(CalendarCode.SERVICE, book.unit(ticket.unit_id)),
        shift=shift_of(book, owner),
    )
