"""Finds or makes the person behind an address, and keeps what is known of her."""

import uuid
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, delete, exists, or_, select
from sqlalchemy.orm import Session, aliased

from helpdesk.crypto import KeyRing, keys_of
from helpdesk.db import one_by_one
from helpdesk.domain.messages import ChannelCode, InboundMessage
from helpdesk.domain.phones import national_form, normalise_phone
from helpdesk.domain.privacy import redact
from helpdesk.domain.search import index_words
from helpdesk.models.contacts import Contact, ContactWord, Handle, HandleKey
from helpdesk.models.messages import Message
from helpdesk.models.people import OrgUnit
from helpdesk.models.tickets import Ticket
from helpdesk.services import same_person

TEL = "tel:"
_MOST_ON_A_PHONE = 20
"""People who share one phone, as far as they are looked for by name."""


@dataclass(frozen=True, slots=True)
class Person:
    """What a form, the app or staff know of the person who complains; everything may be missing."""

    name: str | None = None
    phone: str | None = None
    village: str | None = None
    mitra_id: str | None = None
    majelis: str | None = None
    unit_id: int | None = None
    language: str = "id"
    is_name_told: bool = True
    """False for the name of a chat account."""
    contact_id: int | None = None
    """Somebody whom we know and whom a person picked from a list."""


def address_digest(keys: KeyRing, channel: ChannelCode, address: str) -> bytes:
    """Return the look-up digest of an address; equal only for the same channel and the same spelling."""
    return keys.digest("address", f"{channel}\0{address}")


def external_digest(keys: KeyRing, external_id: str) -> bytes:
    """Return the look-up digest of a provider's id of a message."""
    return keys.digest("external", external_id)


def phone_digest(keys: KeyRing, phone: str) -> bytes:
    """Return the look-up digest of an E.164 number."""
    return keys.digest("phone", phone)


