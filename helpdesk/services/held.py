"""Messages that wait until the contact writes: WhatsApp takes free words only within its window."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, delete, or_, select, update
from sqlalchemy.orm import Session, aliased

from helpdesk.domain.delivery import NOT_NEEDED, DeliveryStatus
from helpdesk.domain.lifecycle import ACTIVE_STATUSES, LIVE_STATUSES
from helpdesk.domain.messages import Direction, Purpose
from helpdesk.models.contacts import Handle
from helpdesk.models.messages import Dispatch, Message, OutboxItem
from helpdesk.models.outreach import DeliveryAttempt
from helpdesk.models.tickets import Ticket
from helpdesk.services.contacts import is_hers

OPENED_LANE = 0
"""What she has opened goes before everything else."""
UNREAD = "unread"
"""Why it went another way: she had not opened it."""
OPENING = timedelta(minutes=2)
"""So long after she has asked to read a word of hers may have been on its way before she could."""
UNSENT = (DeliveryStatus.QUEUED, DeliveryStatus.SENDING)
_OF_HERS = OutboxItem.message_id == Message.id


def is_unread(session: Session, ticket: Ticket, handle: Handle) -> bool:
    """Whether a word from this address cannot mean our answer: she is only asked to read, or it has not gone.

    What a person told or posted meanwhile may be meant from everywhere but where it waits for her.
    """
    since = asked_at(session, handle)
    if since is not None and _has_more(session, handle, since=since):
        return True
    if _is_opening(session, ticket, handle):
        return True
    status, waits_at = _newest_answer(session, ticket)
    is_answered = ticket.status not in ACTIVE_STATUSES
    return is_answered and (status in UNSENT or (waits_at == handle.id and ticket.status in LIVE_STATUSES))


def has_gone(session: Session, ticket: Ticket) -> bool:
    """Whether the newest decision has left us whole, on whatever way; also where there is none, or no chat took it."""
    status, _waits_at = _newest_answer(session, ticket)
    return status not in UNSENT


def asked_at(session: Session, handle: Handle) -> datetime | None:
    """Return when our question whether she wants to read went there (T22); None where she has written since."""
    went = or_(OutboxItem.status.in_([DeliveryStatus.SENDING, DeliveryStatus.SENT]), OutboxItem.is_in_doubt)
    wrote = select(Message.id).where(Message.handle_id == handle.id, Message.direction == Direction.IN)
    last = session.scalar(wrote.order_by(Message.id.desc()).limit(1)) or 0
    return session.scalar(
        select(OutboxItem.claimed_at)
        .join(Message, _OF_HERS)
        .where(Message.handle_id == handle.id, Message.id > last, OutboxItem.template_id.is_not(None), went)
        .order_by(Message.id.desc())
        .limit(1)
    )


def _has_more(session: Session, handle: Handle, *, since: datetime) -> bool:
    """Whether there is still something to read where she was asked then, be it gone another way meanwhile."""
    is_here = and_(Message.handle_id == handle.id, OutboxItem.held_at.is_not(None))
    found = (
        select(OutboxItem.id)
        .join(Message, _OF_HERS)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(
            or_(
                and_(is_here, OutboxItem.status == DeliveryStatus.QUEUED),
                and_(Ticket.status.in_(LIVE_STATUSES), or_(is_here, has_left(handle, since=since))),
            )
        )
    )
    return session.scalar(found.limit(1)) is not None


def has_left(handle: Handle, *, since: datetime, until: datetime | None = None) -> ColumnElement[bool]:
    """Return the condition on Message and OutboxItem: it waited here for her word, and went another way since.

    Not what she has written after: she has read it there. `until`: her word of now is none of these.
    """
    hers = aliased(Message)
    answered = select(hers.id).where(
        hers.ticket_id == Message.ticket_id,
        hers.direction == Direction.IN,
        hers.at > OutboxItem.claimed_at,
    )
    if until is not None:
        answered = answered.where(hers.at < until)
    left = select(DeliveryAttempt.message_id).where(
        DeliveryAttempt.handle_id == handle.id,
        DeliveryAttempt.error_code == UNREAD,
        DeliveryAttempt.ended_at >= since,
    )
    return and_(Message.id.in_(left), ~answered.exists())


def has_just_opened(session: Session, handle: Handle, *, now: datetime) -> bool:
    """Whether she has asked to read so lately that another YA is the same one once more, and no word to our answer."""
    return session.scalar(_opened(handle).where(OutboxItem.released_at > now - OPENING).limit(1)) is not None


def _is_opening(session: Session, ticket: Ticket, handle: Handle) -> bool:
    """Whether what she has asked to read in this ticket is on its way."""
    on_its_way = _opened(handle).where(Message.ticket_id == ticket.id, OutboxItem.status.in_(UNSENT))
    return session.scalar(on_its_way.limit(1)) is not None


def _opened(handle: Handle) -> Select[int]:
    """Return what waited at the address, and was let go by a word of hers."""
    return select(OutboxItem.id).where(
        _OF_HERS,
        Message.handle_id == handle.id,
        Message.purpose != Purpose.CHAT,
        OutboxItem.released_at.is_not(None),
    )


def _newest_answer(session: Session, ticket: Ticket) -> tuple[DeliveryStatus | None, int | None]:
    """Return how the ticket's newest decision is sent, and the address at which it waits for her word."""
    found = session.execute(
        select(OutboxItem.status, OutboxItem.held_at, Message.handle_id)
        .select_from(Message)
        .outerjoin(OutboxItem, _OF_HERS)
        .where(Message.ticket_id == ticket.id, Message.purpose == Purpose.ANSWER)
        .order_by(Message.id.desc())
        .limit(1)
    ).first()
    if found is None:
        return None, None
    return found.status, found.handle_id if found.held_at is not None else None


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
    handle = session.get_one(Handle, handle_id)
    waiting = select(Message.id).join(Ticket).where(Message.handle_id == handle_id, is_hers(handle))
    over = (
        select(Message.id)
        .join(Ticket)
        .where(Message.handle_id == handle_id, ~Ticket.status.in_(LIVE_STATUSES))
    )
    told = update(OutboxItem).where(OutboxItem.status == DeliveryStatus.SENT, OutboxItem.held_at.is_not(None))
    session.execute(told.where(OutboxItem.message_id.in_(over)).values(held_at=None))  # nobody asks any more
    session.execute(
        update(OutboxItem)
        .where(OutboxItem.message_id.in_(waiting), OutboxItem.held_at.is_not(None))
        .values(
            status=DeliveryStatus.QUEUED, held_at=None, released_at=now, next_attempt_at=now, lane=OPENED_LANE
        )
    )
    drop(session, OutboxItem.message_id.in_(waiting), OutboxItem.template_id.is_not(None))


