"""Starts, pauses, meets, replaces and enforces SLA clocks; with clocks.py the only writer of them and next_due_at."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.lifecycle import ACTIVE_STATUSES
from helpdesk.domain.messages import RESPONSES, Direction
from helpdesk.models.messages import Message
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import Ticket
from helpdesk.services.clocks import SweepAction, TicketClocks
from helpdesk.services.policies import policy_for
from helpdesk.services.trail import SYSTEM, lock_ticket, record
from helpdesk.sla.policy import Metric

__all__ = [
    "SweepAction",
    "breaches",
    "check_clock",
    "check_due",
    "contact_wrote",
    "due_clock_ids",
    "meet",
    "pause",
    "person_acted",
    "person_replied",
    "promised",
    "redo_reply",
    "reopened",
    "resolved",
    "resume",
    "severity_changed",
    "start_clocks",
    "undo_reply",
]

FROM_RECEIPT = (Metric.ACKNOWLEDGEMENT, Metric.FIRST_RESPONSE, Metric.RESOLUTION, Metric.REGULATORY)
"""Clocks that every ticket starts with, as far as its policy promises them."""

_ANSWERED = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)
_SETTLED = (Metric.RESOLUTION, Metric.REGULATORY)

_replied_at = func.coalesce(Message.sent_again_at, Message.at)
"""Message.counts_from, for queries."""
_is_standing_reply = and_(
    Message.direction == Direction.OUT,
    Message.purpose.in_(RESPONSES),
    or_(Message.delivery.is_(None), Message.delivery != DeliveryStatus.FAILED),
)


def start_clocks(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Start what the policy promises, from the receipt; on a paper form that may be days ago."""
    policy = policy_for(session, ticket)
    clocks = TicketClocks(session, ticket)
    for metric in FROM_RECEIPT:
        clocks.start(policy, metric, at=ticket.received_at, now=now)
    clocks.save()


def promised(session: Session, ticket: Ticket) -> dict[Metric, datetime]:
    """Return the due instants of the clocks that count now; a paused one promises none."""
    rows = session.execute(
        select(SlaClockRow.metric, SlaClockRow.due_at)
        .where(
            SlaClockRow.ticket_id == ticket.id,
            SlaClockRow.superseded_at.is_(None),
            SlaClockRow.due_at.is_not(None),
        )
        .order_by(SlaClockRow.id)
    )
    return {metric: due for metric, due in rows if due is not None}


def meet(session: Session, ticket: Ticket, metric: Metric, *, at: datetime) -> None:
    """The promise was kept at `at`. Nothing happens when no such clock is live."""
    _meet(TicketClocks(session, ticket), (metric,), at=at)


def person_acted(session: Session, ticket: Ticket, *, at: datetime) -> None:
    """A member of staff has taken the ticket up; automatic messages never count (domain.md 7.2)."""
    meet(session, ticket, Metric.ACKNOWLEDGEMENT, at=at)


def person_replied(session: Session, ticket: Ticket, *, at: datetime) -> None:
    """A member of staff has written to the contact."""
    _meet(TicketClocks(session, ticket), (Metric.ACKNOWLEDGEMENT, *_ANSWERED), at=at)


def contact_wrote(session: Session, ticket: Ticket, *, at: datetime) -> None:
    """The contact waits for the next answer, counted from the first of several unanswered messages."""
    clocks = TicketClocks(session, ticket)
    if ticket.status not in ACTIVE_STATUSES or clocks.live(*_ANSWERED):
        return
    clocks.start(policy_for(session, ticket), Metric.NEXT_RESPONSE, at=at, now=at)
    clocks.save()


def resolved(session: Session, ticket: Ticket, *, at: datetime) -> None:
    """The answer is given. Answers that were still owed besides it are owed no more."""
    clocks = TicketClocks(session, ticket)
    for row in clocks.live(*_ANSWERED):
        clocks.supersede(row, at=at)
    for row in clocks.live(Metric.ACKNOWLEDGEMENT, *_SETTLED):
        clocks.meet(row, at=at)
    clocks.save()


def reopened(session: Session, ticket: Ticket, *, at: datetime) -> None:
    """The answer did not end it: resolution and the regulator's clock start again, from now."""
    policy = policy_for(session, ticket)
    clocks = TicketClocks(session, ticket)
    started = [
        metric
        for metric in _SETTLED
        if not clocks.live(metric) and clocks.start(policy, metric, at=at, now=at) is not None
    ]
    is_waiting = ticket.last_inbound_at is not None and (
        ticket.last_human_at is None or ticket.last_inbound_at > ticket.last_human_at
    )
    if is_waiting and not clocks.live(*_ANSWERED):
        clocks.start(policy, Metric.NEXT_RESPONSE, at=at, now=at)
    if started:
        _note(session, ticket, "sla_restarted", started, at=at)
    clocks.save()


def breaches(session: Session, ticket: Ticket, *, at: datetime) -> list[tuple[Metric, datetime]]:
    """Return which promises were broken by `at` and when, noticed or not."""
    rows = session.scalars(select(SlaClockRow).where(SlaClockRow.ticket_id == ticket.id))
    found = ((row.metric, _broken_at(row, at)) for row in rows)
    return [(metric, broken_at) for metric, broken_at in found if broken_at is not None]


