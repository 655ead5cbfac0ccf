"""What is stuck: stored webhooks that are not processed, messages that wait or failed. No texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, String, case, cast, func, select, union_all
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import DeliveryStatus, NoticeStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.setbacks import Setback
from helpdesk.models.messages import Message, OutboxItem, waits_for_her, waits_for_its_hour
from helpdesk.models.people import NoticeDelivery
from helpdesk.models.tickets import Ticket
from helpdesk.models.watches import ChannelWatch
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
    reason: Setback | None
    error: str | None
    """Class and place of the last failure, for developers."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message on its way out, or one that failed."""

    id: int
    message_id: str
    """Public id."""
    number: str
    channel: ChannelCode
    status: str
    """`held` until she writes, `later` until her night is over, else as DeliveryStatus."""
    lane: int
    attempts: int
    next_attempt_at: datetime
    error: str | None


@dataclass(frozen=True, slots=True)
class Watch:
    """How asking a channel's provider for what did not come by itself fares."""

    channel: str
    checked_at: datetime | None
    healed_count: int
    healed_at: datetime | None
    pending_count: int | None
    provider_error: str | None
    provider_error_at: datetime | None
    fault: str | None
    fault_at: datetime | None


@dataclass(frozen=True, slots=True)
class StuckNotices:
    """Notices to staff that one way did not carry (yet); no names."""

    via: str
    status: NoticeStatus
    error: str | None
    count: int


def notice_deliveries(session: Session) -> tuple[StuckNotices, ...]:
    """Return how many notices to staff wait or did not go out by e-mail or a channel, of the newest STUCK each."""
    newest = [
        select(NoticeDelivery.via, NoticeDelivery.status, NoticeDelivery.error_code)
        .where(NoticeDelivery.status == status)
        .order_by(NoticeDelivery.id.desc())
        .limit(STUCK)
        .subquery()
        for status in (NoticeStatus.QUEUED, NoticeStatus.SENDING, NoticeStatus.FAILED, NoticeStatus.UNKNOWN)
    ]
    rows = union_all(*(select(each) for each in newest)).subquery()
    found = session.execute(
        select(rows.c.via, rows.c.status, rows.c.error_code, func.count())
        .group_by(rows.c.via, rows.c.status, rows.c.error_code)
        .order_by(func.count().desc(), rows.c.via, rows.c.status)
    )
    return tuple(StuckNotices(via, NoticeStatus(status), error, count) for via, status, error, count in found)


def channel_watches(session: Session) -> tuple[Watch, ...]:
    """Return the channels whose provider is asked, by code."""
    row = ChannelWatch
    found = session.execute(
        select(
            row.channel,
            row.checked_at,
            row.healed_count,
            row.healed_at,
            row.pending_count,
            row.provider_error,
            row.provider_error_at,
            row.fault,
            row.fault_at,
        ).order_by(row.channel)
    )
    return tuple(Watch(*each) for each in found)


def unprocessed_events(session: Session, *, limit: int = STUCK) -> tuple[StuckEvent, ...]:
    """Return stored webhooks that wait for another try or for a person, those for a person first."""
    is_open = WebhookEvent.state.in_([WebhookState.STUCK, WebhookState.RECEIVED])
    waits_itself = case((WebhookEvent.state == WebhookState.STUCK, 0), else_=1)
    found = session.execute(_events().where(is_open).order_by(waits_itself, WebhookEvent.id).limit(limit))
    return tuple(StuckEvent(*row) for row in found)


def events_by_id(session: Session, ids: Sequence[int]) -> tuple[StuckEvent, ...]:
    """Return what became of these events, processed ones too, in their order."""
    found = session.execute(_events().where(WebhookEvent.id.in_(ids[:STUCK])).order_by(WebhookEvent.id))
    return tuple(StuckEvent(*row) for row in found)


def _events() -> Select[int, str, WebhookState, datetime, int, datetime, Setback | None, str | None]:
    return select(
        WebhookEvent.id,
        WebhookEvent.channel,
        WebhookEvent.state,
        WebhookEvent.received_at,
        WebhookEvent.attempts,
        WebhookEvent.next_attempt_at,
        WebhookEvent.reason,
        WebhookEvent.error,
    )


HELD, LATER = "held", "later"
"""What a queued message is called that waits on purpose: no fault of ours, and nothing to do."""


def outbox(
    session: Session,
    *,
    now: datetime,
    statuses: Sequence[DeliveryStatus] = (
        DeliveryStatus.QUEUED,
        DeliveryStatus.SENDING,
        DeliveryStatus.FAILED,
    ),
    limit: int = STUCK,
) -> tuple[OutboxRow, ...]:
    """Return messages that wait or failed, newest first; those that wait on purpose come last."""
    state = case(
        (waits_for_her(), HELD), (waits_for_its_hour(now), LATER), else_=cast(OutboxItem.status, String)
    )
    found = session.execute(
        select(
            OutboxItem.id,
            Message.public_id,
            Ticket.number,
            Message.channel,
            state,
            OutboxItem.lane,
            OutboxItem.attempts,
            OutboxItem.next_attempt_at,
            OutboxItem.last_error,
        )
        .join(Message, Message.id == OutboxItem.message_id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(OutboxItem.status.in_(statuses))
        .order_by(case((state.in_((HELD, LATER)), 1), else_=0), OutboxItem.id.desc())
        .limit(limit)
    )
    return tuple(OutboxRow(*row) for row in found)
