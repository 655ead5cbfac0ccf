"""Six months of tickets: each arrival becomes a ticket, its life is played, few of the open ones are overdue."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from helpdesk.demo.world import calls, stories
from helpdesk.demo.world.arrivals import BY_STAFF, ENQUIRY, Arrival
from helpdesk.demo.world.chance import Chance
from helpdesk.demo.world.chronicle import Chronicle, Surroundings, actor_of
from helpdesk.demo.world.facts import TicketFacts
from helpdesk.demo.world.lives import Life, Pace, busy_pace, forgotten_pace, prompt_pace, usual_pace
from helpdesk.demo.world.mitra import Mitra
from helpdesk.demo.world.office import Office
from helpdesk.demo.world.paper import Paper
from helpdesk.demo.world.people import FIELD_EMAIL
from helpdesk.domain.lifecycle import ACTIVE_STATUSES, TicketKind
from helpdesk.domain.messages import CHAT_CHANNELS, ChannelCode
from helpdesk.domain.numbers import new_number
from helpdesk.domain.rupiah import locate_amounts
from helpdesk.domain.subjects import subject_of
from helpdesk.models.people import User
from helpdesk.models.tickets import Ticket
from helpdesk.services.trail import CONTACT
from helpdesk.sla.policy import form_of

OVERDUE = 8
"""Open tickets that have missed a promise, left for a supervisor to find."""
FORGOTTEN = 14
"""So many are left lying; not all of them are overdue by now."""
BUSY_DAYS = timedelta(days=13)
BUSY_SHARE = 0.8
FORGOTTEN_DAYS = (4, 13)
"""How old the forgotten ones are."""
NAMES_OFFICER = 0.75
ALWAYS, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
MARGIN = timedelta(minutes=30)
"""Nothing runs out while the visitor looks around for the first time."""


@dataclass(frozen=True, slots=True)
class _Case:
    """What stays the same however often a life is played."""

    serial: int
    ticket_id: int
    arrival: Arrival
    mitra: Mitra
    number: str
    created_at: datetime
    text: str
    about: User | None
    registered_by: User | None
    agent_chance: float
    facts: dict[str, str] | None


@dataclass(slots=True)
class History:
    """Turns arrivals into chronicles."""

    world: Surroundings
    everybody: list[Mitra]
    office: Office
    paper: Paper
    _numbers: set[str] = field(default_factory=set)
    _free_from: dict[str, datetime] = field(default_factory=dict)
    _overdue: int = 0
    _is_field_login_named: bool = False

    def play(self, found: list[Arrival]) -> Iterator[Chronicle]:
        """Play all lives, the oldest first."""
        forgotten = self._forgotten(found)
        nearby = self._by_point()
        for serial, arrival in enumerate(found):
            case = self._case(serial, arrival, nearby)
            chronicle = self._lived(case, is_forgotten=serial in forgotten)
            self._free_from[case.mitra.line] = chronicle.ticket.closed_at or NEVER
            yield chronicle

    def _lived(self, case: _Case, *, is_forgotten: bool) -> Chronicle:
        """Play a life; once more and promptly where it would be overdue and enough others are."""
        is_recent = self.world.present - case.arrival.received_at < BUSY_DAYS
        usual = busy_pace if is_recent and case.agent_chance < BUSY_SHARE else usual_pace
        pace = forgotten_pace if is_forgotten else usual
        chronicle = self._play(case, pace)
        if _is_overdue(chronicle, self.world.present):
            if self._overdue < OVERDUE and is_forgotten:
                self._overdue += 1
            else:
                chronicle = self._play(case, prompt_pace)
        return chronicle

    def _play(self, case: _Case, pace: Callable[[Chance], Pace]) -> Chronicle:
        chance = Chance("life", case.serial)
        chronicle = self._begin(case, chance)
        team = chronicle.ticket.first_team
        members = self.world.staff.members[team]
        agent = members[int(case.agent_chance * len(members))]
        Life(chronicle, self.office, chance, pace(chance), agent).live()
        return chronicle

    def _case(self, serial: int, arrival: Arrival, nearby: dict[str, list[Mitra]]) -> _Case:
        chance = Chance("case", serial)
        arrival, mitra = self._who(arrival, nearby[arrival.point.unit.code], chance)
        about = self._about(arrival, chance)
        created_at, registered_by, facts = arrival.received_at, None, None
        if arrival.channel in BY_STAFF:
            registered_by = chance.one(self.world.staff.members["triage"])
        if arrival.channel is ChannelCode.LWK:
            created_at, registered_by, facts = self.paper.enter(arrival, serial, about=about)
        return _Case(
            serial=serial,
            ticket_id=self.world.ledger.new_id(Ticket),
            arrival=arrival,
            mitra=mitra,
            number=self._number(chance),
            created_at=min(created_at, self.world.present),
            text=_text(arrival, mitra, about, chance),
            about=about,
            registered_by=registered_by,
            agent_chance=chance.random(),
            facts=facts,
        )

    def _begin(self, case: _Case, chance: Chance) -> Chronicle:
        arrival, mitra = case.arrival, case.mitra
        unit = arrival.point.unit
        is_written = arrival.channel is ChannelCode.VISIT and case.agent_chance < 0.6
        place = None if arrival.channel is not ChannelCode.VISIT else "office" if is_written else "field"
        ticket = TicketFacts(
            id=case.ticket_id,
            number=case.number,
            kind=_kind(arrival, case.agent_chance),
            subject=subject_of(case.text),
            category_code=arrival.category or None,
            channel=arrival.channel,
            place=place,
            form=form_of(arrival.channel, place=place),
            contact_id=mitra.contact.id,
            handle_id=mitra.handles[arrival.channel].id if arrival.channel in CHAT_CHANNELS else None,
            unit_id=unit.id,
            registered_by_id=case.registered_by.id if case.registered_by else None,
            amount=_amount(arrival, case.text),
            occurred_on=_occurred_on(case, unit.zone),
            received_at=arrival.received_at,
            created_at=case.created_at,
            updated_at=case.created_at,
            last_inbound_at=case.created_at,
        )
        self.world.rules.rate(ticket, case.text, source=_source(arrival), unit=unit)
        ticket.is_about_staff = ticket.is_about_staff or case.about is not None
        subjects = (case.about.id,) if case.about else ()
        chronicle = Chronicle(self.world, ticket, mitra, unit, chance, subjects=subjects)
        actor = actor_of(case.registered_by) if case.registered_by else CONTACT
        chronicle.open(case.text, actor=actor, facts=case.facts)
        if arrival.category != ENQUIRY:
            chronicle.tell_number()
        elif arrival.channel in CHAT_CHANNELS:
            chronicle.say("T01", salam="Selamat datang")
        calls.read_back(chronicle, actor)
        return chronicle

    def _who(self, arrival: Arrival, near: list[Mitra], chance: Chance) -> tuple[Arrival, Mitra]:
        """Return a Mitra of the point who can use the channel and whose phone has no other complaint open."""
        idle = [each for each in near if self._free_from.get(each.line, ALWAYS) < arrival.received_at]
        able = [each for each in idle if _can_use(each, arrival.channel)]
        if not able and arrival.channel is ChannelCode.TELEGRAM:
            arrival = replace(arrival, channel=ChannelCode.WHATSAPP)
            able = [each for each in idle if _can_use(each, arrival.channel)]
        return arrival, chance.one(able or [each for each in near if _can_use(each, arrival.channel)])

    def _about(self, arrival: Arrival, chance: Chance) -> User | None:
        """Return the officer who is complained about, where one is."""
        if not arrival.category.startswith(("PNG", "FRD-GELAP", "FRD-PUNGLI", "PGD-BALAS")):
            return None
        logins = [user for user in arrival.point.officers if user.email == FIELD_EMAIL]
        is_recent = self.world.present - arrival.received_at < timedelta(days=9)
        if logins and is_recent and not self._is_field_login_named and arrival.category.startswith("PNG-"):
            self._is_field_login_named = True  # the demo's officer must not see this one
            return logins[0]
        others = [user for user in arrival.point.officers if user.email != FIELD_EMAIL]
        return chance.one(others) if chance.happens(NAMES_OFFICER) else None

    def _number(self, chance: Chance) -> str:
        while True:
            number = new_number(lambda below: int(chance.random() * below))
            if number not in self._numbers:
                self._numbers.add(number)
                return number

    def _by_point(self) -> dict[str, list[Mitra]]:
        nearby: dict[str, list[Mitra]] = {}
        for mitra in self.everybody:
            nearby.setdefault(mitra.point.unit.code, []).append(mitra)
        return nearby

    def _forgotten(self, found: list[Arrival]) -> set[int]:
        youngest, oldest = (timedelta(days=days) for days in FORGOTTEN_DAYS)
        present = self.world.present
        serials = [
            serial
            for serial, arrival in enumerate(found)
            if youngest < present - arrival.received_at < oldest and arrival.category != ENQUIRY
        ]
        return set(Chance("forgotten").sample(serials, k=min(FORGOTTEN, len(serials))))


def _can_use(mitra: Mitra, channel: ChannelCode) -> bool:
    return channel not in CHAT_CHANNELS or channel in mitra.handles


def _is_overdue(chronicle: Chronicle, present: datetime) -> bool:
    ticket = chronicle.ticket
    is_active = ticket.status in ACTIVE_STATUSES
    return is_active and ticket.next_due_at is not None and ticket.next_due_at <= present + MARGIN


def _kind(arrival: Arrival, draw: float) -> TicketKind:
    if arrival.category == ENQUIRY:
        return TicketKind.ENQUIRY
    if arrival.category == "LNY":
        return TicketKind.ENQUIRY if draw < 0.6 else TicketKind.COMPLAINT
    return TicketKind.REQUEST if arrival.category == "TRG-ADM" and draw < 0.4 else TicketKind.COMPLAINT


def _source(arrival: Arrival) -> str:
    if arrival.category == ENQUIRY:
        return "none"
    if arrival.channel in CHAT_CHANNELS:
        return "suggested"
    return "agent" if arrival.channel in BY_STAFF else "contact"


def _text(arrival: Arrival, mitra: Mitra, about: User | None, chance: Chance) -> str:
    if arrival.category != ENQUIRY:
        return stories.story(chance, mitra, arrival.category, about=about)
    return stories.greeting(chance) if arrival.channel in CHAT_CHANNELS else stories.question(chance)


def _amount(arrival: Arrival, text: str) -> int | None:
    """Forms have a field for the amount; in a chat it stands in the text only."""
    if arrival.channel in CHAT_CHANNELS:
        return None
    return max((value for _, value in locate_amounts(text)), default=None)


def _occurred_on(case: _Case, zone: str) -> date | None:
    days = int(case.agent_chance * 9)
    if case.arrival.channel in CHAT_CHANNELS or days > 5:
        return None
    return case.arrival.received_at.astimezone(ZoneInfo(zone)).date() - timedelta(days=days)
