"""A complaint whose answer goes many ways, for tests of what her word then means."""

from datetime import datetime, timedelta

from answer_samples import decision_in, item_of
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import decide, tell, ticket_of

from helpdesk.domain.delivery import DeliveryStatus, SendOutcome
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.message_templates import Standing, TemplateState
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.outreach import TaskResult
from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Message
from helpdesk.models.outreach import ContactTask
from helpdesk.models.tickets import Ticket
from helpdesk.services import (
    channel_ladder,
    contact_tasks,
    delivery,
    invitations,
    message_templates,
)

SMS, WHATSAPP, TELEGRAM = ChannelCode.SMS, ChannelCode.WHATSAPP, ChannelCode.TELEGRAM
DAY, HOUR, MINUTE = timedelta(hours=24), timedelta(hours=1), timedelta(minutes=1)
LATER = NOW + DAY + MINUTE
RESOLVED, CLOSED, OPEN = TicketStatus.RESOLVED, TicketStatus.CLOSED, TicketStatus.OPEN
QUEUED, SENT, DELIVERED = DeliveryStatus.QUEUED, DeliveryStatus.SENT, DeliveryStatus.DELIVERED
OTHER = "Bu saya minta surat lunas tapi belum diberi sampai sekarang"


def begun(session: Session) -> Ticket:
    """A complaint by WhatsApp whose automatic texts have gone; she may be asked whether she wants to read."""
    content_id, variables, body = "HX" + "0a" * 16, ["nama", "nomor"], "Halo {{1}}, kabar {{2}}"
    row = message_templates.add(
        session, step="T22", language="id", name="kabar", content_id=content_id, variables=variables,
        actor="user:admin", now=NOW,
    )  # fmt: skip
    message_templates.take_standing(session, row.id, Standing(TemplateState.APPROVED, body), now=NOW)
    seen = message_templates.seen_sign(content_id, variables, body)
    message_templates.confirm(session, content_id, "id", seen=seen, actor="user:other", now=NOW)
    ticket = ticket_of(session, tell(session, now=NOW))
    assert sends(session, now=NOW)
    return ticket


def sends(session: Session, channel: ChannelCode = WHATSAPP, *, now: datetime) -> list[str]:
    """One pass of the sender: hold what may not go, hand the rest to the provider. Returns the texts."""
    window = DAY if channel == WHATSAPP else None
    if window:
        for outbox_id in invitations.outside_ids(session, channel, window=window, now=now):
            invitations.hold_due(session, outbox_id, window=window, now=now)
    gone = []
    while claimed := delivery.claim_due(session, channel, now=now, window=window):
        [one] = claimed
        external_id = f"{channel}{one.outbox_id}-{now:%d%H%M}"
        delivery.record_sent(session, one.outbox_id, external_id=external_id, now=now)
        gone.append("T22" if one.message.template else one.message.text)
    return gone


def climbs(session: Session, *, now: datetime) -> None:
    for outbox_id in channel_ladder.unproven_ids(session, now=now):
        channel_ladder.climb(session, outbox_id, now=now)


def loses(session: Session, message: Message, *, now: datetime) -> None:
    """WhatsApp says that nobody is reached there."""
    delivery.claim_due(session, WHATSAPP, now=now, limit=99)
    item = item_of(session, message)
    delivery.record_failure(session, item.id, code="63003", outcome=SendOutcome.BAD_ADDRESS, now=now)


def asks(session: Session, ticket: Ticket) -> Message:
    """A decision waits, and T22 has gone."""
    decide(session, ticket, now=LATER)
    assert sends(session, now=LATER) == ["T22"]
    return decision_in(session, ticket)


def brings(session: Session, ticket: Ticket, message: Message, result: TaskResult, *, now: datetime) -> None:
    """A person tells her, or posts the letter."""
    if result == TaskResult.SENT:
        session.get_one(Contact, ticket.contact_id).phone = None
    contact_tasks.for_message(session, ticket, message, reason="not_arrived", now=now)
    task = session.scalars(select(ContactTask).where(ContactTask.message_id == message.id)).one()
    contact_tasks.finish(
        session, ticket.id, task.public_id, result=result, note="", user_id=None, actor="user:x", now=now
    )


def named(ticket: Ticket) -> str:
    return f"{ticket.number[:4]}-{ticket.number[4:]}"
