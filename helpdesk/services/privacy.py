"""Erasure of what is stored about a contact, on request or when retention ends (UU PDP 27/2022 Ps. 42-44)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from helpdesk.crypto import keys_of
from helpdesk.domain.delivery import ERASED_MEANWHILE, DeliveryStatus
from helpdesk.domain.errors import Conflict, NotFound
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.numbers import format_number, parse_number
from helpdesk.domain.phones import normalise_phone
from helpdesk.domain.privacy import ERASED
from helpdesk.models.complaints import Rating, Redress, Resolution
from helpdesk.models.contacts import Contact, ContactWord, Handle, HandleKey
from helpdesk.models.explanations import Explanation
from helpdesk.models.messages import Attachment, DeliveryEvent, Dispatch, Message, OutboxItem
from helpdesk.models.outreach import ContactTask, DeliveryAttempt
from helpdesk.models.paper import LwkPage
from helpdesk.models.sla import SlaExtension, StatutoryPeriod
from helpdesk.models.talks import Talk
from helpdesk.models.tickets import PERSONAL_DATA_ERASED, Ticket, TicketEvent, TicketWord
from helpdesk.models.webhooks import WebhookEvent
from helpdesk.services import attachments, contact_tasks, explanations, paper_erasure, raw_words
from helpdesk.services.contacts import hold_contact, phone_digest
from helpdesk.services.trail import audit, lock_ticket, lock_tickets, record

KEPT_YEARS = 5
KEPT_YEARS_WITH_REDRESS = 10
"""Complaint files are kept this long after closing, then anonymised (domain.md 1.12)."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure did, or why it was refused."""

    contact: str
    """Public id."""
    obstacles: tuple[str, ...]
    is_done: bool
    ticket_count: int = 0
    storage_keys: tuple[str, ...] = ()
    """Files that the caller removes once this is committed."""
    left: tuple[str, ...] = ()
    """What may be hers or a neighbour's and is still there; it is emptied when a person reads that it is hers."""


def find_contact(session: Session, reference: str) -> int:
    """Return the id of the contact with this public id, ticket number, mitra id or phone.

    Raises NotFound, and Conflict where it fits several: phones are shared.
    """
    wanted = reference.strip()
    keys = keys_of(session)
    terms = [Contact.public_id == wanted.lower(), Contact.mitra_digest == keys.digest("mitra", wanted)]
    phone = normalise_phone(wanted)
    if phone:
        terms.append(Contact.phone_digest == phone_digest(keys, phone))
    number = parse_number(wanted)
    if number:
        terms.append(Contact.id.in_(select(Ticket.contact_id).where(Ticket.number == number)))
    found = session.execute(
        select(Contact.id, Contact.public_id).where(or_(*terms)).order_by(Contact.id)
    ).all()
    if not found:
        raise NotFound(f"no contact {reference!r}")
    if len(found) > 1:
        ids = ", ".join(row.public_id for row in found)
        raise Conflict(f"{reference!r} fits {len(found)} contacts, name one: {ids}", code="ambiguous")
    contact_id: int = found[0].id
    return contact_id


def obstacles(session: Session, contact_id: int, *, now: datetime) -> tuple[str, ...]:
    """Return why the contact may not be erased yet, ticket by ticket; empty when nothing is in the way."""
    redressed = select(Resolution.ticket_id).join(Redress, Redress.resolution_id == Resolution.id)
    tickets = session.execute(
        select(Ticket.number, Ticket.status, Ticket.closed_at, Ticket.id.in_(redressed).label("has_redress"))
        .where(Ticket.contact_id == contact_id)
        .order_by(Ticket.id)
    )
    reasons = []
    for number, status, closed_at, has_redress in tickets:
        if status != TicketStatus.CLOSED or closed_at is None:
            reasons.append(f"ticket {format_number(number)} is {status}, not closed")
            continue
        kept_until = _years_later(closed_at, KEPT_YEARS_WITH_REDRESS if has_redress else KEPT_YEARS)
        if now < kept_until:
            reasons.append(f"ticket {format_number(number)} must be kept until {kept_until.date()}")
    for event in raw_words.waiting(session, session.get_one(Contact, contact_id)):
        if now < _years_later(event.received_at, KEPT_YEARS):  # it may be a complaint
            reasons.append(f"what came by {event.channel} on {event.received_at.date()} is not processed yet")
    return (*reasons, *paper_erasure.unread(session, contact_id))


def due_contacts(session: Session, *, now: datetime) -> dict[str, int]:
    """Return {public id: id} of the contacts whose retention is over: all tickets closed, and long enough."""
    oldest_kept = _years_later(now, -KEPT_YEARS)
    candidates = session.execute(
        select(Contact.public_id, Contact.id)
        .where(Contact.erased_at.is_(None), Contact.created_at <= oldest_kept, ~_has_kept_ticket(now))
        .order_by(Contact.id)
    ).all()
    return {row.public_id: row.id for row in candidates if not obstacles(session, row.id, now=now)}


