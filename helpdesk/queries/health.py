"""Whether a worker is alive, for /readyz, the dashboard and doctor."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.models.sla import Worker

LATELY = timedelta(minutes=2)


def worker_seen_at(session: Session) -> datetime | None:
    """Return when any worker was last seen; None before the first one."""
    return session.scalar(select(func.max(Worker.seen_at)))


def is_worker_alive(session: Session, *, now: datetime) -> bool:
    """Whether a worker was seen in the last two minutes."""
    seen = worker_seen_at(session)
    return seen is not None and now - seen <= LATELY
