"""Answers of the people whom the ladder told: an escalation that somebody has taken on goes no further up."""

from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict
from helpdesk.models.people import Notification, User
from helpdesk.models.sla import SlaClockEvent, SlaClockRow
from helpdesk.models.tickets import Ticket
from helpdesk.services import escalations
from helpdesk.services.clocks import TicketClocks
from helpdesk.services.trail import lock_ticket, record
from helpdesk.sla.escalation import Level, StepAction

ACKNOWLEDGED = "escalation_acknowledged"
_USER = "user:"


def acknowledge(session: Session, ticket_id: int, *, user_id: int, actor: str, now: datetime) -> None:
    """The person says that she has the ticket: what was escalated up to her level waits for nobody any more.

    Raises Conflict (`nothing_to_acknowledge`) where nothing waits for an answer of hers.
    """
    ticket = lock_ticket(session, ticket_id)
    level = escalations.level_of(session, ticket, user_id) if _waits(session, ticket_id) else None
    if level is None or not _answer(session, ticket, level, user_id=user_id, actor=actor, now=now):
        raise Conflict("no escalation waits for an answer of this person", code="nothing_to_acknowledge")


def by_acting(session: Session, ticket: Ticket, *, actor: str, now: datetime) -> None:
    """The person works on a locked ticket: if the ladder told her of it, that is her answer.

    Programs are nobody, and whoever stands at a level without having been told must say so with the button.
    """
    if not actor.startswith(_USER) or not _waits(session, ticket.id):
        return
    user_id = session.scalar(select(User.id).where(User.public_id == actor.removeprefix(_USER)))
    level = None if user_id is None else escalations.told_level(session, ticket.id, user_id)
    if user_id is not None and level is not None:
        _answer(session, ticket, level, user_id=user_id, actor=actor, now=now, is_by_acting=True)


def _answer(
    session: Session,
    ticket: Ticket,
    level: Level,
    *,
    user_id: int,
    actor: str,
    now: datetime,
    is_by_acting: bool = False,
) -> bool:
    clocks = TicketClocks(session, ticket)
    answered = clocks.acknowledge(level, user_id=user_id, at=now)
    if not answered:
        return False
    data = {"level": level, "steps": ", ".join(event.step for event in answered)}
    if is_by_acting:
        data["how"] = "acting"
    record(session, ticket, ACKNOWLEDGED, actor=actor, at=now, data=data)
    session.execute(
        update(Notification)
        .where(
            Notification.user_id == user_id,
            Notification.ticket_id == ticket.id,
            Notification.kind == StepAction.ESCALATED,
            Notification.read_at.is_(None),
        )
        .values(read_at=now)
    )
    clocks.save()
    return True


def _waits(session: Session, ticket_id: int) -> bool:
    """Whether anything that was escalated on a live clock of the ticket has no answer yet."""
    waiting = exists().where(
        SlaClockRow.ticket_id == ticket_id,
        SlaClockRow.met_at.is_(None),
        SlaClockRow.superseded_at.is_(None),
        SlaClockEvent.clock_id == SlaClockRow.id,
        SlaClockEvent.action == StepAction.ESCALATED,
        SlaClockEvent.level.is_not(None),
        SlaClockEvent.acknowledged_at.is_(None),
    )
    return bool(session.scalar(select(waiting)))
