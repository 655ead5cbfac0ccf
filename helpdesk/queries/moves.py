"""A ticket's history names the tickets that messages moved to and came from: only those that the reader may see."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models.tickets import MOVED_IN, MOVED_OUT, Ticket
from helpdesk.queries.conversation import EventRow
from helpdesk.queries.visibility import Viewer, visible

Trails = Mapping[int, tuple[EventRow, ...]]

_PLACES = {MOVED_OUT: "to", MOVED_IN: "from"}
"""Under which word the event has the number of the other ticket."""


def unnamed(session: Session, viewer: Viewer, trails: Trails) -> Trails:
    """Return the trails without the numbers of tickets that are kept from the viewer: one statement for all."""
    named = {_other(event) for events in trails.values() for event in events} - {""}
    if not named:
        return trails
    known = set(
        session.scalars(select(Ticket.number).where(Ticket.number.in_(sorted(named)), visible(viewer)))
    )
    return {
        ticket_id: tuple(event if _other(event) in known else _without(event) for event in events)
        for ticket_id, events in trails.items()
    }


def _other(event: EventRow) -> str:
    return str(event.data.get(_PLACES.get(event.kind, ""), ""))


def _without(event: EventRow) -> EventRow:
    place = _PLACES.get(event.kind)
    if place is None:
        return event
    return replace(event, data={key: value for key, value in event.data.items() if key != place})
