"""What the Mitra app may follow: complaints that it filed, and those of a Mitra whose id is known."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.domain.errors import NotFound
from helpdesk.domain.messages import ChannelCode
from helpdesk.models.contacts import Contact
from helpdesk.models.tickets import Ticket
from helpdesk.queries.paging import LIMIT, Page
from helpdesk.queries.public import PublicTicket, by_mitra
from helpdesk.queries.terms import number_key


def followed_number(session: Session, number: str) -> str:
    """Return the stored number of a complaint that the app may follow. Raises NotFound for all others: an
    anonymous web complaint, a chat of somebody unknown, staff's own entries without a Mitra."""
    found = session.scalar(
        select(Ticket.number)
        .join(Contact, Contact.id == Ticket.contact_id)
        .where(
            Ticket.number == number_key(number),
            or_(Ticket.channel == ChannelCode.APP, Contact.mitra_digest.is_not(None)),
        )
    )
    if found is None:
        raise NotFound("no such complaint")
    return found


def complaints_of_mitra(
    session: Session, mitra_id: str, *, after: str | None = None, limit: int = LIMIT
) -> Page[PublicTicket]:
    """Return the complaints of the Mitra with this id, newest first; none for an unknown id."""
    return by_mitra(session, keys_of(session).digest("mitra", mitra_id), after=after, limit=limit)
