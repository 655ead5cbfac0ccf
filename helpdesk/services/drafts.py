"""Answers of an unfinished public form, kept for a day under a random token."""

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from helpdesk.crypto import token_hash
from helpdesk.domain.privacy import redact
from helpdesk.models.webhooks import FormDraft

MAX_ANSWER = 20_000


def begin(session: Session, *, now: datetime) -> str:
    """Make an empty draft and return its token, the only way to it."""
    token = secrets.token_urlsafe(24)
    session.add(FormDraft(token_hash=token_hash(token), answers={}, created_at=now))
    return token


def read(session: Session, token: str) -> dict[str, str] | None:
    """Return the answers, None when the draft is unknown or forgotten."""
    row = session.get(FormDraft, token_hash(token))
    return None if row is None else dict(row.answers)


def keep(session: Session, token: str, answers: dict[str, str], *, now: datetime) -> None:
    """Add answers to a draft (made anew when it was forgotten); secrets never enter it."""
    clean = {name: redact(value.replace("\0", "")[:MAX_ANSWER]).text for name, value in answers.items()}
    row = session.get(FormDraft, token_hash(token))
    if row is None:
        session.add(FormDraft(token_hash=token_hash(token), answers=clean, created_at=now))
    else:
        row.answers = {**row.answers, **clean}
