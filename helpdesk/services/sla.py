"""Starts, pauses, meets and replaces SLA clocks, as what happens to a ticket asks for it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.lifecycle import ACTIVE_STATUSES, PAUSING_STATUSES
from helpdesk.models.merges import resting_clocks
from helpdesk.models.regulation import began_with_documents, documents_completed_at, open_documents
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import Ticket
from helpdesk.services.clocks import TicketClocks
from helpdesk.services.policies import PolicyInForce, policy_for, versions_of
from helpdesk.services.standing_replies import answered_at, is_waiting, unanswered_since
from helpdesk.services.succession import replace, succeed, take_over
from helpdesk.services.trail import SYSTEM, record
from helpdesk.sla.policy import Metric

__all__ = [
    "breaches",
    "contact_wrote",
    "dropped",
    "ladder_changed",
    "meet",
    "pause",
    "person_acted",
    "person_replied",
    "promised",
    "refit",
    "reopened",
    "resolved",
    "resume",
    "start_clocks",
]

FROM_RECEIPT = (Metric.ACKNOWLEDGEMENT, Metric.FIRST_RESPONSE, Metric.RESOLUTION, Metric.REGULATORY)
"""Clocks that every ticket starts with, as far as its policy promises them."""

WAITING = "waiting_for_contact"
"""Why clocks of a pending ticket stand still."""

ANSWERED = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)
_SETTLED = (Metric.RESOLUTION, Metric.REGULATORY)


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
    _meet(TicketClocks(session, ticket), (Metric.ACKNOWLEDGEMENT, *ANSWERED), at=at)


def contact_wrote(session: Session, ticket: Ticket, *, at: datetime) -> None:
    """The contact waits for the next answer, counted from the first of several unanswered messages."""
    clocks = TicketClocks(session, ticket)
    if ticket.status not in ACTIVE_STATUSES or clocks.live(*ANSWERED):
        return
    clocks.start(policy_for(session, ticket), Metric.NEXT_RESPONSE, at=at, now=at)
    clocks.save()


def resolved(session: Session, ticket: Ticket, *, at: datetime) -> None:
    """The answer is given. Answers that were still owed besides it are owed no more."""
    clocks = TicketClocks(session, ticket)
    for row in clocks.live(*ANSWERED):
        clocks.supersede(row, at=at)
    for row in clocks.live(Metric.ACKNOWLEDGEMENT, *_SETTLED):
        clocks.meet(row, at=at)
    clocks.save()


def dropped(session: Session, ticket: Ticket, *, at: datetime) -> None:
    """Nothing is owed any more, and nothing of it was kept: it was no complaint. A breach on record stays."""
    clocks = TicketClocks(session, ticket)
    for row in clocks.live():
        clocks.supersede(row, at=at)
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
    if (
        is_waiting(session, ticket)
        and not clocks.live(*ANSWERED)
        and clocks.start(policy, Metric.NEXT_RESPONSE, at=at, now=at) is not None
    ):
        started.append(Metric.NEXT_RESPONSE)
    if started:
        note_clocks(session, ticket, "sla_restarted", started, at=at)
    clocks.save()


def breaches(session: Session, ticket: Ticket, *, at: datetime) -> list[tuple[Metric, datetime]]:
    """Return which promises were broken by `at` and when, noticed or not."""
    clocks = TicketClocks(session, ticket)
    found = ((row.metric, clocks.broken_at(row, at=at)) for row in clocks.rows)
    return [(metric, broken_at) for metric, broken_at in found if broken_at is not None]


def pause(session: Session, ticket: Ticket, *, reason: str, actor: str, at: datetime) -> None:
    """Stop the clocks that may stand still; the regulator's never does.

    Nothing happens to paused ones, nor to those whose pauses have used up their cap.
    """
    clocks = TicketClocks(session, ticket)
    rows = [
        row
        for row in clocks.live()
        if row.is_pausable
        and clocks.open_pause(row) is None
        and clocks.begin_pause(row, reason=reason, actor=actor, at=at)
    ]
    if rows:
        note_clocks(
            session, ticket, "sla_paused", [row.metric for row in rows], at=at, actor=actor, reason=reason
        )
    clocks.save()


def resume(session: Session, ticket: Ticket, *, at: datetime) -> None:
    """Let paused clocks run again."""
    clocks = TicketClocks(session, ticket)
    rows = [row for row in clocks.live() if clocks.end_pause(row, at=at)]
    for row in rows:
        clocks.refresh(row, now=at)
    if rows:
        note_clocks(session, ticket, "sla_resumed", [row.metric for row in rows], at=at)
    clocks.save()


def void_pause(session: Session, ticket: Ticket, *, since: datetime, now: datetime) -> None:
    """She never got the question that the clocks have waited for since then: the time of the wait counts."""
    clocks = TicketClocks(session, ticket)
    metrics = [row.metric for row in clocks.live() if clocks.void_pause(row, since=since, now=now)]
    if metrics:
        note_clocks(session, ticket, "sla_pause_voided", metrics, at=now)
    clocks.save()


def refit(
    session: Session, ticket: Ticket, *, starts: Mapping[Metric, datetime] | None = None, now: datetime
) -> None:
    """Fit the clocks to the ticket after its severity, kind, form, category, unit or receipt changed.

    Each live clock is superseded by one of the policy that holds now, from the same start (never before the
    receipt) and with the same pauses. What the new policy does not promise ends. What it promises besides starts;
    where it was promised before, from the same start, that clock goes on with what it used and what was told.
    A newer version of the policy that the clock was given moves nothing (ADR 0016). `starts`: a clock of such a metric
    counts from then.
    """
    policy = policy_for(session, ticket)
    its_versions = versions_of(session, policy)
    clocks = TicketClocks(session, ticket)
    changed: list[Metric] = []
    for row in clocks.live():
        start = _start_again(session, ticket, clocks, row, policy)
        start = (starts or {}).get(row.metric, start)
        if row.metric is Metric.REGULATORY and _waits_for_documents(session, ticket, policy):
            clocks.supersede(row, at=now)
            changed.append(row.metric)
        elif row.policy_id not in its_versions or (row.zone, row.started_at) != (clocks.zone, start):
            replace(clocks, row, policy, start=start, now=now)
            changed.append(row.metric)
        else:  # the ladder depends on the severity even where the promise does not
            take_over(clocks, row, now=now)
            clocks.refresh(row, now=now)
    returned: list[SlaClockRow] = []
    if ticket.status in ACTIVE_STATUSES:
        began = _round_began(clocks, ticket)
        for metric in FROM_RECEIPT:
            is_awaited = metric is Metric.REGULATORY and _waits_for_documents(session, ticket, policy)
            if not is_awaited and not _is_covered(clocks, ticket, metric):
                at = _earliest(session, ticket, policy, metric)
                at = max(at, began) if metric is Metric.REGULATORY else at
                returned += _start_or_return(clocks, policy, metric, at=at, now=now)
        _keep_answered(session, ticket, clocks)
        asked_at = unanswered_since(session, ticket.id)
        if asked_at is not None and not clocks.live(*ANSWERED):
            at = max(asked_at, began)
            returned += _start_or_return(clocks, policy, Metric.NEXT_RESPONSE, at=at, now=now)
    if ticket.status in PAUSING_STATUSES:
        _wait_too(clocks, returned, now=now)
    if changed:
        note_clocks(session, ticket, "sla_superseded", changed, at=now, policy=policy.policy.code)
    _keep_soonest(session, ticket, clocks, now=now)
    clocks.save()


def ladder_changed(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Another rule of the ladder may hold for the ticket than before, though no promise does."""
    clocks = TicketClocks(session, ticket)
    for row in clocks.live():
        clocks.refresh(row, now=now)
    clocks.save()


