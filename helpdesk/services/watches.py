"""Asking providers for what did not come by itself: one asker at a time, and what came of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.domain.messages import CHAT_CHANNELS, Direction, Envelope, WebhookRequest
from helpdesk.models.messages import Message
from helpdesk.models.watches import ChannelWatch
from helpdesk.models.webhooks import WebhookEvent, WebhookOrigin
from helpdesk.services import webhooks
from helpdesk.services.contacts import external_digest

FIRST_LOOK = timedelta(hours=24)
"""So far back goes the first look of an installation."""
OVERLAP = timedelta(minutes=30)
"""Each look begins so long before the end of the last: lists fill late, and clocks differ."""
POSITION_HOLDS = timedelta(days=3)
"""After a week of silence Telegram begins its numbers anew, perhaps below ours (Bot API, Update, read 2026-11)."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to ask a provider, and what is known from the last time."""

    since: datetime
    """From here on the provider's list is to be compared."""
    position: int | None
    """Up to here updates are on disk."""
    was_pending: bool
    """Something was waiting at the provider when it was last asked."""
    checked_at: datetime | None
    had_fault: bool
    """The last look could not ask for something."""


def take_lease(
    session: Session,
    channel: str,
    *,
    owner: str,
    span: timedelta,
    rest: timedelta = timedelta(),
    now: datetime,
) -> Lease | None:
    """Return the lease, or None while another holds it. It ends by itself: its holder may die.

    None also within `rest` of the provider's last answer: of many workers each comes with the same question.
    """
    row = _row(session, channel)
    is_taken = row.lease_until is not None and row.lease_until > now and row.lease_owner != owner
    is_fresh = row.checked_at is not None and now - row.checked_at < rest
    if is_taken or is_fresh:
        return None
    row.lease_owner, row.lease_until = owner, now + span
    position_holds = row.position_at is not None and now - row.position_at <= POSITION_HOLDS
    return Lease(
        since=(row.covered_until or now - FIRST_LOOK) - OVERLAP,
        position=row.position if position_holds else None,
        was_pending=bool(row.pending_count),
        checked_at=row.checked_at,
        had_fault=row.fault is not None,
    )


def release(session: Session, channel: str, *, owner: str, until: datetime | None = None) -> None:
    """Give the lease back before its time; nobody shall take it before `until`."""
    row = _row(session, channel)
    if row.lease_owner == owner:
        row.lease_owner, row.lease_until = None, until


def unknown_ids(session: Session, channel: str, message_ids: Collection[str]) -> set[str]:
    """Return those of the provider's ids of which we have neither a message nor a webhook."""
    keys = keys_of(session)
    by_digest = {external_digest(keys, message_id): message_id for message_id in message_ids}
    wanted = list(by_digest)
    of_messages = select(Message.external_digest).where(
        Message.channel == channel, Message.direction == Direction.IN, Message.external_digest.in_(wanted)
    )
    of_webhooks = select(WebhookEvent.message_digest).where(
        # A wrong address at the provider's may have brought it to another channel's webhook.
        WebhookEvent.channel.in_(CHAT_CHANNELS),
        WebhookEvent.message_digest.in_(wanted),
    )
    known = {*session.scalars(of_messages), *session.scalars(of_webhooks)}
    return {message_id for digest, message_id in by_digest.items() if digest not in known}


def heal(session: Session, request: WebhookRequest, envelope: Envelope, *, now: datetime) -> webhooks.Stored:
    """Store what never reached us as the webhook that should have brought it, and count it."""
    stored = webhooks.store(session, request, envelope, origin=WebhookOrigin.HEALED, now=now)
    if not stored.is_repeat:
        _count_healed(_row(session, request.channel), 1, now)
    return stored


def store_polled(
    session: Session,
    channel: str,
    found: Collection[tuple[int, WebhookRequest, Envelope]],
    *,
    is_healing: bool = False,
    now: datetime,
) -> list[int]:
    """Store what was polled, and how far that goes, in one: only then may the provider forget it.

    `is_healing`: a webhook should have brought it.
    """
    row = _row(session, channel)
    origin = WebhookOrigin.HEALED if is_healing else WebhookOrigin.POLLED
    stored = [
        (position, webhooks.store(session, request, envelope, origin=origin, now=now))
        for position, request, envelope in found
    ]
    if stored:
        row.position, row.position_at = max(position for position, _ in stored), now
    fresh = [each.event_id for _, each in stored if not each.is_repeat]
    if is_healing and fresh:
        _count_healed(row, len(fresh), now)
    return [each.event_id for _, each in stored]


def note_covered(session: Session, channel: str, *, until: datetime, now: datetime) -> None:
    """The provider's list was compared up to `until`."""
    row = _row(session, channel)
    row.covered_until = until
    _note_answer(row, now)


def note_standing(
    session: Session,
    channel: str,
    *,
    pending_count: int | None,
    error: str | None = None,
    error_at: datetime | None = None,
    now: datetime,
) -> None:
    """What the provider says of its deliveries to us; None where it makes none."""
    row = _row(session, channel)
    row.pending_count, row.provider_error, row.provider_error_at = pending_count, error, error_at
    _note_answer(row, now)


def note_fault(session: Session, channel: str, *, code: str, now: datetime) -> None:
    """The provider could not be asked."""
    row = _row(session, channel)
    row.fault, row.fault_at = code, now


def _note_answer(row: ChannelWatch, now: datetime) -> None:
    row.checked_at, row.fault, row.fault_at = now, None, None


def _count_healed(row: ChannelWatch, count: int, now: datetime) -> None:
    row.healed_count += count
    row.healed_at = now


def _row(session: Session, channel: str) -> ChannelWatch:
    """Return the row of a channel, locked, made at the first call."""
    row = session.get(ChannelWatch, channel, with_for_update=True)
    if row is None:
        row = ChannelWatch(channel=channel, healed_count=0)
        session.add(row)
        session.flush()
    return row
