"""May anything still be sent to this address for this ticket? The one rule, asked wherever a message goes on.

Claims, outcomes, other ways, what waits for her, "send again" and tasks of people all ask here, and the page too.
"""

from sqlalchemy import ColumnElement, case, null, or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import ERASED_MEANWHILE, NOT_NEEDED, WRONG_NUMBER
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.tickets import Ticket

_IS_HERS = or_(Handle.id.is_(None), Handle.id == Ticket.handle_id, Handle.contact_id == Ticket.contact_id)
"""Whether the address is hers still: it may have been taken from her, or be another's by now."""

STOP: ColumnElement[str | None] = case(
    (Contact.erased_at.is_not(None), ERASED_MEANWHILE),
    (Ticket.set_aside_as.is_not(None), NOT_NEEDED),
    (_IS_HERS, null()),
    else_=WRONG_NUMBER,  # also where the ticket has no address any more
)
"""Why nothing more goes, as the error of a message; NULL where it may. Of Ticket, its Contact, and a Handle or none."""


def stop_of(session: Session, message: Message) -> str | None:
    """Return why nothing more of the message may go where it goes now; None where it may."""
    return session.scalar(
        select(STOP)
        .select_from(Ticket)
        .join(Contact, Contact.id == Ticket.contact_id)
        .outerjoin(Handle, Handle.id == message.handle_id)
        .where(Ticket.id == message.ticket_id)
    )


def is_over(session: Session, ticket: Ticket) -> bool:
    """Whether nobody is written to, called or visited for the ticket at all."""
    return (
        ticket.set_aside_as is not None or session.get_one(Contact, ticket.contact_id).erased_at is not None
    )


def is_stopped(*, for_all: bool = False) -> ColumnElement[bool]:
    """Return the condition on OutboxItem for what may not go. `for_all`: whatever its address."""
    reason = (
        or_(Contact.erased_at.is_not(None), Ticket.set_aside_as.is_not(None))
        if for_all
        else STOP.is_not(None)
    )
    return (
        select(Message.id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .join(Contact, Contact.id == Ticket.contact_id)
        .outerjoin(Handle, Handle.id == Message.handle_id)
        .where(Message.id == OutboxItem.message_id, reason)
        .correlate(OutboxItem)
        .exists()
    )
