"""A Mitra who writes by chat, and short looks at what came of it; for tests of intake and answering."""

import itertools
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.complaints import (
    Disposition,
    RedressKind,
    RedressOffer,
    ResolutionDraft,
    load_root_causes,
)
from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.lender import Lender
from helpdesk.domain.messages import AttachmentRef, ChannelCode, InboundMessage, Purpose
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.tickets import Ticket, TicketEvent
from helpdesk.services import complaints, delivery, intake
from helpdesk.services.intake import Received

LENDER = Lender("Amanah", "0800 100 2030", "0800 100 2031", "08.00-17.00", ZoneInfo("Asia/Jakarta"))

PAID = "Bu saya sudah bayar angsuran lewat VA tgl 3 tapi belum masuk"

_serial = itertools.count(1)


def message(
    text: str = PAID,
    *,
    phone: str = "+6285711112222",
    channel: ChannelCode = ChannelCode.WHATSAPP,
    external_id: str = "",
    files: tuple[AttachmentRef, ...] = (),
    **more: object,
) -> InboundMessage:
    """Return a message of the Mitra with that phone."""
    address = f"whatsapp:{phone}" if channel == ChannelCode.WHATSAPP else phone
    return InboundMessage(
        channel=channel,
        external_id=external_id or f"SM{next(_serial)}",
        address=address,
        aliases=(f"tel:{phone}",),
        text=text,
        attachments=files,
        **more,  # type: ignore[arg-type]
    )


def tell(session: Session, text: str = PAID, *, now: datetime, **more: object) -> Received:
    """Let the Mitra write."""
    return intake.receive_message(session, message(text, **more), lender=LENDER, now=now)  # type: ignore[arg-type]


def ticket_of(session: Session, received: Received) -> Ticket:
    """The ticket that a message landed in."""
    return session.get_one(Ticket, received.ticket_id)


def said(session: Session, ticket_id: int, direction: str = "out") -> list[str]:
    """Bodies of a ticket's messages, oldest first."""
    return list(
        session.scalars(
            select(Message.body)
            .where(Message.ticket_id == ticket_id, Message.direction == direction)
            .order_by(Message.id)
        )
    )


def step_of(session: Session, ticket_id: int) -> str | None:
    """Key of the standing text that was said last in the ticket; None after a person's words."""
    newest = session.scalars(
        select(Message)
        .where(Message.ticket_id == ticket_id, Message.direction == "out")
        .order_by(Message.id.desc())
        .limit(1)
    ).first()
    return (newest.facts or {}).get("step") if newest else None


def steps_of(session: Session, ticket_id: int) -> list[str]:
    """Keys of the standing texts of a ticket, oldest first; "" where a person wrote."""
    spoken = session.scalars(
        select(Message).where(Message.ticket_id == ticket_id, Message.direction == "out").order_by(Message.id)
    )
    return [(message.facts or {}).get("step", "") for message in spoken]


def resolve(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Let staff uphold the complaint, and let the answer go out."""
    decide(session, ticket, now=now)
    answer_goes(session, ticket, now=now)


def answer_goes(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Let the provider take the decision of a ticket, as far as a chat takes it."""
    item = session.scalars(
        select(OutboxItem)
        .join(Message)
        .where(Message.ticket_id == ticket.id, Message.purpose == Purpose.ANSWER)
        .order_by(OutboxItem.id.desc())
    ).first()
    while item is not None and item.status == DeliveryStatus.QUEUED:
        [claimed] = delivery.claim_due(session, item.channel, now=now)
        external_id = f"OUT{next(_serial)}"
        delivery.record_sent(session, claimed.outbox_id, external_id=external_id, now=now)


def decide(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Let staff uphold the complaint; the answer waits for its turn."""
    cause = load_root_causes()[0].causes[0].code
    draft = ResolutionDraft(
        Disposition.UPHELD, cause, (RedressOffer(RedressKind.APOLOGY),), "Sudah kami betulkan, Ibu.",
        late_code="overload",
    )  # fmt: skip
    complaints.resolve(session, ticket.id, draft, author_id=None, actor="system", lender=LENDER, now=now)


def event_kinds(session: Session, ticket_id: int) -> list[str]:
    """Kinds of a ticket's events in order."""
    return list(
        session.scalars(
            select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.serial)
        )
    )