def _meet(clocks: TicketClocks, metrics: Iterable[Metric], *, at: datetime) -> None:
    rows = clocks.live(*metrics)
    for row in rows:
        clocks.meet(row, at=at)
    if rows:
        clocks.save()


def _keep_answered(session: Session, ticket: Ticket, clocks: TicketClocks) -> None:
    """What a person answered while no first answer was promised is answered: that promise came back kept."""
    for row in clocks.live(Metric.FIRST_RESPONSE):
        answer = answered_at(session, ticket.id, since=row.started_at)
        if answer is not None:
            clocks.meet(row, at=answer)


def _keep_soonest(session: Session, ticket: Ticket, clocks: TicketClocks, *, now: datetime) -> None:
    """Let nothing be due later than a ticket that was merged into this one promised: its terms hold where it would."""
    for other in resting_clocks(session, ticket.id):
        for row in clocks.live(other.metric) if other.metric in FROM_RECEIPT else ():
            if row.due_at is not None and other.due_at is not None and other.due_at < row.due_at:
                succeed(clocks, row, clocks.on_same_terms(other), now=now)


def _start_or_return(
    clocks: TicketClocks, policy: PolicyInForce, metric: Metric, *, at: datetime, now: datetime
) -> list[SlaClockRow]:
    """Start a clock, or let the one go on that a policy without this promise ended; return that."""
    same = [row for row in clocks.rows if row.metric is metric and row.started_at == at]
    if metric is Metric.NEXT_RESPONSE and any(row.superseded_at is None for row in same):
        return []  # it was met by a reply that never arrived, too late: a breach is not undone (ADR 0006)
    ended = [row for row in same if row.superseded_at is not None]
    if not ended or policy.target(metric) is None:  # one that ended keeps when it did
        clocks.start(policy, metric, at=at, now=now)
        return []
    row = replace(clocks, ended[-1], policy, start=at, now=now)
    return [] if row is None else [row]


