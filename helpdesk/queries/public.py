"""What the Mitra sees of her complaints: the status page, STATUS by chat, and the app's public view."""

import hmac
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.domain.errors import NotFound
from helpdesk.domain.lifecycle import TicketKind, TicketStatus
from helpdesk.domain.messages import Direction
from helpdesk.domain.phones import last_four
from helpdesk.models.complaints import Rating
from helpdesk.models.contacts import Contact
from helpdesk.models.merges import ends_of
from helpdesk.models.people import OrgUnit
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import CategoryRow, Ticket
from helpdesk.queries.conversation import MessageRow, messages_of
from helpdesk.queries.paging import LIMIT, Page, check_limit, decode_cursor, encode_cursor, id_of
from helpdesk.queries.terms import number_key
from helpdesk.sla.policy import Metric

FOLLOW_UP = "follow_up"
"""Purpose of the digest of a kode kabar."""

_STEPS = {
    TicketStatus.NEW: 1,
    TicketStatus.OPEN: 2,
    TicketStatus.PENDING: 2,
    TicketStatus.ON_HOLD: 2,
    TicketStatus.RESOLVED: 3,
    TicketStatus.CLOSED: 4,
}


@dataclass(frozen=True, slots=True)
class PublicStatus:
    """A complaint without anything internal. Promises are None while the clock stands still."""

    number: str
    kind: TicketKind
    status: TicketStatus
    step: int
    """1 received, 2 being handled, 3 answered, 4 finished."""
    zone: str
    language: str
    category_id: str | None
    category_en: str | None
    received_at: datetime
    updated_at: datetime
    answer_by: datetime | None
    resolve_by: datetime | None
    resolved_at: datetime | None
    is_read: bool
    """Somebody of us has taken it up."""
    is_waiting_for_contact: bool
    is_resolved: bool
    rating: int | None


@dataclass(frozen=True, slots=True)
class PublicTicket:
    """The app's view: the status, and the messages to and from the Mitra."""

    id: int
    status: PublicStatus
    messages: tuple[MessageRow, ...]
    is_held_back: bool
    """Merged into a matter about staff, and none itself: whoever has its paper may be whom the matter is about."""


Head = Select[Ticket, str, CategoryRow, int]


def public_view(session: Session, number: str, *, digits: str = "", code: str = "") -> PublicStatus:
    """Return the status of a complaint for one who knows its number and a proof: the last four digits of the
    phone, or the kode kabar. Raises NotFound for a wrong number and for a wrong proof alike."""
    found = session.execute(
        _public_heads(Ticket.number == number_key(number)).add_columns(Contact.phone)
    ).first()
    if found is None:
        raise NotFound("no such complaint")
    ticket, *_, phone = found
    if not (_phone_fits(phone, digits) or _code_fits(session, ticket, code)):
        raise NotFound("no such complaint")
    return _public_tickets(session, _public_heads(Ticket.id == ticket.id))[0].status


def _phone_fits(phone: str | None, digits: str) -> bool:
    wanted = last_four(phone or "")
    given = last_four(digits)
    return len(wanted) == 4 and hmac.compare_digest(given.encode(), wanted.encode())


def _code_fits(session: Session, ticket: Ticket, code: str) -> bool:
    if not code.strip() or ticket.follow_up_code_digest is None:
        return False
    given = keys_of(session).digest(FOLLOW_UP, "".join(code.upper().split()))
    return hmac.compare_digest(given, ticket.follow_up_code_digest)


def public_ticket(session: Session, number: str, *, mitra_digest: bytes | None = None) -> PublicTicket:
    """Return the app's view of a complaint; with a digest only if it is that Mitra's. Raises NotFound."""
    heads = _public_heads(Ticket.number == number_key(number))
    if mitra_digest is not None:
        heads = heads.where(Contact.mitra_digest == mitra_digest)
    found = _public_tickets(session, heads)
    if not found:
        raise NotFound("no such complaint")
    return found[0]


