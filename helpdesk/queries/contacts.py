"""People outside: finding one, her page, and the look-up of phone and paper entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.domain.errors import Forbidden, NotFound
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.phones import normalise_phone
from helpdesk.domain.privacy import mask_phone
from helpdesk.domain.search import index_words, query_words
from helpdesk.models.barring import contact_is_hidden
from helpdesk.models.contacts import Contact, ContactWord, Handle
from helpdesk.models.people import OrgUnit, Role
from helpdesk.models.tickets import Ticket
from helpdesk.queries.queue import QueueRow, rows_of
from helpdesk.queries.terms import ACTIVE, number_key, tally
from helpdesk.queries.visibility import Action, Viewer, can, require, visible

FOUND = 20
SIFTED = 400
"""So many of one name are looked through for a place."""
TICKETS = 100


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A person as lists show her: phone masked, tickets counted as far as the viewer may see them."""

    id: int
    public_id: str
    name: str | None
    phone: str | None
    mitra_id: str | None
    village: str | None
    majelis: str | None
    unit: str | None
    unit_id: int | None
    language: str
    ticket_count: int
    active_count: int


@dataclass(frozen=True, slots=True)
class HandleRow:
    """One address of hers, itself not shown."""

    channel: ChannelCode
    is_blocked: bool
    opted_out_at: datetime | None
    last_inbound_at: datetime | None


@dataclass(frozen=True, slots=True)
class ContactPage:
    """A contact with her addresses and the tickets that the viewer may see, newest first."""

    contact: ContactRow
    handles: tuple[HandleRow, ...]
    tickets: tuple[QueueRow, ...]


def find(session: Session, viewer: Viewer, text: str, *, place: str = "") -> tuple[ContactRow, ...]:
    """Return contacts by ticket number, phone, mitra id or all words of the name; at most twenty.

    `place`: part of the majelis or the village, to choose among many of one name.
    """
    require(viewer, Action.READ_CONTACTS)
    if not text.strip():
        return ()
    places = [_by_words(session, text), _by_phone(session, text), _by_mitra(session, text)]
    number = number_key(text)
    if number:
        places.append(select(Ticket.contact_id).where(Ticket.number == number, visible(viewer)))
    return _contacts(session, viewer, Contact.id.in_(places[0].union_all(*places[1:])), place=place)


def lookup(
    session: Session,
    viewer: Viewer,
    *,
    phone: str = "",
    mitra_id: str = "",
    name: str = "",
    place: str = "",
    unit_id: int | None = None,
) -> tuple[ContactRow, ...]:
    """Return who it may be while a complaint is entered; field staff find the people of their point.

    `unit_id`: the people of that point only.

    One whom nobody may know of is not among them: entered with her mitra id, the complaint is hers all the same.
    """
    if not (can(viewer, Action.ENTER_PHONE) or can(viewer, Action.ENTER_LWK)):
        raise Forbidden(f"{viewer.role} enters no complaints")
    places: list[Select[int]] = []
    if phone.strip():
        places.append(_by_phone(session, phone))
    if mitra_id.strip():
        places.append(_by_mitra(session, mitra_id))
    if name.strip():
        places.append(_by_words(session, name))
    if not places:
        return ()
    is_there = Contact.unit_id == unit_id if unit_id is not None else true()
    found = and_(Contact.id.in_(places[0].union_all(*places[1:])), is_there)
    return _contacts(session, viewer, found, place=place)


def contact_page(session: Session, viewer: Viewer, public_id: str) -> ContactPage:
    """Return the contact's page. Raises NotFound."""
    require(viewer, Action.READ_CONTACTS)
    found = _contacts(session, viewer, Contact.public_id == public_id)
    if not found:
        raise NotFound("no such contact")
    contact = found[0]
    handles = session.execute(
        select(Handle.channel, Handle.is_blocked, Handle.opted_out_at, Handle.last_inbound_at)
        .where(Handle.contact_id == contact.id)
        .order_by(Handle.id)
    )
    ids = session.scalars(
        select(Ticket.id)
        .where(Ticket.contact_id == contact.id, visible(viewer))
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(TICKETS)
    ).all()
    return ContactPage(contact, tuple(HandleRow(*row) for row in handles), rows_of(session, ids))


def _by_words(session: Session, text: str) -> Select[int]:
    """Contacts that hold all words; each word is one index look-up."""
    digests = sorted({keys_of(session).digest("word", word) for word in query_words(text)})
    return (
        select(ContactWord.contact_id)
        .where(ContactWord.word.in_(digests))
        .group_by(ContactWord.contact_id)
        .having(func.count() == len(digests))
    )


def _by_phone(session: Session, text: str) -> Select[int]:
    digest = keys_of(session).digest("phone", normalise_phone(text) or text.strip())
    return select(Contact.id).where(Contact.phone_digest == digest)


def _by_mitra(session: Session, text: str) -> Select[int]:
    return select(Contact.id).where(Contact.mitra_digest == mitra_digest(session, text))


def mitra_digest(session: Session, mitra_id: str) -> bytes:
    """Return the look-up digest of a mitra id."""
    return keys_of(session).digest("mitra", mitra_id.strip())


def reachable(viewer: Viewer) -> ColumnElement[bool]:
    """Staff of the field know the people of their own point; the others serve everybody who calls. Nobody
    comes upon one who complained of nothing but what is kept from this viewer."""
    is_near = Contact.unit_id == viewer.unit_id if viewer.role is Role.FIELD else true()
    return and_(is_near, ~contact_is_hidden(user_id=viewer.user_id, point_id=viewer.point_id))


def _contacts(
    session: Session, viewer: Viewer, term: ColumnElement[bool], *, place: str = ""
) -> tuple[ContactRow, ...]:
    rows = session.execute(
        select(Contact, OrgUnit.name)
        .outerjoin(OrgUnit, OrgUnit.id == Contact.unit_id)
        .where(term, reachable(viewer), Contact.erased_at.is_(None))
        .order_by(Contact.id.desc())
        .limit(SIFTED if place else FOUND)
    ).all()
    found = [(contact, unit) for contact, unit in rows if _lives_at(contact, unit, place)][:FOUND]
    numbers = _ticket_numbers(session, viewer, [contact.id for contact, _ in found])
    return tuple(_row(contact, unit, *numbers.get(contact.id, (0, 0))) for contact, unit in found)


def _lives_at(contact: Contact, unit: str | None, place: str) -> bool:
    """Whether these are words of her majelis, village or point, as far as they are known: they lie encrypted."""
    known = " ".join(filter(None, (contact.majelis, contact.village, unit)))
    return query_words(place) <= index_words(known)


def _row(contact: Contact, unit: str | None, ticket_count: int, active_count: int) -> ContactRow:
    return ContactRow(
        id=contact.id,
        public_id=contact.public_id,
        name=contact.name,
        phone=mask_phone(contact.phone) if contact.phone else None,
        mitra_id=contact.mitra_id,
        village=contact.village,
        majelis=contact.majelis,
        unit=unit,
        unit_id=contact.unit_id,
        language=contact.language,
        ticket_count=ticket_count,
        active_count=active_count,
    )


def _ticket_numbers(session: Session, viewer: Viewer, ids: Sequence[int]) -> Mapping[int, tuple[int, int]]:
    """Return how many tickets each of them has, and how many of these are active."""
    if not ids:
        return {}
    found = session.execute(
        select(Ticket.contact_id, func.count(), tally(ACTIVE))
        .where(Ticket.contact_id.in_(ids), visible(viewer))
        .group_by(Ticket.contact_id)
    )
    return {contact_id: (total, int(active)) for contact_id, total, active in found}
