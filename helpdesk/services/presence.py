"""Signs of life of members of staff, and their breaks."""

from datetime import datetime, timedelta

from sqlalchemy import insert, literal, select, update
from sqlalchemy.orm import Session

from helpdesk.models.people import Presence, User
from helpdesk.services.trail import audit

EVERY = timedelta(minutes=1)
"""One sign of life in so long is enough: else every page would be a write."""


def is_news(seen_at: datetime | None, *, is_away: bool, now: datetime) -> bool:
    """Say whether note_seen() would change anything."""
    return not is_away and (seen_at is None or now - seen_at >= EVERY)


def note_seen(session: Session, user_id: int, *, now: datetime) -> None:
    """Note that somebody is there; a break goes on until she ends it herself, whatever her browser asks for."""
    done = session.execute(
        update(Presence)
        .where(Presence.user_id == user_id, Presence.is_away.is_(False), Presence.seen_at <= now - EVERY)
        .values(seen_at=now)
        .returning(Presence.user_id)
        .execution_options(synchronize_session=False)
    ).first()
    if done is None:
        known = select(Presence.user_id).where(Presence.user_id == user_id)
        row = select(literal(user_id), literal(now, Presence.seen_at.type), literal(value=False))
        columns = ["user_id", "seen_at", "is_away"]
        session.execute(insert(Presence).from_select(columns, row.where(~known.exists())))


def set_away(session: Session, user_id: int, *, is_away: bool, now: datetime) -> None:
    """Begin or end somebody's own break; nothing happens when it is so already."""
    row = session.get(Presence, user_id, with_for_update=True, populate_existing=True)
    if row is None:
        row = Presence(user_id=user_id, seen_at=now, is_away=False)
        session.add(row)
    if row.is_away == is_away:
        return
    row.is_away, row.seen_at = is_away, now
    session.flush()
    public_id = session.get_one(User, user_id).public_id
    audit(session, "break_begun" if is_away else "break_ended", actor=f"user:{public_id}", at=now)
