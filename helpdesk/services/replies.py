"""Everything we say: queued in the same transaction as the reason for saying it, sent by the outbox."""

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.domain.asking import asks_secret
from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.errors import Conflict, InvalidInput
from helpdesk.domain.lender import Lender
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import CHAT_CHANNELS, ChannelCode, Direction, Purpose
from helpdesk.domain.numbers import format_number
from helpdesk.domain.privacy import redact
from helpdesk.domain.wording import Language, long_date, promise_date, short_promise
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.people import OrgUnit, User
from helpdesk.models.texts import text_book
from helpdesk.models.tickets import Ticket
from helpdesk.services import acknowledgements, outreach_hours, owners, sla, tickets
from helpdesk.services.contacts import handle_of_phone
from helpdesk.services.trail import SYSTEM, lock_ticket, record, record_message
from helpdesk.sla.policy import Metric

LANE = {Purpose.REPLY: 0, Purpose.ANSWER: 0, Purpose.RECEIPT: 1, Purpose.CHAT: 1, Purpose.NOTICE: 2}
EVENT_OF = {
    Purpose.REPLY: "replied",
    Purpose.ANSWER: "replied",
    Purpose.RECEIPT: "receipt_queued",
    Purpose.CHAT: "text_queued",
    Purpose.NOTICE: "text_queued",
}
"""Kind of the event that records an outbound message."""

_ANNOUNCING = frozenset({"T15", "T16"})
"""Texts that promise a person."""

MAX_REPLY = 4000
"""Characters of one reply; a channel that takes fewer gets it in parts."""

_UNFILLED = re.compile(r"\{[a-z_0-9]{1,40}\}", re.IGNORECASE)


def reply(
    session: Session,
    ticket_id: int,
    text: str,
    *,
    author_id: int | None,
    actor: str,
    seen_message_id: int | None,
    lender: Lender,
    now: datetime,
    then_status: TicketStatus | None = None,
    purpose: Purpose = Purpose.REPLY,
    step: str | None = None,
) -> Message:
    """Queue an agent's words to the contact. `step`: the standing text that they are, chosen by the agent.

    Raises Conflict (`newer`) when something newer than `seen_message_id` stands in the conversation, and
    InvalidInput for a text that asks for a secret, holds one, or has an unfilled placeholder (design.md W3).
    """
    body = checked_text(text)
    ticket = lock_ticket(session, ticket_id)
    if seen_message_id is not None and _newest_message_id(session, ticket) > seen_message_id:
        raise Conflict("a newer message has not been read", code="newer")
    if ticket.status == TicketStatus.CLOSED:
        raise Conflict("the ticket is closed: reopen it first", code="closed")
    sent = body
    if purpose == Purpose.ANSWER and _goes_by_chat(session, ticket, now=now):
        sent, step = _with_question(session, ticket, body, lender=lender, now=now), "T11"
    facts = {"step": step} if step else None
    if author_id is not None:
        _introduce(session, ticket, author_id, lender=lender, now=now)
    message = queue(
        session, ticket, sent, purpose=purpose, author_id=author_id, actor=actor, now=now, facts=facts
    )
    ticket.last_human_at = now
    owners.acted(session, ticket, actor=actor)
    is_free = ticket.assignee_id is None and owners.objected_to(session, ticket_id) != actor.removeprefix(
        "user:"
    )
    if author_id is not None and is_free:
        owners.give(session, ticket, author_id, now=now, has_acted=True)
        record(session, ticket, "assigned", actor=actor, at=now, data={"from": {}, "to": {"by": "reply"}})
    sla.person_replied(session, ticket, at=now)
    acknowledgements.by_acting(session, ticket, actor=actor, now=now)
    if ticket.status == TicketStatus.NEW:
        tickets.set_status(session, ticket, TicketStatus.OPEN, actor=actor, now=now)
    if then_status is not None:
        tickets.set_status(session, ticket, then_status, actor=actor, now=now)
    return message


