"""The invented Mitra: names, villages, majelis, and phones, some shared and some missing."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk.demo.phones.people import PEOPLE
from helpdesk.demo.world.chance import Chance
from helpdesk.demo.world.data import names
from helpdesk.demo.world.ledger import Ledger
from helpdesk.demo.world.people import Point, Staff
from helpdesk.domain.messages import ChannelCode
from helpdesk.models.contacts import Contact, ContactWord, Handle, HandleKey
from helpdesk.services.contacts import TEL, address_digest, phone_digest, searchable_words

COUNT = 430
FIRST_PHONE = 6_285_910_000_100
"""Invented numbers count up from here; the phones of the simulator begin otherwise."""
WITHOUT_PHONE = 0.08
SHARES_PHONE = 0.1
HAS_TELEGRAM = 0.12
STYLES = {"formal": 0.2, "chat": 0.5, "heavy": 0.18, "local": 0.12}

_SIMULATOR_POINTS = ("P-BGR", "P-GRT", "P-CJR", "P-LTM", "P-SPG", "P-SBG")


@dataclass(slots=True)
class Mitra:
    """A contact with how she writes and where from."""

    contact: Contact
    point: Point
    style: str
    handles: dict[ChannelCode, Handle] = field(default_factory=dict)
    line: str = ""
    """What two Mitra may share: messages from one phone belong to one conversation."""

    @property
    def calls_her(self) -> str:
        """How agents address her."""
        return f"Bu {(self.contact.name or 'Mitra').split()[0]}"


def enrol(ledger: Ledger, staff: Staff, *, now: datetime) -> list[Mitra]:
    """Keep the contacts with their search words and addresses."""
    chance = Chance("mitra")
    everybody = [_invent(chance, ledger, staff, serial, now=now) for serial in range(COUNT)]
    _share_phones(everybody, chance)
    # The people of the phone simulator are Mitra too, without a complaint so far.
    for serial, (person, code) in enumerate(zip(PEOPLE, _SIMULATOR_POINTS, strict=True), start=COUNT):
        mitra = _invent(chance, ledger, staff, serial, now=now, point=staff.point(code))
        mitra.contact.name, mitra.contact.phone = person.name, person.phone
        everybody.append(mitra)
    for mitra in everybody:
        mitra.line = mitra.contact.phone or mitra.contact.public_id
        if mitra.contact.phone:
            mitra.contact.phone_digest = phone_digest(ledger.keys, mitra.contact.phone)
    ledger.keep(*(mitra.contact for mitra in everybody))
    for mitra in everybody:
        for word in searchable_words(mitra.contact):
            digest = ledger.keys.digest("word", word)
            ledger.add(ContactWord, {"word": digest, "contact_id": mitra.contact.id})
    writers = everybody[:COUNT]
    _give_addresses(ledger, writers, chance)
    return writers


def _invent(
    chance: Chance, ledger: Ledger, staff: Staff, serial: int, *, now: datetime, point: Point | None = None
) -> Mitra:
    point = point or chance.weighted({each: float(each.weight) for each in staff.points})
    side = "west" if point.is_west else "east"
    name = f"{chance.one(names()['given'][side])} {chance.one(names()['family'][side])}"
    mitra_id = f"{point.unit.code[2:]}{serial + 20_001:06}"
    contact = Contact(
        id=ledger.new_id(Contact),
        public_id=chance.public_id(),
        name=name,
        phone=None if chance.happens(WITHOUT_PHONE) else f"+{FIRST_PHONE + serial * 7}",
        mitra_id=mitra_id,
        mitra_digest=ledger.keys.digest("mitra", mitra_id),
        village=chance.one(point.villages),
        majelis=f"{chance.one(names()['majelis'])} {chance.randint(1, 6)}",
        unit_id=point.unit.id,
        language="id",
        created_at=now - timedelta(days=190, minutes=chance.randint(0, 14_000)),
    )
    return Mitra(contact, point, chance.weighted(STYLES))


def _share_phones(everybody: list[Mitra], chance: Chance) -> None:
    """Let some use the phone of a neighbour of the same Point: a phone alone names nobody."""
    by_point: dict[str, list[Mitra]] = {}
    for mitra in everybody:
        neighbours = by_point.setdefault(mitra.point.unit.code, [])
        lender = chance.one(neighbours) if neighbours else None
        if lender is not None and lender.contact.phone and chance.happens(SHARES_PHONE):
            mitra.contact.phone = lender.contact.phone
        neighbours.append(mitra)


def _give_addresses(ledger: Ledger, everybody: list[Mitra], chance: Chance) -> None:
    """Keep one handle per address; who shares a phone shares its handles."""
    known: dict[tuple[ChannelCode, str], Handle] = {}
    for mitra in everybody:
        for channel, address in _addresses(mitra, chance).items():
            handle = known.get((channel, address))
            if handle is None:
                handle = known[channel, address] = Handle(
                    id=ledger.new_id(Handle),
                    channel=channel,
                    address=address,
                    address_digest=address_digest(ledger.keys, channel, address),
                    contact_id=mitra.contact.id,
                    created_at=mitra.contact.created_at,
                )
            mitra.handles[channel] = handle
    ledger.keep(*known.values())
    for (channel, address), handle in known.items():
        alias = (
            f"tg:{address}" if channel is ChannelCode.TELEGRAM else TEL + address.removeprefix("whatsapp:")
        )
        digest = ledger.keys.digest("alias", alias)
        ledger.add(HandleKey, {"key_digest": digest, "handle_id": handle.id})


def _addresses(mitra: Mitra, chance: Chance) -> dict[ChannelCode, str]:
    found = {}
    if mitra.contact.phone:
        found[ChannelCode.WHATSAPP] = f"whatsapp:{mitra.contact.phone}"
        found[ChannelCode.SMS] = mitra.contact.phone
    if chance.happens(HAS_TELEGRAM):
        found[ChannelCode.TELEGRAM] = str(chance.randint(710_000_000, 789_999_999))
    return found
