"""Calls, letters and visits that wait for a person, and what was tried before."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import NotFound
from helpdesk.domain.messages import ChannelCode, Purpose
from helpdesk.domain.outreach import TaskKind, TaskResult
from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Message
from helpdesk.models.outreach import ContactTask, DeliveryAttempt
from helpdesk.models.people import OrgUnit, Team, User
from helpdesk.models.tickets import Ticket
from helpdesk.queries.visibility import Action, Viewer, require, visible

MOST = 200


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task; what it says to her is on the ticket's page."""

    public_id: str
    number: str
    kind: TaskKind
    reason: str
    team: str
    assignee: str | None
    contact: str | None
    message_id: int | None
    due_at: datetime
    done_at: datetime | None
    done_by: str | None
    result: TaskResult | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """An earlier way of a message."""

    channel: ChannelCode
    status: str
    error_code: str | None
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """What a printed letter holds."""

    number: str
    language: str
    name: str | None
    village: str | None
    text: str
    is_answer: bool
    """Whether it asks her if that solves it."""
    zone: str


def open_tasks(session: Session, viewer: Viewer) -> tuple[TaskRow, ...]:
    """Return open tasks of tickets that the viewer may see, soonest due first."""
    require(viewer, Action.READ_TICKET)
    return _rows(session, viewer, only_open=True)


def tasks_of(session: Session, viewer: Viewer, ticket_id: int) -> tuple[TaskRow, ...]:
    """Return the tasks of a ticket, done ones too."""
    return _rows(session, viewer, ticket_id=ticket_id)


def _rows(
    session: Session, viewer: Viewer, *, ticket_id: int | None = None, only_open: bool = False
) -> tuple[TaskRow, ...]:
    found = (
        select(ContactTask, Ticket.number, Team.name, User.name, Contact.name)
        .join(Ticket, Ticket.id == ContactTask.ticket_id)
        .join(Team, Team.id == Ticket.team_id)
        .join(Contact, Contact.id == Ticket.contact_id)
        .outerjoin(User, User.id == Ticket.assignee_id)
        .where(visible(viewer))
        .order_by(ContactTask.due_at, ContactTask.id)
        .limit(MOST)
    )
    if only_open:
        found = found.where(ContactTask.done_at.is_(None))
    if ticket_id is not None:
        found = found.where(ContactTask.ticket_id == ticket_id)
    rows = session.execute(found).all()
    doers = {task.done_by_id for task, *_ in rows if task.done_by_id is not None}
    names = dict(session.execute(select(User.id, User.name).where(User.id.in_(doers))).all()) if doers else {}
    return tuple(
        TaskRow(
            public_id=task.public_id,
            number=number,
            kind=task.kind,
            reason=task.reason,
            team=team,
            assignee=assignee,
            contact=contact,
            message_id=task.message_id,
            due_at=task.due_at,
            done_at=task.done_at,
            done_by=names.get(task.done_by_id) if task.done_by_id is not None else None,
            result=task.result,
            note=task.note,
        )
        for task, number, team, assignee, contact in rows
    )


def attempts_of(session: Session, ticket_id: int) -> Mapping[int, tuple[Attempt, ...]]:
    """Return the earlier ways of a ticket's messages, by the id of the message."""
    found = session.execute(
        select(DeliveryAttempt)
        .join(Message, Message.id == DeliveryAttempt.message_id)
        .where(Message.ticket_id == ticket_id)
        .order_by(DeliveryAttempt.id)
    ).scalars()
    attempts: dict[int, list[Attempt]] = defaultdict(list)
    for row in found:
        attempts[row.message_id].append(Attempt(row.channel, row.status, row.error_code, row.ended_at))
    return {message_id: tuple(rows) for message_id, rows in attempts.items()}


def letter_of(session: Session, viewer: Viewer, number: str, public_id: str) -> LetterFacts:
    """Return what the letter of a task says. Raises NotFound also for what may not be seen."""
    require(viewer, Action.READ_TICKET)
    found = session.execute(
        select(Ticket, Contact, Message, OrgUnit)
        .join(ContactTask, ContactTask.ticket_id == Ticket.id)
        .join(Contact, Contact.id == Ticket.contact_id)
        .join(Message, Message.id == ContactTask.message_id)
        .join(OrgUnit, OrgUnit.id == Ticket.unit_id)
        .where(ContactTask.public_id == public_id, Ticket.number == number, visible(viewer))
    ).first()
    if found is None:
        raise NotFound("no such letter")
    ticket, contact, message, unit = found
    return LetterFacts(
        number=ticket.number,
        language=ticket.language,
        name=contact.name,
        village=contact.village,
        text=message.body,
        is_answer=message.purpose == Purpose.ANSWER,
        zone=unit.zone,
    )
