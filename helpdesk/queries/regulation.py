"""A ticket before the regulator: form, both due dates, extensions, documents, periods, and what may be done now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.domain.complaints import Disposition
from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.messages import ChannelCode, Purpose
from helpdesk.domain.wording import Language
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.complaints import Resolution
from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Message
from helpdesk.models.regulation import due_of, on_record, standing_of
from helpdesk.models.sla import SlaClockRow, SlaExtension, StatutoryPeriod
from helpdesk.models.tickets import Ticket, TicketEvent
from helpdesk.sla.policy import Form, Metric
from helpdesk.sla.regulation import (
    DOCUMENTS,
    Bound,
    DueDates,
    Ground,
    Rule,
    rule,
    rule_of_form,
    shipped_regulation,
    words_of_documents,
)
from helpdesk.sla.standing import Refusal, Step, why_not

_NO_ANSWER = frozenset({Disposition.WITHDRAWN, Disposition.DUPLICATE})


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A statutory period; `is_open` until it ended, also after its time was up."""

    id: int
    code: str
    name_id: str
    name_en: str
    article: str
    bound: Bound
    started_at: datetime
    due_at: datetime
    strict_due_at: datetime
    subject_id: str
    subject_en: str
    extended_at: datetime | None
    extension_ground: str | None
    ended_at: datetime | None
    outcome: str | None
    expired_at: datetime | None
    outcomes: tuple[str, ...]
    is_extendable: bool
    is_told_by_sms: bool
    """Whether the contact heard of its extension by SMS, which has no room for the ground."""

    @property
    def is_open(self) -> bool:
        """Whether it still runs or waits for a person."""
        return self.ended_at is None

    @property
    def is_by_hand(self) -> bool:
        """Whether a person ends it; documents have their own steps."""
        return self.code != DOCUMENTS


@dataclass(frozen=True, slots=True)
class ExtensionRow:
    """A lawful extension and what became of its notice."""

    id: int
    code: str
    article: str
    ground: Ground | None
    reason: str
    party: str | None
    at: datetime
    due_before: datetime
    due_after: datetime
    notice: DeliveryStatus | None
    """None where it has to be printed."""
    is_told_by_sms: bool
    """Then the notice names no ground: that stands in the letter alone."""


@dataclass(frozen=True, slots=True)
class ChecklistRow:
    """A document that a written complaint needs."""

    code: str
    name_id: str
    name_en: str
    is_on_record: bool
    is_asked: bool


@dataclass(frozen=True, slots=True)
class RegulationView:
    """Everything of one ticket that the law's time limits concern."""

    form: Form
    is_form_overridden: bool
    form_reason: str | None
    was_converted: bool
    due_before_change: datetime | None
    """When it was due before a person changed the form, where that was another day."""
    limit: Rule
    """C1 or C3, by the form."""
    received_at: datetime
    started_at: datetime | None
    """Of the live regulatory clock."""
    due_at: datetime | None
    strict_due_at: datetime | None
    is_day_based: bool
    extensions: tuple[ExtensionRow, ...]
    periods: tuple[PeriodRow, ...]
    checklist: tuple[ChecklistRow, ...]
    refusals: Mapping[Step, Refusal]
    """Why a step may not be taken now; the others may."""
    facilitation: DueDates | None
    """Until when she may go to the regulator (C8); None before an answer."""

    def may(self, step: str) -> bool:
        """Tell whether a step may be taken now."""
        return Step(step) not in self.refusals

    @property
    def documents(self) -> PeriodRow | None:
        """The time in which she completes her documents, while it is open."""
        return next((each for each in self.periods if each.code == DOCUMENTS and each.is_open), None)


def regulation_of(session: Session, ticket_id: int, *, now: datetime) -> RegulationView:
    """Return how the ticket stands before the regulator. The caller has checked that the viewer may see it."""
    ticket = session.get_one(Ticket, ticket_id)
    standing = standing_of(session, ticket)
    live = session.scalars(
        select(SlaClockRow).where(
            SlaClockRow.ticket_id == ticket_id,
            SlaClockRow.metric == Metric.REGULATORY,
            SlaClockRow.met_at.is_(None),
            SlaClockRow.superseded_at.is_(None),
        )
    ).one_or_none()
    periods = _periods(session, ticket_id)
    change = _form_change(session, ticket) if ticket.is_form_overridden else _FormChange()
    due_at = live.due_at if live else None
    is_other_day = standing.is_day_based and change.due_before != due_at
    refusals = {step: refusal for step in Step if (refusal := why_not(step, standing, now=now)) is not None}
    return RegulationView(
        form=ticket.form,
        is_form_overridden=ticket.is_form_overridden,
        form_reason=change.reason,
        was_converted=change.was_converted,
        due_before_change=change.due_before if is_other_day else None,
        limit=rule_of_form(ticket.form),
        received_at=ticket.received_at,
        started_at=live.started_at if live else None,
        due_at=due_at,
        strict_due_at=live.strict_due_at if live else None,
        is_day_based=standing.is_day_based,
        extensions=_extensions(session, ticket_id),
        periods=periods,
        checklist=_checklist(session, ticket, periods),
        refusals=MappingProxyType(refusals),
        facilitation=_facilitation(session, ticket),
    )


