"""Notices to members of staff: what one has not read, who was told of a ticket's escalations, and who answered."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from helpdesk.domain.errors import NotFound
from helpdesk.domain.severity import Severity
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.people import Notification, OrgUnit, Position, Role, User
from helpdesk.models.raised import is_raised, raised_of
from helpdesk.models.sla import SlaClockEvent, SlaClockRow
from helpdesk.models.tickets import CategoryRow, Ticket
from helpdesk.queries.terms import number_key
from helpdesk.queries.visibility import Action, Viewer, barred, can, visible
from helpdesk.sla.escalation import Level, Raised, StepAction
from helpdesk.sla.policy import Metric


@dataclass(frozen=True, slots=True)
class ToldPeople:
    """Who was told of an escalation."""

    names: tuple[str, ...]
    are_stand_ins: bool
    """Nobody of them stands at its level: it had no one, and others were told instead."""


Told = Mapping[tuple[str | None, datetime], ToldPeople]
"""By level and instant."""

_STANDING: Mapping[Level, Callable[[User], bool]] = {
    Level.L2: lambda user: user.position is Position.AM,
    Level.L3: lambda user: user.position is Position.RM,
    Level.L5: lambda user: user.position is Position.COMMITTEE or user.role is Role.COMPLIANCE,
    Level.L6: lambda user: user.position is Position.DIRECTOR,
}
"""Levels of which a person's position tells whether she stands there."""

MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """An unread notice: what its reader may know of the ticket also where she may not open it.

    `kind` is the word of the event behind it; the category is None where the complaint is about staff and
    may not be opened.
    """

    id: int
    kind: str
    level: str | None
    created_at: datetime
    number: str
    severity: Severity
    category_id: str | None
    category_en: str | None
    is_about_staff: bool
    unit: str
    next_due_at: datetime | None
    may_open: bool
    about: str | None
    """Name of whose work went back to the queue."""
    answer: "Answer | None" = None
    """Of an escalation on a clock that still runs; None where nobody has to answer (any more)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Who must say that she has an escalated ticket, until when, and who has."""

    metric: Metric
    level: Level
    at: datetime
    """When the escalation was due."""
    answer_by: datetime | None
    """None where nobody has to answer: somebody has, or a higher level was told since."""
    acknowledged_at: datetime | None
    acknowledged_by: str | None


def unread(session: Session, viewer: Viewer, *, limit: int = 50) -> tuple[NoticeRow, ...]:
    """Return the newest unread notices, in one statement, and two to four more where answers are awaited.

    The ladder tells managers of tickets that their role does not open (domain.md 7.3): only who is barred
    from a ticket is not told of it.
    """
    about = aliased(User)
    may_open = visible(viewer) if can(viewer, Action.READ_TICKET) else false()
    found = session.execute(
        select(
            Notification.id,
            Notification.kind,
            Notification.level,
            Notification.created_at,
            Ticket.number,
            Ticket.severity,
            case((or_(~Ticket.is_about_staff, may_open), CategoryRow.name_id)),
            case((or_(~Ticket.is_about_staff, may_open), CategoryRow.name_en)),
            Ticket.is_about_staff,
            OrgUnit.name,
            Ticket.next_due_at,
            case((may_open, True), else_=False),  # what is compared may be NULL
            about.name,
            Notification.clock_event_id,
        )
        .join(Ticket, Ticket.id == Notification.ticket_id)
        .join(OrgUnit, OrgUnit.id == Ticket.unit_id)
        .outerjoin(CategoryRow, CategoryRow.code == Ticket.category_code)
        .outerjoin(about, about.id == Notification.about_id)
        .where(_unread_by(viewer))
        .order_by(Notification.id.desc())
        .limit(limit)
    ).all()
    ids = {row.clock_event_id for row in found if row.kind == StepAction.ESCALATED and row.clock_event_id}
    clocks = select(SlaClockEvent.clock_id).where(SlaClockEvent.id.in_(ids))
    answers = _answers(session, SlaClockRow.id.in_(clocks)) if ids else {}
    return tuple(replace(NoticeRow(*row[:-1]), answer=answers.get(row.clock_event_id)) for row in found)


