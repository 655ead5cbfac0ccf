"""Signs of life of workers, and forgetting what is only kept for a short time."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from helpdesk.models.sla import Worker
from helpdesk.models.webhooks import FormDraft, IdempotencyKey

GONE_AFTER = timedelta(hours=1)
DRAFTS_KEPT = timedelta(hours=24)
KEYS_KEPT = timedelta(days=30)


def beat(session: Session, name: str, *, now: datetime) -> None:
    """Note that the worker `name` lives, and forget those long gone."""
    row = session.get(Worker, name)
    if row is None:
        session.add(Worker(name=name, started_at=now, seen_at=now))
    else:
        row.seen_at = now
    session.execute(delete(Worker).where(Worker.seen_at < now - GONE_AFTER))


def forget_drafts(session: Session, *, now: datetime) -> None:
    """Drop unfinished forms after a day and idempotency keys after a month."""
    session.execute(delete(FormDraft).where(FormDraft.created_at < now - DRAFTS_KEPT))
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < now - KEYS_KEPT))
