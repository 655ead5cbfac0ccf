"""Calls, letters and visits: what a person does to reach a contact, by when, and what came of it."""

import uuid
from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import ARRIVED, DeliveryStatus
from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.domain.outreach import TOLD, TaskKind, TaskResult, ladder
from helpdesk.domain.phones import normalise_phone
from helpdesk.domain.privacy import redact
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Dispatch, Message, OutboxItem
from helpdesk.models.outreach import ContactTask
from helpdesk.models.people import Notification
from helpdesk.models.reaching import is_over
from helpdesk.models.tickets import Ticket
from helpdesk.services import escalations, held, sla, undelivered
from helpdesk.services.trail import CONTACT, SYSTEM, lock_ticket, record
from helpdesk.sla.calendar import add_working_time
from helpdesk.sla.escalation import Level
from helpdesk.sla.policy import CalendarCode, Metric

OPENED, DONE = "contact_task_opened", "contact_task_done"
"""Kinds of events; the second is also the reason of what follows from it."""
_FITTING = {
    TaskKind.CALL: frozenset({TaskResult.REACHED, TaskResult.NOT_REACHED, TaskResult.NEEDLESS}),
    TaskKind.MEET: frozenset({TaskResult.REACHED, TaskResult.NOT_REACHED, TaskResult.NEEDLESS}),
    TaskKind.LETTER: frozenset({TaskResult.SENT, TaskResult.NEEDLESS}),
}


def open_task(
    session: Session,
    ticket: Ticket,
    kind: TaskKind,
    *,
    reason: str,
    now: datetime,
    message: Message | None = None,
    due_at: datetime | None = None,
    actor: str = SYSTEM,
) -> ContactTask:
    """Give the team a task, due in service hours where no time is named; one that is open for the same is enough.

    The ticket is locked.
    """
    message_id = message.id if message is not None else None
    known = session.scalars(
        select(ContactTask).where(
            ContactTask.ticket_id == ticket.id,
            ContactTask.kind == kind,
            ContactTask.done_at.is_(None),
            ContactTask.message_id == message_id
            if message_id is not None
            else ContactTask.message_id.is_(None),
        )
    ).first()
    if known is not None:
        return known
    task = ContactTask(
        public_id=str(uuid.uuid4()),
        ticket_id=ticket.id,
        kind=kind,
        reason=reason,
        message_id=message_id,
        due_at=due_at or _due(session, ticket, now),
        created_at=now,
    )
    session.add(task)
    record(session, ticket, OPENED, actor=actor, at=now, data={"kind": kind, "reason": reason})
    escalations.notify(session, ticket, Level.L1, OPENED, at=now)
    session.flush()
    return task


def wanted(session: Session, ticket: Ticket, *, reason: str, now: datetime) -> None:
    """She wants to be called: by the first answer that she was promised (design.md T02c), or within service hours."""
    due = sla.promised(session, ticket).get(Metric.FIRST_RESPONSE)
    due_at = due if due is not None and due > now else None
    open_task(session, ticket, TaskKind.CALL, reason=reason, due_at=due_at, actor=CONTACT, now=now)


def for_message(session: Session, ticket: Ticket, message: Message, *, reason: str, now: datetime) -> None:
    """Let a person bring what no channel brought: by telephone, or on paper where she has none.

    For a ticket that was set aside, and for who was erased, nobody is called or written to.
    """
    if is_over(session, ticket):
        return
    kind = TaskKind.CALL if _may_be_called(session, ticket) else TaskKind.LETTER
    open_task(session, ticket, kind, reason=reason, message=message, now=now)


def without_phone(session: Session, ticket: Ticket, *, actor: str, now: datetime) -> None:
    """Where no number of hers is left, a letter or a visit takes the place of each call. The ticket is locked."""
    if _may_be_called(session, ticket):
        return
    calls = select(ContactTask).where(
        ContactTask.ticket_id == ticket.id,
        ContactTask.kind == TaskKind.CALL,
        ContactTask.done_at.is_(None),
    )
    for call in session.scalars(calls.order_by(ContactTask.id)).all():
        call.done_at, call.result = now, TaskResult.NEEDLESS
        message = session.get(Message, call.message_id) if call.message_id is not None else None
        kind = TaskKind.LETTER if message is not None else TaskKind.MEET
        open_task(
            session, ticket, kind, reason=call.reason, message=message, due_at=call.due_at, actor=actor, now=now
        )  # fmt: skip


def needless(session: Session, message: Message, *, now: datetime) -> None:
    """The message arrived: nobody need bring it any more."""
    _end(session, message.ticket_id, ContactTask.message_id == message.id, now=now)


