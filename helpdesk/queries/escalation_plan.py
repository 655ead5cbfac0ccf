"""Who will hear of a ticket next, if nothing stops its clocks before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from helpdesk.domain.severity import Severity
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.raised import circumstances_of
from helpdesk.models.tickets import Ticket
from helpdesk.queries.sla import ClockLine
from helpdesk.sla.calendar import BusinessCalendar
from helpdesk.sla.clock import SlaClock
from helpdesk.sla.escalation import (
    Level,
    Raised,
    StepAction,
    answer_by,
    shipped_answers,
    shipped_rules,
    steps_ahead,
)
from helpdesk.sla.policy import CalendarCode, Metric


@dataclass(frozen=True, slots=True)
class PlannedEscalation:
    """When which level will be told, if nothing stops the clock before."""

    at: datetime
    metric: Metric
    level: Level | None


def escalation_plan(
    session: Session,
    ticket_id: int,
    clocks: Iterable[tuple[ClockLine, SlaClock]],
    *,
    severity: Severity,
    now: datetime,
) -> tuple[PlannedEscalation, ...]:
    """Return the escalations to come of a ticket's clocks. The caller has checked that it may be seen."""
    ticket, book = session.get_one(Ticket, ticket_id), CalendarBook(session)
    circumstances = circumstances_of(session, ticket)
    office = book.calendar(CalendarCode.SERVICE, book.unit(ticket.unit_id))
    plan = [
        PlannedEscalation(step.at, line.metric, step.level)
        for line, clock in clocks
        for step in steps_ahead(
            clock,
            shipped_rules(),
            severity=severity,
            circumstances=circumstances,
            raised=_raised(line, severity, office),
            done=frozenset(line.done),
            now=now,
        )
        if step.action is StepAction.ESCALATED and step.at > now
    ]
    return tuple(sorted(plan, key=lambda each: (each.at, each.level or "")))


def _raised(line: ClockLine, severity: Severity, office: BusinessCalendar) -> list[Raised]:
    return [
        Raised(
            event.level,
            event.noticed_at,
            answer_by(event.noticed_at, shipped_answers(), severity=severity, office=office),
            event.acknowledged_at,
        )
        for event in line.events
        if event.action is StepAction.ESCALATED and event.level is not None
    ]