def by_mitra(
    session: Session, mitra_digest: bytes, *, after: str | None = None, limit: int = LIMIT
) -> Page[PublicTicket]:
    """Return the complaints of one Mitra, newest first."""
    limit = check_limit(limit)
    heads = _public_heads(Contact.mitra_digest == mitra_digest)
    if after is not None:
        heads = heads.where(Ticket.id < id_of(decode_cursor(after, "mitra", (int,))[0]))
    found = _public_tickets(session, heads.order_by(Ticket.id.desc()).limit(limit + 1))
    following = encode_cursor("mitra", found[limit - 1].id) if len(found) > limit else None
    return Page(tuple(found[:limit]), following)


def _public_heads(term: ColumnElement[bool]) -> Head:
    return (
        select(Ticket, OrgUnit.zone, CategoryRow, Rating.score)
        .join(Contact, Contact.id == Ticket.contact_id)
        .join(OrgUnit, OrgUnit.id == Ticket.unit_id)
        .outerjoin(CategoryRow, CategoryRow.code == Ticket.category_code)
        .outerjoin(Rating, Rating.ticket_id == Ticket.id)
        .where(term)
    )


def _public_tickets(session: Session, heads: Head) -> list[PublicTicket]:
    """Return the tickets; one that was merged under her own number, with all else of the one that stands for it."""
    found = {row[0].id: row for row in session.execute(heads).all()}
    ends = ends_of(session, found)
    more = session.execute(_public_heads(Ticket.id.in_(set(ends.values())))).all() if ends else []
    rows = found | {row[0].id: row for row in more}
    promises, conversations = _promises(session, list(rows)), messages_of(session, list(rows))
    return [
        PublicTicket(
            ticket_id,
            _status(*rows[end], number=found[ticket_id][0].number, promises=promises[end]),
            tuple(said for said in conversations[end] if said.direction is not Direction.NOTE),
            is_held_back=rows[end][0].is_about_staff and not found[ticket_id][0].is_about_staff,
        )
        for ticket_id in found
        for end in [ends.get(ticket_id, ticket_id)]
    ]


def _status(
    ticket: Ticket,
    zone: str,
    category: CategoryRow | None,
    rating: int | None,
    *,
    number: str,
    promises: Mapping[Metric, datetime | None],
) -> PublicStatus:
    resolve_by = promises.get(Metric.RESOLUTION)
    return PublicStatus(
        number=number,
        kind=ticket.kind,
        status=ticket.status,
        step=_STEPS[ticket.status],
        zone=zone,
        language=ticket.language,
        category_id=category.name_id if category else None,
        category_en=category.name_en if category else None,
        received_at=ticket.received_at,
        updated_at=ticket.updated_at,
        answer_by=promises.get(Metric.FIRST_RESPONSE) or resolve_by,
        resolve_by=resolve_by,
        resolved_at=ticket.resolved_at,
        is_read=ticket.last_human_at is not None,
        is_waiting_for_contact=ticket.status is TicketStatus.PENDING,
        is_resolved=ticket.status in (TicketStatus.RESOLVED, TicketStatus.CLOSED),
        rating=rating,
    )


def _promises(session: Session, ids: Sequence[int]) -> Mapping[int, Mapping[Metric, datetime | None]]:
    """Return the dates told to the Mitra: first response and resolution (domain.md 7.2)."""
    promises: dict[int, dict[Metric, datetime | None]] = defaultdict(dict)
    if not ids:
        return promises
    found = session.execute(
        select(SlaClockRow.ticket_id, SlaClockRow.metric, SlaClockRow.due_at)
        .where(
            SlaClockRow.ticket_id.in_(ids),
            SlaClockRow.metric.in_([Metric.FIRST_RESPONSE, Metric.RESOLUTION]),
            SlaClockRow.superseded_at.is_(None),
        )
        .order_by(SlaClockRow.id)
    )
    for ticket_id, metric, due_at in found:
        promises[ticket_id][metric] = due_at
    return promises