def _introduce(session: Session, ticket: Ticket, author_id: int, *, lender: Lender, now: datetime) -> None:
    """Say who comes in, where we last told her that a person would (design.md T15b); an SMS of its own is too dear."""
    newest = session.scalars(
        select(Message)
        .where(Message.ticket_id == ticket.id, Message.direction == Direction.OUT)
        .order_by(Message.id.desc())
        .limit(1)
    ).first()
    handle = _reply_handle(session, ticket, now=now)
    is_awaited = newest is not None and (newest.facts or {}).get("step") in _ANNOUNCING
    if is_awaited and handle is not None and handle.channel in CHAT_CHANNELS - {ChannelCode.SMS}:
        name = session.get_one(User, author_id).name.split()[0]
        say_to(session, ticket, "T15b", lender=lender, now=now, values={"petugas": name})


def _goes_by_chat(session: Session, ticket: Ticket, *, now: datetime) -> bool:
    handle = _reply_handle(session, ticket, now=now)
    return handle is not None and handle.channel in CHAT_CHANNELS


def _with_question(session: Session, ticket: Ticket, answer: str, *, lender: Lender, now: datetime) -> str:
    """Put number and question around a decision that goes out by chat (design.md T11, S06)."""
    values = {"nama": first_name(session, ticket), "jawaban": answer}
    return text_for(session, ticket, "T11", lender=lender, now=now, values=values)


def checked_text(text: str) -> str:
    """Return the text to send. Raises InvalidInput with a code that the screens explain."""
    body = text.replace("\0", "").strip()
    if not body:
        raise InvalidInput("the text is empty", field="text", code="required")
    if len(body) > MAX_REPLY:
        raise InvalidInput(f"the text is longer than {MAX_REPLY} characters", field="text", code="too_long")
    if _UNFILLED.search(body):
        raise InvalidInput("a placeholder is not filled", field="text", code="placeholder")
    if redact(body).kinds:
        raise InvalidInput("the text holds a secret or an identity number", field="text", code="secret")
    if asks_secret(body):
        raise InvalidInput("the text asks for a PIN, OTP or password", field="text", code="asks_secret")
    return body


def queue(
    session: Session,
    ticket: Ticket,
    body: str,
    *,
    purpose: Purpose,
    now: datetime,
    actor: str = SYSTEM,
    author_id: int | None = None,
    facts: dict[str, str] | None = None,
) -> Message:
    """Write an outbound message with its event and, where an address takes it, its outbox item."""
    handle = _reply_handle(session, ticket, now=now)
    channel = handle.channel if handle is not None else ticket.channel
    message = Message(
        direction=Direction.OUT,
        purpose=purpose,
        channel=channel,
        handle_id=handle.id if handle else None,
        author_id=author_id,
        body=body,
        facts=facts,
        at=now,
    )
    is_sendable = handle is not None and channel in CHAT_CHANNELS
    message.delivery = DeliveryStatus.QUEUED if is_sendable else None
    tickets.add_message(session, ticket, message)
    record_message(session, ticket, message, EVENT_OF[purpose], actor=actor, at=now)
    if is_sendable:
        session.add(
            OutboxItem(
                message_id=message.id,
                status=DeliveryStatus.QUEUED,
                channel=channel,
                lane=LANE[purpose],
                next_attempt_at=outreach_hours.goes_at(session, ticket, purpose, now=now),
                attempts=0,
            )
        )
        session.flush()
    return message


def say_to(
    session: Session,
    ticket: Ticket,
    key: str,
    *,
    purpose: Purpose = Purpose.CHAT,
    lender: Lender,
    now: datetime,
    values: Mapping[str, str] | None = None,
    facts: Mapping[str, str] | None = None,
) -> Message:
    """Queue one of the standing texts in the contact's language and channel.

    `facts` are kept with it for her answer.
    """
    body = text_for(session, ticket, key, lender=lender, now=now, values=values)
    return queue(session, ticket, body, purpose=purpose, now=now, facts={**(facts or {}), "step": key})


