"""Builds the world: first all of it is worked out, then it is written in one short transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy.orm import Session

from helpdesk.db import Base
from helpdesk.demo.world import calls
from helpdesk.demo.world.arrivals import WEEKS, arrivals
from helpdesk.demo.world.board import pin_up
from helpdesk.demo.world.chronicle import Chronicle, Surroundings
from helpdesk.demo.world.data import organisation
from helpdesk.demo.world.explaining import write_explanations
from helpdesk.demo.world.facts import columns_of
from helpdesk.demo.world.history import History
from helpdesk.demo.world.ledger import Ledger
from helpdesk.demo.world.mitra import Mitra, enrol
from helpdesk.demo.world.notices import write_notices
from helpdesk.demo.world.office import Office
from helpdesk.demo.world.paper import Paper
from helpdesk.demo.world.people import Staff, hire
from helpdesk.demo.world.rows import Row, Sealed, without_indexes
from helpdesk.demo.world.rules import Rules
from helpdesk.demo.world.sealing import Lived, second_process
from helpdesk.demo.world.today import correct_some, use_the_law
from helpdesk.domain.lender import Lender
from helpdesk.domain.messages import Direction
from helpdesk.models.complaints import (
    Improvement,
    ImprovementTicket,
    Rating,
    Redress,
    Resolution,
)
from helpdesk.models.contacts import ContactWord, HandleKey
from helpdesk.models.explanations import Explanation
from helpdesk.models.messages import Message
from helpdesk.models.paper import LwkBatch, LwkForm
from helpdesk.models.people import Role
from helpdesk.models.sla import SlaClockEvent, SlaClockRow, SlaPauseRow
from helpdesk.models.tickets import (
    AuditEntry,
    AuditHead,
    Ticket,
    TicketEvent,
    TicketSubject,
    TicketWord,
)
from helpdesk.services import rosters
from helpdesk.services.trail import SYSTEM

Progress = Callable[[str, int, int], None]

IN_ORDER: tuple[tuple[type[Base], str | None], ...] = (
    (ContactWord, None),
    (HandleKey, None),
    (Ticket, None),
    (TicketSubject, None),
    (TicketEvent, "at"),
    (Message, "at"),
    (SlaClockRow, None),
    (SlaPauseRow, None),
    (SlaClockEvent, "noticed_at"),
    (Resolution, None),
    (Redress, None),
    (Rating, None),
    (Improvement, None),
    (ImprovementTicket, None),
    (LwkBatch, None),
    (LwkForm, None),
    (Explanation, None),
)
"""Tables in the order of their foreign keys, with the column that their rows are sorted by."""


@dataclass(frozen=True, slots=True)
class Built:
    """How much there is."""

    tickets: int
    messages: int
    events: int


@dataclass(frozen=True, slots=True)
class World:
    """The world as it was worked out, before anything of it is written."""

    ledger: Ledger
    staff: Staff
    chronicles: list[Chronicle]
    tables: dict[type[Base], Sealed]
    """In the order in which they can be written."""
    built: Built
    lender: Lender
    now: datetime


def invent_world(
    session: Session,
    *,
    password: str,
    lender: Lender,
    now: datetime,
    on_progress: Progress,
    weeks: int = WEEKS,
) -> World:
    """Work out the whole world for an empty installation. Only reads, so that nobody waits for a lock meanwhile.

    The second process encrypts what has been played while the rest is played.
    """
    with second_process(session) as other:
        ledger = Ledger(session, other)
        staff = hire(session, ledger, password=password, now=now)
        everybody = enrol(ledger, staff, now=now)
        rules = Rules(session, staff, lender)
        office = Office(rules.book, staff.head_office)
        paper = Paper(office, staff, now)
        history = History(Surroundings(rules, ledger, staff, now), everybody, office, paper)
        found = arrivals(staff, lender.zone, now=now, weeks=weeks)
        chronicles = []
        for done, chronicle in enumerate(history.play(found)):
            chronicles.append(chronicle)
            _keep_life(ledger, chronicle)  # it is sealed while the next one is played
            if done % 100 == 0:
                on_progress("riwayat", done, len(found))
        paper.write(ledger, chronicles)
        write_explanations(ledger, staff, everybody, now=now)
        owners = [user for user in staff.users if user.role is Role.PRODUCT]
        pin_up(ledger, chronicles, owners=owners, present=now)
        for chronicle in chronicles:
            _keep_ticket(ledger, chronicle)
        _note_last_inbound(chronicles, everybody)
        tables = _sealed(ledger, on_progress)
        built = Built(*(len(tables[table].values) for table in (Ticket, Message, TicketEvent)))
        return World(ledger, staff, chronicles, tables, built, lender, now)


def write_world(session: Session, world: World) -> None:
    """Write what was worked out: a few seconds, all or nothing, so that a start that was cut off begins anew."""
    if session.get_bind().dialect.name == "sqlite":
        # 16 MiB instead of 2: else so large a transaction writes most of its pages several times.
        session.connection().exec_driver_sql("PRAGMA cache_size=-16384")
    for _, same in groupby(world.ledger.objects, key=type):
        session.add_all(same)
        session.flush()
    with without_indexes(session, *world.tables):
        for table in world.tables.values():
            table.write(session)
    calls.write_talks(session, world.chronicles, now=world.now)
    write_notices(session, world.chronicles, now=world.now)
    world.ledger.advance_sequences(session)
    for code in organisation()["auto_assigned"]:
        rosters.set_auto_assigned(session, code, is_on=True, actor=SYSTEM, now=world.now)
    correct_some(session, world.chronicles, world.staff, now=world.now)
    use_the_law(session, world.chronicles, world.staff, lender=world.lender, now=world.now)


def _sealed(ledger: Ledger, on_progress: Progress) -> dict[type[Base], Sealed]:
    tables = {}
    for done, (table, order) in enumerate(IN_ORDER):
        on_progress("enkripsi", done, len(IN_ORDER))
        tables[table] = ledger.seal(table, order=order)
    tables[TicketWord] = ledger.seal_index()
    tables[AuditEntry], tables[AuditHead] = ledger.seal_audit()
    return tables


def _keep_life(ledger: Ledger, chronicle: Chronicle) -> None:
    """Put the rows of one ticket that was played into the ledger; the ticket itself comes last."""
    ticket_id = chronicle.ticket.id
    ledger.add_life(Lived(ticket_id, chronicle.messages, chronicle.take_happenings()))
    owner: Row = {"ticket_id": ticket_id}
    for user_id in chronicle.subjects:
        ledger.add(TicketSubject, owner | {"user_id": user_id})
    _keep_clocks(ledger, chronicle, owner)
    for resolution, offers in zip(chronicle.resolutions, chronicle.redress, strict=True):
        resolution_id = ledger.new_id(Resolution)
        ledger.add(Resolution, owner | resolution | {"id": resolution_id})
        for offer in offers:
            accepted_at = resolution["accepted_at"]
            paid_at = accepted_at + timedelta(days=1) if offer["amount"] and accepted_at else None
            is_paid = paid_at is not None and paid_at < chronicle.world.present
            given = {"accepted_at": accepted_at, "paid_at": paid_at if is_paid else None, "currency": "IDR"}
            ledger.add(Redress, offer | given | {"resolution_id": resolution_id})
    if chronicle.rating is not None:
        ledger.add(Rating, owner | chronicle.rating)


def _keep_ticket(ledger: Ledger, chronicle: Chronicle) -> None:
    """Put the ticket into the ledger, with what the board added to its chain."""
    ticket, late = chronicle.ticket, chronicle.take_happenings()
    chain = ledger.chain_of(ticket.id, serial=ticket.version - len(late))
    for happening in late:
        ledger.add(TicketEvent, {"ticket_id": ticket.id} | chain.add(*happening))
    ticket.chain_head = chain.head
    ledger.add(Ticket, columns_of(ticket))


def _keep_clocks(ledger: Ledger, chronicle: Chronicle, owner: Row) -> None:
    ids = {}
    for running in chronicle.clocks.all:
        clock_id = ids[id(running)] = ledger.new_id(SlaClockRow)
        ledger.add(SlaClockRow, columns_of(running.row) | owner | {"id": clock_id})
        for pause in running.pauses:
            ledger.add(SlaPauseRow, columns_of(pause) | {"clock_id": clock_id})
    for running, event in chronicle.clock_events:
        event["id"] = ledger.new_id(SlaClockEvent)
        ledger.add(SlaClockEvent, event | {"clock_id": ids[id(running)]})


def _note_last_inbound(chronicles: list[Chronicle], everybody: list[Mitra]) -> None:
    """Handles keep when their owner wrote last: it opens WhatsApp's 24-hour window."""
    handles = {handle.id: handle for mitra in everybody for handle in mitra.handles.values()}
    for chronicle in chronicles:
        for message in chronicle.messages:
            if message["direction"] is Direction.IN and message["handle_id"] is not None:
                handle = handles[message["handle_id"]]
                if handle.last_inbound_at is None or handle.last_inbound_at < message["at"]:
                    handle.last_inbound_at, handle.contact_id = message["at"], chronicle.mitra.contact.id
