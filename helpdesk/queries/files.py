"""One file of a message, for who may see its ticket."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import NotFound
from helpdesk.models.messages import Attachment, Message
from helpdesk.models.people import OrgUnit
from helpdesk.models.tickets import Ticket
from helpdesk.queries.conversation import AttachmentRow, attachment_row
from helpdesk.queries.visibility import Action, Viewer, require, visible


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file with the keys of its copies, and where it stands in its ticket."""

    row: AttachmentRow
    storage_key: str | None
    thumb_key: str | None
    playable_key: str | None
    number: str
    zone: str
    at: datetime
    """When its message came."""
    before: str = ""
    """Public id of the picture before it in the ticket."""
    after: str = ""


def file_of(session: Session, viewer: Viewer, public_id: str, *, has_neighbours: bool = False) -> StoredFile:
    """Return a file of a ticket that the viewer may see, with the pictures beside it if wanted. Raises NotFound."""
    require(viewer, Action.READ_TICKET)
    found = session.execute(
        select(Attachment, Message.at, Ticket.id, Ticket.number, OrgUnit.zone)
        .join(Message, Message.id == Attachment.message_id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .join(OrgUnit, OrgUnit.id == Ticket.unit_id)
        .where(Attachment.public_id == public_id, visible(viewer))
    ).first()
    if found is None:
        raise NotFound("no such file")
    file, at, ticket_id, number, zone = found
    before, after = _beside(session, ticket_id, public_id) if has_neighbours else ("", "")
    return StoredFile(
        attachment_row(file),
        file.storage_key,
        file.thumb_key,
        file.playable_key,
        number,
        zone,
        at,
        before,
        after,
    )


def _beside(session: Session, ticket_id: int, public_id: str) -> tuple[str, str]:
    """Return the pictures before and after it, in the order of the conversation."""
    pictures = session.scalars(
        select(Attachment.public_id)
        .join(Message, Message.id == Attachment.message_id)
        .where(
            Message.ticket_id == ticket_id,
            Attachment.state == "stored",
            Attachment.media_type.startswith("image/"),
        )
        .order_by(Message.id, Attachment.id)
    ).all()
    if public_id not in pictures:
        return "", ""
    place = pictures.index(public_id)
    return (pictures[place - 1] if place else ""), "".join(pictures[place + 1 : place + 2])
