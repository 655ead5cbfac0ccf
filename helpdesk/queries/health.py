"""Whether a worker is alive, and counts for monitoring; nothing that names a person or a ticket."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, case, func, select, union_all
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.models.messages import Attachment, OutboxItem, waits_for_her, waits_for_its_hour
from helpdesk.models.sla import SlaClockRow, StatutoryPeriod, Worker
from helpdesk.models.tickets import Ticket
from helpdesk.models.watches import ChannelWatch
from helpdesk.models.webhooks import WebhookEvent, WebhookState
from helpdesk.queries.terms import ACTIVE

LATELY = timedelta(minutes=2)

SILENT = timedelta(seconds=60)
"""A worker beats every few seconds; one that has not for so long does nothing any more."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Whether anybody enforces the promises, and how far behind that is."""

    seen_at: datetime | None
    """When a worker was last seen; None before the first one."""
    worker_count: int
    """Workers that are at it now."""
    behind_count: int
    """Steps that have come and are not taken."""
    behind_since: datetime | None
    """When the oldest of them came."""
    at: datetime

    @property
    def is_silent(self) -> bool:
        """Nobody is at it."""
        return self.worker_count == 0

    @property
    def lag(self) -> timedelta:
        """How long the oldest step waits."""
        return self.at - self.behind_since if self.behind_since else timedelta()


def guard(session: Session, *, now: datetime) -> Guard:
    """Return how the enforcement is doing, in two statements: the few workers, and the due ends of two indexes."""
    is_here = case((Worker.seen_at >= now - SILENT, 1), else_=0)
    seen_at, count = session.execute(
        select(func.max(Worker.seen_at), func.coalesce(func.sum(is_here), 0))
    ).one()
    is_late = StatutoryPeriod.next_step_at <= now, StatutoryPeriod.ended_at.is_(None)
    waiting = union_all(
        select(SlaClockRow.next_step_at.label("at")).where(SlaClockRow.next_step_at <= now),
        select(StatutoryPeriod.next_step_at).where(*is_late),
    ).subquery()
    behind, since = session.execute(select(func.count(), func.min(waiting.c.at))).one()
    return Guard(seen_at, int(count), behind, since, now)


def worker_seen_at(session: Session) -> datetime | None:
    """Return when any worker was last seen; None before the first one."""
    return session.scalar(select(func.max(Worker.seen_at)))


def is_worker_alive(session: Session, *, now: datetime) -> bool:
    """Whether a worker was seen in the last two minutes."""
    seen = worker_seen_at(session)
    return seen is not None and now - seen <= LATELY


def gauges(session: Session, *, now: datetime) -> list[tuple[str, str, float]]:
    """Return (name, meaning, value) for /metrics; every count is served by an index."""
    seen = worker_seen_at(session)
    counts = (
        ("tickets_active", "Tickets that are not finished", select(func.count(Ticket.id)).where(ACTIVE)),
        (
            "tickets_overdue",
            "Active tickets with a passed due instant",
            select(func.count(Ticket.id)).where(ACTIVE, Ticket.next_due_at <= now),
        ),
        ("webhooks_waiting", "Stored webhooks to be processed", _webhooks(WebhookState.RECEIVED)),
        ("webhooks_stuck", "Stored webhooks that wait for a person", _webhooks(WebhookState.STUCK)),
        (
            "webhooks_healed",
            "Messages that never reached us and were taken from the provider's list",
            select(func.sum(ChannelWatch.healed_count)),
        ),
        (
            "provider_pending",
            "Updates that wait at the provider to be delivered to us",
            select(func.sum(ChannelWatch.pending_count)),
        ),
        (
            "provider_faults",
            "Channels whose provider could not be asked",
            select(func.count(ChannelWatch.fault)),
        ),
        (
            "outbox_queued",
            "Messages to be sent as soon as can be",
            _outbox(DeliveryStatus.QUEUED).where(~waits_for_her(), ~waits_for_its_hour(now)),
        ),
        (
            "outbox_held",
            "Messages that wait until the contact writes",
            select(func.count(OutboxItem.id)).where(waits_for_her()),
        ),
        (
            "outbox_later",
            "Messages that wait for the end of the night",
            select(func.count(OutboxItem.id)).where(waits_for_its_hour(now)),
        ),
        ("outbox_failed", "Messages that finally failed", _outbox(DeliveryStatus.FAILED)),
        (
            "attachments_pending",
            "Files still to be fetched",
            select(func.count(Attachment.id)).where(Attachment.state == "pending"),
        ),
    )
    rows: list[tuple[str, str, float]] = [
        (name, meaning, session.scalar(query) or 0) for name, meaning, query in counts
    ]
    age = (now - seen).total_seconds() if seen else -1.0
    return [*rows, ("worker_seen_seconds_ago", "Seconds since a worker was seen, -1 for never", age)]


def _webhooks(state: WebhookState) -> Select[int]:
    return select(func.count(WebhookEvent.id)).where(WebhookEvent.state == state)


def _outbox(status: DeliveryStatus) -> Select[int]:
    return select(func.count(OutboxItem.id)).where(OutboxItem.status == status)
