"""Notices on their way to staff besides the application: claimed, sent at most once by itself, given up visibly."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import NoticeStatus, NoticeWay, SendOutcome
from helpdesk.domain.notice_text import NoticeFacts
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.people import NoticeDelivery, Notification, OrgUnit, User
from helpdesk.models.raised import all_raised, is_raised, raised_of
from helpdesk.models.sla import SlaClockEvent, SlaClockRow
from helpdesk.models.tickets import Ticket
from helpdesk.services.delivery import RETRY_AFTER, STUCK_AFTER, UNKNOWN_OUTCOME
from helpdesk.services.escalations import untold_user_ids
from helpdesk.sla.escalation import StepAction
from helpdesk.sla.quiet import shipped_notice_rules

WAITED_TOO_LONG = timedelta(days=2)
"""A notice that could not leave for so long tells nobody anything that the application does not."""


@dataclass(frozen=True, slots=True)
class ClaimedNotice:
    """A notice that this process alone may send now."""

    delivery_id: int
    via: NoticeWay
    address: str
    facts: NoticeFacts


def claim_next(session: Session, via: NoticeWay, *, now: datetime) -> ClaimedNotice | None:
    """Claim the notice that waits longest to go this way; None when nothing is due.

    A claim is compare-and-set: two senders never share one. What is not wanted any more when its time has come
    is skipped: it was read meanwhile, or its reader may not be told of the ticket any more. What comes to its turn
    in the quiet hours, because it was tried before or no sender was there, goes back until they end.
    """
    while (row := _claim(session, via, now=now)) is not None:
        claimed = _judged(session, row, now=now)
        if claimed is not None:
            return claimed
        session.flush()
    return None


def _judged(session: Session, row: NoticeDelivery, *, now: datetime) -> ClaimedNotice | None:
    first = session.get_one(Notification, row.notification_id)
    user, ticket = session.get_one(User, first.user_id), session.get_one(Ticket, first.ticket_id)
    notices = _told_by(session, row, first)
    why_not = _unwanted(session, notices, user, ticket, now=now)
    if why_not is not None:
        _end(row, NoticeStatus.SKIPPED, why_not)
        return None
    address = _address(row, user)
    if address is None:
        _end(row, NoticeStatus.FAILED, "no_address")
        return None
    zone = session.scalars(select(OrgUnit.zone).where(OrgUnit.id == user.unit_id)).one()
    goes_out_at = shipped_notice_rules().goes_out_at(now, zone=zone, severity=ticket.severity)
    if goes_out_at > now:
        _put_back(row, goes_out_at)
        return None
    return ClaimedNotice(row.id, NoticeWay(row.via), address, _facts(session, notices, ticket, zone=zone))


def record_sent(session: Session, delivery_id: int, *, now: datetime) -> None:
    """It was taken by the mail server or the provider."""
    row = _locked(session, delivery_id)
    row.sent_at = now
    _end(row, NoticeStatus.SENT, None)


def record_failure(
    session: Session,
    delivery_id: int,
    *,
    code: str,
    outcome: SendOutcome,
    retry_after: timedelta | None = None,
    now: datetime,
) -> NoticeStatus:
    """Plan the next try for what was certainly not sent; everything else ends here, and is seen by operations."""
    row = _locked(session, delivery_id)
    if outcome is SendOutcome.RETRY and row.attempts <= len(RETRY_AFTER):
        row.status, row.error_code = NoticeStatus.QUEUED, code
        row.next_attempt_at = now + max(RETRY_AFTER[row.attempts - 1], retry_after or timedelta())
        return NoticeStatus.QUEUED
    ended = NoticeStatus.UNKNOWN if outcome is SendOutcome.UNKNOWN else NoticeStatus.FAILED
    _end(row, ended, code)
    return ended


def fail_stuck(session: Session, *, now: datetime) -> int:
    """End sends whose process died in between: they may have gone out, so they are not repeated (ADR 0010)."""
    rows = session.scalars(
        select(NoticeDelivery)
        .where(NoticeDelivery.status == NoticeStatus.SENDING, NoticeDelivery.claimed_at <= now - STUCK_AFTER)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        _end(row, NoticeStatus.UNKNOWN, UNKNOWN_OUTCOME)
    return len(rows)


def _claim(session: Session, via: NoticeWay, *, now: datetime) -> NoticeDelivery | None:
    due = session.scalar(
        select(NoticeDelivery.id)
        .where(
            NoticeDelivery.next_attempt_at.is_not(None),
            or_(NoticeDelivery.next_attempt_at <= now, _waits_no_longer()),
            NoticeDelivery.status == NoticeStatus.QUEUED,
            NoticeDelivery.via == via,
        )
        .order_by(NoticeDelivery.next_attempt_at, NoticeDelivery.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if due is None:
        return None
    claimed = session.scalar(
        update(NoticeDelivery)
        .where(NoticeDelivery.id == due, NoticeDelivery.status == NoticeStatus.QUEUED)
        .values(
            status=NoticeStatus.SENDING,
            claimed_at=now,
            attempts=NoticeDelivery.attempts + 1,
            next_attempt_at=None,
        )
        .returning(NoticeDelivery.id)
    )
    return None if claimed is None else session.get_one(NoticeDelivery, claimed, populate_existing=True)


def _waits_no_longer() -> ColumnElement[bool]:
    """Whether its ticket has become so grave that the quiet hours, for which alone it waits, do not hold for it."""
    is_grave = exists().where(
        Notification.id == NoticeDelivery.notification_id,
        Ticket.id == Notification.ticket_id,
        Ticket.severity.in_(sorted(shipped_notice_rules().despite_quiet)),
    )
    return and_(NoticeDelivery.error_code.is_(None), is_grave)


def _told_by(session: Session, row: NoticeDelivery, first: Notification) -> Sequence[Notification]:
    """Return what one delivery tells of and is not read: its notice, and those after it that have none of their own."""
    same = (Notification.user_id == first.user_id, Notification.ticket_id == first.ticket_id)
    next_own = session.scalar(
        select(func.min(NoticeDelivery.notification_id))
        .join(Notification, Notification.id == NoticeDelivery.notification_id)
        .where(*same, NoticeDelivery.via == row.via, Notification.id > first.id)
    )
    found = select(Notification).where(
        *same,
        Notification.kind.in_(sorted(shipped_notice_rules().kinds)),
        Notification.id >= first.id,
        Notification.read_at.is_(None),
    )
    if next_own is not None:
        found = found.where(Notification.id < next_own)
    return session.scalars(found.order_by(Notification.id)).all()


def _unwanted(
    session: Session, notices: Sequence[Notification], user: User, ticket: Ticket, *, now: datetime
) -> str | None:
    if not notices:
        return "read"
    if user.disabled_at is not None:
        return "disabled"
    if user.id in untold_user_ids(session, ticket):
        return "barred"
    return "too_late" if notices[-1].created_at <= now - WAITED_TOO_LONG else None


def _address(row: NoticeDelivery, user: User) -> str | None:
    return user.email if row.via == NoticeWay.EMAIL else user.phone


def _facts(session: Session, notices: Sequence[Notification], ticket: Ticket, *, zone: str) -> NoticeFacts:
    """Return what is said of several notices about one ticket: the gravest, how many more, the soonest answer."""
    gravest = max(notices, key=lambda each: (each.level or "", each.kind == StepAction.ESCALATED, each.id))
    limits = [_answer_by(session, notice, ticket) for notice in notices]
    return NoticeFacts(
        number=ticket.number,
        severity=ticket.severity,
        kind=gravest.kind,
        level=gravest.level,
        due_at=ticket.next_due_at,
        answer_by=min((limit for limit in limits if limit is not None), default=None),
        zone=zone,
        more=len(notices) - 1,
    )


def _answer_by(session: Session, notice: Notification, ticket: Ticket) -> datetime | None:
    """Return until when the escalation behind the notice must be answered; None where it need not be (any more)."""
    if notice.clock_event_id is None:
        return None
    event = session.get_one(SlaClockEvent, notice.clock_event_id)
    clock = session.get_one(SlaClockRow, event.clock_id)
    if clock.met_at is not None or clock.superseded_at is not None or not is_raised(event):
        return None
    book = CalendarBook(session)
    unit = book.unit(ticket.unit_id)
    others = session.scalars(select(SlaClockEvent).where(SlaClockEvent.clock_id == clock.id)).all()
    raised = raised_of(event, severity=ticket.severity, book=book, unit=unit)
    every = all_raised(others, severity=ticket.severity, book=book, unit=unit)
    return raised.answer_by if raised.waits(every) else None


def _put_back(row: NoticeDelivery, until: datetime) -> None:
    """Let it wait, as if it had not been claimed. Without an error it waits for the quiet hours alone."""
    row.status, row.next_attempt_at, row.claimed_at = NoticeStatus.QUEUED, until, None
    row.attempts, row.error_code = row.attempts - 1, None


def _locked(session: Session, delivery_id: int) -> NoticeDelivery:
    return session.scalars(
        select(NoticeDelivery)
        .where(NoticeDelivery.id == delivery_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _end(row: NoticeDelivery, status: NoticeStatus, code: str | None) -> None:
    row.status, row.error_code, row.next_attempt_at = status, code, None
