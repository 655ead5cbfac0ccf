"""What is stuck: stored webhooks that are not processed, messages that wait or failed. No texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.tickets import Ticket
from helpdesk.models.webhooks import WebhookEvent, WebhookState

STUCK = 200


@dataclass(frozen=True, slots=True)
class StuckEvent:
    """A stored webhook that is not processed; its content is not shown."""

    id: int
    channel: str
    state: WebhookState
    received_at: datetime
    attempts: int
    next_attempt_at: datetime
    error: str | None


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message on its way out, or one that failed."""

    id: int
    message_id: str
    """Public id."""
    number: str
    channel: ChannelCode
    status: DeliveryStatus
    lane: int
    attempts: int
    next_attempt_at: datetime
    error: str | None


def unprocessed_events(session: Session, *, limit: int = STUCK) -> tuple[StuckEvent, ...]:
    """Return stored webhooks that wait for another try or for a person, oldest first."""
    found = session.execute(
        select(
            WebhookEvent.id,
            WebhookEvent.channel,
            WebhookEvent.state,
            WebhookEvent.received_at,
            WebhookEvent.attempts,
            WebhookEvent.next_attempt_at,
            WebhookEvent.error,
        )
        .where(WebhookEvent.state.in_([WebhookState.RECEIVED, WebhookState.STUCK]))
        .order_by(WebhookEvent.id)
        .limit(limit)
    )
    return tuple(StuckEvent(*row) for row in found)


def outbox(
    session: Session,
    *,
    statuses: Sequence[DeliveryStatus] = (
        DeliveryStatus.QUEUED,
        DeliveryStatus.SENDING,
        DeliveryStatus.FAILED,
    ),
    limit: int = STUCK,
) -> tuple[OutboxRow, ...]:
    """Return messages that wait or failed, newest first."""
    found = session.execute(
        select(
            OutboxItem.id,
            Message.public_id,
            Ticket.number,
            Message.channel,
            OutboxItem.status,
            OutboxItem.lane,
            OutboxItem.attempts,
            OutboxItem.next_attempt_at,
            OutboxItem.last_error,
        )
        .join(Message, Message.id == OutboxItem.message_id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(OutboxItem.status.in_(statuses))
        .order_by(OutboxItem.id.desc())
        .limit(limit)
    )
    return tuple(OutboxRow(*row) for row in found)
