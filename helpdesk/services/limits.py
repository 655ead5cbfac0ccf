"""Rate limits that hold across processes: hits of one sender in a fixed window, one UPSERT each."""

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.models.webhooks import RateBucket


def is_over(
    session: Session, limit: str, sender: str, *, allowed: int, window: timedelta, now: datetime
) -> bool:
    """Count one hit and return whether `sender` has more than `allowed` in the current window."""
    return hit(session, limit, sender, window=window, now=now) > allowed


def hit(session: Session, limit: str, sender: str, *, window: timedelta, now: datetime) -> int:
    """Count one hit of `sender` and return how many there are in the current window, this one included."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = (
        insert(RateBucket)
        .values(bucket=_bucket(session, limit, sender), window_at=_start(window, now), hits=1)
        .on_conflict_do_update(index_elements=["bucket", "window_at"], set_={"hits": RateBucket.hits + 1})
        .returning(RateBucket.hits)
    )
    return session.scalars(statement).one()


def take_back(session: Session, limit: str, sender: str, *, window: timedelta, now: datetime) -> None:
    """Uncount one hit of this window that has turned out to be right; the hits of others stay."""
    session.execute(
        update(RateBucket)
        .where(RateBucket.bucket == _bucket(session, limit, sender))
        .where(RateBucket.window_at == _start(window, now), RateBucket.hits > 0)
        .values(hits=RateBucket.hits - 1)
    )


def forgive(session: Session, limit: str, sender: str) -> None:
    """Take back the hits of `sender`: what it does has turned out to be right."""
    session.execute(delete(RateBucket).where(RateBucket.bucket == _bucket(session, limit, sender)))


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop windows of more than a day ago."""
    session.execute(delete(RateBucket).where(RateBucket.window_at < now - timedelta(days=1)))


def _start(window: timedelta, now: datetime) -> datetime:
    seconds = int(window.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=now.tzinfo)


def _bucket(session: Session, limit: str, sender: str) -> str:
    return f"{limit}:{keys_of(session).digest('rate', sender).hex()}"
