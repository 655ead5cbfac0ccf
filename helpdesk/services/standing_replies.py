"""Replies of people that went out and have not failed: since when the contact waits, and when she was answered."""

from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.messages import RESPONSES, Direction
from helpdesk.models.complaints import Rating, Resolution
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket

_replied_at = func.coalesce(Message.sent_again_at, Message.at)
"""Message.counts_from, for queries."""
_is_standing = and_(
    Message.direction == Direction.OUT,
    Message.purpose.in_(RESPONSES),
    or_(Message.delivery.is_(None), Message.delivery != DeliveryStatus.FAILED),
)


def answered_at(session: Session, ticket_id: int, *, since: datetime) -> datetime | None:
    """Return when the contact was first answered from then on; None where she was not."""
    return session.scalar(
        select(func.min(_replied_at)).where(
            Message.ticket_id == ticket_id, _is_standing, _replied_at >= since
        )
    )


def unanswered_since(session: Session, ticket_id: int) -> datetime | None:
    """Return when the contact wrote first after the last reply; None where she did not.

    Words that accept the answer or rate it ask for none.
    """
    replied_at = _last_reply(session, ticket_id)
    if replied_at is None:
        return None
    last = max((replied_at, *_settled(session, ticket_id)))
    return session.scalar(
        select(func.min(Message.at)).where(
            Message.ticket_id == ticket_id, Message.direction == Direction.IN, Message.at > last
        )
    )


def is_waiting(session: Session, ticket: Ticket) -> bool:
    """Whether nobody has answered her last words; a note of ours answers nobody, an outcome without a letter does."""
    last = ticket.last_inbound_at
    if last is None:
        return False
    resolved_at = session.scalar(select(func.max(Resolution.at)).where(Resolution.ticket_id == ticket.id))
    answers = (_last_reply(session, ticket.id), resolved_at, *_settled(session, ticket.id))
    return all(at is None or at < last for at in answers)


def _last_reply(session: Session, ticket_id: int) -> datetime | None:
    return session.scalar(select(func.max(_replied_at)).where(Message.ticket_id == ticket_id, _is_standing))


def _settled(session: Session, ticket_id: int) -> tuple[datetime, ...]:
    """Return when the contact accepted an answer and when she rated it, as far as she did."""
    accepted = select(func.max(Resolution.accepted_at)).where(Resolution.ticket_id == ticket_id)
    rated = select(Rating.at).where(Rating.ticket_id == ticket_id)
    return tuple(at for at in (session.scalar(accepted), session.scalar(rated)) if at is not None)
