"""The sending side of messages: claims, outcomes, reports. Each message is sent at most once by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.db import one_by_one
from helpdesk.domain.channel_faults import HELD, PROBE_AFTER, STOPPING, ChannelFault
from helpdesk.domain.delivery import (
    ARRIVED,
    ERASED_MEANWHILE,
    WRONG_NUMBER,
    DeliveryStatus,
    SendOutcome,
    may_send_again,
    spread,
)
from helpdesk.domain.errors import Conflict, NotFound
from helpdesk.domain.messages import (
    RESPONSES,
    ChannelCode,
    DeliveryReport,
    Direction,
    OutboundMessage,
    ReachabilityChange,
)
from helpdesk.domain.options import has_options, offer_of
from helpdesk.domain.segments import TextLimit
from helpdesk.domain.wording import SHIPPED, Language
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import DeliveryEvent, Dispatch, Message, OutboxItem
from helpdesk.models.reaching import STOP, stop_of
from helpdesk.models.texts import text_book
from helpdesk.models.tickets import Ticket
from helpdesk.services import (
    channel_alarms,
    dispatches,
    invitations,
    kept_buttons,
    message_templates,
    outcomes,
    pacing,
    undelivered,
)
from helpdesk.services.contacts import address_digest, external_digest
from helpdesk.services.trail import lock_ticket, record

RETRY_AFTER = tuple(timedelta(seconds=s) for s in (30, 120, 600, 1800, 7200))
STUCK_AFTER = timedelta(minutes=10)
"""Far longer than the slowest call: what is still `sending` then has lost its process."""
UNKNOWN_OUTCOME = "unknown_outcome"
LOOK_AFTER = timedelta(minutes=2)
"""Then the provider's own list tells whether a message of unknown outcome went (services/reconciling.py)."""
SENT_AGAIN = "send_again"
"""Kind of the event, and the reason of the moves that follow from it."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this process alone may send now."""

    outbox_id: int
    message: OutboundMessage


def claim_due(
    session: Session,
    channel: ChannelCode,
    *,
    now: datetime,
    limit: int = 1,
    longest: TextLimit | None = None,
    window: timedelta | None = None,
) -> list[Claimed]:
    """Claim a channel's next due message (or more of them), answers of people first.

    A claim is compare-and-set: two senders never share one. Who claims more than it is about to send leaves
    the rest as of unknown outcome when it dies. Of a text over `longest` the next part is claimed.
    Who last wrote `window` ago, or never, is sent templates only; who has stopped us nothing (services/unreachable.py).
    """
    while True:
        ids = session.scalars(
            _may_go(channel, window, now=now).limit(limit).with_for_update(skip_locked=True)
        ).all()
        if not ids or channel_alarms.is_stopped(session, channel, now=now):
            return []
        if pacing.is_resting(session, channel, now=now):
            return []
        claimed = session.scalars(
            update(OutboxItem)
            .where(OutboxItem.id.in_(ids), OutboxItem.status == DeliveryStatus.QUEUED)
            .values(status=DeliveryStatus.SENDING, claimed_at=now, attempts=OutboxItem.attempts + 1)
            .returning(OutboxItem.id)
        ).all()
        going = _going(session, claimed, longest, now=now)
        if going or not claimed:  # else all were put aside, and those behind them are next
            pacing.count(session, channel, [handle_id for handle_id, _ in going], now=now)
            return [each for _, each in going]


