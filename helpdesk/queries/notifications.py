"""Notices to a member of staff that she has not read."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.domain.severity import Severity
from helpdesk.models.people import Notification
from helpdesk.models.tickets import Ticket
from helpdesk.queries.visibility import Viewer, visible


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
