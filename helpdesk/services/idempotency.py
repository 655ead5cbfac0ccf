"""Makes any request repeatable: the same key gets the first answer again (contract.md section 5)."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.domain.errors import InvalidInput
from helpdesk.models.webhooks import IdempotencyKey


def earlier_result(session: Session, scope: str, key: str, content: str) -> dict[str, str] | None:
    """Return what the same request gave before, or None. Raises InvalidInput for the same key on other content."""
    keys = keys_of(session)
    row = session.scalar(
        select(IdempotencyKey).where(
            IdempotencyKey.scope == scope, IdempotencyKey.key_digest == keys.digest("idempotency", key)
        )
    )
    if row is None:
        return None
    if row.request_digest != keys.digest("request", content):
        raise InvalidInput(
            "this key was used for another request", field="Idempotency-Key", code="key_reused"
        )
    return row.result


def is_known(session: Session, scope: str, key: str) -> bool:
    """Whether something was done under this key, whatever it was."""
    digest = keys_of(session).digest("idempotency", key)
    found = select(IdempotencyKey.key_digest).where(
        IdempotencyKey.scope == scope, IdempotencyKey.key_digest == digest
    )
    return session.scalar(found) is not None


def once(
    session: Session, scope: str, key: str, content: str, *, act: Callable[[], dict[str, str]], now: datetime
) -> dict[str, str]:
    """Return what `act` gives, or what it gave when this form was sent before; without a key it is done each time.

    Raises InvalidInput for the same key on other content.
    """
    if not key:
        return act()
    earlier = earlier_result(session, scope, key, content)
    if earlier is not None:
        return earlier
    result = act()
    remember(session, scope, key, content, result=result, now=now)
    return result


def remember(
    session: Session, scope: str, key: str, content: str, *, result: dict[str, str], now: datetime
) -> None:
    """Keep the answer in the request's own transaction; of two at once, one fails on the unique key."""
    keys = keys_of(session)
    session.add(
        IdempotencyKey(
            scope=scope,
            key_digest=keys.digest("idempotency", key),
            request_digest=keys.digest("request", content),
            result=result,
            created_at=now,
        )
    )
    session.flush()