def text_for(
    session: Session,
    ticket: Ticket,
    key: str,
    *,
    lender: Lender,
    now: datetime,
    values: Mapping[str, str] | None = None,
) -> str:
    """Return a standing text in the contact's language, as the channel of her answer takes it."""
    handle = _reply_handle(session, ticket, now=now)
    channel = handle.channel if handle else ticket.channel
    common = {
        "merek": lender.brand,
        "telp": lender.phone,
        "telp_darurat": lender.urgent_phone,
        "nomor": format_number(ticket.number),
    }
    book = text_book(session, key)
    return book.say(
        key, language=Language(ticket.language), channel=channel, values=common | dict(values or {})
    )


def receipt(session: Session, ticket: Ticket, *, lender: Lender, now: datetime) -> Message:
    """Acknowledge a complaint with its number and promised dates (POJK 22/2023 Ps. 72 and 73)."""
    promised = promises(session, ticket)
    message = say_to(session, ticket, "T06", purpose=Purpose.RECEIPT, lender=lender, now=now, values=promised)
    ticket.acknowledged_at = now
    return message


def promises(session: Session, ticket: Ticket) -> dict[str, str]:
    """Return the dates that texts promise, in the Mitra's own zone."""
    return promised_dates(
        ticket.received_at,
        sla.promised(session, ticket),
        zone=zone_of(session, ticket),
        language=Language(ticket.language),
    )


def promised_dates(
    received_at: datetime, due: Mapping[Metric, datetime | None], *, zone: str, language: Language
) -> dict[str, str]:
    """Return tgl_terima, tgl_balas, tgl_selesai and, short, tgl, tglp, tglp_selesai; empty where nothing is due."""
    answer = due.get(Metric.FIRST_RESPONSE) or due.get(Metric.RESOLUTION)
    finish = due.get(Metric.RESOLUTION) or answer
    return {
        "tgl_terima": long_date(received_at, zone=zone, language=language),
        "tgl_balas": promise_date(answer, zone=zone, language=language) if answer else "",
        "tgl_selesai": promise_date(finish, zone=zone, language=language) if finish else "",
        "tgl": short_promise(received_at, zone=zone, language=language),
        "tglp": short_promise(answer, zone=zone, language=language) if answer else "",
        "tglp_selesai": short_promise(finish, zone=zone, language=language) if finish else "",
    }


def first_name(session: Session, ticket: Ticket) -> str:
    """Return how the contact is addressed by name."""
    name = session.get_one(Contact, ticket.contact_id).name
    return name.split()[0] if name else "Mitra"


def zone_of(session: Session, ticket: Ticket) -> str:
    """Return the name of the zone of the ticket's point."""
    return session.scalars(select(OrgUnit.zone).where(OrgUnit.id == ticket.unit_id)).one()


def _reply_handle(session: Session, ticket: Ticket, *, now: datetime) -> Handle | None:
    """Address for an answer: where she wrote from; for paper, phone, visit and web her valid phone by SMS."""
    if ticket.handle_id is not None:
        return session.get_one(Handle, ticket.handle_id)
    if ticket.channel == ChannelCode.APP:
        return None  # the app reads its answers itself
    contact = session.get_one(Contact, ticket.contact_id)
    handle = handle_of_phone(session, contact, now=now)
    if handle is not None:
        ticket.handle_id = handle.id
    return handle


def _newest_message_id(session: Session, ticket: Ticket) -> int:
    """Return the id of the newest message that an author must have read: not the automatic ones."""
    automatic = (Purpose.RECEIPT, Purpose.CHAT, Purpose.NOTICE)
    newest = session.scalar(
        select(func.max(Message.id)).where(Message.ticket_id == ticket.id, Message.purpose.not_in(automatic))
    )
    return newest or 0
