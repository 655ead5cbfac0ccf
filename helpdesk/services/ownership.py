"""Takes tickets from those who do not react to them or are not there, back to the queue."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.lifecycle import ACTIVE_STATUSES
from helpdesk.domain.severity import Severity
from helpdesk.models.attendance import attendance_of
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.people import Notification, Presence, User
from helpdesk.models.tickets import Ticket
from helpdesk.services import escalations, owners
from helpdesk.services.trail import SYSTEM, lock_ticket, record
from helpdesk.sla.ownership import Absence, Absent, absence, shipped_ownership

LOST, RETURNED = "ownership_lost", "returned_to_queue"
"""Kinds of the events, and of the notices to the supervisors."""

ONE_NOTICE = timedelta(minutes=10)
"""One pass: what goes back of one person's work within this time is one notice to each supervisor."""

_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Return:
    """A ticket that goes back to the queue because whoever has it is not there."""

    ticket_id: int
    user_id: int


def unanswered_ids(session: Session, *, now: datetime, limit: int | None = 200) -> list[int]:
    """Return the tickets whose assignees did not react in time, the longest overdue first."""
    due = select(Ticket.id).where(Ticket.react_by <= now).order_by(Ticket.react_by, Ticket.id).limit(limit)
    return list(session.scalars(due))


def lose(session: Session, ticket_id: int, *, now: datetime) -> bool:
    """Take the ticket from an assignee who did not react; False where she has meanwhile, or it was moved on."""
    ticket = lock_ticket(session, ticket_id)
    due, since = ticket.react_by, ticket.assigned_at
    if due is None or due > now or ticket.assignee_id is None:
        return False
    if ticket.status not in owners.WAITS_FOR_US:
        ticket.react_by = None
        return False
    reaction = shipped_ownership().reactions[ticket.severity]
    data: dict[str, object] = {
        "at": due.isoformat(),
        "since": since.isoformat() if since is not None else "",
        "minutes": int(reaction.within.total_seconds() // 60),
        "severity": ticket.severity,
    }
    owner = session.get_one(User, ticket.assignee_id)
    _back(session, ticket, LOST, reason="no_reaction", data=data, now=now)
    told = {user.id for user in escalations.tell_leaders(session, ticket, LOST, at=now)}
    untold = escalations.untold_user_ids(session, ticket)
    if owner.id not in told | untold:  # she wonders where it went
        escalations.tell(session, ticket, [owner], LOST, at=now)
    return True


def returns(session: Session, *, now: datetime) -> list[Return]:
    """Return the tickets that are to go back because their assignees are not there, most urgent first."""
    found: list[tuple[Severity, datetime, int, Return]] = []
    for user, absent in _absent_owners(session, now=now):
        rows = session.execute(
            select(Ticket.id, Ticket.severity, Ticket.next_due_at).where(
                Ticket.assignee_id == user.id, _cannot_wait(absent)
            )
        )
        for ticket_id, severity, due in rows:
            found.append((severity, due or _LAST, ticket_id, Return(ticket_id, user.id)))
    return [each for *_order, each in sorted(found, key=lambda row: row[:3])]


def give_back(session: Session, work: Return, *, now: datetime) -> bool:
    """Take one ticket from somebody who is not there; False where she is back, or it waits for her no more."""
    ticket = lock_ticket(session, work.ticket_id)
    if ticket.assignee_id != work.user_id:
        return False
    user, presence = _with_presence(session, work.user_id)
    absent = absence(attendance_of(CalendarBook(session), user, presence), shipped_ownership(), now=now)
    if absent is None:
        return False
    session.flush()
    if not session.scalar(select(exists().where(Ticket.id == ticket.id, _cannot_wait(absent)))):
        return False
    data: dict[str, object] = {"at": absent.at.isoformat()}
    if absent.back_at is not None:
        data["back_at"] = absent.back_at.isoformat()
    _back(session, ticket, RETURNED, reason=absent.reason, data=data, now=now)
    _tell_once(session, ticket, user, now=now)
    return True


def hand_on(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Take the ticket from an assignee whose answer the contact objects to: another officer was promised (T12b)."""
    officer = owners.objected_to(session, ticket.id)
    if ticket.assignee_id is not None and session.get_one(User, ticket.assignee_id).public_id == officer:
        _back(session, ticket, RETURNED, reason="objection", data={}, now=now)


def _back(
    session: Session, ticket: Ticket, kind: str, *, reason: str, data: dict[str, object], now: datetime
) -> None:
    owner = session.get_one(User, ticket.assignee_id).public_id
    owners.take_away(ticket, returned_at=now)
    told = {"from": {"assignee": owner}, "to": {"assignee": ""}, "reason": reason}
    record(session, ticket, kind, actor=SYSTEM, at=now, data=told | data)


def _absent_owners(session: Session, *, now: datetime) -> Iterator[tuple[User, Absent]]:
    """Yield who has tickets and is not there. Of whom nothing is known (no roster, never seen) is not asked."""
    has_work = exists().where(Ticket.assignee_id == User.id, Ticket.status.in_(ACTIVE_STATUSES))
    is_known = or_(User.disabled_at.is_not(None), User.shift.is_not(None), Presence.user_id.is_not(None))
    book, rules = CalendarBook(session), shipped_ownership()
    rows = session.execute(
        select(User, Presence)
        .outerjoin(Presence, Presence.user_id == User.id)
        .where(is_known, has_work)
        .order_by(User.id)
    ).all()
    for user, presence in rows:
        absent = absence(attendance_of(book, user, presence), rules, now=now)
        if absent is not None:
            yield user, absent


def _cannot_wait(absent: Absent) -> ColumnElement[bool]:
    """Return the condition on Ticket for work that does not wait for somebody who is not there."""
    if absent.reason is Absence.DISABLED:
        return Ticket.status.in_(ACTIVE_STATUSES)  # nobody comes back to it
    is_urgent = Ticket.severity.in_(sorted(shipped_ownership().urgent))
    due = Ticket.next_due_at
    is_due = due.is_not(None) if absent.back_at is None else due < absent.back_at
    return and_(Ticket.status.in_(owners.WAITS_FOR_US), or_(is_urgent, is_due))


def _with_presence(session: Session, user_id: int) -> tuple[User, Presence | None]:
    """Return the person, locked: two workers that give back her work tell of it one after the other."""
    user = session.get_one(User, user_id, with_for_update={"key_share": True}, populate_existing=True)
    return user, session.get(Presence, user_id, populate_existing=True)


def _tell_once(session: Session, ticket: Ticket, person: User, *, now: datetime) -> None:
    """Tell each supervisor once of what goes back of one person's work, with its most urgent ticket."""
    told = set(
        session.scalars(
            select(Notification.user_id).where(
                Notification.kind == RETURNED,
                Notification.about_id == person.id,
                Notification.created_at > now - ONE_NOTICE,
            )
        )
    )
    leaders = [leader for leader in escalations.leaders(session, ticket) if leader.id not in told]
    escalations.tell(session, ticket, leaders, RETURNED, at=now, about_id=person.id)
    session.flush()
