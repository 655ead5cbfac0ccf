"""Rate limits that hold across processes: hits of one sender in a fixed window, one UPSERT each."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.models.webhooks import RateBucket


def is_over(
    session: Session, limit: str, sender: str, *, allowed: int, window: timedelta, now: datetime
) -> bool:
    """Count one hit and return whether `sender` has more than `allowed` in the current window."""
    seconds = int(window.total_seconds())
    window_at = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=now.tzinfo)
    bucket = _bucket(session, limit, sender)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = (
        insert(RateBucket)
        .values(bucket=bucket, window_at=window_at, hits=1)
        .on_conflict_do_update(index_elements=["bucket", "window_at"], set_={"hits": RateBucket.hits + 1})
        .returning(RateBucket.hits)
    )
    hits = session.scalars(statement).one()
    return hits > allowed


def forgive(session: Session, limit: str, sender: str) -> None:
    """Take back the hits of `sender`: what it does has turned out to be right."""
    session.execute(delete(RateBucket).where(RateBucket.bucket == _bucket(session, limit, sender)))


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop windows of more than a day ago."""
    session.execute(delete(RateBucket).where(RateBucket.window_at < now - timedelta(days=1)))


def _bucket(session: Session, limit: str, sender: str) -> str:
    return f"{limit}:{keys_of(session).digest('rate', sender).hex()}"
