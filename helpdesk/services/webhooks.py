"""Raw webhooks: on disk before they are answered, processed once, kept for a person when they resist."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from helpdesk.crypto import KeyRing, keys_of
from helpdesk.domain.channel_faults import ChannelFault
from helpdesk.domain.messages import ChannelCode, Envelope, WebhookRequest
from helpdesk.domain.setbacks import Setback
from helpdesk.models.webhooks import WebhookEvent, WebhookOrigin, WebhookState
from helpdesk.services import channel_alarms
from helpdesk.services.contacts import external_digest

MAX_ATTEMPTS = 10
HOLDS_FOR = 4
"""An event keeps later ones of its sender waiting for so many tries (about a minute), and no longer."""
_TOKEN_HEADER = "i-twilio-idempotency-token"  # noqa: S105 -- a header's name
_KEPT_HEADERS = frozenset({"content-type", "user-agent", _TOKEN_HEADER})


@dataclass(frozen=True, slots=True)
class Stored:
    """A webhook on disk."""

    event_id: int
    is_repeat: bool


def store(
    session: Session,
    request: WebhookRequest,
    envelope: Envelope = Envelope(),  # noqa: B008 -- frozen
    *,
    origin: WebhookOrigin = WebhookOrigin.WEBHOOK,
    now: datetime,
) -> Stored:
    """Keep the raw request. The same bytes on the same channel, or the same token of the same message, are one event.

    A token alone is not believed: what is taken for a repeat is not kept, and a message must not get lost by a header.
    """
    keys = keys_of(session)
    raw = f"{request.form!r}".encode() + b"\0" + request.body
    digest = keys.digest("webhook", raw.hex())
    token = request.headers.get(_TOKEN_HEADER)
    token_digest = keys.digest("webhook-token", token) if token else None
    message_digest = external_digest(keys, envelope.message_id) if envelope.message_id else None
    is_alike = WebhookEvent.body_digest == digest
    if token_digest is not None:  # IS NULL would find all that ever came without a token
        is_alike = or_(is_alike, WebhookEvent.token_digest == token_digest)
    alike = session.execute(
        select(WebhookEvent.id, WebhookEvent.body_digest, WebhookEvent.message_digest).where(
            WebhookEvent.channel == request.channel, is_alike
        )
    ).all()
    for event_id, its_body, its_message in alike:
        if its_body == digest or (message_digest is not None and its_message == message_digest):
            return Stored(event_id, is_repeat=True)
    event = WebhookEvent(
        channel=request.channel,
        body_digest=digest,
        token_digest=None if alike else token_digest,
        sender_digest=_sender_digest(keys, envelope.sender) if envelope.sender else None,
        message_digest=message_digest,
        origin=origin,
        url=request.url.split("?")[0],
        headers={name: value for name, value in request.headers.items() if name in _KEPT_HEADERS},
        body=request.body,
        state=WebhookState.RECEIVED,
        received_at=now,
        next_attempt_at=now,
    )
    session.add(event)
    channel_alarms.clear(session, ChannelCode(request.channel), {ChannelFault.SIGNATURE}, now=now)
    session.flush()
    return Stored(event.id, is_repeat=False)


def due_ids(session: Session, *, now: datetime, limit: int = 100) -> list[int]:
    """Return events that wait to be processed and may be, oldest first."""
    return list(
        session.scalars(
            select(WebhookEvent.id)
            .where(_is_due(now), ~_is_held_up())
            .order_by(WebhookEvent.next_attempt_at, WebhookEvent.id)
            .limit(limit)
        )
    )


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(WebhookEvent.state == WebhookState.RECEIVED, WebhookEvent.next_attempt_at <= now)


def _is_held_up() -> ColumnElement[bool]:
    """Whether an earlier event of the same sender is still to be processed, and has not resisted for long."""
    earlier = aliased(WebhookEvent)
    return exists().where(
        earlier.channel == WebhookEvent.channel,
        earlier.sender_digest == WebhookEvent.sender_digest,
        earlier.id < WebhookEvent.id,
        earlier.state == WebhookState.RECEIVED,
        earlier.attempts < HOLDS_FOR,
    )


def next_of_sender(session: Session, event_id: int, *, now: datetime) -> int | None:
    """Return the event that waited for this one, if any did: the next of the same sender that may be processed."""
    this = session.get_one(WebhookEvent, event_id)
    if this.sender_digest is None:
        return None
    return session.scalar(
        select(WebhookEvent.id)
        .where(
            WebhookEvent.channel == this.channel,
            WebhookEvent.sender_digest == this.sender_digest,
            WebhookEvent.id > event_id,
            _is_due(now),
            ~_is_held_up(),
        )
        .order_by(WebhookEvent.id)
        .limit(1)
    )


def begin(session: Session, event_id: int, *, now: datetime) -> bool:
    """Count a try of what was left behind, before it is made: also one that kills the process is counted.

    False where another worker has it, or where it has been tried often enough and now waits for a person.
    """
    event = session.scalar(
        select(WebhookEvent)
        .where(WebhookEvent.id == event_id, _is_due(now))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if event is None:
        return False
    if event.attempts >= MAX_ATTEMPTS:
        event.state, event.reason = WebhookState.STUCK, event.reason or Setback.NEVER_ENDED
        return False
    event.attempts += 1
    event.next_attempt_at = now + _distance(event.attempts)
    return True


def _distance(attempts: int) -> timedelta:
    return timedelta(seconds=min(2**attempts * 5, 3600))


def load(session: Session, event_id: int) -> tuple[str, str, bytes, dict[str, str]] | None:
    """Return channel, url, body and headers of an unprocessed event; None when it is processed already."""
    event = session.get(WebhookEvent, event_id)
    if event is None or event.state == WebhookState.PROCESSED or event.body is None:
        return None
    return event.channel, event.url, event.body, event.headers


def waits_for_earlier(session: Session, event_id: int) -> bool:
    """Whether an earlier event of the same sender must be processed first."""
    return session.scalar(select(_is_held_up()).where(WebhookEvent.id == event_id)) or False


def claim(session: Session, event_id: int) -> WebhookEvent | None:
    """Return the event locked for processing in this transaction; None when another has done it or is at it."""
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
    event.reason = event.error = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a try did not succeed."""

    reason: Setback
    error: str
    """Class and place, for developers."""

    @property
    def is_final(self) -> bool:
        """Whether another try cannot help: what cannot be read stays so until somebody mends the adapter."""
        return self.reason is Setback.NOT_UNDERSTOOD


