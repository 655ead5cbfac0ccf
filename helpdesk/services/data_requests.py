"""Requests about personal data in chat: a ticket of its own beside the complaint, with 72 hours (UU PDP 27/2022)."""

from datetime import datetime, timedelta

from sqlalchemy import and_, func, not_, or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.conversation import UtteranceKind
from helpdesk.domain.lifecycle import ACTIVE_STATUSES, LIVE_STATUSES, TicketKind
from helpdesk.domain.messages import Direction
from helpdesk.domain.triage import best_guess
from helpdesk.models.contacts import Handle
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from helpdesk.services.chat import Said
from helpdesk.services.contacts import is_hers

CATEGORY = "DAT-HAK"
LIMIT = timedelta(hours=72)
"""Of the law (UU PDP 27/2022 Ps. 32-33), whatever a ticket is called."""
_GROUP = "DAT-"
_IS_REQUEST = and_(Ticket.kind == TicketKind.REQUEST, Ticket.category_code == CATEGORY)


def is_request(ticket: Ticket) -> bool:
    """Whether the ticket is a request about personal data."""
    return ticket.kind == TicketKind.REQUEST and ticket.category_code == CATEGORY


def takes(ticket: Ticket) -> bool:
    """Whether the word DATA belongs to the ticket: the open request, or a greeting that becomes it."""
    is_untold = ticket.kind == TicketKind.ENQUIRY and ticket.acknowledged_at is None
    return ticket.status in ACTIVE_STATUSES and (is_request(ticket) or is_untold)


def newest(session: Session, handle: Handle) -> tuple[Ticket | None, Ticket | None]:
    """Return the live request of who writes, and her other ticket in which somebody spoke last; not locked.

    Both where something was said at this address: a message that went another way is answered from there.
    """
    newest_first = (
        select(Ticket)
        .join(Message, Message.ticket_id == Ticket.id)
        .where(Message.handle_id == handle.id, is_hers(handle))
        .order_by(Message.id.desc())
        .limit(1)
    )
    request = session.scalars(newest_first.where(_IS_REQUEST, Ticket.status.in_(LIVE_STATUSES))).first()
    is_other = or_(Ticket.category_code.is_(None), not_(_IS_REQUEST))
    return request, session.scalars(newest_first.where(is_other)).first()


def hears(session: Session, request: Ticket, other: Ticket | None, said: Said) -> bool:
    """Whether the request takes the message (heard as said in it) rather than the other ticket or a new one.

    It takes the word DATA, a line of its menu, and the answer to a person who wrote in it; everything else that
    she tells belongs to her complaint.
    """
    if said.kind == UtteranceKind.DATA:
        return request.status in ACTIVE_STATUSES
    asked_at = said.asked.at
    is_asked = asked_at is not None and (said.is_answer or said.asked.step == "")
    if other is None or other.status not in LIVE_STATUSES:
        # Where her wish is noted nothing more is asked: words of no kind are then another matter.
        unplaced = "" if said.asked.step == "T23b" else _GROUP
        is_elsewhere = said.is_story and not (best_guess(said.words) or unplaced).startswith(_GROUP)
        return is_asked or not is_elsewhere
    return is_asked and asked_at is not None and not _spoke_since(session, other, asked_at)


def _spoke_since(session: Session, ticket: Ticket, at: datetime) -> bool:
    last = session.scalar(
        select(func.max(Message.at)).where(Message.ticket_id == ticket.id, Message.direction == Direction.OUT)
    )
    return last is not None and last > at
