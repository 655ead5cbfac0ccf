"""Rate limits that hold across processes: hits of one sender in a fixed window, one UPSERT each."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.models.webhooks import RateBucket

CROWD = 10
"""How many devices' worth one network address may send: a village or a whole operator may share it."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends without a name: a network address, and the device behind it as far as it can be told apart."""

    address: str
    device: str


def is_too_much(
    session: Session, limit: str, sender: Sender, *, allowed: int, window: timedelta, now: datetime
) -> bool:
    """Count one hit and return whether the device has more than `allowed`, or its address more than a crowd."""
    of_device = hit(session, f"{limit}-device", sender.device, window=window, now=now)
    of_address = hit(session, limit, sender.address, window=window, now=now)
    return of_device > allowed or of_address > allowed * CROWD


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
