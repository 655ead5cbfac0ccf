"""What the failure of a reply does to the clocks that it met, and what its late arrival does."""

from datetime import datetime

from sqlalchemy.orm import Session

from helpdesk.domain.lifecycle import ACTIVE_STATUSES
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import Ticket
from helpdesk.services.clocks import TicketClocks
from helpdesk.services.policies import policy_for
from helpdesk.services.sla import ANSWERED, contact_wrote, note_clocks, refit
from helpdesk.services.standing_replies import answered_at, unanswered_since
from helpdesk.sla.policy import Metric


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
        note_clocks(session, ticket, "sla_unmet", undone, at=now, **data)
    clocks.save()


def redo_reply(
    session: Session, ticket: Ticket, replied_at: datetime, *, is_settled: bool, now: datetime
) -> None:
    """The reply of `replied_at` counts after all: what it meets was met at that instant; a breach stays.

    `is_settled`: it answers the ticket again, so that clocks which its failure started are owed no more.
    Otherwise a contact who has written since waits for the next answer.
    """
    clocks = TicketClocks(session, ticket)
    metrics = tuple(Metric) if is_settled else (Metric.ACKNOWLEDGEMENT, *ANSWERED)
    for row in clocks.live(*metrics):
        if row.started_at <= replied_at:
            clocks.meet(row, at=replied_at)
        elif is_settled:
            clocks.supersede(row, at=now)
    clocks.save()
    asked_at = None if is_settled else unanswered_since(session, ticket.id)
    if asked_at is not None:
        contact_wrote(session, ticket, at=asked_at)


def unasked(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Words of hers left the ticket: where none of what is left waits for a reply, none is owed."""
    if unanswered_since(session, ticket.id) is not None:
        return
    clocks = TicketClocks(session, ticket)
    for row in clocks.live(Metric.NEXT_RESPONSE):
        clocks.supersede(row, at=now)
    clocks.save()


def unended(session: Session, ticket: Ticket, ended_at: datetime | None, *, now: datetime) -> None:
    """The ticket that ended at `ended_at` had not ended: what it met then counts on as if it had never stopped."""
    clocks = TicketClocks(session, ticket)
    for row in clocks.rows:
        if row.met_at is not None and row.met_at == ended_at and row.breached_at is None:
            clocks.unmeet(row, now=now)
    clocks.save()
    refit(session, ticket, now=now)


def _undo(session: Session, ticket: Ticket, clocks: TicketClocks, row: SlaClockRow, *, now: datetime) -> bool:
    """Let another reply meet the clock, or the clock count on; False where it does not."""
    if row.breached_at is not None:
        return False
    other = answered_at(session, ticket.id, since=row.started_at) if row.metric in ANSWERED else None
    if other is not None:
        clocks.meet(row, at=other)
        return True
    if ticket.status not in ACTIVE_STATUSES or not _make_room(clocks, row, now=now):
        return False
    if policy_for(session, ticket).target(row.metric) is None:  # it comes back when it is promised again
        ended_at, row.met_at = row.met_at, None
        clocks.supersede(row, at=ended_at or now)
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
