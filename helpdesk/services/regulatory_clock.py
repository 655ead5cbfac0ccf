"""The regulator's clock where the law moves it: ended for documents, begun when they are complete, prolonged."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from helpdesk.domain.lifecycle import ACTIVE_STATUSES
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import Ticket
from helpdesk.services.clocks import TicketClocks
from helpdesk.services.policies import policy_for
from helpdesk.services.succession import due_if_resumed, succeed
from helpdesk.services.trail import SYSTEM, record
from helpdesk.sla.policy import Metric


def end_for_documents(session: Session, ticket: Ticket, *, at: datetime) -> None:
    """Documents were asked for: the time of handling begins when they are complete (POJK 22/2023 Ps. 75(1))."""
    clocks = TicketClocks(session, ticket)
    for row in clocks.live(Metric.REGULATORY):
        clocks.supersede(row, at=at)
    clocks.save()


def begin_with_documents(session: Session, ticket: Ticket, *, at: datetime) -> None:
    """Start the time of handling; nothing happens where another law's clock runs."""
    clocks = TicketClocks(session, ticket)
    if not clocks.live(Metric.REGULATORY):
        clocks.start(policy_for(session, ticket), Metric.REGULATORY, at=at, now=at)
    clocks.save()


def go_on_without_documents(session: Session, ticket: Ticket, *, asked_at: datetime, now: datetime) -> None:
    """The request never reached her: the clock that it ended goes on as if it had not been made.

    Not that of another law, which may have come and gone since.
    """
    clocks = TicketClocks(session, ticket)
    ended = [row for row in clocks.rows if row.metric is Metric.REGULATORY and row.superseded_at == asked_at]
    if ended and not clocks.live(Metric.REGULATORY) and ticket.status in ACTIVE_STATUSES:
        _go_on(clocks, ended[-1], now=now)
        record(session, ticket, "sla_unmet", actor=SYSTEM, at=now, data={"metrics": Metric.REGULATORY})
    clocks.save()


def prolong(
    session: Session, ticket: Ticket, *, longer: timedelta, now: datetime
) -> tuple[datetime, datetime]:
    """Give the regulator's live clock more time; return when it was and is due. The caller has checked the law."""
    clocks = TicketClocks(session, ticket)
    row = clocks.live(Metric.REGULATORY)[0]
    due_before = row.due_at or now
    successor = _go_on(clocks, row, longer=longer, now=now)
    clocks.save()
    return due_before, successor.due_at or now


def due_if_prolonged(
    session: Session, ticket: Ticket, *, longer: timedelta, now: datetime
) -> tuple[datetime, datetime]:
    """Return what prolong() would; nothing is changed."""
    clocks = TicketClocks(session, ticket)
    row = clocks.live(Metric.REGULATORY)[0]
    due_after = due_if_resumed(clocks, row, now=now, as_if=clocks.on_same_terms(row, longer=longer))
    return row.due_at or now, due_after or now


def _go_on(
    clocks: TicketClocks, row: SlaClockRow, *, longer: timedelta = timedelta(), now: datetime
) -> SlaClockRow:
    """Let a clock go on under another row."""
    return succeed(clocks, row, clocks.on_same_terms(row, longer=longer), now=now)
