"""What waits for an address that has stopped us is not sent there: it is lost, and goes on as what is lost does."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import DeliveryStatus, SendOutcome
from helpdesk.models.contacts import Handle
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.services import delivery

BLOCKED = "address_blocked"
"""Error of a message that was on its way there."""


def due_ids(session: Session, *, now: datetime, limit: int = 200) -> list[int]:
    """Return items that would be sent by now to an address whose owner, or her provider, has stopped us."""
    due = (
        select(OutboxItem.id)
        .join(Message, Message.id == OutboxItem.message_id)
        .join(Handle, Handle.id == Message.handle_id)
        .where(
            OutboxItem.status == DeliveryStatus.QUEUED,
            OutboxItem.held_at.is_(None),
            OutboxItem.next_attempt_at <= now,
            Handle.is_blocked,
        )
    )
    return list(session.scalars(due.order_by(OutboxItem.id).limit(limit)))


def lose(session: Session, outbox_id: int, *, now: datetime) -> bool:
    """Take an item of due_ids() another way, or to a person; False where she may be written to again."""
    item, message = delivery.locked(session, outbox_id)
    handle = session.get_one(Handle, message.handle_id)
    session.refresh(handle)
    if item.status != DeliveryStatus.QUEUED or item.held_at is not None or not handle.is_blocked:
        return False
    delivery.record_failure(session, outbox_id, code=BLOCKED, outcome=SendOutcome.REJECTED, now=now)
    return True