def brought(session: Session, item: OutboxItem, handle: Handle, *, is_posted: bool, now: datetime) -> None:
    """A person brings the message: it goes by itself no more, unless she asks to read it before she has it on paper.

    She is not asked for it (T22) where nothing else waits.
    """
    is_unsent = item.status in (DeliveryStatus.QUEUED, DeliveryStatus.FAILED) and not item.is_in_doubt
    is_asked = item.held_at is not None and asked_at(session, handle) is not None
    waits = is_unsent and (is_posted or is_asked)
    item.status, item.held_at = DeliveryStatus.SENT, (item.held_at or now) if waits else None
    if waits:
        item.attempts, item.last_error = 0, None
        session.execute(delete(Dispatch).where(Dispatch.message_id == item.message_id))
    of_handle = OutboxItem.message_id.in_(select(Message.id).where(Message.handle_id == handle.id))
    others = select(OutboxItem.id).where(
        of_handle, OutboxItem.held_at.is_not(None), OutboxItem.status == DeliveryStatus.QUEUED
    )
    session.flush()
    if session.scalar(others.limit(1)) is None:
        drop(session, of_handle, OutboxItem.template_id.is_not(None))


def drop(session: Session, *which: ColumnElement[bool]) -> Sequence[int]:
    """Let messages that wait stay here for good, and return their ids: they are needed no more.

    One that a sender has claimed goes on. What waited for her answer to a question that stays here is asked for anew.
    """
    unsent = (
        update(OutboxItem)
        .where(OutboxItem.status == DeliveryStatus.QUEUED, *which)
        .values(status=DeliveryStatus.FAILED, last_error=NOT_NEEDED, held_at=None)
        .returning(OutboxItem.message_id, OutboxItem.template_id)
    )
    dropped = session.execute(unsent).all()
    told = update(OutboxItem).where(OutboxItem.status == DeliveryStatus.SENT, OutboxItem.held_at.is_not(None))
    session.execute(told.where(*which).values(held_at=None))
    ids = [message_id for message_id, _ in dropped]
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
    questions = [message_id for message_id, template_id in dropped if template_id is not None]
    ask_anew(session, select(Message.handle_id).where(Message.id.in_(questions)))
    return ids


def ask_anew(session: Session, handles: Select[int | None], *which: ColumnElement[bool]) -> None:
    """Let what waits on these addresses come before the sender again, who asks her or finds another way."""
    waiting = select(Message.id).where(Message.handle_id.in_(handles), *which)
    session.execute(
        update(OutboxItem)
        .where(OutboxItem.message_id.in_(waiting), OutboxItem.held_at.is_not(None))
        .where(OutboxItem.status == DeliveryStatus.QUEUED)
        .values(held_at=None)
    )
