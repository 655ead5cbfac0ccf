"""Replies of staff on their way out, and what the tests of answering look at."""

from datetime import datetime

from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, decide, tell, ticket_of

from helpdesk.domain.delivery import DeliveryStatus, SendOutcome
from helpdesk.domain.messages import ChannelCode, DeliveryReport, Purpose
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import Ticket
from helpdesk.services import delivery, replies
from helpdesk.sla.policy import Metric

ANSWER = "Baik, Ibu. Kami cek dulu."


def answer(session: Session, ticket: Ticket, text: str = ANSWER, **more: object) -> Message:
    """Let a member of staff reply."""
    values: dict[str, object] = {
        "author_id": None,
        "actor": "user:x",
        "seen_message_id": None,
        "lender": LENDER,
        "now": NOW,
    }
    return replies.reply(session, ticket.id, text, **(values | more))  # type: ignore[arg-type]


def answered(session: Session) -> Ticket:
    """A complaint whose decision is on its way."""
    ticket = ticket_of(session, tell(session, now=NOW))
    decide(session, ticket, now=NOW)
    return ticket


def decision_in(session: Session, ticket: Ticket) -> Message:
    query = select(Message).where(Message.ticket_id == ticket.id, Message.purpose == Purpose.ANSWER)
    return session.scalars(query).one()


def item_of(session: Session, message: Message) -> OutboxItem:
    return session.scalars(select(OutboxItem).where(OutboxItem.message_id == message.id)).one()


def clock(session: Session, ticket: Ticket, metric: Metric) -> SlaClockRow:
    return session.scalars(
        select(SlaClockRow)
        .where(SlaClockRow.ticket_id == ticket.id, SlaClockRow.metric == metric)
        .order_by(SlaClockRow.id.desc())
    ).first()  # type: ignore[return-value]


def claim(session: Session, message: Message, *, now: datetime = NOW) -> int:
    """Claim all that waits, and return the item of the message."""
    delivery.claim_due(session, ChannelCode.WHATSAPP, now=now, limit=1000)
    return item_of(session, message).id


def sent(session: Session, message: Message, external_id: str, *, now: datetime = NOW) -> None:
    """Let the provider take the message under its id."""
    delivery.record_sent(session, claim(session, message, now=now), external_id=external_id, now=now)


def report(session: Session, external_id: str, status: DeliveryStatus, *, now: datetime = NOW) -> None:
    """Let the provider say what became of it."""
    code = "30003" if status == DeliveryStatus.FAILED else None
    said = DeliveryReport(ChannelCode.WHATSAPP, external_id, status, code)
    delivery.apply_report(session, said, now=now)


def fail(session: Session, message: Message, *, now: datetime = NOW) -> None:
    """Let the sending end without anybody knowing how."""
    delivery.record_failure(
        session, claim(session, message, now=now), code="30003", outcome=SendOutcome.UNKNOWN, now=now
    )


def again(session: Session, message: Message, *, now: datetime = NOW) -> None:
    """Let a member of staff press "Kirim ulang"."""
    delivery.send_again(session, message.ticket_id, message_id=message.public_id, actor="user:x", now=now)