def _has_kept_ticket(now: datetime) -> ColumnElement[bool]:
    """Return the condition on Contact: a ticket of hers is in work or must be kept still."""
    ticket = aliased(Ticket)
    redressed = select(Resolution.ticket_id).join(Redress, Redress.resolution_id == Resolution.id)
    return exists().where(
        ticket.contact_id == Contact.id,
        or_(
            ticket.status != TicketStatus.CLOSED,
            ticket.closed_at.is_(None),
            ticket.closed_at > _years_later(now, -KEPT_YEARS),
            and_(ticket.closed_at > _years_later(now, -KEPT_YEARS_WITH_REDRESS), ticket.id.in_(redressed)),
        ),
    )


def erase(session: Session, contact_id: int, *, force: bool, actor: str, now: datetime) -> Erasure:
    """Make the contact anonymous, with every text of her tickets; figures and the audit chain stay.

    A refusal is no error: it is recorded (domain.md 2). `force` overrides every obstacle, recorded too.
    She is locked before her tickets are read: a message of that moment is in one of them, or comes from a new contact.
    """
    paper_erasure.hold(session, contact_id)
    contact = hold_contact(session, contact_id)
    if contact.erased_at is not None:
        raise Conflict(f"contact {contact.public_id} is erased already", code="erased")
    tickets = select(Ticket.id).where(Ticket.contact_id == contact_id).order_by(Ticket.id)
    ticket_ids = [ticket.id for ticket in lock_tickets(session, session.scalars(tickets).all())]
    reasons = obstacles(session, contact_id, now=now)
    if reasons and not force:
        data = {"contact": contact.public_id, "reasons": list(reasons)}
        audit(session, "erasure_refused", actor=actor, at=now, data=data)
        return Erasure(contact.public_id, reasons, is_done=False)
    files: list[str] = []
    raw_words.forget(session, contact, now=now)
    for ticket_id in ticket_ids:
        files += _erase_ticket(session, ticket_id, actor=actor, now=now)
    _erase_handles(session, contact_id)
    _erase_person(session, contact, now=now)
    files += attachments.empty(session, paper_erasure.left_alone(contact_id))
    audit(
        session, "contact_erased", actor=actor, at=now,
        data={"contact": contact.public_id, "tickets": len(ticket_ids), "overridden": list(reasons)},
    )  # fmt: skip
    return Erasure(
        contact.public_id,
        reasons,
        is_done=True,
        ticket_count=len(ticket_ids),
        storage_keys=tuple(files),
        left=tuple(paper_erasure.unread(session, contact_id)),
    )


def _erase_person(session: Session, contact: Contact, *, now: datetime) -> None:
    lines = [
        line.id for line in explanations.about_contact(session, contact)
    ]  # found by what is cleared next
    explanations.forget(session, Explanation.id.in_(lines))
    contact.name = contact.phone = contact.mitra_id = contact.village = contact.majelis = None
    contact.phone_digest = contact.mitra_digest = None
    contact.erased_at = now
    session.execute(delete(ContactWord).where(ContactWord.contact_id == contact.id))
    session.flush()


def _erase_handles(session: Session, contact_id: int) -> None:
    """Forget her addresses; one that serves another contact's ticket is that contact's from now on."""
    for handle in session.scalars(select(Handle).where(Handle.contact_id == contact_id)).all():
        other = session.scalar(
            select(Ticket.contact_id)
            .where(Ticket.handle_id == handle.id, Ticket.contact_id != contact_id)
            .order_by(Ticket.id.desc())
            .limit(1)
        )
        if other is not None:
            handle.contact_id = other
            continue
        handle.address = ERASED
        handle.address_digest = keys_of(session).digest("erased", str(uuid.uuid4()))
        handle.is_blocked = True  # nothing may be sent to what is no address any more
        session.execute(delete(HandleKey).where(HandleKey.handle_id == handle.id))
    session.flush()


def _erase_ticket(session: Session, ticket_id: int, *, actor: str, now: datetime) -> Sequence[str]:
    """Empty the ticket's texts and event details (their seals keep the chain whole); return its files."""
    ticket = lock_ticket(session, ticket_id)
    ticket.subject = ERASED
    ticket.follow_up_code_digest = None
    # The sentences of a reason quote the words that were found; the rule alone tells nothing.
    ticket.severity_reasons = [
        {"rule": reason.get("rule", ""), "text_id": ERASED, "text_en": ERASED}
        for reason in ticket.severity_reasons
    ]
    session.execute(delete(TicketWord).where(TicketWord.ticket_id == ticket_id))
    session.execute(update(TicketEvent).where(TicketEvent.ticket_id == ticket_id).values(data=None))
    session.execute(
        update(Resolution).where(Resolution.ticket_id == ticket_id).values(summary=None, late_reason=None)
    )
    session.execute(update(Rating).where(Rating.ticket_id == ticket_id).values(comment=None))
    session.execute(
        update(StatutoryPeriod).where(StatutoryPeriod.ticket_id == ticket_id).values(subject=ERASED)
    )
    session.execute(
        update(SlaExtension).where(SlaExtension.ticket_id == ticket_id).values(reason=ERASED, party=None)
    )
    files = _erase_messages(session, ticket_id, now=now)
    record(session, ticket, PERSONAL_DATA_ERASED, actor=actor, at=now)
    session.flush()
    return files