def mark_failed(
    session: Session, event_id: int, failure: Failure, *, is_counted: bool = False, now: datetime
) -> bool:
    """Plan another try with growing distance; after the last one the event waits for a person: then True.

    Nothing happens where another has processed the event meanwhile, or a person has it already.
    `is_counted`: begin() has counted this try.
    """
    event = session.scalar(
        select(WebhookEvent)
        .where(WebhookEvent.id == event_id, WebhookEvent.state == WebhookState.RECEIVED)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if event is None:
        return False
    if not is_counted:
        event.attempts += 1
    event.reason, event.error = failure.reason, failure.error
    event.next_attempt_at = now + _distance(event.attempts)
    if failure.is_final or event.attempts >= MAX_ATTEMPTS:
        event.state = WebhookState.STUCK
    return event.state is WebhookState.STUCK


def try_again(session: Session, event_ids: list[int] | None, *, now: datetime) -> list[int]:
    """Put stuck events (all, or these) back in line, for `helpdesk inbox replay` and the admin page."""
    query = select(WebhookEvent).where(WebhookEvent.state != WebhookState.PROCESSED)
    if event_ids:
        query = query.where(WebhookEvent.id.in_(event_ids))
    events = session.scalars(query.order_by(WebhookEvent.id)).all()
    for event in events:
        event.state, event.attempts, event.next_attempt_at = WebhookState.RECEIVED, 0, now
    return [event.id for event in events]


def sender_digests(keys: KeyRing, address: str) -> set[bytes]:
    """Return the digests under which webhooks of an address were stored: providers spell a number in three ways."""
    bare = address.rpartition(":")[2]
    return {_sender_digest(keys, spelt) for spelt in (address, bare, bare.removeprefix("+"))}


def _sender_digest(keys: KeyRing, sender: str) -> bytes:
    return keys.digest("webhook-sender", sender)
