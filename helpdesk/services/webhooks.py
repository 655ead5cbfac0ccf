"""Raw webhooks: on disk before they are answered, processed once, kept for a person when they resist."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.domain.messages import WebhookRequest
from helpdesk.models.webhooks import WebhookEvent, WebhookState

MAX_ATTEMPTS = 10
_TOKEN_HEADER = "i-twilio-idempotency-token"  # noqa: S105 -- a header's name
_KEPT_HEADERS = frozenset({"content-type", "user-agent", _TOKEN_HEADER})


@dataclass(frozen=True, slots=True)
class Stored:
    """A webhook on disk."""

    event_id: int
    is_repeat: bool


def store(session: Session, request: WebhookRequest, *, now: datetime) -> Stored:
    """Keep the raw request. The same bytes on the same channel, or the provider's same token, are the same event."""
    keys = keys_of(session)
    raw = f"{request.form!r}".encode() + b"\0" + request.body
    digest = keys.digest("webhook", raw.hex())
    token = request.headers.get(_TOKEN_HEADER)
    token_digest = keys.digest("webhook-token", token) if token else None
    is_same = WebhookEvent.body_digest == digest
    if token_digest is not None:
        is_same = or_(is_same, WebhookEvent.token_digest == token_digest)
    known = session.scalar(
        select(WebhookEvent.id).where(WebhookEvent.channel == request.channel, is_same).limit(1)
    )
    if known is not None:
        return Stored(known, is_repeat=True)
    event = WebhookEvent(
        channel=request.channel,
        body_digest=digest,
        token_digest=token_digest,
        url=request.url.split("?")[0],
        headers={name: value for name, value in request.headers.items() if name in _KEPT_HEADERS},
        body=request.body,
        state=WebhookState.RECEIVED,
        received_at=now,
        next_attempt_at=now,
    )
    session.add(event)
    session.flush()
    return Stored(event.id, is_repeat=False)


def due_ids(session: Session, *, now: datetime, limit: int = 100) -> list[int]:
    """Return events that wait to be processed, oldest first."""
    return list(
        session.scalars(
            select(WebhookEvent.id)
            .where(WebhookEvent.state == WebhookState.RECEIVED, WebhookEvent.next_attempt_at <= now)
            .order_by(WebhookEvent.next_attempt_at, WebhookEvent.id)
            .limit(limit)
        )
    )


def load(session: Session, event_id: int) -> tuple[str, str, bytes, dict[str, str]] | None:
    """Return channel, url, body and headers of an unprocessed event; None when it is processed already."""
    event = session.get(WebhookEvent, event_id)
    if event is None or event.state == WebhookState.PROCESSED or event.body is None:
        return None
    return event.channel, event.url, event.body, event.headers


def claim(session: Session, event_id: int) -> WebhookEvent | None:
    """Return the event locked for processing in this transaction; None when another has done it."""
    event = session.scalar(
        select(WebhookEvent)
        .where(WebhookEvent.id == event_id, WebhookEvent.state != WebhookState.PROCESSED)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return event


def mark_processed(event: WebhookEvent, *, now: datetime) -> None:
    """Drop the raw body with whatever secret it held: what was understood is in the ticket, redacted."""
    event.state = WebhookState.PROCESSED
    event.processed_at = now
    event.body = None
    event.error = None


def mark_failed(session: Session, event_id: int, *, error: str, is_final: bool, now: datetime) -> None:
    """Plan another try with growing distance; after the last one the event waits for a person.

    Nothing happens where another has processed the event meanwhile, or a person has it already.
    """
    event = session.scalar(
        select(WebhookEvent)
        .where(WebhookEvent.id == event_id, WebhookEvent.state == WebhookState.RECEIVED)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if event is None:
        return
    event.attempts += 1
    event.error = error
    if is_final or event.attempts >= MAX_ATTEMPTS:
        event.state = WebhookState.STUCK
    event.next_attempt_at = now + timedelta(seconds=min(2**event.attempts * 5, 3600))


def try_again(session: Session, event_ids: list[int] | None, *, now: datetime) -> list[int]:
    """Put stuck events (all, or these) back in line, for `helpdesk inbox replay` and the admin page."""
    query = select(WebhookEvent).where(WebhookEvent.state != WebhookState.PROCESSED)
    if event_ids:
        query = query.where(WebhookEvent.id.in_(event_ids))
    events = session.scalars(query.order_by(WebhookEvent.id)).all()
    for event in events:
        event.state, event.attempts, event.next_attempt_at = WebhookState.RECEIVED, 0, now
    return [event.id for event in events]
