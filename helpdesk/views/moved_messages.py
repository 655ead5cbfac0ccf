"""Which messages of a ticket came from another one, which went to another, and may go back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from helpdesk.queries.ticket import TicketView


@dataclass(frozen=True, slots=True)
class Moves:
    """What a ticket's history says of messages that moved, as far as they can move back.

    One that lies in a ticket kept from the viewer, or came from it, is in neither: its event has no number.
    """

    came_from: Mapping[str, str] = field(default_factory=dict)
    """Public id of a message that lies here, to the number of the ticket that it came from."""
    went_to: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    """Serial of the event, to the number of the ticket where the message lies now, and its public id."""


def moves_of(view: TicketView) -> Moves:
    """Read them from the events: of several moves of one message the last counts."""
    here = {message.public_id for message in view.messages}
    came_from: dict[str, str] = {}
    last_out: dict[str, tuple[int, str]] = {}
    for event in view.events:
        message = str(event.data.get("message", ""))
        if event.kind == "message_moved_in" and message in here:
            came_from[message] = str(event.data.get("from", ""))
        elif event.kind == "message_moved_out" and message not in here:
            last_out[message] = event.serial, str(event.data.get("to", ""))
    went_to = {serial: (number, message) for message, (serial, number) in last_out.items() if number}
    return Moves({message: number for message, number in came_from.items() if number}, went_to)