def pause(session: Session, ticket: Ticket, *, reason: str, actor: str, at: datetime) -> None:
    """Stop the clocks that may stand still; the regulator's never does. Nothing happens to paused ones."""
    clocks = TicketClocks(session, ticket)
    rows = [row for row in clocks.live() if row.is_pausable and clocks.open_pause(row) is None]
    for row in rows:
        clocks.begin_pause(row, reason=reason, actor=actor, at=at)
    if rows:
        _note(session, ticket, "sla_paused", [row.metric for row in rows], at=at, actor=actor, reason=reason)
    clocks.save()


def resume(session: Session, ticket: Ticket, *, at: datetime) -> None:
    """Let paused clocks run again."""
    clocks = TicketClocks(session, ticket)
    rows = [row for row in clocks.live() if clocks.end_pause(row, at=at)]
    for row in rows:
        clocks.refresh(row, now=at)
    if rows:
        _note(session, ticket, "sla_resumed", [row.metric for row in rows], at=at)
    clocks.save()


def void_pause(session: Session, ticket: Ticket, *, since: datetime, now: datetime) -> None:
    """She never got the question that the clocks have waited for since then: the time of the wait counts."""
    clocks = TicketClocks(session, ticket)
    metrics = [row.metric for row in clocks.live() if clocks.void_pause(row, since=since, now=now)]
    if metrics:
        _note(session, ticket, "sla_pause_voided", metrics, at=now)
    clocks.save()


