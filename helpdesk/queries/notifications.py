"""Notices to members of staff: what one has not read, and who was told of a ticket's escalations."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.domain.severity import Severity
from helpdesk.models.people import Notification, User
from helpdesk.models.tickets import Ticket
from helpdesk.queries.visibility import Viewer, visible
from helpdesk.sla.escalation import StepAction

Told = Mapping[tuple[str | None, datetime], tuple[str, ...]]
"""Names by level and instant."""


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """An unread notice; `kind` is the word of the event behind it."""

    id: int
    kind: str
    level: str | None
    number: str
    severity: Severity
    created_at: datetime


def unread(session: Session, viewer: Viewer, *, limit: int = 50) -> tuple[NoticeRow, ...]:
    """Return the newest unread notices; one about a ticket that became barred to the viewer is not told."""
    found = session.execute(
        select(
            Notification.id,
            Notification.kind,
            Notification.level,
            Ticket.number,
            Ticket.severity,
            Notification.created_at,
        )
        .join(Ticket, Ticket.id == Notification.ticket_id)
        .where(Notification.user_id == viewer.user_id, Notification.read_at.is_(None), visible(viewer))
        .order_by(Notification.id.desc())
        .limit(limit)
    )
    return tuple(NoticeRow(*row) for row in found)


def unread_count(session: Session, viewer: Viewer) -> int:
    """Return how many notices unread() would list without a limit."""
    found = session.scalar(
        select(func.count())
        .select_from(Notification)
        .join(Ticket, Ticket.id == Notification.ticket_id)
        .where(Notification.user_id == viewer.user_id, Notification.read_at.is_(None), visible(viewer))
    )
    return found or 0


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