def _wait_too(clocks: TicketClocks, returned: Sequence[SlaClockRow], *, now: datetime) -> None:
    """Clocks that came while we wait for the contact stand still like those that were there before.

    Those that have `returned` stood still until they ended: they go on doing so from there.
    """
    clocks.session.flush()  # a pause needs the id of the clock that has just begun
    rows = clocks.live()
    lasting = [pause for pause in map(clocks.open_pause, rows) if pause is not None]
    since = min((pause.started_at for pause in lasting), default=now)
    for row in rows:
        if row.is_pausable and (row in returned or not clocks.pauses(row)):
            until = (pause.ended_at for pause in clocks.pauses(row) if pause.ended_at is not None)
            at = max(since, row.started_at, *until)
            clocks.begin_pause(row, reason=WAITING, actor=lasting[0].actor if lasting else SYSTEM, at=at)


def _start_again(
    session: Session, ticket: Ticket, clocks: TicketClocks, row: SlaClockRow, policy: PolicyInForce
) -> datetime:
    """Return from when a clock counts under another policy: as before, but never from before the receipt.

    Hours of another law do not wait for documents: where the days of this one did, they go back to what was first.
    """
    start = max(row.started_at, _earliest(session, ticket, policy, row.metric))
    target = policy.target(row.metric)
    if row.metric is not Metric.REGULATORY or target is None or target.calendar.is_day_based:
        return start
    if not began_with_documents(session, row):
        return start
    before = [
        each.started_at
        for each in clocks.rows
        if each.metric is row.metric and each.started_at < row.started_at
    ]
    return max(before[-1] if before else ticket.received_at, ticket.received_at)


def _earliest(session: Session, ticket: Ticket, policy: PolicyInForce, metric: Metric) -> datetime:
    """Return from when a promise counts: the receipt, or where the days of the law waited for documents, these."""
    target = policy.target(metric)
    if metric is Metric.REGULATORY and target is not None and target.calendar.is_day_based:
        completed_at = documents_completed_at(session, ticket.id)
        return max(ticket.received_at, completed_at or ticket.received_at)
    return ticket.received_at


def _waits_for_documents(session: Session, ticket: Ticket, policy: PolicyInForce) -> bool:
    """Whether the time of handling has not begun (POJK 22/2023 Ps. 75(1)); hours of another law do not wait."""
    target = policy.target(Metric.REGULATORY)
    is_of_days = target is not None and target.calendar.is_day_based
    return is_of_days and open_documents(session, ticket.id) is not None


def _round_began(clocks: TicketClocks, ticket: Ticket) -> datetime:
    """Return from when a ticket owes its outcome: the receipt, or since it was opened again, that."""
    return max([ticket.received_at, *(row.started_at for row in clocks.live(Metric.RESOLUTION))])


def _is_covered(clocks: TicketClocks, ticket: Ticket, metric: Metric) -> bool:
    """Whether a metric needs no (other) clock from the receipt. One that was met before it does not count.

    What the regulator was owed before the ticket was opened again does not cover what he is owed since.
    """
    rows = [row for row in clocks.rows if row.metric is metric]
    since = _round_began(clocks, ticket) if metric is Metric.REGULATORY else ticket.received_at
    if any(row.superseded_at is None and (row.met_at or since) >= since for row in rows):
        return True
    was_answered = ticket.resolved_at is not None or ticket.reopened_count > 0
    return bool(rows) and was_answered and metric is Metric.FIRST_RESPONSE


def note_clocks(
    session: Session,
    ticket: Ticket,
    kind: str,
    metrics: Iterable[Metric],
    *,
    at: datetime,
    actor: str = SYSTEM,
    **data: str,
) -> None:
    """Record what happened to the clocks of these metrics."""
    record(session, ticket, kind, actor=actor, at=at, data={"metrics": ", ".join(metrics), **data})