def severity_changed(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Fit the clocks to the ticket after its severity, kind, form, category, unit or receipt changed.

    Each live clock is superseded by one of the policy that holds now, from the same start (never before the
    receipt) and with the same pauses. What the new policy promises besides starts, what it does not ends.
    """
    policy = policy_for(session, ticket)
    clocks = TicketClocks(session, ticket)
    changed = []
    for row in clocks.live():
        start = max(row.started_at, ticket.received_at)
        if (row.policy_id, row.zone, row.started_at) != (policy.id, clocks.zone, start):
            clocks.replace(row, policy, start=start, now=now)
            changed.append(row.metric)
        else:
            clocks.refresh(row, now=now)  # the ladder depends on the severity even where the promise does not
    if ticket.status in ACTIVE_STATUSES:
        for metric in FROM_RECEIPT:
            if not _is_covered(clocks, ticket, metric):
                clocks.start(policy, metric, at=ticket.received_at, now=now)
        asked_at = _unanswered_since(session, ticket)
        if asked_at is not None and not clocks.live(*_ANSWERED):
            clocks.start(policy, Metric.NEXT_RESPONSE, at=max(asked_at, ticket.received_at), now=now)
    if changed:
        _note(session, ticket, "sla_superseded", changed, at=now, policy=policy.policy.code)
    clocks.save()


def undo_reply(session: Session, ticket: Ticket, replied_at: datetime, *, now: datetime) -> None:
    """The reply of `replied_at` never arrived: what it met counts on, unless it was breached already.

    Another reply that did go out takes its place. Taking the ticket up (acknowledgement) stays met, and in a
    finished ticket nothing counts on: nobody would ever meet it.
    """
    clocks = TicketClocks(session, ticket)
    undone: list[Metric] = []
    kept: list[Metric] = []
    for row in [each for each in clocks.rows if each.met_at == replied_at]:
        if row.metric is not Metric.ACKNOWLEDGEMENT:
            is_undone = _undo(session, ticket, clocks, row, now=now)
            (undone if is_undone else kept).append(row.metric)
    if undone:
        data = {"kept": ", ".join(kept)} if kept else {}
        _note(session, ticket, "sla_unmet", undone, at=now, **data)
    clocks.save()


def redo_reply(
    session: Session, ticket: Ticket, replied_at: datetime, *, is_settled: bool, now: datetime
) -> None:
    """The reply of `replied_at` counts after all: what it meets was met at that instant; a breach stays.

    `is_settled`: it answers the ticket again, so that clocks which its failure started are owed no more.
    Otherwise a contact who has written since waits for the next answer.
    """
    clocks = TicketClocks(session, ticket)
    metrics = tuple(Metric) if is_settled else (Metric.ACKNOWLEDGEMENT, *_ANSWERED)
    for row in clocks.live(*metrics):
        if row.started_at <= replied_at:
            clocks.meet(row, at=replied_at)
        elif is_settled:
            clocks.supersede(row, at=now)
    clocks.save()
    asked_at = None if is_settled else _unanswered_since(session, ticket)
    if asked_at is not None:
        contact_wrote(session, ticket, at=asked_at)


def due_clock_ids(session: Session, *, now: datetime, limit: int | None = 200) -> list[int]:
    """Return the clocks that have a step to take, the longest overdue first."""
    return list(session.scalars(_due(now, limit)))


def check_clock(
    session: Session, clock_id: int, *, now: datetime, dry_run: bool = False
) -> list[SweepAction]:
    """Take the steps that one clock owes by `now`; a clock that has moved on meanwhile owes none."""
    ticket_id = session.scalars(select(SlaClockRow.ticket_id).where(SlaClockRow.id == clock_id)).one()
    ticket = session.get_one(Ticket, ticket_id) if dry_run else lock_ticket(session, ticket_id)
    clocks = TicketClocks(session, ticket)
    row = next(each for each in clocks.rows if each.id == clock_id)
    steps = clocks.due_steps(row, now=now)
    if dry_run:
        return [clocks.action(row, step) for step in steps]
    actions = [clocks.carry_out(row, step, now=now) for step in steps]
    clocks.refresh(row, now=now)
    clocks.save()
    return actions


def check_due(
    session: Session, *, now: datetime, limit: int | None = 200, dry_run: bool = False
) -> list[SweepAction]:
    """Take all steps that are due by `now` in one transaction; return them in the order of their instants.

    A ticket that another worker is at is left to it. Each clock in a transaction of its own, so that a broken
    one stops no other, is the work of the caller: due_clock_ids() and check_clock().
    """
    due = _due(now, limit)
    if not dry_run:
        due = due.with_for_update(of=Ticket, key_share=True, skip_locked=True)
    actions = [
        action
        for clock_id in session.scalars(due).all()
        for action in check_clock(session, clock_id, now=now, dry_run=dry_run)
    ]
    return sorted(actions, key=lambda action: action.at)


def _due(now: datetime, limit: int | None) -> Select[int]:
    return (
        select(SlaClockRow.id)
        .join(Ticket, Ticket.id == SlaClockRow.ticket_id)
        .where(SlaClockRow.next_step_at <= now)
        .order_by(SlaClockRow.next_step_at, SlaClockRow.id)
        .limit(limit)
    )


def _broken_at(row: SlaClockRow, at: datetime) -> datetime | None:
    """Return when a promise was broken; one that is kept at `at` itself is not."""
    stopped_at = min(filter(None, (row.met_at, row.superseded_at, at)))
    is_late = row.due_at is not None and row.due_at < stopped_at
    return row.breached_at or (row.due_at if is_late else None)


def _meet(clocks: TicketClocks, metrics: Iterable[Metric], *, at: datetime) -> None:
    rows = clocks.live(*metrics)
    for row in rows:
        clocks.meet(row, at=at)
    if rows:
        clocks.save()


def _is_covered(clocks: TicketClocks, ticket: Ticket, metric: Metric) -> bool:
    """Whether a metric needs no (other) clock from the receipt. One that was met before it does not count."""
    rows = [row for row in clocks.rows if row.metric is metric]
    if any(
        row.superseded_at is None and (row.met_at or ticket.received_at) >= ticket.received_at for row in rows
    ):
        return True
    was_answered = ticket.resolved_at is not None or ticket.reopened_count > 0
    return bool(rows) and was_answered and metric is Metric.FIRST_RESPONSE


def _undo(session: Session, ticket: Ticket, clocks: TicketClocks, row: SlaClockRow, *, now: datetime) -> bool:
    """Let another reply meet the clock, or the clock count on; False where it stays as it is."""
    if row.breached_at is not None:
        return False
    other = _other_reply_at(session, row) if row.metric in _ANSWERED else None
    if other is not None:
        clocks.meet(row, at=other)
        return True
    if ticket.status not in ACTIVE_STATUSES or not _make_room(clocks, row, now=now):
        return False
    clocks.unmeet(row, now=now)
    return True


def _make_room(clocks: TicketClocks, row: SlaClockRow, *, now: datetime) -> bool:
    """A later wait for an answer gives way to the earlier; of other metrics the latest clock alone counts."""
    if row.metric is not Metric.NEXT_RESPONSE:
        return [each for each in clocks.rows if each.metric is row.metric][-1] is row
    for rival in clocks.live(row.metric):
        clocks.supersede(rival, at=now)
    return True


def _other_reply_at(session: Session, row: SlaClockRow) -> datetime | None:
    """Return when the contact was first answered by a reply that has not failed, since the clock started."""
    return session.scalar(
        select(func.min(_replied_at)).where(
            Message.ticket_id == row.ticket_id, _is_standing_reply, _replied_at >= row.started_at
        )
    )


def _unanswered_since(session: Session, ticket: Ticket) -> datetime | None:
    """Return when the contact wrote first after the last reply that has not failed; None where she did not."""
    last = select(func.max(_replied_at)).where(Message.ticket_id == ticket.id, _is_standing_reply)
    return session.scalar(
        select(func.min(Message.at)).where(
            Message.ticket_id == ticket.id,
            Message.direction == Direction.IN,
            Message.at > last.scalar_subquery(),
        )
    )


def _note(
    session: Session,
    ticket: Ticket,
    kind: str,
    metrics: Iterable[Metric],
    *,
    at: datetime,
    actor: str = SYSTEM,
    **data: str,
) -> None:
    record(session, ticket, kind, actor=actor, at=at, data={"metrics": ", ".join(metrics), **data})
