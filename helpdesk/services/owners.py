"""Who has a ticket: the only writer of its assignee, and of the time by which she must react to it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.models.attendance import shift_of
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.complaints import Resolution
from helpdesk.models.people import User
from helpdesk.models.tickets import Ticket
from helpdesk.sla.ownership import reaction_due, shipped_ownership
from helpdesk.sla.policy import CalendarCode

WAITS_FOR_US = (TicketStatus.NEW, TicketStatus.OPEN)
"""Statuses in which a ticket is taken from whoever does not react: in the others nothing waits for her."""

_PROGRAM, _PERSON = "token:", "user:"
_INSTANTS = ("assigned_at", "react_by", "returned_at")


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


def kept(ticket: Ticket) -> dict[str, int | str | None]:
    """Return who has a locked ticket, for put_back()."""
    instants = (ticket.assigned_at, ticket.react_by, ticket.returned_at)
    words = (None if at is None else at.isoformat() for at in instants)
    return {"assignee": ticket.assignee_id, **dict(zip(_INSTANTS, words, strict=True))}


def put_back(ticket: Ticket, was: Mapping[str, int | str | None]) -> None:
    """Let the ticket be whose it was, with the reaction that she owed then."""
    assignee = was["assignee"]
    ticket.assignee_id = assignee if isinstance(assignee, int) else None
    ticket.assigned_at, ticket.react_by, ticket.returned_at = (
        datetime.fromisoformat(str(was[name])) if was[name] else None for name in _INSTANTS
    )


def acted(session: Session, ticket: Ticket, *, actor: str) -> None:
    """Note that somebody did something with the ticket: the assignee owes no reaction any more when it was she.

    A program that works with a token stands for her: nobody else uses it on her tickets.
    """
    if ticket.react_by is None or ticket.assignee_id is None:
        return
    owner = session.scalars(select(User.public_id).where(User.id == ticket.assignee_id)).one()
    if actor == f"{_PERSON}{owner}" or actor.startswith(_PROGRAM):
        ticket.react_by = None


def objected_to(session: Session, ticket_id: int) -> str | None:
    """Public id of whose answer the contact objected to last; another officer checks it (design.md T12b)."""
    newest = session.scalars(
        select(Resolution).where(Resolution.ticket_id == ticket_id).order_by(Resolution.id.desc()).limit(1)
    ).first()
    if newest is None or newest.rejected_at is None or not newest.resolved_by.startswith(_PERSON):
        return None
    return newest.resolved_by.removeprefix(_PERSON)


def check_other_officer(session: Session, ticket_id: int, actor: str) -> None:
    """Raise Conflict (`same_officer`) where the actor would check her own answer. A program is nobody's officer."""
    officer = objected_to(session, ticket_id)
    if officer is not None and actor == f"{_PERSON}{officer}":
        raise Conflict("the contact objected to this person's answer: another checks it", code="same_officer")


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
