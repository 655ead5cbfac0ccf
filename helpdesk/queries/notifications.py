"""Notices to members of staff: what one has not read, and who was told of a ticket's escalations."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, false, func, select
from sqlalchemy.orm import Session, aliased

from helpdesk.domain.severity import Severity
from helpdesk.models.people import Notification, OrgUnit, User
from helpdesk.models.tickets import CategoryRow, Ticket
from helpdesk.queries.visibility import Action, Viewer, barred, can, visible
from helpdesk.sla.escalation import StepAction

Told = Mapping[tuple[str | None, datetime], tuple[str, ...]]
"""Names by level and instant."""


MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """An unread notice: what its reader may know of the ticket also where she may not open it.

    `kind` is the word of the event behind it; the category is None where the complaint is about staff.
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


def unread(session: Session, viewer: Viewer, *, limit: int = 50) -> tuple[NoticeRow, ...]:
    """Return the newest unread notices, in one statement.

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
            case((~Ticket.is_about_staff, CategoryRow.name_id)),
            case((~Ticket.is_about_staff, CategoryRow.name_en)),
            Ticket.is_about_staff,
            OrgUnit.name,
            Ticket.next_due_at,
            case((may_open, True), else_=False),  # what is compared may be NULL
            about.name,
        )
        .join(Ticket, Ticket.id == Notification.ticket_id)
        .join(OrgUnit, OrgUnit.id == Ticket.unit_id)
        .outerjoin(CategoryRow, CategoryRow.code == Ticket.category_code)
        .outerjoin(about, about.id == Notification.about_id)
        .where(_unread_by(viewer))
        .order_by(Notification.id.desc())
        .limit(limit)
    )
    return tuple(NoticeRow(*row) for row in found)


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
        select(Notification.level, Notification.created_at, User.name)
        .join(User, User.id == Notification.user_id)
        .where(Notification.ticket_id == ticket_id, Notification.kind == StepAction.ESCALATED)
        .order_by(Notification.id)
    )
    names: defaultdict[tuple[str | None, datetime], list[str]] = defaultdict(list)
    for level, at, name in found:
        names[level, at].append(name)
    return {key: tuple(dict.fromkeys(each)) for key, each in names.items()}
