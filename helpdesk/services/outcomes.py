"""What becomes of a message by what is known of its sending: forward only, and each change has its consequence."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import (
    ARRIVED,
    NOT_NEEDED,
    WRONG_NUMBER,
    DeliveryStatus,
    SendOutcome,
    advance,
)
from helpdesk.domain.messages import RESPONSES, DeliveryReport
from helpdesk.domain.outreach import ladder
from helpdesk.models.contacts import Handle
from helpdesk.models.messages import DeliveryEvent, Dispatch, Message, OutboxItem
from helpdesk.models.outreach import ContactTask, DeliveryAttempt
from helpdesk.models.reaching import stop_of
from helpdesk.models.tickets import Ticket
from helpdesk.services import (
    channel_ladder,
    contact_tasks,
    dispatches,
    invitations,
    kept_buttons,
    outreach_hours,
    undelivered,
)
from helpdesk.services.trail import SYSTEM, lock_ticket, record

RECOVERED = "delivery_recovered"
"""Kind of the event of an arrival after all, and the reason of the moves that follow from it."""


def end_here(session: Session, item: OutboxItem, message: Message, *, code: str, now: datetime) -> None:
    """Nothing more of the message goes where it was going (models/reaching.py). The ticket is locked.

    What went to a stranger never reached her: it goes another way, or a person brings it, and owes as any lost one.
    """
    dispatches.end(dispatches.parts_of(session, message))
    item.status, item.last_error, item.held_at = DeliveryStatus.FAILED, code, None
    item.is_in_doubt, item.look_at = False, None
    message.delivery, message.error_code = DeliveryStatus.FAILED, code
    session.flush()
    if code != WRONG_NUMBER:
        return
    ticket = session.get_one(Ticket, message.ticket_id)
    if not _goes_on(session, ticket, message, now=now):
        channel_ladder.to_a_person(session, ticket, message, now=now)
        undelivered.back_to_queue(session, ticket, message, now=now)


def stopped(session: Session, item: OutboxItem, message: Message, *, has_gone: bool, now: datetime) -> bool:
    """Whether the message ends here, as nothing more may go there. `has_gone`: a stop of the ticket undoes nothing."""
    code = stop_of(session, message)
    if code is None or (has_gone and code != WRONG_NUMBER):
        return False
    end_here(session, item, message, code=code, now=now)
    return True


def go_on(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """The ticket is in work again: what must arrive, and was kept here or lost meanwhile, goes its way.

    But for what a person wrote: she sees that it failed.
    """
    lost = session.execute(
        select(OutboxItem, Message)
        .join(Message, Message.id == OutboxItem.message_id)
        .where(
            Message.ticket_id == ticket.id,
            Message.delivery == DeliveryStatus.FAILED,
            Message.purpose.in_(ladder().purposes.difference(RESPONSES)),
            OutboxItem.template_id.is_(None),
            OutboxItem.is_in_doubt.is_(False),
        )
        .order_by(OutboxItem.id)
    )
    known = select(ContactTask.message_id).where(ContactTask.ticket_id == ticket.id)
    brought = set(session.scalars(known))
    for item, message in lost.all():
        if message.error_code == NOT_NEEDED and not stopped(session, item, message, has_gone=False, now=now):
            dispatches.try_again(dispatches.parts_of(session, message))
            item.status = message.delivery = DeliveryStatus.QUEUED
            item.last_error = message.error_code = None
            item.attempts, item.next_attempt_at = 0, outreach_hours.free_at(session, ticket, now=now)
        elif message.error_code != WRONG_NUMBER and message.id not in brought:
            code = message.error_code or "failed"
            channel_ladder.next_way(session, ticket, message, item, code=code, now=now)
    session.flush()


def take_early(
    session: Session, message: Message, part: Dispatch | None, digest: bytes, *, now: datetime
) -> None:
    """Merge the reports that came before we knew by which id the provider calls the message."""
    early = session.scalars(
        select(DeliveryEvent)
        .where(
            DeliveryEvent.channel == message.channel,
            DeliveryEvent.external_digest == digest,
            DeliveryEvent.message_id.is_(None),
        )
        .order_by(DeliveryEvent.id)
    ).all()
    for event in early:
        event.message_id = message.id
        take_report(session, message, part, event, now=now)
    session.flush()


def take_report(
    session: Session,
    message: Message,
    part: Dispatch | None,
    report: DeliveryReport | DeliveryEvent,
    *,
    now: datetime,
) -> None:
    """Merge a report into its message. That the window was closed is no failure: it waits for her instead."""
    if report.outcome is not None:
        learn_from(session, message, report.outcome, now=now)
    if message.error_code == WRONG_NUMBER:
        return  # what a stranger got, she has not
    before = message.delivery or DeliveryStatus.QUEUED
    is_news = advance(before, report.status) != before
    item = session.scalars(select(OutboxItem).where(OutboxItem.message_id == message.id)).first()
    is_kept = report.outcome == SendOutcome.NEEDS_TEMPLATE and is_news
    if is_kept and item is not None and item.template_id is None and stop_of(session, message) is None:
        if part is not None:
            part.status = DeliveryStatus.FAILED
        session.refresh(item, with_for_update=True)
        invitations.hold(session, session.get_one(Ticket, message.ticket_id), item, message, now=now)
        return
    is_lost = report.status == DeliveryStatus.FAILED and is_news
    if is_lost and item is not None and report.error_code and stop_of(session, message) is None:
        session.refresh(item, with_for_update=True)
        is_for_buttons = kept_buttons.are_refused(item, report.error_code)
        if is_for_buttons and not kept_buttons.is_passed(session, message):
            kept_buttons.go_plain(session, item, message, part, code=report.error_code, now=now)
            return
        if is_for_buttons:
            kept_buttons.leave_out(session, item, code=report.error_code, now=now)
    merge(session, message, report.status, report.error_code, part=part, now=now)


def merge(
    session: Session,
    message: Message,
    status: DeliveryStatus,
    code: str | None,
    *,
    part: Dispatch | None,
    now: datetime,
    is_certain: bool = True,
) -> None:
    """Move the message's delivery forward and act on the change; the first reason of a failure is kept.

    What certainly failed and must arrive goes another way first. `is_certain`: it was not sent, or is lost.
    """
    before = message.delivery or DeliveryStatus.QUEUED
    after = advance(before, status)
    if part is not None:
        after = _merge_part(session, message, part, status, code)
    if after == before:
        return
    message.delivery = after
    ticket = session.get_one(Ticket, message.ticket_id)
    if after in ARRIVED:
        contact_tasks.needless(session, message, now=now)
    if after == DeliveryStatus.FAILED:
        message.error_code = message.error_code or code or "failed"
        if is_certain and _goes_on(session, ticket, message, now=now):
            return
        undelivered.back_to_queue(session, ticket, message, now=now)
    elif before == DeliveryStatus.FAILED:
        message.error_code = None
        record(session, ticket, RECOVERED, actor=SYSTEM, at=now, data={"message": message.public_id})
        undelivered.count_again(session, ticket, message, actor=SYSTEM, reason=RECOVERED, now=now)


def _merge_part(
    session: Session, message: Message, part: Dispatch, status: DeliveryStatus, code: str | None
) -> DeliveryStatus:
    """Move one part forward. What follows a lost part is of no use to her: it waits for a person."""
    part.status = advance(part.status, status)
    if part.status == DeliveryStatus.FAILED:
        part.error_code = part.error_code or code
    session.flush()
    parts = dispatches.parts_of(session, message)
    settled = update(OutboxItem).where(
        OutboxItem.message_id == message.id, OutboxItem.status != DeliveryStatus.SENDING
    )
    session.execute(settled.values(status=dispatches.sending_of(parts)))
    return dispatches.delivery_of(parts)


def learn_from(session: Session, message: Message, outcome: SendOutcome, *, now: datetime) -> None:
    if message.handle_id is None or outcome not in (SendOutcome.OPTED_OUT, SendOutcome.BAD_ADDRESS):
        return
    handle = session.get_one(Handle, message.handle_id)
    handle.is_blocked = True
    if outcome == SendOutcome.OPTED_OUT:
        handle.opted_out_at = handle.opted_out_at or now


def _goes_on(session: Session, ticket: Ticket, message: Message, *, now: datetime) -> bool:
    """Whether a lost message is on another way; with a lost invitation go those that waited for its answer."""
    item = session.scalars(
        select(OutboxItem)
        .where(OutboxItem.message_id == message.id)
        .execution_options(populate_existing=True)
    ).first()
    if item is None:
        return False
    code = message.error_code or "failed"
    if item.template_id is not None:
        channel_ladder.invitation_lost(session, ticket, message, code=code, now=now)
        return False
    return channel_ladder.next_way(session, ticket, message, item, code=code, now=now)


def of_earlier_way(session: Session, digest: bytes, status: DeliveryStatus, *, now: datetime) -> None:
    """Keep what is reported of an attempt that another has followed. Its arrival is that of the message."""
    attempt = session.scalars(
        select(DeliveryAttempt).where(DeliveryAttempt.external_digest == digest)
    ).first()
    if attempt is None or attempt.error_code == WRONG_NUMBER:
        return
    message = session.get_one(Message, attempt.message_id)
    ticket = lock_ticket(session, message.ticket_id)
    session.refresh(message)
    attempt.status = advance(attempt.status, status)
    if attempt.status not in ARRIVED or message.delivery in ARRIVED:
        return
    before, message.delivery, message.error_code = message.delivery, attempt.status, None
    channel_ladder.stop(session, message)
    contact_tasks.needless(session, message, now=now)
    data = {"message": message.public_id, "by": attempt.channel}
    record(session, ticket, RECOVERED, actor=SYSTEM, at=now, data=data)
    if before == DeliveryStatus.FAILED:
        undelivered.count_again(session, ticket, message, actor=SYSTEM, reason=RECOVERED, now=now)
