"""A ticket's history names those that messages moved to and came from: only those that the reader may see."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models.tickets import (
    MERGED_IN,
    MERGED_OUT,
    MOVED_IN,
    MOVED_OUT,
    UNMERGED_IN,
    UNMERGED_OUT,
    Ticket,
)
from helpdesk.queries.conversation import EventRow
from helpdesk.queries.visibility import Viewer, visible

Trails = Mapping[int, tuple[EventRow, ...]]
Data = Mapping[str, object]

_PLACES = {
    MOVED_OUT: "to",
    MOVED_IN: "from",
    MERGED_OUT: "to",
    MERGED_IN: "from",
    UNMERGED_OUT: "to",
    UNMERGED_IN: "from",
}
"""Under which word the event has the number of the other ticket."""


def unnamed(session: Session, viewer: Viewer, trails: Trails) -> Trails:
    """Return the trails without the numbers of tickets that are kept from the viewer: one statement for all."""
    facts = [(event.kind, event.data) for events in trails.values() for event in events]
    hidden = hidden_numbers(session, viewer, facts)
    if not hidden:
        return trails
    return {
        ticket_id: tuple(replace(event, data=without(hidden, event.kind, event.data)) for event in events)
        for ticket_id, events in trails.items()
    }


def hidden_numbers(session: Session, viewer: Viewer, facts: Iterable[tuple[str, Data]]) -> Set[str]:
    """Return the numbers that events of these kinds name, and that the viewer must not read."""
    named = {_other(kind, data) for kind, data in facts} - {""}
    if not named:
        return named
    seen = select(Ticket.number).where(Ticket.number.in_(sorted(named)), visible(viewer))
    return named - set(session.scalars(seen))


def without(hidden: Set[str], kind: str, data: Data) -> Data:
    """Return what an event says, less the number of a hidden ticket."""
    if _other(kind, data) not in hidden:
        return data
    return {key: value for key, value in data.items() if key != _PLACES[kind]}


def _other(kind: str, data: Data) -> str:
    return str(data.get(_PLACES.get(kind, ""), ""))
