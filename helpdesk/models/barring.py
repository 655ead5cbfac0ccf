"""Who is kept from a ticket in every role: the subjects of the complaint, and its point when it is about staff.

The rule (POJK 22/2023, explanation of Ps. 3(2)c; domain.md 7.3) is written once in each direction: of the tickets
for a person who reads, of the people for a ticket that is handed on. tests/queries/test_visibility.py compares them.
"""

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import aliased

from helpdesk.models.contacts import Contact
from helpdesk.models.people import OrgUnit, UnitKind, User
from helpdesk.models.tickets import Ticket, TicketSubject


def ticket_is_barred(*, user_id: int | None, point_id: int | None) -> ColumnElement[bool]:
    """Return the condition on Ticket for those kept from this person; a program has no id and is no subject.

    `point_id` is the point that the person belongs to, None above it: head office stands for "point unknown" on
    a ticket, and bars nobody.
    """
    return _is_barred(Ticket, user_id=user_id, point_id=point_id)


def contact_is_hidden(*, user_id: int | None, point_id: int | None) -> ColumnElement[bool]:
    """Return the condition on Contact for those all of whose tickets are kept from this person.

    To come upon her would tell of the complaint: she is known by it alone. One without tickets is no secret.
    """
    ticket, other = aliased(Ticket), aliased(Ticket)
    is_open = ~_is_barred(other, user_id=user_id, point_id=point_id)
    return and_(
        exists().where(ticket.contact_id == Contact.id),
        ~exists().where(other.contact_id == Contact.id, is_open),
    )


def user_is_barred(*, ticket_id: int, unit_id: int, is_about_staff: bool) -> ColumnElement[bool]:
    """Return the condition on User for everybody who is kept from this ticket."""
    is_subject = User.id.in_(select(TicketSubject.user_id).where(TicketSubject.ticket_id == ticket_id))
    if not is_about_staff:
        return is_subject
    point = select(OrgUnit.id).where(OrgUnit.id == unit_id, OrgUnit.kind == UnitKind.POINT)
    return or_(is_subject, User.unit_id.in_(point))


def _is_barred(ticket: type[Ticket], *, user_id: int | None, point_id: int | None) -> ColumnElement[bool]:
    is_of_point = and_(ticket.is_about_staff, ticket.unit_id == point_id) if point_id is not None else false()
    if user_id is None:
        return is_of_point
    is_subject = exists().where(TicketSubject.ticket_id == ticket.id, TicketSubject.user_id == user_id)
    return or_(is_subject, is_of_point)
