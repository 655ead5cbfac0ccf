"""Notices to a member of staff: the moment at which they were read."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from helpdesk.models.people import Notification


def mark_read(session: Session, user_id: int, ids: Sequence[int], *, now: datetime) -> None:
    """Mark the person's own notices as read; other people's ids change nothing."""
    session.execute(
        update(Notification)
        .where(Notification.user_id == user_id, Notification.id.in_(ids), Notification.read_at.is_(None))
        .values(read_at=now)
    )
