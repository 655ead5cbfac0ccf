"""Tickets with their clocks, and what the tests of clocks look at."""

from datetime import UTC, datetime, timedelta

from factories import make_message, make_ticket
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.messages import Direction
from helpdesk.domain.severity import Severity
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import Ticket, TicketEvent
from helpdesk.queries.sla import ClockLine, clocks_of
from helpdesk.runtime import Runtime
from helpdesk.services import sla, sweeps, tickets
from helpdesk.sla.policy import Metric

ACK, FIRST, NEXT = Metric.ACKNOWLEDGEMENT, Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE
RESOLUTION, REGULATORY = Metric.RESOLUTION, Metric.REGULATORY


def wib(day: str, time: str = "10:00") -> datetime:
    """Instant that clocks in Jakarta show."""
    return datetime.fromisoformat(f"{day}T{time}+07:00").astimezone(UTC)


def started(session: Session, **changes: object) -> Ticket:
    """A ticket with its clocks, received when it says."""
    ticket = make_ticket(session, **changes)  # type: ignore[arg-type]
    sla.start_clocks(session, ticket, now=ticket.received_at)
    return ticket


def asks_again(session: Session, severity: Severity, **more: object) -> Ticket:
    """Answered after an hour; the contact has written again after two."""
    hour = timedelta(hours=1)
    ticket = started(session, severity=severity, **more)
    make_message(session, ticket)
    sla.person_replied(session, ticket, at=NOW + hour)
    make_message(session, ticket, direction=Direction.OUT, at=NOW + hour)
    make_message(session, ticket, at=NOW + 2 * hour)
    sla.contact_wrote(session, ticket, at=NOW + 2 * hour)
    return ticket


def rate(session: Session, ticket: Ticket, *ratings: Severity, now: datetime) -> None:
    """Rate it, once after the other."""
    for severity in ratings:
        ticket.severity = severity
        sla.refit(session, ticket, now=now)


def sort(session: Session, ticket: Ticket, code: str, *, now: datetime) -> None:
    """Sort it into a category."""
    tickets.set_category(session, ticket.id, code, actor="user:x", now=now)


def live(session: Session, ticket: Ticket, metric: Metric) -> SlaClockRow:
    return session.scalars(
        select(SlaClockRow).where(
            SlaClockRow.ticket_id == ticket.id,
            SlaClockRow.metric == metric,
            SlaClockRow.met_at.is_(None),
            SlaClockRow.superseded_at.is_(None),
        )
    ).one()


def newest(session: Session, ticket: Ticket, metric: Metric) -> SlaClockRow:
    return session.scalars(
        select(SlaClockRow)
        .where(SlaClockRow.ticket_id == ticket.id, SlaClockRow.metric == metric)
        .order_by(SlaClockRow.id.desc())
        .limit(1)
    ).one()


def line(session: Session, ticket: Ticket, metric: Metric, *, now: datetime) -> ClockLine:
    return [each for each in clocks_of(session, ticket.id, now=now) if each.metric is metric][-1]


def dues(session: Session, ticket: Ticket) -> dict[Metric, datetime | None]:
    rows = session.scalars(select(SlaClockRow).where(SlaClockRow.ticket_id == ticket.id))
    return {row.metric: row.due_at for row in rows}


def kinds(session: Session, ticket: Ticket) -> list[str]:
    return list(
        session.scalars(
            select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.serial)
        )
    )


def sweep(session: Session, ticket: Ticket, now: datetime) -> list[tuple[str, datetime]]:
    """What one pass did for this ticket: step and true instant, in the order it was done."""
    actions = sweeps.run_within(session, now=now)
    return [(action.step, action.at) for action in actions if action.number == ticket.number]


def rt_at(rt: Runtime, now: datetime) -> Runtime:
    """The runtime at another time."""
    rt.now = lambda: now
    return rt
