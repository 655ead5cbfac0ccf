"""What was escalated on a ticket's clocks and whether somebody answered, as the pure ladder takes it."""

from collections.abc import Iterable

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from helpdesk.domain.severity import Severity
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.complaints import Resolution
from helpdesk.models.people import OrgUnit
from helpdesk.models.sla import SlaClockEvent
from helpdesk.models.tickets import Ticket
from helpdesk.sla.escalation import Circumstance, Level, Raised, StepAction, answer_by, shipped_answers
from helpdesk.sla.policy import CalendarCode


def is_raised(event: SlaClockEvent) -> bool:
    """Whether the event told a level of the ladder, which must answer."""
    return event.action is StepAction.ESCALATED and event.level is not None


def raised_of(event: SlaClockEvent, *, severity: Severity, book: CalendarBook, unit: OrgUnit) -> Raised:
    """Return an escalation with the time that its people have: service hours of the unit, as they stood when told."""
    office = book.calendar(CalendarCode.SERVICE, unit, as_of=event.noticed_at)
    return Raised(
        level=Level(event.level or ""),
        told_at=event.noticed_at,
        answer_by=answer_by(event.noticed_at, shipped_answers(), severity=severity, office=office),
        acknowledged_at=event.acknowledged_at,
    )


def all_raised(
    events: Iterable[SlaClockEvent], *, severity: Severity, book: CalendarBook, unit: OrgUnit
) -> tuple[Raised, ...]:
    """Return the escalations among the events of a clock."""
    return tuple(
        raised_of(event, severity=severity, book=book, unit=unit) for event in events if is_raised(event)
    )


def circumstances_of(session: Session, ticket: Ticket) -> frozenset[Circumstance]:
    """Return what the ladder asks of a ticket besides its severity."""
    found = {Circumstance.ABOUT_STAFF} if ticket.is_about_staff else set()
    if ticket.reopened_count and session.scalar(
        select(exists().where(Resolution.ticket_id == ticket.id, Resolution.rejected_at.is_not(None)))
    ):
        found.add(Circumstance.OBJECTION)
    return frozenset(found)
