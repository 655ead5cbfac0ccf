"""What waits for an address that has stopped us, or may not be written to any more, is lost, and goes on as such."""

from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import DeliveryStatus, SendOutcome
from helpdesk.models.contacts import Handle
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.reaching import is_stopped
from helpdesk.services import delivery, outcomes

BLOCKED = "address_blocked"
"""Error of a message that was on its way there."""


def due_ids(session: Session, *, now: datetime, limit: int = 200) -> list[int]:
    """Return items that would be sent by now to an address whose owner, or her provider, has stopped us.

    And what may not go there since (models/reaching.py): something stopped it while it waited.
    """
    due = (
        select(OutboxItem.id)
        .join(Message, Message.id == OutboxItem.message_id)
        .join(Handle, Handle.id == Message.handle_id)
        .where(
            OutboxItem.status == DeliveryStatus.QUEUED,
            OutboxItem.held_at.is_(None),
            or_(and_(OutboxItem.next_attempt_at <= now, Handle.is_blocked), is_stopped()),
        )
    )
    return list(session.scalars(due.order_by(OutboxItem.id).limit(limit)))


def lose(session: Session, outbox_id: int, *, now: datetime) -> bool:
    """Take an item of due_ids() another way, or to a person; False where she may be written to again."""
    item, message = delivery.locked(session, outbox_id)
    handle = session.get_one(Handle, message.handle_id)
    session.refresh(handle)
    session.refresh(item, with_for_update=True)
    if item.status != DeliveryStatus.QUEUED or item.held_at is not None:
        return False
    if outcomes.stopped(session, item, message, has_gone=False, now=now):
        return True
    if not handle.is_blocked:
        return False
    delivery.record_failure(session, outbox_id, code=BLOCKED, outcome=SendOutcome.REJECTED, now=now)
    return True