def _erase_messages(session: Session, ticket_id: int, *, now: datetime) -> Sequence[str]:
    of_ticket = select(Message.id).where(Message.ticket_id == ticket_id)
    of_paper = paper_erasure.read_of(ticket_id)  # also while its form is with no message
    files = attachments.empty(session, or_(Attachment.message_id.in_(of_ticket), of_paper))
    is_unsent = OutboxItem.status.in_([DeliveryStatus.QUEUED, DeliveryStatus.SENDING])
    unsent = select(OutboxItem.message_id).where(OutboxItem.message_id.in_(of_ticket), is_unsent)
    session.execute(
        update(Message)
        .where(Message.id.in_(unsent))
        .values(delivery=DeliveryStatus.FAILED, error_code=ERASED_MEANWHILE)
    )
    session.execute(
        update(OutboxItem)
        .where(OutboxItem.message_id.in_(of_ticket), is_unsent)
        .values(status=DeliveryStatus.FAILED, last_error=ERASED_MEANWHILE, held_at=None)
    )
    # A provider's id may hold the chat id of the person (Telegram).
    session.execute(
        update(DeliveryEvent).where(DeliveryEvent.message_id.in_(of_ticket)).values(external_digest=b"")
    )
    session.execute(
        update(DeliveryAttempt).where(DeliveryAttempt.message_id.in_(of_ticket)).values(external_digest=None)
    )
    contact_tasks.all_needless(session, ticket_id, now=now)
    session.execute(update(ContactTask).where(ContactTask.ticket_id == ticket_id).values(note=None))
    session.execute(
        update(Dispatch)
        .where(Dispatch.message_id.in_(of_ticket))
        .values(external_id=None, external_digest=None)
    )
    session.execute(
        update(Talk).where(Talk.message_id.in_(of_ticket)).values(speaker_name=None, safe_hour=None)
    )
    session.execute(
        update(Message)
        .where(Message.ticket_id == ticket_id)
        .values(body=ERASED, facts=None, external_id=None, external_digest=None)
    )
    return files


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What is kept of people outside of any complaint, for as long as a complaint would be."""

    explanation_count: int
    """Of one Mitra each."""
    page_count: int
    """Scanned pages whose form nobody typed."""
    raw_count: int
    """Requests of providers that nobody could process."""
    storage_keys: tuple[str, ...] = ()
    """Files that the caller removes once this is committed."""


def due_leftovers(session: Session, *, now: datetime) -> Leftovers:
    """Count what need not be kept any longer."""
    lines = select(func.count()).select_from(Explanation).where(_old_lines(now))
    pages = select(func.count()).select_from(Attachment).where(_old_pages(now))
    raw = raw_words.old(before=_years_later(now, -KEPT_YEARS))
    raws = select(func.count()).select_from(WebhookEvent).where(raw)
    return Leftovers(session.scalar(lines) or 0, session.scalar(pages) or 0, session.scalar(raws) or 0)


def erase_leftovers(session: Session, *, actor: str, now: datetime) -> Leftovers:
    """Forget whom the old explanations were about, and empty the old pages; what was counted stays."""
    due = due_leftovers(session, now=now)
    if not (due.explanation_count or due.page_count or due.raw_count):
        return due
    explanations.forget(session, _old_lines(now))
    files = attachments.empty(session, _old_pages(now))
    raw_words.drop(session, raw_words.old(before=_years_later(now, -KEPT_YEARS)), now=now)
    data = {"explanations": due.explanation_count, "pages": due.page_count, "raw": due.raw_count}
    audit(session, "leftovers_erased", actor=actor, at=now, data=data)
    return replace(due, storage_keys=tuple(files))


def _old_lines(now: datetime) -> ColumnElement[bool]:
    return explanations.old_lines(_years_later(now, -KEPT_YEARS).date())


def _old_pages(now: datetime) -> ColumnElement[bool]:
    """What no ticket has, of batches in which no Mitra has a ticket that is kept: it may show her complaint."""
    is_needed = paper_erasure.of_batches_with(Contact.erased_at.is_(None), _has_kept_ticket(now))
    old = select(LwkPage.attachment_id).where(
        LwkPage.created_at <= _years_later(now, -KEPT_YEARS), ~is_needed
    )
    is_there = Attachment.storage_key.is_not(None)
    return and_(Attachment.id.in_(old), Attachment.message_id.is_(None), is_there)


def _years_later(at: datetime, years: int) -> datetime:
    try:
        return at.replace(year=at.year + years)
    except ValueError:  # 29 February
        return at.replace(year=at.year + years, day=28)
