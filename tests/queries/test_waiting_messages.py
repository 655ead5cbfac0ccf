"""Messages that wait on purpose are told apart from a queue that stands: in the list, and for monitoring."""

from datetime import timedelta

from factories import NOW, make_message, make_ticket
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.messages import ChannelCode, Direction
from helpdesk.models.messages import OutboxItem
from helpdesk.queries import operations
from helpdesk.queries.health import gauges

HOUR = timedelta(hours=1)
WAITING: dict[str, dict[str, object]] = {
    "due": {},
    "tried again": {"attempts": 2, "last_error": "20429", "next_attempt_at": NOW + HOUR},
    "channel stopped": {"last_error": "20003", "next_attempt_at": NOW + HOUR},
    "until she writes": {"held_at": NOW - HOUR},
    "until the morning": {"next_attempt_at": NOW + HOUR},
    "failed": {"status": DeliveryStatus.FAILED, "last_error": "63016"},
}


def test_held_messages_come_last_and_are_counted_apart(session: Session) -> None:
    ticket, names = make_ticket(session), {}
    for name, changes in WAITING.items():
        message = make_message(session, ticket, direction=Direction.OUT)
        values: dict[str, object] = {"status": DeliveryStatus.QUEUED, "next_attempt_at": NOW, "attempts": 0}
        session.add(OutboxItem(message_id=message.id, channel=ChannelCode.SMS, lane=0, **(values | changes)))
        names[message.public_id] = name
    session.flush()
    rows = operations.outbox(session, now=NOW)
    assert [(names[row.message_id], row.status) for row in rows] == [
        ("failed", "failed"),
        ("channel stopped", "queued"),
        ("tried again", "queued"),
        ("due", "queued"),
        ("until the morning", operations.LATER),
        ("until she writes", operations.HELD),
    ]
    found = {name: value for name, _, value in gauges(session, now=NOW) if name.startswith("outbox_")}
    assert found == {"outbox_queued": 3, "outbox_held": 1, "outbox_later": 1, "outbox_failed": 1}
    later = {name: value for name, _, value in gauges(session, now=NOW + HOUR)}
    assert (later["outbox_queued"], later["outbox_later"]) == (4, 0), "the night is over and nobody sends"
