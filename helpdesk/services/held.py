"""Messages that wait until the contact writes: WhatsApp takes free words only within its window."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import NOT_NEEDED, DeliveryStatus
from helpdesk.models.contacts import Handle
from helpdesk.models.messages import Dispatch, Message, OutboxItem

OPENED_LANE = 0
"""What she has opened goes before everything else."""
_OF_HERS = OutboxItem.message_id == Message.id


def has_unread(session: Session, handle_id: int | None) -> bool:
    """Whether something waits for her word, or is on its way since: she cannot have read it."""
    if handle_id is None:
        return False
    unsent = OutboxItem.status.in_([DeliveryStatus.QUEUED, DeliveryStatus.SENDING])
    waited = or_(OutboxItem.held_at.is_not(None), OutboxItem.released_at.is_not(None))
    found = select(OutboxItem.id).where(_OF_HERS, Message.handle_id == handle_id, unsent, waited).limit(1)
    return session.scalar(found) is not None


def answered_handles(session: Session) -> list[int]:
    """Return addresses that wrote after something began to wait for it: two processes had not seen each other."""
    return list(
        session.scalars(
            select(Handle.id)
            .join(Message, Message.handle_id == Handle.id)
            .join(OutboxItem, _OF_HERS)
            .where(OutboxItem.held_at.is_not(None), Handle.last_inbound_at > OutboxItem.held_at)
            .distinct()
        )
    )


def release(session: Session, handle_id: int, *, now: datetime) -> None:
    """She has written: what waited for it goes first, and an invitation that is not out yet stays here."""
    waiting = select(Message.id).where(Message.handle_id == handle_id)
    session.execute(
        update(OutboxItem)
        .where(OutboxItem.message_id.in_(waiting), OutboxItem.status == DeliveryStatus.QUEUED)
        .where(OutboxItem.held_at.is_not(None))
        .values(held_at=None, released_at=now, next_attempt_at=now, lane=OPENED_LANE)
    )
    drop(session, OutboxItem.message_id.in_(waiting), OutboxItem.template_id.is_not(None))


def drop(session: Session, *which: ColumnElement[bool]) -> Sequence[int]:
    """Let messages that wait stay here for good, and return their ids: they are needed no more.

    One that a sender has claimed goes on.
    """
    unsent = (
        update(OutboxItem)
        .where(OutboxItem.status == DeliveryStatus.QUEUED, *which)
        .values(status=DeliveryStatus.FAILED, last_error=NOT_NEEDED, held_at=None)
        .returning(OutboxItem.message_id)
    )
    ids = session.scalars(unsent).all()
    if not ids:
        return ids
    session.execute(
        update(Message)
        .where(Message.id.in_(ids))
        .values(delivery=DeliveryStatus.FAILED, error_code=NOT_NEEDED)
    )
    session.execute(  # else a report of an earlier part would let the next one go
        update(Dispatch)
        .where(Dispatch.message_id.in_(ids), Dispatch.status == DeliveryStatus.QUEUED)
        .values(status=DeliveryStatus.FAILED)
    )
    return ids
