"""Files that came are made harmless and usable: each is claimed, copied elsewhere, and recorded here."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.messages import MediaKind
from helpdesk.models.messages import Attachment
from helpdesk.services.attachments import LEASE

MAX_ATTEMPTS = 3
"""A file at which the worker died, or its time ran out, so often is given up."""
AGAIN_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ToPrepare:
    """A file that this process alone prepares now."""

    attachment_id: int
    storage_key: str
    media_type: str
    is_last_try: bool


@dataclass(frozen=True, slots=True)
class Copies:
    """What was made; the keys are of files that are on disk already."""

    media_type: str | None = None
    content: bytes | None = None
    """The clean copy that takes the place of what came, and its key."""
    content_key: str | None = None
    thumb_key: str | None = None
    playable_key: str | None = None
    duration_seconds: int | None = None


def claim_next(session: Session, *, now: datetime) -> ToPrepare | None:
    """Claim the file whose turn it is, as attachments.claim_next does; those of older releases have no time yet."""
    row = session.scalars(
        select(Attachment)
        .where(
            Attachment.state == "stored",
            Attachment.prepared_at.is_(None),
            or_(Attachment.next_attempt_at.is_(None), Attachment.next_attempt_at <= now),
        )
        .order_by(Attachment.turn, Attachment.next_attempt_at, Attachment.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    if row.original_digest is None:  # of an older release
        row.original_digest, row.attempts = row.content_digest, 0
    row.attempts += 1
    row.next_attempt_at = now + LEASE
    session.flush()
    return ToPrepare(
        row.id, row.storage_key or "", row.media_type or "", is_last_try=row.attempts >= MAX_ATTEMPTS
    )


def record_prepared(session: Session, item: ToPrepare, copies: Copies, *, now: datetime) -> list[str] | None:
    """The copies are on disk. Return the keys that nobody needs any more; None when the file is not waiting now."""
    row = _waiting(session, item)
    if row is None:
        return None
    row.prepared_at, row.error_code, row.next_attempt_at = now, None, None
    row.media_type = copies.media_type or row.media_type
    row.thumb_key, row.playable_key = copies.thumb_key, copies.playable_key
    row.duration_seconds = copies.duration_seconds
    if copies.playable_key and row.kind is not MediaKind.VOICE:
        row.kind = MediaKind.AUDIO  # sent as a film or a document, and only a sound
    if copies.content is None or copies.content_key is None:
        return []
    row.storage_key, row.size_bytes = copies.content_key, len(copies.content)
    row.content_digest = hashlib.sha256(copies.content).digest()
    return [item.storage_key]


def record_unusable(session: Session, item: ToPrepare, code: str, *, now: datetime) -> list[str]:
    """Nothing can be made of it. A sound stays as it came, to be downloaded; a picture that is none goes.

    Return the keys that nobody needs any more.
    """
    row = _waiting(session, item)
    if row is None:
        return []
    row.prepared_at, row.error_code, row.next_attempt_at = now, code, None
    if not item.media_type.startswith("image/"):
        return []
    row.state, row.storage_key, row.content_digest = "failed", None, None
    return [item.storage_key]


def try_later(session: Session, item: ToPrepare, code: str, *, now: datetime) -> None:
    """Its process was ended before it was done: the machine may have been busy."""
    row = _waiting(session, item)
    if row is not None:
        row.error_code, row.next_attempt_at = code, now + AGAIN_AFTER


def _waiting(session: Session, item: ToPrepare) -> Attachment | None:
    return session.scalars(
        select(Attachment)
        .where(
            Attachment.id == item.attachment_id,
            Attachment.state == "stored",
            Attachment.prepared_at.is_(None),
            Attachment.storage_key == item.storage_key,
        )
        .with_for_update()
    ).first()
