"""Silence after one of our questions is met once: her story is safe, and she may go on at any time (design.md T19)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.dialogue import STILL_THERE, WAITS_FOR_HER
from helpdesk.domain.lender import Lender
from helpdesk.domain.lifecycle import ACTIVE_STATUSES
from helpdesk.domain.messages import Direction
from helpdesk.domain.outreach import unasked
from helpdesk.models.contacts import Handle
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from helpdesk.services import replies
from helpdesk.services.chat_scene import is_restricted
from helpdesk.services.trail import lock_ticket


def due_ids(session: Session, *, now: datetime, limit: int = 200) -> list[int]:
    """Return addresses whose silence has lasted long enough, the longest first."""
    due = select(Handle.id).where(Handle.nudge_at <= now).order_by(Handle.nudge_at, Handle.id).limit(limit)
    return list(session.scalars(due))


def nudge(session: Session, handle_id: int, *, lender: Lender, now: datetime) -> bool:
    """Say T19 where our question still stands; False where it does not, or it is no hour for it."""
    handle = session.scalar(
        select(Handle)
        .where(Handle.id == handle_id, Handle.nudge_at <= now)
        .with_for_update(key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if handle is None:
        return False
    handle.nudge_at = None
    last = session.scalars(
        select(Message).where(Message.handle_id == handle.id).order_by(Message.id.desc()).limit(1)
    ).first()
    if last is None or last.direction != Direction.OUT or not _asks(last):
        return False
    ticket = lock_ticket(session, last.ticket_id)
    if ticket.status not in ACTIVE_STATUSES or ticket.last_human_at is not None or is_restricted(ticket):
        return False
    if handle.is_blocked or handle.opted_out_at is not None or _is_quiet(session, ticket, now):
        return False
    replies.say_to(session, ticket, STILL_THERE, lender=lender, now=now)
    return True


def _asks(message: Message) -> bool:
    return (message.facts or {}).get("step") in WAITS_FOR_HER


def _is_quiet(session: Session, ticket: Ticket, now: datetime) -> bool:
    """Even of the gravest kind a reminder does not wake her (design.md 3)."""
    zone = replies.zone_of(session, ticket)
    return unasked().hours.free_at(now, zone=zone) > now