def all_needless(session: Session, ticket_id: int, *, now: datetime) -> None:
    """Nobody is to be reached about the ticket any more."""
    _end(session, ticket_id, ContactTask.ticket_id == ticket_id, now=now)


def needed_after_all(
    session: Session, ticket: Ticket, *, ended_at: datetime | None, actor: str, now: datetime
) -> None:
    """What all_needless() ended at that time is to be done after all, but for bringing what she got meanwhile."""
    arrived = select(Message.id).where(
        Message.ticket_id == ticket.id, Message.delivery.in_((DeliveryStatus.DELIVERED, DeliveryStatus.READ))
    )
    session.execute(
        update(ContactTask)
        .where(
            ContactTask.ticket_id == ticket.id,
            ContactTask.done_at == ended_at,
            ContactTask.result == TaskResult.NEEDLESS,
            ContactTask.done_by_id.is_(None),
            or_(ContactTask.message_id.is_(None), ContactTask.message_id.not_in(arrived)),
        )
        .values(done_at=None, result=None)
    )
    without_phone(session, ticket, actor=actor, now=now)


def _end(session: Session, ticket_id: int, which: ColumnElement[bool], *, now: datetime) -> None:
    """These tasks are done without anybody; who has not read yet that the ticket has one need not, if it has none."""
    ended = session.scalars(
        update(ContactTask)
        .where(which, ContactTask.done_at.is_(None))
        .values(done_at=now, result=TaskResult.NEEDLESS)
        .returning(ContactTask.id)
    ).all()
    if not ended:
        return
    other = exists().where(ContactTask.ticket_id == ticket_id, ContactTask.done_at.is_(None))
    session.execute(
        update(Notification)
        .where(Notification.ticket_id == ticket_id, Notification.kind == OPENED, ~other)
        .where(Notification.read_at.is_(None))
        .values(read_at=now)
    )


def finish(
    session: Session,
    ticket_id: int,
    public_id: str,
    *,
    result: TaskResult,
    note: str,
    user_id: int | None,
    actor: str,
    now: datetime,
) -> None:
    """Say what came of a task. What she was told counts as given now; who was not reached is written to.

    Raises NotFound, Conflict (`done`), and InvalidInput (`result`) for what does not fit the kind.
    """
    ticket = lock_ticket(session, ticket_id)
    task = session.scalars(
        select(ContactTask).where(ContactTask.public_id == public_id, ContactTask.ticket_id == ticket_id)
    ).first()
    if task is None:
        raise NotFound("no such task")
    if task.done_at is not None:
        raise Conflict("somebody has done it already", code="task_done")
    if result not in _FITTING[task.kind]:
        raise InvalidInput(f"a {task.kind} cannot end as {result}", field="result", code="choice")
    task.done_at, task.done_by_id, task.result = now, user_id, result
    task.note = redact(note.strip()).text or None
    record(session, ticket, DONE, actor=actor, at=now, data={"kind": task.kind, "result": result})
    message = session.get(Message, task.message_id) if task.message_id is not None else None
    if message is not None and result in TOLD:
        _told(session, ticket, message, is_posted=result == TaskResult.SENT, actor=actor, now=now)
    if result == TaskResult.NOT_REACHED:
        open_task(session, ticket, TaskKind.LETTER, reason="not_reached", message=message, now=now)
    ticket.last_human_at = now
    session.flush()


def _told(
    session: Session, ticket: Ticket, message: Message, *, is_posted: bool, actor: str, now: datetime
) -> None:
    """A person brought it: it is not sent any more, and counts from now."""
    before = message.delivery
    if before in ARRIVED:
        return
    item = session.scalars(select(OutboxItem).where(OutboxItem.message_id == message.id)).first()
    if item is not None:
        handle = session.get_one(Handle, message.handle_id)
        held.brought(session, item, handle, is_posted=is_posted, now=now)
    session.execute(
        update(Dispatch)
        .where(Dispatch.message_id == message.id, Dispatch.status.not_in([DeliveryStatus.READ]))
        .values(status=DeliveryStatus.DELIVERED)
    )
    message.delivery = DeliveryStatus.DELIVERED
    if before == DeliveryStatus.FAILED:
        message.error_code, message.sent_again_at = None, now
        undelivered.count_again(session, ticket, message, actor=actor, reason=DONE, now=now)


def _may_be_called(session: Session, ticket: Ticket) -> bool:
    phone = session.get_one(Contact, ticket.contact_id).phone
    return phone is not None and normalise_phone(phone) == phone


def _due(session: Session, ticket: Ticket, now: datetime) -> datetime:
    book = CalendarBook(session)
    calendar = book.calendar(CalendarCode.SERVICE, book.unit(ticket.unit_id))
    return add_working_time(calendar, now, ladder().task_due)