def handle_for(session: Session, message: InboundMessage, *, now: datetime) -> Handle:
    """Return the handle that wrote `message`, locked, so that two messages of one person come one by one.

    Like every row that has children its key is not locked: a reply to it, which holds the ticket, need not wait.
    """
    keys = keys_of(session)
    digest = address_digest(keys, message.channel, message.address)
    handle = session.scalar(
        select(Handle)
        .where(Handle.channel == message.channel, Handle.address_digest == digest)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if handle is None:
        _alone_with(session, {keys.digest("alias", alias) for alias in message.aliases})
        contact = _contact_behind(session, message, now=now)
        handle = new_handle(session, contact, message.channel, message.address, now=now)
    learnt = _learn_keys(session, handle, message)
    same_person.unite(session, handle, learnt, now=now)
    _learn_phone(session, handle, message)
    # A message that is heard late opened the window when she wrote it.
    wrote_at = min(message.sent_at or now, now)
    handle.last_inbound_at = max(handle.last_inbound_at or wrote_at, wrote_at)
    handle.is_blocked = False  # who writes to us can be written to
    return handle


def is_hers(handle: Handle) -> ColumnElement[bool]:
    """Which tickets who writes from this address can mean.

    Those of the address, and of its one owner those of the same number or account and those of which we told her here.
    That staff typed the number proves nothing: it may be a neighbour's, or his whom she complains about.
    """
    of_address = Ticket.handle_id == handle.id
    if handle.is_shared:
        return of_address
    said = aliased(Message)
    told_here = exists().where(said.ticket_id == Ticket.id, said.handle_id == handle.id)
    return or_(of_address, and_(Ticket.contact_id == handle.contact_id, or_(is_of_owner(handle), told_here)))


def is_of_owner(handle: Handle) -> ColumnElement[bool]:
    """Which tickets began at an address of the same number or account."""
    own, other = aliased(HandleKey), aliased(HandleKey)
    same = select(other.handle_id).join(own, own.key_digest == other.key_digest)
    return Ticket.handle_id.in_(same.where(own.handle_id == handle.id))


def hold_contact(session: Session, contact_id: int) -> Contact:
    """Return the contact, locked with every address she wrote from: nothing comes in under her name meanwhile.

    The addresses come first, as handle_for() takes them, and again for one that was added during the wait.
    """
    _hold_handles(session, contact_id)
    contact = session.scalars(
        select(Contact)
        .where(Contact.id == contact_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    _hold_handles(session, contact_id)
    return contact


def _hold_handles(session: Session, contact_id: int) -> None:
    wrote_from = select(Ticket.handle_id).where(Ticket.contact_id == contact_id)
    session.scalars(
        select(Handle)
        .where(or_(Handle.contact_id == contact_id, Handle.id.in_(wrote_from)))
        .order_by(Handle.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def unit_of(session: Session, contact_id: int, *, named: int | None) -> OrgUnit:
    """Return the point that was named; else the contact's; else head office."""
    unit_id = named or session.scalar(select(Contact.unit_id).where(Contact.id == contact_id))
    if unit_id is not None:
        return session.get_one(OrgUnit, unit_id)
    return session.scalars(
        select(OrgUnit).where(OrgUnit.parent_id.is_(None)).order_by(OrgUnit.id).limit(1)
    ).one()


def new_handle(
    session: Session, contact: Contact, channel: ChannelCode, address: str, *, now: datetime
) -> Handle:
    """Add an address of `contact`."""
    handle = Handle(
        channel=channel,
        address=address,
        address_digest=address_digest(keys_of(session), channel, address),
        contact_id=contact.id,
        created_at=now,
    )
    session.add(handle)
    session.flush()
    return handle


def handle_of_phone(session: Session, contact: Contact, *, now: datetime) -> Handle | None:
    """Return the SMS handle of the contact's valid phone, made when missing; None without a valid phone."""
    if contact.phone is None or normalise_phone(contact.phone) != contact.phone:
        return None
    digest = address_digest(keys_of(session), ChannelCode.SMS, contact.phone)
    # Locked: an erasure of the one who shares the phone must see that it is in use, or be over.
    found = session.scalar(
        select(Handle)
        .where(Handle.channel == ChannelCode.SMS, Handle.address_digest == digest)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return found or new_handle(session, contact, ChannelCode.SMS, contact.phone, now=now)


def contact_for(session: Session, person: Person, *, now: datetime) -> Contact:
    """Return the contact that was picked, the one with this mitra id, or a new one.

    A phone alone never identifies: phones are shared.
    """
    contact = None
    if person.contact_id is not None:
        contact = _held(session, select(Contact.id).where(Contact.id == person.contact_id))
    elif person.mitra_id:
        digest = keys_of(session).digest("mitra", person.mitra_id)
        contact = _held(session, select(Contact.id).where(Contact.mitra_digest == digest))
    if contact is None:
        contact = Contact(public_id=str(uuid.uuid4()), language=person.language, created_at=now)
        session.add(contact)
    _fill(session, contact, person)
    return contact


def stranger(session: Session, taken_for: Contact, *, now: datetime) -> Contact:
    """Return a new contact for somebody who uses the phone of another and is known by nothing else yet."""
    person = Person(phone=taken_for.phone, unit_id=taken_for.unit_id, language=taken_for.language)
    contact = contact_for(session, person, now=now)
    contact.notice_shown_at = taken_for.notice_shown_at
    return contact


def known_on(session: Session, handle: Handle, name: str) -> Contact | None:
    """Return who of those that wrote from this address bears the name; None for nobody, and for two."""
    wrote = select(Ticket.contact_id).where(Ticket.handle_id == handle.id).distinct().limit(_MOST_ON_A_PHONE)
    people = session.scalars(select(Contact).where(Contact.id.in_(wrote), Contact.erased_at.is_(None))).all()
    found = [each for each in people if each.name is not None and each.name.casefold() == name.casefold()]
    return found[0] if len(found) == 1 else None


def drop_unused(session: Session, contact: Contact) -> None:
    """Remove a contact that was made a moment ago for somebody whom we knew already, if nothing names it."""
    session.flush()
    is_used = or_(
        exists().where(Ticket.contact_id == contact.id), exists().where(Handle.contact_id == contact.id)
    )
    if not session.scalar(select(is_used)):
        session.execute(delete(ContactWord).where(ContactWord.contact_id == contact.id))
        session.delete(contact)
        session.flush()


def learn(session: Session, contact: Contact, *, name: str, village: str | None) -> None:
    """Keep what she says of herself: her name in place of her chat account's, never of what staff know."""
    _fill(session, contact, Person(name=None if contact.mitra_digest else name, village=village))


def index_contact(session: Session, contact: Contact) -> None:
    """Write the search words of the contact's name, phone and mitra id anew."""
    keys = keys_of(session)
    session.execute(delete(ContactWord).where(ContactWord.contact_id == contact.id))
    digests = {keys.digest("word", word) for word in searchable_words(contact)}
    session.add_all(ContactWord(word=digest, contact_id=contact.id) for digest in sorted(digests))
    session.flush()


def searchable_words(contact: Contact) -> frozenset[str]:
    """Return the words that a contact is found by: name, Mitra id, and each form in which a phone is written."""
    known = " ".join(filter(None, (contact.name, contact.mitra_id)))
    if not contact.phone:
        return index_words(known)
    national = national_form(contact.phone)
    digits = ["".join(sign for sign in phone if sign.isdigit()) for phone in (contact.phone, national)]
    return index_words(" ".join((known, contact.phone, national, *digits)))


def _fill(session: Session, contact: Contact, person: Person) -> None:
    """Add what is new; what was known is not overwritten by a form."""
    keys = keys_of(session)
    if person.phone and contact.phone is None:
        valid = normalise_phone(person.phone)
        contact.phone = valid or redact(person.phone).text
        contact.phone_digest = phone_digest(keys, valid) if valid else None
    if person.mitra_id and contact.mitra_digest is None:
        # Whoever uses an identity number as her id is found by it; the number itself is kept nowhere.
        contact.mitra_id = None if redact(person.mitra_id).kinds else person.mitra_id
        contact.mitra_digest = keys.digest("mitra", person.mitra_id)
    if contact.name is None or (person.is_name_told and not contact.is_name_told):
        contact.name = _clean(person.name) or contact.name
        contact.is_name_told = person.is_name_told and contact.name is not None
    contact.village = contact.village or _clean(person.village)
    contact.majelis = contact.majelis or _clean(person.majelis)
    contact.unit_id = contact.unit_id or person.unit_id
    session.flush()
    index_contact(session, contact)


def _clean(text: str | None) -> str | None:
    return redact(text).text if text else None


def _contact_behind(session: Session, message: InboundMessage, *, now: datetime) -> Contact:
    """Return the contact whom an alias names; the only one with that phone; else a new one."""
    keys = keys_of(session)
    digests = [keys.digest("alias", alias) for alias in message.aliases]
    known = _held(
        session,
        select(Handle.contact_id)
        .join(HandleKey, HandleKey.handle_id == Handle.id)
        .where(HandleKey.key_digest.in_(digests))
        .order_by(Handle.id)
        .limit(1),
    )
    if known is not None:
        return known
    phone = _phone_of(message)
    if phone:
        owners = select(Contact.id).where(Contact.phone_digest == phone_digest(keys, phone)).limit(2)
        owner = _held(session, owners) if len(session.scalars(owners).all()) == 1 else None
        if owner is not None:
            return owner
    name = message.display_name
    if name and normalise_phone(name):
        name = None  # a number for a name would be shown unmasked
    return contact_for(session, Person(name=name, phone=phone, is_name_told=False), now=now)


def _held(session: Session, named: Select[int]) -> Contact | None:
    """Return the contact with the first of these ids, locked; None where there is none, or an erasure was faster."""
    contact_id = session.scalar(named)
    if contact_id is None:
        return None
    return session.scalar(
        select(Contact)
        .where(Contact.id == contact_id, Contact.erased_at.is_(None))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def _alone_with(session: Session, aliases: AbstractSet[bytes]) -> None:
    """Wait for others who are learning these keys: one person at two addresses at once is one contact."""
    for digest in sorted(aliases):
        one_by_one(session, digest)


def _learn_keys(session: Session, handle: Handle, message: InboundMessage) -> frozenset[bytes]:
    """Keep what else names the owner. Returns the keys of her account among what is new."""
    keys = keys_of(session)
    known = set(session.scalars(select(HandleKey.key_digest).where(HandleKey.handle_id == handle.id)))
    new = {keys.digest("alias", alias): alias for alias in message.aliases}
    new = {digest: alias for digest, alias in new.items() if digest not in known}
    _alone_with(session, new.keys())
    session.add_all(HandleKey(key_digest=digest, handle_id=handle.id) for digest in sorted(new))
    return frozenset(digest for digest, alias in new.items() if not alias.startswith(TEL))


def _learn_phone(session: Session, handle: Handle, message: InboundMessage) -> None:
    """Keep the number that a person without one has shown to be her own (Telegram's contact card)."""
    phone = _phone_of(message)
    contact = session.get_one(Contact, handle.contact_id)
    if phone and contact.phone is None and contact.erased_at is None:
        _fill(session, contact, Person(phone=phone))


def _phone_of(message: InboundMessage) -> str | None:
    return next((alias.removeprefix(TEL) for alias in message.aliases if alias.startswith(TEL)), None)
