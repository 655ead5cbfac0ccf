"""Messages of which the provider never told what became of them: which of them it is asked for, and how often."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.domain.delivery import DeliveryStatus, advance
from helpdesk.domain.messages import ChannelCode, DeliveryReport
from helpdesk.models.messages import Dispatch, Message, OutboxItem
from helpdesk.services import delivery, dispatches
from helpdesk.services.contacts import external_digest

LATE = timedelta(minutes=15)
"""A report that has not come by then is asked for; then each time when the message is twice as old."""
GIVEN_UP = timedelta(days=2)
"""Twilio keeps a message that it cannot deliver for four hours; what it still does not know then, it never will."""


@dataclass(frozen=True, slots=True)
class Silent:
    """What the provider is asked for."""

    channel: ChannelCode
    external_ids: tuple[str, ...]


def due_ids(
    session: Session, channels: Collection[ChannelCode], *, now: datetime, limit: int = 100
) -> list[int]:
    """Return items that were sent, and of which nothing more is known."""
    due = (
        select(OutboxItem.id)
        .join(Message, Message.id == OutboxItem.message_id)
        .where(
            OutboxItem.status == DeliveryStatus.SENT,
            OutboxItem.claimed_at <= now - LATE,
            OutboxItem.claimed_at > now - GIVEN_UP,
            or_(OutboxItem.look_at.is_(None), OutboxItem.look_at <= now),
            OutboxItem.channel.in_(channels),
            Message.delivery == DeliveryStatus.SENT,
        )
    )
    return list(session.scalars(due.order_by(OutboxItem.claimed_at, OutboxItem.id).limit(limit)))


def take(session: Session, outbox_id: int, *, now: datetime) -> Silent | None:
    """Take an item to ask for; None where another has it, or its report has come."""
    item, message = delivery.locked(session, outbox_id)
    is_taken = item.look_at is not None and item.look_at > now
    if is_taken or item.claimed_at is None or message.delivery != DeliveryStatus.SENT:
        return None
    item.look_at = now + max(now - item.claimed_at, LATE)
    parts = [part for part in dispatches.parts_of(session, message) if part.status == DeliveryStatus.SENT]
    told: list[Message | Dispatch] = [*parts] or [message]
    return Silent(item.channel, tuple(each.external_id for each in told if each.external_id))


def heard(session: Session, report: DeliveryReport, *, now: datetime) -> bool:
    """Take the provider's word for the report that never came; False where it says no more than we know."""
    digest = external_digest(keys_of(session), report.external_id)
    part = dispatches.by_digest(session, digest)
    known = part.status if part is not None else DeliveryStatus.SENT
    if advance(known, report.status) == known:
        return False
    delivery.apply_report(session, report, now=now)
    return True
