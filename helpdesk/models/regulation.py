"""Turns rows into what the pure rules of the regulator's time limits take."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.domain.lifecycle import ACTIVE_STATUSES
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.contacts import Contact
from helpdesk.models.people import OrgUnit
from helpdesk.models.sla import SlaCalendar, SlaClockRow, SlaExtension, StatutoryPeriod
from helpdesk.models.tickets import Ticket
from helpdesk.sla.policy import CalendarCode, Metric
from helpdesk.sla.regulation import DAY, DOCUMENTS, DueDates, Rule, due_dates, rule, shipped_regulation
from helpdesk.sla.standing import DocumentPeriod, Standing

COMPLETE = "complete"
"""The outcome of a document period that starts the time of handling."""


def standing_of(session: Session, ticket: Ticket) -> Standing:
    """Return how the ticket stands before the regulator."""
    newest = session.execute(
        select(SlaClockRow, SlaCalendar.code)
        .join(SlaCalendar, SlaCalendar.id == SlaClockRow.calendar_id)
        .where(SlaClockRow.ticket_id == ticket.id, SlaClockRow.metric == Metric.REGULATORY)
        .order_by(SlaClockRow.id.desc())
        .limit(1)
    ).one_or_none()
    clock, calendar = newest if newest is not None else (None, None)
    is_live = clock is not None and clock.met_at is None and clock.superseded_at is None
    open_period = open_documents(session, ticket.id)
    return Standing(
        kind=ticket.kind,
        form=ticket.form,
        is_active=ticket.status in ACTIVE_STATUSES,
        is_day_based=calendar is not None and CalendarCode(calendar).is_day_based,
        due_at=clock.due_at if clock is not None and is_live else None,
        extensions=extension_codes(session, clock) if clock is not None and is_live else (),
        documents=DocumentPeriod(open_period.due_at, open_period.extended_at is not None)
        if open_period
        else None,
        were_documents_completed=clock is not None and began_with_documents(session, clock),
    )


def open_documents(session: Session, ticket_id: int) -> StatutoryPeriod | None:
    """Return the time in which the contact completes her documents, where it has not ended."""
    return session.scalars(
        select(StatutoryPeriod)
        .where(
            StatutoryPeriod.ticket_id == ticket_id,
            StatutoryPeriod.code == DOCUMENTS,
            StatutoryPeriod.ended_at.is_(None),
        )
        .order_by(StatutoryPeriod.id)
        .limit(1)
    ).one_or_none()


def documents_completed_at(session: Session, ticket_id: int) -> datetime | None:
    """Return when her documents were complete, the last time that they were asked for."""
    completed = select(func.max(StatutoryPeriod.ended_at)).where(
        StatutoryPeriod.ticket_id == ticket_id,
        StatutoryPeriod.code == DOCUMENTS,
        StatutoryPeriod.outcome == COMPLETE,
    )
    return session.scalar(completed)


def on_record(contact: Contact) -> frozenset[str]:
    """Return what is complete by itself, for we know her: nobody is asked for what the lender has (domain.md 1.4)."""
    if contact.mitra_digest is None:
        return frozenset()
    return frozenset(each.code for each in shipped_regulation().documents if each.is_on_record)


def extension_codes(session: Session, clock: SlaClockRow) -> tuple[str, ...]:
    """Return the rules under which a clock, or one that it went on from, was extended."""
    found = select(SlaExtension.code).where(
        SlaExtension.ticket_id == clock.ticket_id, SlaExtension.at >= clock.started_at
    )
    return tuple(session.scalars(found.order_by(SlaExtension.id)))


def lawfully_longer(session: Session, clock: SlaClockRow) -> timedelta:
    """Return by how much a clock was extended."""
    extensions = (rule(code).extension for code in extension_codes(session, clock))
    return sum((extension.days * DAY for extension in extensions if extension), timedelta())


def due_of(book: CalendarBook, unit: OrgUnit, *, limit: Rule, started_at: datetime, days: int) -> DueDates:
    """Return the two ends of a rule's time at a unit."""
    return due_dates(
        started_at,
        days,
        calendar=book.calendar(limit.calendar, unit),
        strict=book.calendar(CalendarCode.STRICT, unit),
    )


def began_with_documents(session: Session, clock: SlaClockRow) -> bool:
    """Whether the clock started when the documents were complete."""
    completed = select(StatutoryPeriod.id).where(
        StatutoryPeriod.ticket_id == clock.ticket_id,
        StatutoryPeriod.code == DOCUMENTS,
        StatutoryPeriod.outcome == COMPLETE,
        StatutoryPeriod.ended_at == clock.started_at,
    )
    return session.scalar(completed.limit(1)) is not None