def _going(
    session: Session, claimed: Sequence[int], longest: TextLimit | None, *, now: datetime
) -> list[tuple[int, Claimed]]:
    """Return what goes of the items that were claimed, with its address; what may not go is put aside."""
    rows = session.execute(
        select(OutboxItem, Message, Handle, Ticket, STOP)
        .join(Message, Message.id == OutboxItem.message_id)
        .join(Handle, Handle.id == Message.handle_id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .join(Contact, Contact.id == Ticket.contact_id)
        .where(OutboxItem.id.in_(claimed))
        .order_by(OutboxItem.lane, OutboxItem.id)
        .execution_options(populate_existing=True)
    ).all()
    result = []
    for item, message, handle, ticket, stop in rows:
        if stop is not None:  # its end needs the ticket, which is locked before items (unreachable.py)
            item.status, item.attempts = DeliveryStatus.QUEUED, item.attempts - 1
            item.next_attempt_at = now + STUCK_AFTER
            continue
        if message.delivery not in ARRIVED:  # what she has by other means stays so
            message.delivery = DeliveryStatus.SENDING
        text, is_last = dispatches.next_part(session, message, longest, is_moved=item.rung > 0)
        outbound = _outbound(session, message, text, handle, ticket, is_last=is_last)
        if item.template_id is not None:
            values = invitations.news_values(session, ticket, handle)
            outbound = replace(outbound, template=message_templates.filled(session, item.template_id, values))
        else:
            outbound = kept_buttons.put_under(session, item, outbound, language=ticket.language, now=now)
        result.append((handle.id, Claimed(item.id, outbound)))
    return result


def _may_go(channel: ChannelCode, window: timedelta | None, *, now: datetime) -> Select[int]:
    """Return the query of what is due on a channel and may go there now, in the order in which it goes."""
    due = select(OutboxItem.id).where(
        OutboxItem.status == DeliveryStatus.QUEUED,
        OutboxItem.held_at.is_(None),
        OutboxItem.channel == channel,
        OutboxItem.next_attempt_at <= now,
        ~exists().where(
            Message.id == OutboxItem.message_id, Handle.id == Message.handle_id, Handle.is_blocked
        ),
        pacing.is_unhurried(channel, now=now),
    )
    if window is not None:
        wrote_lately = and_(OutboxItem.message_id == Message.id, Handle.last_inbound_at > now - window)
        reachable = select(Message.id).join(Handle, Handle.id == Message.handle_id).where(wrote_lately)
        due = due.where(or_(OutboxItem.template_id.is_not(None), reachable.exists()))
    return due.order_by(OutboxItem.lane, OutboxItem.next_attempt_at, OutboxItem.id)


def _outbound(
    session: Session, message: Message, text: str, handle: Handle, ticket: Ticket, *, is_last: bool
) -> OutboundMessage:
    """Return the message as an adapter takes it, with what may be pressed under the end of a standing text."""
    step = (message.facts or {}).get("step", "") if is_last else ""
    book = text_book(session, step) if has_options(step) else SHIPPED
    offer = offer_of(step, Language(ticket.language), book)
    return OutboundMessage(
        message.public_id,
        message.channel,
        handle.address,
        text,
        options=offer.options,
        list_title=offer.list_title,
        phone_label=offer.phone_label,
    )


def record_sent(session: Session, outbox_id: int, *, external_id: str, now: datetime) -> None:
    """The provider took the message. Reports that came before this commit are matched now."""
    digest = external_digest(keys_of(session), external_id)
    one_by_one(session, digest)
    item, message = locked(session, outbox_id)
    if item.last_error == ERASED_MEANWHILE:
        return  # the id may name the person's chat (Telegram)
    item.last_error = None
    parts = dispatches.parts_of(session, message)
    part = dispatches.under_way(parts)
    if part is not None:
        part.status, part.external_id, part.external_digest = DeliveryStatus.SENT, external_id, digest
    if part is None or part.part == 1:
        message.external_id, message.external_digest = external_id, digest
    item.status = dispatches.sending_of(parts)
    has_more = item.status == DeliveryStatus.QUEUED
    if has_more:
        item.attempts, item.next_attempt_at = 0, now
    sent = dispatches.delivery_of(parts) if parts else DeliveryStatus.SENT
    if message.delivery not in ARRIVED:  # nobody brought it meanwhile
        message.delivery = sent
        outcomes.stopped(session, item, message, has_gone=not has_more, now=now)
    channel_alarms.clear(session, message.channel, STOPPING, now=now)
    outcomes.take_early(session, message, part, digest, now=now)


def record_failure(
    session: Session,
    outbox_id: int,
    *,
    code: str,
    outcome: SendOutcome,
    retry_after: timedelta | None = None,
    fault: ChannelFault | None = None,
    now: datetime,
) -> None:
    """Plan the next try for what was certainly not sent; everything else ends here, for a person to see.

    What a stopped channel refuses uses up no try, for a while: it is no fault of the message.
    """
    item, message = locked(session, outbox_id)
    is_for_buttons = outcome == SendOutcome.REJECTED and kept_buttons.are_refused(item, code)
    if fault is not None and not is_for_buttons:
        channel_alarms.note(session, message.channel, fault, code=code, now=now)
    if outcome == SendOutcome.RETRY and retry_after is not None:
        pacing.rest(session, message.channel, retry_after, now=now)
    if item.last_error == ERASED_MEANWHILE:
        return  # neither text nor address is left for another try
    if message.delivery in ARRIVED:  # a person brought it meanwhile, or she asked to read it here too
        is_wanted = outcome == SendOutcome.RETRY and item.released_at is not None
        goes_on = is_wanted and item.attempts <= len(RETRY_AFTER)
        item.status = DeliveryStatus.QUEUED if goes_on else DeliveryStatus.SENT
        item.next_attempt_at = now + (retry_after or RETRY_AFTER[0])
        return
    is_unsent = outcome in (SendOutcome.RETRY, SendOutcome.NEEDS_TEMPLATE) or is_for_buttons
    if outcomes.stopped(session, item, message, has_gone=not is_unsent, now=now):
        return
    item.last_error = code
    part = dispatches.under_way(dispatches.parts_of(session, message))
    if is_for_buttons:
        kept_buttons.go_plain(session, item, message, part, code=code, now=now)
        return
    is_held = fault in STOPPING and now - message.counts_from < HELD
    if outcome == SendOutcome.RETRY and (is_held or item.attempts <= len(RETRY_AFTER)):
        wait = PROBE_AFTER
        if not is_held:
            wait = max(RETRY_AFTER[item.attempts - 1], retry_after or timedelta())
            wait = spread(wait, f"{message.public_id}:{item.attempts}")
        item.attempts -= is_held
        _queue_again(item, message, part, at=now + wait)
    elif outcome == SendOutcome.NEEDS_TEMPLATE and item.template_id is None:
        if part is not None:
            part.status = DeliveryStatus.FAILED  # hold() lets it go again
            session.flush()
        invitations.hold(session, session.get_one(Ticket, message.ticket_id), item, message, now=now)
    else:
        _give_up(session, item, message, part, code=code, outcome=outcome, now=now)


def _queue_again(item: OutboxItem, message: Message, part: Dispatch | None, *, at: datetime) -> None:
    item.status = message.delivery = DeliveryStatus.QUEUED
    if part is not None:
        part.status = DeliveryStatus.QUEUED
    item.next_attempt_at = at


def _give_up(
    session: Session,
    item: OutboxItem,
    message: Message,
    part: Dispatch | None,
    *,
    code: str,
    outcome: SendOutcome,
    now: datetime,
) -> None:
    """It failed for good, or nobody knows whether it went."""
    if item.template_id is not None and code in message_templates.GONE:
        message_templates.pause(session, item.template_id, now=now)
    item.status, item.held_at = DeliveryStatus.FAILED, None
    if outcome == SendOutcome.UNKNOWN:
        item.is_in_doubt, item.look_at = True, now + LOOK_AFTER
    outcomes.learn_from(session, message, outcome, now=now)
    is_certain = outcome != SendOutcome.UNKNOWN
    outcomes.merge(session, message, DeliveryStatus.FAILED, code, part=part, is_certain=is_certain, now=now)


def apply_report(session: Session, report: DeliveryReport, *, now: datetime) -> None:
    """Keep a provider's report and merge it forward; one for an unknown message waits for record_sent().

    Both go one by one: a report and the id of its message that are written at once would not see each other.
    """
    digest = external_digest(keys_of(session), report.external_id)
    one_by_one(session, digest)
    if report.fault is not None:
        channel_alarms.note(session, report.channel, report.fault, code=report.error_code or "", now=now)
    message, part = _sent_as(session, report.channel, digest)
    session.add(
        DeliveryEvent(
            message_id=message.id if message else None,
            channel=report.channel,
            external_digest=digest,
            status=report.status,
            error_code=report.error_code,
            outcome=report.outcome,
            at=now,
        )
    )
    if message is not None:
        outcomes.take_report(session, message, part, report, now=now)
    else:
        outcomes.of_earlier_way(session, digest, report.status, now=now)
    session.flush()


def _sent_as(session: Session, channel: ChannelCode, digest: bytes) -> tuple[Message | None, Dispatch | None]:
    """Return the message with this id at the provider, its ticket locked, and which part of it that is."""
    part = dispatches.by_digest(session, digest)
    query = select(Message).where(Message.channel == channel, Message.direction == Direction.OUT)
    query = query.where(Message.id == part.message_id if part else Message.external_digest == digest)
    message = session.scalar(query)
    if message is None:
        return None, None
    lock_ticket(session, message.ticket_id)
    session.refresh(message)
    if part is not None:
        session.refresh(part)
    if digest != (part or message).external_digest:
        return None, None  # it was sent again, or erased, while we waited
    return message, part


def apply_reachability(session: Session, change: ReachabilityChange) -> None:
    """Remember that a person blocked or unblocked our sender."""
    digest = address_digest(keys_of(session), change.channel, change.address)
    session.execute(
        update(Handle)
        .where(Handle.channel == change.channel, Handle.address_digest == digest)
        .values(is_blocked=change.is_blocked)
    )


def fail_stuck(session: Session, *, now: datetime) -> int:
    """End sends whose process died in between: it may have been sent, so a person decides (ADR 0010)."""
    ids = session.scalars(
        select(OutboxItem.id)
        .where(OutboxItem.status == DeliveryStatus.SENDING, OutboxItem.claimed_at <= now - STUCK_AFTER)
        .with_for_update(skip_locked=True)
    ).all()
    for outbox_id in ids:
        record_failure(session, outbox_id, code=UNKNOWN_OUTCOME, outcome=SendOutcome.UNKNOWN, now=now)
    return len(ids)


def send_again(session: Session, ticket_id: int, *, message_id: str, actor: str, now: datetime) -> None:
    """Queue a finally failed message of the ticket once more because a person said so; a reply counts from now.

    It forgets the provider's id of the first send: what is reported of that one says nothing of this one.
    An address that had stopped us is tried once more. Raises NotFound for a message of another ticket, and Conflict
    (`not_failed`) for one that did not fail.
    """
    outbox_id = session.scalar(
        select(OutboxItem.id)
        .join(Message)
        .where(Message.public_id == message_id, Message.ticket_id == ticket_id)
    )
    if outbox_id is None:
        raise NotFound(f"the ticket has no sent message {message_id}")
    item, message = locked(session, outbox_id)
    if item.template_id is not None or not may_send_again(message.delivery, message.body):
        raise Conflict("this message has not failed, or was erased", code="not_failed")
    ticket = session.get_one(Ticket, ticket_id)
    stop = stop_of(session, message)
    if stop is not None:
        code = WRONG_NUMBER if stop == WRONG_NUMBER else "set_aside"
        raise Conflict("nothing may be sent there any more", code=code)
    if message.handle_id is not None:
        session.get_one(Handle, message.handle_id).is_blocked = False
    item.status, item.attempts, item.next_attempt_at = DeliveryStatus.QUEUED, 0, now
    item.last_error, item.is_in_doubt, item.look_at = None, False, None
    message.delivery, message.error_code = DeliveryStatus.QUEUED, None
    parts = dispatches.parts_of(session, message)
    dispatches.try_again(parts)
    if not parts or parts[0].external_digest is None:
        message.external_id = message.external_digest = None
    record(session, ticket, SENT_AGAIN, actor=actor, at=now, data={"message": message.public_id})
    if message.purpose in RESPONSES:
        message.sent_again_at = ticket.last_human_at = now
        undelivered.count_again(session, ticket, message, actor=actor, reason=SENT_AGAIN, now=now)


def locked(session: Session, outbox_id: int) -> tuple[OutboxItem, Message]:
    """Lock the ticket, then read the item and its message: one order of locks, no deadlock."""
    message_id = session.scalars(select(OutboxItem.message_id).where(OutboxItem.id == outbox_id)).one()
    message = session.get_one(Message, message_id)
    lock_ticket(session, message.ticket_id)
    item = session.get_one(OutboxItem, outbox_id)
    session.refresh(message)
    session.refresh(item)
    return item, message
