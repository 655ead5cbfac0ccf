"""Who is kept from a ticket in every role: the subjects of the complaint, and its point when it is about staff.

The rule (POJK 22/2023, explanation of Ps. 3(2)c; domain.md 7.3) is written once in each direction: of the tickets
for a person who reads, of the people for a ticket that is handed on. tests/queries/test_visibility.py compares them.
Who may be told of a ticket is a narrower question: the line below a subject is kept out of notices too.
"""

from sqlalchemy import ColumnElement, and_, case, exists, false, or_, select
from sqlalchemy.orm import aliased

from helpdesk.models.contacts import Contact
from helpdesk.models.people import OrgUnit, Position, Role, UnitKind, User
from helpdesk.models.tickets import Ticket, TicketSubject

_RANKS = {
    position: rank
    for rank, position in enumerate(
        (
            Position.BP,
            Position.BM,
            Position.AM,
            Position.RM,
            Position.HO,
            Position.COMMITTEE,
            Position.DIRECTOR,
        )
    )
}


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


def user_is_kept_in_the_dark(*, ticket_id: int, unit_id: int, is_about_staff: bool) -> ColumnElement[bool]:
    """Return the condition on User for everybody who is told nothing of this ticket: the barred, and the line.

    The line of a subject is who has a lower position at or below the unit that the subject stands over, and
    her equals in that unit itself: of an area manager the notices go to the region and the head office, of a
    regional manager to the head office, of somebody at the head office to the committee. The committee
    (compliance, audit) is in nobody's line.
    """
    barred = user_is_barred(ticket_id=ticket_id, unit_id=unit_id, is_about_staff=is_about_staff)
    return or_(barred, _is_in_line(ticket_id))


def _is_in_line(ticket_id: int) -> ColumnElement[bool]:
    subject, over, own = aliased(User), aliased(OrgUnit), aliased(OrgUnit)
    is_below = and_(own.path.startswith(over.path), _rank_of(User) < _rank_of(subject))
    is_equal = and_(User.unit_id == subject.unit_id, _rank_of(User) == _rank_of(subject))
    stands_beside = or_(User.position == Position.COMMITTEE, User.role == Role.COMPLIANCE)
    return and_(
        ~stands_beside,
        exists().where(
            TicketSubject.ticket_id == ticket_id,
            subject.id == TicketSubject.user_id,
            over.id == subject.unit_id,
            own.id == User.unit_id,
            or_(is_below, is_equal),
        ),
    )


def _rank_of(user: type[User]) -> ColumnElement[int]:
    return case(_RANKS, value=user.position)


def _is_barred(ticket: type[Ticket], *, user_id: int | None, point_id: int | None) -> ColumnElement[bool]:
    is_of_point = and_(ticket.is_about_staff, ticket.unit_id == point_id) if point_id is not None else false()
    if user_id is None:
        return is_of_point
    is_subject = exists().where(TicketSubject.ticket_id == ticket.id, TicketSubject.user_id == user_id)
    return or_(is_subject, is_of_point)
