"""How the messages of one ticket leave the house: what its page tells beside the ticks."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.models.messages import Dispatch, Message


@dataclass(frozen=True, slots=True)
class Sending:
    """One message on its way. `parts`: the state of each part, in order, where it goes in several."""

    parts: tuple[DeliveryStatus, ...] = ()


def sendings_of(session: Session, ticket_id: int) -> Mapping[int, Sending]:
    """Return what there is to tell, by the id of the message; the ticket is one that the viewer may see."""
    parts: dict[int, list[DeliveryStatus]] = defaultdict(list)
    found = session.execute(
        select(Dispatch.message_id, Dispatch.status)
        .join(Message, Message.id == Dispatch.message_id)
        .where(Message.ticket_id == ticket_id)
        .order_by(Dispatch.message_id, Dispatch.part)
    )
    for message_id, status in found:
        parts[message_id].append(status)
    return {message_id: Sending(tuple(states)) for message_id, states in parts.items()}
