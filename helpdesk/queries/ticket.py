"""One ticket with all that its page shows; the API's full views are the same rows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import NotFound
from helpdesk.domain.lifecycle import SetAside, TicketKind, TicketStatus, allowed_targets
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.privacy import mask_phone
from helpdesk.domain.severity import Impact, Severity, Urgency
from helpdesk.models.complaints import Improvement, ImprovementStatus, ImprovementTicket, Rating
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.merges import end_of
from helpdesk.models.people import OrgUnit, Team, User
from helpdesk.models.tickets import CategoryRow, Ticket, TicketSubject
from helpdesk.queries.conversation import (
    EventRow,
    MessageRow,
    events_of,
    messages_of,
)
from helpdesk.queries.merges import Merges, merges_of
from helpdesk.queries.moves import unnamed
from helpdesk.queries.outcomes import ResolutionRow, resolutions_of
from helpdesk.queries.sla import ClockLine, clocks_of_many
from helpdesk.queries.terms import number_key
from helpdesk.queries.visibility import Action, Viewer, require, visible
from helpdesk.sla.lateness import unexplained
from helpdesk.sla.policy import Form, Metric

OTHERS = 20


@dataclass(frozen=True, slots=True)
class ContactCard:
    """The person of a ticket. The phone is masked; services/reveals.py opens it, and records that."""

    public_id: str
    name: str | None
    phone: str | None
    mitra_id: str | None
    village: str | None
    majelis: str | None
    language: str


@dataclass(frozen=True, slots=True)
class HandleCard:
    """Where an answer would go."""

    channel: ChannelCode
    is_blocked: bool
    opted_out_at: datetime | None
    last_inbound_at: datetime | None


@dataclass(frozen=True, slots=True)
class OtherTicket:
    """Another ticket of the same contact that the viewer may see."""

    number: str
    subject: str
    status: TicketStatus
    category_id: str | None
    category_en: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LinkedImprovement:
    """A finding that the ticket shows."""

    public_id: str
    title: str
    status: ImprovementStatus


@dataclass(frozen=True, slots=True)
class TicketView:
    """Everything of one ticket; its clocks as of the instant that was asked for."""

    id: int
    number: str
    kind: TicketKind
    status: TicketStatus
    next_statuses: tuple[TicketStatus, ...]
    subject: str
    category: str | None
    category_id: str | None
    category_en: str | None
    category_source: str
    severity: Severity
    impact: Impact
    urgency: Urgency
    severity_reasons: tuple[Mapping[str, str], ...]
    matrix_version: int
    is_severity_overridden: bool
    routing_reason: Mapping[str, str]
    channel: ChannelCode
    place: str | None
    form: Form
    language: str
    contact: ContactCard
    handle: HandleCard | None
    unit: str
    unit_code: str
    zone: str
    team: str
    team_code: str
    assignee: str | None
    assignee_id: str | None
    """Public id."""
    react_by: datetime | None
    """By when the assignee must have done something; None once she has."""
    is_about_staff: bool
    set_aside_as: SetAside | None
    subjects: tuple[str, ...]
    """Names of the staff complained about."""
    amount: int | None
    occurred_on: date | None
    received_at: datetime
    created_at: datetime
    updated_at: datetime
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    next_due_at: datetime | None
    reopened_count: int
    rating: int | None
    version: int
    messages: tuple[MessageRow, ...]
    events: tuple[EventRow, ...]
    resolutions: tuple[ResolutionRow, ...]
    others: tuple[OtherTicket, ...]
    improvements: tuple[LinkedImprovement, ...]
    clocks: tuple[ClockLine, ...]
    merges: Merges
    """What it was merged into, and what was merged into it."""

    @property
    def missed(self) -> tuple[Metric, ...]:
        """The broken promises that the next resolution must give a reason for."""
        explained = [each.at for each in self.resolutions if each.late_code is not None]
        breaches = ((clock.metric, clock.breached_at) for clock in self.clocks)
        return unexplained(breaches, explained_at=max(explained, default=None))

    @property
    def last_message_id(self) -> int:
        """What a reply names as read: refused when something newer stands there."""
        return max((message.id for message in self.messages), default=0)


def ticket_id_of(session: Session, viewer: Viewer, number: str) -> int:
    """Return the id behind a number, dash or not. Raises NotFound also for what may not be seen."""
    found = session.scalar(select(Ticket.id).where(Ticket.number == number_key(number), visible(viewer)))
    if found is None:
        raise NotFound("no such ticket")
    return found


def worked_on_number(session: Session, viewer: Viewer, number: str) -> str:
    """Return the number of the ticket that stands for this one, if it was merged. Raises NotFound as for any."""
    end = end_of(session, ticket_id_of(session, viewer, number))
    found = session.scalar(select(Ticket.number).where(Ticket.id == end, visible(viewer)))
    if found is None:
        raise NotFound("no such ticket")
    return found


def ticket_by_number(session: Session, viewer: Viewer, number: str, *, now: datetime) -> TicketView:
    """Return the ticket. Raises NotFound for one that the viewer may not see: it does not tell them apart."""
    require(viewer, Action.READ_TICKET)
    return ticket_views(session, viewer, [ticket_id_of(session, viewer, number)], now=now)[0]


def ticket_views(
    session: Session, viewer: Viewer, ids: Sequence[int], *, now: datetime
) -> tuple[TicketView, ...]:
    """Return full views in the order of `ids`, in as many statements for fifty tickets as for one."""
    require(viewer, Action.READ_TICKET)
    heads = {
        row.Ticket.id: row for row in session.execute(_heads().where(Ticket.id.in_(ids), visible(viewer)))
    }
    seen = [ticket_id for ticket_id in ids if ticket_id in heads]
    parts = _Parts(
        messages=messages_of(session, seen),
        events=unnamed(session, viewer, events_of(session, seen)),
        resolutions=resolutions_of(session, seen),
        others=_others(session, viewer, [row.Ticket.contact_id for row in heads.values()]),
        improvements=_improvements(session, seen),
        clocks=clocks_of_many(session, seen, now=now),
        subjects=_subjects(session, seen),
        merges=merges_of(session, viewer, seen),
    )
    return tuple(_view(heads[ticket_id], parts) for ticket_id in seen)


@dataclass(frozen=True, slots=True)
class _Parts:
    messages: Mapping[int, tuple[MessageRow, ...]]
    events: Mapping[int, tuple[EventRow, ...]]
    resolutions: Mapping[int, tuple[ResolutionRow, ...]]
    others: Mapping[int, list[OtherTicket]]
    """By contact."""
    improvements: Mapping[int, list[LinkedImprovement]]
    clocks: Mapping[int, list[ClockLine]]
    subjects: Mapping[int, list[str]]
    merges: Mapping[int, Merges]


Head = Row[Ticket, Contact, OrgUnit, Team, User, CategoryRow, Handle, int]


def _heads() -> Select[Ticket, Contact, OrgUnit, Team, User, CategoryRow, Handle, int]:
    return (
        select(Ticket, Contact, OrgUnit, Team, User, CategoryRow, Handle, Rating.score)
        .join(Contact, Contact.id == Ticket.contact_id)
        .join(OrgUnit, OrgUnit.id == Ticket.unit_id)
        .join(Team, Team.id == Ticket.team_id)
        .outerjoin(User, User.id == Ticket.assignee_id)
        .outerjoin(CategoryRow, CategoryRow.code == Ticket.category_code)
        .outerjoin(Handle, Handle.id == Ticket.handle_id)
        .outerjoin(Rating, Rating.ticket_id == Ticket.id)
    )


def _view(head: Head, parts: _Parts) -> TicketView:
    ticket, contact, unit, team, assignee, category, handle, rating = head
    return TicketView(
        id=ticket.id,
        number=ticket.number,
        kind=ticket.kind,
        status=ticket.status,
        next_statuses=tuple(status for status in TicketStatus if status in allowed_targets(ticket.status)),
        subject=ticket.subject,
        category=ticket.category_code,
        category_id=category.name_id if category else None,
        category_en=category.name_en if category else None,
        category_source=ticket.category_source,
        severity=ticket.severity,
        impact=ticket.impact,
        urgency=ticket.urgency,
        severity_reasons=tuple(ticket.severity_reasons),
        matrix_version=ticket.matrix_version,
        is_severity_overridden=ticket.is_severity_overridden,
        routing_reason=ticket.routing_reason,
        channel=ticket.channel,
        place=ticket.place,
        form=ticket.form,
        language=ticket.language,
        contact=_contact_card(contact),
        handle=_handle_card(handle),
        unit=unit.name,
        unit_code=unit.code,
        zone=unit.zone,
        team=team.name,
        team_code=team.code,
        assignee=assignee.name if assignee else None,
        assignee_id=assignee.public_id if assignee else None,
        react_by=ticket.react_by,
        is_about_staff=ticket.is_about_staff,
        set_aside_as=ticket.set_aside_as,
        subjects=tuple(parts.subjects[ticket.id]),
        amount=ticket.amount,
        occurred_on=ticket.occurred_on,
        received_at=ticket.received_at,
        created_at=ticket.created_at,
        updated_at=ticket.updated_at,
        acknowledged_at=ticket.acknowledged_at,
        resolved_at=ticket.resolved_at,
        closed_at=ticket.closed_at,
        next_due_at=ticket.next_due_at,
        reopened_count=ticket.reopened_count,
        rating=rating,
        version=ticket.version,
        messages=parts.messages[ticket.id],
        events=parts.events[ticket.id],
        resolutions=parts.resolutions[ticket.id],
        others=tuple(other for other in parts.others[contact.id] if other.number != ticket.number)[:OTHERS],
        improvements=tuple(parts.improvements[ticket.id]),
        clocks=tuple(parts.clocks.get(ticket.id, ())),
        merges=parts.merges.get(ticket.id, Merges()),
    )


def _contact_card(contact: Contact) -> ContactCard:
    return ContactCard(
        public_id=contact.public_id,
        name=contact.name,
        phone=mask_phone(contact.phone) if contact.phone else None,
        mitra_id=contact.mitra_id,
        village=contact.village,
        majelis=contact.majelis,
        language=contact.language,
    )


def _handle_card(handle: Handle | None) -> HandleCard | None:
    if handle is None:
        return None
    return HandleCard(handle.channel, handle.is_blocked, handle.opted_out_at, handle.last_inbound_at)


def _others(session: Session, viewer: Viewer, contact_ids: Sequence[int]) -> Mapping[int, list[OtherTicket]]:
    """Return the newest tickets of each contact: one with many takes no room from the others of a page."""
    others: dict[int, list[OtherTicket]] = defaultdict(list)
    newest = (Ticket.created_at.desc(), Ticket.id.desc())
    place = func.row_number().over(partition_by=Ticket.contact_id, order_by=newest)
    placed = (
        select(Ticket.id, place.label("place"))
        .where(Ticket.contact_id.in_(contact_ids), visible(viewer))
        .subquery()
    )
    found = session.execute(
        select(
            Ticket.contact_id, Ticket.number, Ticket.subject, Ticket.status, CategoryRow, Ticket.created_at
        )
        .join(placed, placed.c.id == Ticket.id)
        .outerjoin(CategoryRow, CategoryRow.code == Ticket.category_code)
        .where(placed.c.place <= OTHERS + 1)  # the ticket itself may be one of them
        .order_by(Ticket.contact_id, *newest)
    )
    for contact_id, number, subject, status, category, created_at in found:
        name_id, name_en = (category.name_id, category.name_en) if category else (None, None)
        others[contact_id].append(OtherTicket(number, subject, status, name_id, name_en, created_at))
    return others


def _improvements(session: Session, ids: Sequence[int]) -> Mapping[int, list[LinkedImprovement]]:
    linked: dict[int, list[LinkedImprovement]] = defaultdict(list)
    found = session.execute(
        select(ImprovementTicket.ticket_id, Improvement.public_id, Improvement.title, Improvement.status)
        .join(Improvement, Improvement.id == ImprovementTicket.improvement_id)
        .where(ImprovementTicket.ticket_id.in_(ids))
        .order_by(Improvement.id)
    )
    for ticket_id, public_id, title, status in found:
        linked[ticket_id].append(LinkedImprovement(public_id, title, status))
    return linked


def _subjects(session: Session, ids: Sequence[int]) -> Mapping[int, list[str]]:
    subjects: dict[int, list[str]] = defaultdict(list)
    found = session.execute(
        select(TicketSubject.ticket_id, User.name)
        .join(User, User.id == TicketSubject.user_id)
        .where(TicketSubject.ticket_id.in_(ids))
        .order_by(User.name)
    )
    for ticket_id, name in found:
        subjects[ticket_id].append(name)
    return subjects