def _periods(session: Session, ticket_id: int) -> tuple[PeriodRow, ...]:
    found = session.scalars(
        select(StatutoryPeriod).where(StatutoryPeriod.ticket_id == ticket_id).order_by(StatutoryPeriod.id)
    ).all()
    extended = [row.extended_at for row in found if row.code == DOCUMENTS and row.extended_at is not None]
    by_sms = _told_by_sms(session, ticket_id, extended) if extended else frozenset()
    return tuple(_period(row, by_sms) for row in found)


def _told_by_sms(session: Session, ticket_id: int, instants: Sequence[datetime]) -> frozenset[datetime]:
    """Return at which of the instants an SMS gave notice: it is written together with the extension."""
    notices = select(Message.at).where(
        Message.ticket_id == ticket_id,
        Message.purpose == Purpose.NOTICE,
        Message.channel == ChannelCode.SMS,
        Message.at.in_(instants),
    )
    return frozenset(session.scalars(notices))


def _period(row: StatutoryPeriod, by_sms: frozenset[datetime]) -> PeriodRow:
    limit = rule(row.code)
    is_documents = row.code == DOCUMENTS
    return PeriodRow(
        id=row.id,
        code=row.code,
        name_id=limit.name_id,
        name_en=limit.name_en,
        article=limit.article,
        bound=limit.bound,
        started_at=row.started_at,
        due_at=row.due_at,
        strict_due_at=row.strict_due_at,
        subject_id=words_of_documents(row.subject, Language.ID) if is_documents else row.subject,
        subject_en=words_of_documents(row.subject, Language.EN) if is_documents else row.subject,
        extended_at=row.extended_at,
        extension_ground=row.extension_ground,
        ended_at=row.ended_at,
        outcome=row.outcome,
        expired_at=row.expired_at,
        outcomes=limit.outcomes,
        is_extendable=limit.extension is not None and row.extended_at is None and row.code == "C6",
        is_told_by_sms=is_documents and row.extended_at in by_sms,
    )


def _extensions(session: Session, ticket_id: int) -> tuple[ExtensionRow, ...]:
    found = session.execute(
        select(SlaExtension, Message.delivery, Message.channel)
        .outerjoin(Message, Message.id == SlaExtension.message_id)
        .where(SlaExtension.ticket_id == ticket_id)
        .order_by(SlaExtension.id)
    )
    rows = []
    for row, delivery, channel in found:
        extension = rule(row.code).extension
        grounds = extension.grounds if extension else ()
        rows.append(
            ExtensionRow(
                id=row.id,
                code=row.code,
                article=extension.article if extension else "",
                ground=next((each for each in grounds if each.code == row.ground), None),
                reason=row.reason,
                party=row.party,
                at=row.at,
                due_before=row.due_before,
                due_after=row.due_after,
                notice=delivery,
                is_told_by_sms=channel is ChannelCode.SMS,
            )
        )
    return tuple(rows)


def _checklist(session: Session, ticket: Ticket, periods: Sequence[PeriodRow]) -> tuple[ChecklistRow, ...]:
    had = on_record(session.get_one(Contact, ticket.contact_id))
    asked = session.scalar(
        select(StatutoryPeriod.subject)
        .where(StatutoryPeriod.ticket_id == ticket.id, StatutoryPeriod.code == DOCUMENTS)
        .order_by(StatutoryPeriod.id.desc())
        .limit(1)
    ) if any(each.code == DOCUMENTS for each in periods) else None  # fmt: skip
    codes = (asked or "").partition("\n")[0].split(",")
    return tuple(
        ChecklistRow(each.code, each.name_id, each.name_en, each.code in had, each.code in codes)
        for each in shipped_regulation().documents
    )


@dataclass(frozen=True, slots=True)
class _FormChange:
    """How a person last decided the form: why, whether she asked the contact to write, what was due before."""

    reason: str | None = None
    was_converted: bool = False
    due_before: datetime | None = None


def _form_change(session: Session, ticket: Ticket) -> _FormChange:
    found = session.execute(
        select(TicketEvent.data, TicketEvent.at)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "form_changed")
        .order_by(TicketEvent.serial.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return _FormChange()
    data, at = found
    its = SlaClockRow.ticket_id == ticket.id
    began_at = select(func.max(SlaClockRow.started_at)).where(its, SlaClockRow.metric == Metric.RESOLUTION)
    due_before = session.scalar(
        select(SlaClockRow.due_at)
        .where(
            its,
            SlaClockRow.metric == Metric.REGULATORY,
            SlaClockRow.superseded_at <= at,  # what came later, an extension for one, did not change the form
            SlaClockRow.superseded_at >= began_at.scalar_subquery(),  # since it was opened again, if it was
        )
        .order_by(SlaClockRow.id.desc())
        .limit(1)
    )
    return _FormChange(str(data.get("reason", "")), "converted" in data, due_before)


def _facilitation(session: Session, ticket: Ticket) -> DueDates | None:
    """C8: counted from the answer; after an objection, from the answer to that."""
    if ticket.kind is not TicketKind.COMPLAINT or ticket.resolved_at is None:
        return None
    answers = session.scalars(
        select(Resolution).where(Resolution.ticket_id == ticket.id).order_by(Resolution.id.desc()).limit(2)
    ).all()
    if not answers or answers[0].disposition in _NO_ANSWER:
        return None
    limit = rule("C8")
    is_second = len(answers) > 1 and answers[1].rejected_at is not None
    book = CalendarBook(session)
    days = limit.days_for("objection" if is_second else "")
    unit = book.unit(ticket.unit_id)
    return due_of(book, unit, limit=limit, started_at=answers[0].at, days=days)
