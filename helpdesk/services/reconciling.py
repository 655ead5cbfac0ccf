"""Messages of unknown outcome: looked for at the provider, or decided by a person; never sent again by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.db import one_by_one
from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.errors import Conflict, NotFound
from helpdesk.domain.messages import ChannelCode, DeliveryReport, SentCopy
from helpdesk.models.contacts import Handle
from helpdesk.models.messages import Dispatch, Message, OutboxItem
from helpdesk.models.tickets import Ticket
from helpdesk.services import delivery, dispatches, outcomes, undelivered
from helpdesk.services.contacts import external_digest
from helpdesk.services.trail import SYSTEM, record

CONFIRMED = "arrival_confirmed"
"""Kind of the event of a person's word, and the reason of what follows from it."""
LOOK_AGAIN = timedelta(minutes=15)
"""A provider's list may be behind: it is read twice."""
EARLIER = timedelta(minutes=1)
"""Clocks of two machines differ."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What to look for at the provider."""

    outbox_id: int
    channel: ChannelCode
    address: str
    text: str
    since: datetime


def due_ids(session: Session, *, now: datetime, limit: int = 20) -> list[int]:
    """Return items to look for."""
    return list(
        session.scalars(
            select(OutboxItem.id)
            .where(OutboxItem.look_at <= now, OutboxItem.is_in_doubt)
            .order_by(OutboxItem.look_at, OutboxItem.id)
            .limit(limit)
        )
    )


def take(session: Session, outbox_id: int, *, now: datetime) -> Doubt | None:
    """Take an item to look for; None where it is in no doubt any more."""
    item, message = delivery.locked(session, outbox_id)
    if item.look_at is None or item.look_at > now or item.claimed_at is None:
        return None
    item.look_at = now + LOOK_AGAIN if now - item.claimed_at < LOOK_AGAIN else None
    if not _is_in_doubt(item, message) or message.handle_id is None or item.template_id is not None:
        item.look_at = None
        return None
    handle = session.get_one(Handle, message.handle_id)
    text = dispatches.text_in_doubt(session, message, is_moved=item.rung > 0)
    return Doubt(item.id, item.channel, handle.address, text, item.claimed_at - EARLIER)


def found(session: Session, doubt: Doubt, copies: Sequence[SentCopy], *, now: datetime) -> bool:
    """Take the provider's copy of the message for it: the same words, and no other message of ours."""
    keys = keys_of(session)
    for copy in copies:
        digest = external_digest(keys, copy.external_id)
        if copy.text.strip() != doubt.text.strip() or copy.at < doubt.since or _is_ours(session, digest):
            continue
        one_by_one(session, digest)
        item, message = delivery.locked(session, doubt.outbox_id)
        if not _is_in_doubt(item, message):
            return False
        _is_sent(session, item, message, copy.external_id, digest, now=now)
        return True
    return False


def recognised(session: Session, report: DeliveryReport, *, now: datetime) -> bool:
    """Take a report that gives our own id back for the proof that a message in doubt went."""
    digest = external_digest(keys_of(session), report.external_id)
    outbox_id = session.scalar(
        select(OutboxItem.id)
        .join(Message)
        .where(
            Message.public_id == report.message_id, Message.channel == report.channel, OutboxItem.is_in_doubt
        )
    )
    if outbox_id is None:
        return False
    one_by_one(session, digest)
    item, message = delivery.locked(session, outbox_id)
    if not _is_in_doubt(item, message) or _is_ours(session, digest):
        return False
    _is_sent(session, item, message, report.external_id, digest, now=now)
    return True


def confirm(session: Session, ticket_id: int, *, message_id: str, actor: str, now: datetime) -> None:
    """A person knows that it arrived. Raises NotFound, and Conflict (`not_in_doubt`)."""
    outbox_id = session.scalar(
        select(OutboxItem.id)
        .join(Message)
        .where(Message.public_id == message_id, Message.ticket_id == ticket_id)
    )
    if outbox_id is None:
        raise NotFound(f"the ticket has no sent message {message_id}")
    item, message = delivery.locked(session, outbox_id)
    if not _is_in_doubt(item, message):
        raise Conflict("the outcome of this message is known", code="not_in_doubt")
    for part in dispatches.parts_of(session, message):
        if part.status == DeliveryStatus.FAILED:
            part.status = DeliveryStatus.DELIVERED
    _settle(session, item, message, kind=CONFIRMED, actor=actor, alone=DeliveryStatus.DELIVERED, now=now)


def _is_sent(
    session: Session, item: OutboxItem, message: Message, external_id: str, digest: bytes, *, now: datetime
) -> None:
    parts = dispatches.parts_of(session, message)
    part = next((each for each in parts if each.status == DeliveryStatus.FAILED), None)
    if part is not None:
        part.status, part.external_id, part.external_digest = DeliveryStatus.SENT, external_id, digest
    if part is None or part.part == 1:
        message.external_id, message.external_digest = external_id, digest
    _settle(session, item, message, kind=outcomes.RECOVERED, actor=SYSTEM, alone=DeliveryStatus.SENT, now=now)
    outcomes.take_early(session, message, part, digest, now=now)


def _settle(
    session: Session,
    item: OutboxItem,
    message: Message,
    *,
    kind: str,
    actor: str,
    alone: DeliveryStatus,
    now: datetime,
) -> None:
    """The doubt is over. `alone`: what is known of a message in one part."""
    parts = dispatches.parts_of(session, message)
    item.is_in_doubt, item.look_at, item.last_error = False, None, None
    item.status = dispatches.sending_of(parts)
    if item.status == DeliveryStatus.QUEUED:
        item.attempts, item.next_attempt_at = 0, now
    message.delivery = dispatches.delivery_of(parts) if parts else alone
    message.error_code = None
    ticket = session.get_one(Ticket, message.ticket_id)
    record(session, ticket, kind, actor=actor, at=now, data={"message": message.public_id})
    undelivered.count_again(session, ticket, message, actor=actor, reason=kind, now=now)
    session.flush()


def _is_in_doubt(item: OutboxItem, message: Message) -> bool:
    return item.is_in_doubt and message.delivery == DeliveryStatus.FAILED


def _is_ours(session: Session, digest: bytes) -> bool:
    known = or_(
        select(Message.id).where(Message.external_digest == digest).exists(),
        select(Dispatch.id).where(Dispatch.external_digest == digest).exists(),
    )
    return bool(session.scalar(select(known)))