def told_ticket_id(session: Session, viewer: Viewer, number: str) -> int:
    """Return a ticket that the viewer was told of and may still know of. Raises NotFound for any other."""
    found = session.scalar(
        select(Ticket.id).where(
            Ticket.number == number_key(number),
            exists().where(Notification.ticket_id == Ticket.id, Notification.user_id == viewer.user_id),
            ~barred(viewer),
        )
    )
    if found is None:
        raise NotFound(f"no notice about ticket {number}")
    return found


def answers_of(session: Session, ticket_id: int) -> tuple[Answer, ...]:
    """Return the escalations of a ticket's running clocks, oldest first. The caller has checked that it may be seen."""
    return tuple(_answers(session, SlaClockRow.ticket_id == ticket_id).values())


def _answers(session: Session, condition: ColumnElement[bool]) -> dict[int, Answer]:
    """Return the escalations of clocks that still run, by the id of their event."""
    person = aliased(User)
    found = session.execute(
        select(SlaClockEvent, SlaClockRow.metric, Ticket.severity, Ticket.unit_id, person.name)
        .join(SlaClockRow, SlaClockRow.id == SlaClockEvent.clock_id)
        .join(Ticket, Ticket.id == SlaClockRow.ticket_id)
        .outerjoin(person, person.id == SlaClockEvent.acknowledged_by_id)
        .where(condition, SlaClockRow.met_at.is_(None), SlaClockRow.superseded_at.is_(None))
        .order_by(SlaClockEvent.at, SlaClockEvent.id)
    ).all()
    book = CalendarBook(session)
    by_clock: defaultdict[int, list[Raised]] = defaultdict(list)
    rows = []
    for event, metric, severity, unit_id, name in found:
        if is_raised(event):
            raised = raised_of(event, severity=severity, book=book, unit=book.unit(unit_id))
            by_clock[event.clock_id].append(raised)
            rows.append((event, metric, raised, name))
    return {
        event.id: Answer(
            metric,
            raised.level,
            event.at,
            raised.answer_by if raised.waits(by_clock[event.clock_id]) else None,
            raised.acknowledged_at,
            name,
        )
        for event, metric, raised, name in rows
    }


def unread_count(session: Session, viewer: Viewer) -> int:
    """Return how many notices wait, at most MOST_COUNTED: it stands on every page."""
    waiting = (
        select(Notification.id)
        .join(Ticket, Ticket.id == Notification.ticket_id)
        .where(_unread_by(viewer))
        .limit(MOST_COUNTED)
    )
    return session.scalar(select(func.count()).select_from(waiting.subquery())) or 0


def _unread_by(viewer: Viewer) -> ColumnElement[bool]:
    return and_(Notification.user_id == viewer.user_id, Notification.read_at.is_(None), ~barred(viewer))


def told_of_escalations(session: Session, ticket_id: int) -> Told:
    """Return who was told of a ticket's escalations. The caller has checked that the viewer may see it."""
    found = session.execute(
        select(Notification.level, Notification.created_at, User)
        .join(User, User.id == Notification.user_id)
        .where(Notification.ticket_id == ticket_id, Notification.kind == StepAction.ESCALATED)
        .order_by(Notification.id)
    )
    users: defaultdict[tuple[str | None, datetime], list[User]] = defaultdict(list)
    for level, at, user in found:
        users[level, at].append(user)
    return {
        (level, at): ToldPeople(tuple(dict.fromkeys(each.name for each in told)), _stand_in(level, told))
        for (level, at), told in users.items()
    }


def _stand_in(level: str | None, users: Sequence[User]) -> bool:
    stands = _STANDING.get(Level(level)) if level else None
    return stands is not None and not any(map(stands, users))
