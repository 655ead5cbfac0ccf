"""What a ticket was merged into and what was merged into it: of others only those that the reader may see."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from helpdesk.models.merges import TicketMerge
from helpdesk.models.tickets import Ticket
from helpdesk.queries.visibility import Viewer, visible


@dataclass(frozen=True, slots=True)
class Merges:
    """How a ticket stands with others."""

    is_merged: bool = False
    into: str | None = None
    """Number of the ticket that it was merged into; None where there is none, or it is kept from the viewer."""
    holds: tuple[str, ...] = ()
    """Numbers of those that were merged into this very one, oldest merge first."""


def merges_of(session: Session, viewer: Viewer, ids: Sequence[int]) -> Mapping[int, Merges]:
    """Return it for those of these tickets that have to do with a merge; one statement where none has."""
    links = session.execute(
        select(TicketMerge.source_id, TicketMerge.target_id)
        .where(
            or_(TicketMerge.source_id.in_(ids), TicketMerge.target_id.in_(ids)),
            TicketMerge.undone_at.is_(None),
        )
        .order_by(TicketMerge.id)
    ).all()
    if not links:
        return {}
    named = {ticket_id for link in links for ticket_id in link}
    numbers = dict(
        session.execute(select(Ticket.id, Ticket.number).where(Ticket.id.in_(named), visible(viewer))).all()
    )
    found: dict[int, Merges] = defaultdict(Merges)
    for source_id, target_id in links:
        found[source_id] = replace(found[source_id], is_merged=True, into=numbers.get(target_id))
        if source_id in numbers:
            found[target_id] = replace(found[target_id], holds=(*found[target_id].holds, numbers[source_id]))
    return found
