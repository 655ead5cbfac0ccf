"""The outbox: what one more message costs to queue and to claim while a hundred thousand wait."""

from datetime import datetime

from flask import Flask
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from benchmarks.measures import Figures, percentiles
from helpdesk.crypto import keys_of
from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.messages import ChannelCode, Direction, Purpose
from helpdesk.models.contacts import Handle
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import delivery, replies
from helpdesk.services.contacts import address_digest

WAITING = (1_000, 100_000)
PEOPLE = 1_000
CHANNEL = ChannelCode.SMS


def queueing(rt: Runtime, app: Flask) -> Figures:
    """Milliseconds to queue a message and to claim the next, with few and with many that wait, and the ratio."""
    ticket_id, people = rt.write(lambda session: _people(session, rt.now()))
    figures: Figures = {}
    for size in WAITING:
        rt.write(lambda session, size=size: _fill(session, ticket_id, people, size, rt.now()))  # type: ignore[misc]
        if rt.engine.dialect.name == "postgresql":
            with rt.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                connection.exec_driver_sql("ANALYZE outbox, messages")
        figures[f"message queued with {size:,} waiting, p50 ms"] = percentiles(
            lambda: rt.write(lambda session: _queue(session, ticket_id, rt.now()))
        )["p50"]
        figures[f"message claimed with {size:,} waiting, p50 ms"] = percentiles(
            lambda: rt.write(lambda session: delivery.claim_due(session, CHANNEL, now=rt.now()))
        )["p50"]
    for what in ("queued", "claimed"):
        few, many = (figures[f"message {what} with {size:,} waiting, p50 ms"] for size in WAITING)
        figures[f"message {what}: many / few"] = many / few
    return figures


def _people(session: Session, now: datetime) -> tuple[int, list[int]]:
    """Return a ticket and so many addresses of its contact."""
    ticket = session.scalars(select(Ticket).where(Ticket.handle_id.is_not(None)).limit(1)).one()
    keys = keys_of(session)
    for number in range(PEOPLE):
        address = f"+62859{number:08}"
        session.add(Handle(
            channel=CHANNEL, address=address, address_digest=address_digest(keys, CHANNEL, address),
            contact_id=ticket.contact_id, created_at=now, last_inbound_at=now,
        ))  # fmt: skip
    session.flush()
    people = session.scalars(
        select(Handle.id).where(Handle.channel == CHANNEL).order_by(Handle.id.desc()).limit(PEOPLE)
    )
    return ticket.id, list(people)


def _fill(session: Session, ticket_id: int, people: list[int], size: int, now: datetime) -> None:
    """Let so many messages wait in all."""
    waiting = session.scalar(
        select(func.count()).where(OutboxItem.channel == CHANNEL, OutboxItem.status == DeliveryStatus.QUEUED)
    )
    last = session.scalar(select(func.max(Message.id))) or 0
    session.execute(insert(Message), [
        {
            "ticket_id": ticket_id, "public_id": f"bench-{last}-{number}", "direction": Direction.OUT,
            "purpose": Purpose.NOTICE, "channel": CHANNEL, "handle_id": people[number % PEOPLE], "body": "Kabar.",
            "at": now, "delivery": DeliveryStatus.QUEUED,
        }
        for number in range(size - (waiting or 0))
    ])  # fmt: skip
    new = select(Message.id).where(Message.id > last, Message.public_id.like("bench-%"))
    session.execute(insert(OutboxItem), [
        {
            "message_id": message_id, "status": DeliveryStatus.QUEUED, "channel": CHANNEL, "lane": 1,
            "next_attempt_at": now, "attempts": 0,
        }
        for message_id in session.scalars(new)
    ])  # fmt: skip


def _queue(session: Session, ticket_id: int, now: datetime) -> None:
    replies.queue(session, session.get_one(Ticket, ticket_id), "Kabar.", purpose=Purpose.CHAT, now=now)
