"""Builds the world in one transaction: people, Mitra, history, and everything around the tickets."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from helpdesk.db import Base
from helpdesk.demo.world.arrivals import WEEKS, arrivals
from helpdesk.demo.world.board import pin_up
from helpdesk.demo.world.chronicle import Chronicle, Surroundings
from helpdesk.demo.world.facts import columns_of
from helpdesk.demo.world.history import History
from helpdesk.demo.world.ledger import Ledger, Row
from helpdesk.demo.world.mitra import enrol
from helpdesk.demo.world.notices import write_notices
from helpdesk.demo.world.office import Office
from helpdesk.demo.world.paper import Paper
from helpdesk.demo.world.people import hire
from helpdesk.demo.world.rules import Rules
from helpdesk.demo.world.today import correct_some
from helpdesk.domain.lender import Lender
from helpdesk.domain.messages import Direction
from helpdesk.models.complaints import (
    Improvement,
    ImprovementTicket,
    LwkBatch,
    LwkForm,
    Rating,
    Redress,
    Resolution,
)
from helpdesk.models.contacts import ContactWord, Handle, HandleKey
from helpdesk.models.messages import Message
from helpdesk.models.people import Role
from helpdesk.models.sla import SlaClockEvent, SlaClockRow, SlaPauseRow
from helpdesk.models.tickets import Ticket, TicketEvent, TicketSubject

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
)
"""Tables in the order of their foreign keys, with the column that their rows are sorted by."""


@dataclass(frozen=True, slots=True)
class Built:
    """How much there is."""

    tickets: int
    messages: int
    events: int


def write_world(
    session: Session,
    *,
    password: str,
    lender: Lender,
    now: datetime,
    on_progress: Progress,
    weeks: int = WEEKS,
) -> Built:
    """Write the whole world; nothing stays if it fails."""
    ledger = Ledger(session)
    staff = hire(session, ledger, password=password, now=now)
    everybody = enrol(session, ledger, staff, now=now)
    rules = Rules(session, staff, lender)
    office = Office(rules.book, staff.head_office)
    world = Surroundings(rules, ledger, staff, now)
    paper = Paper(office, staff, now)
    history = History(world, everybody, office, paper)
    found = arrivals(staff, lender.zone, now=now, weeks=weeks)
    history.play(found, on_progress=lambda done, total: on_progress("riwayat", done, total))
    chronicles = history.chronicles
    ticket_ids = [ledger.new_id(Ticket) for _ in chronicles]
    owners = [user for user in staff.users if user.role is Role.PRODUCT]
    paper.write(ledger, chronicles, ticket_ids)
    pin_up(ledger, chronicles, ticket_ids, owners=owners, present=now)
    for ticket_id, chronicle in zip(ticket_ids, chronicles, strict=True):
        _keep(ledger, chronicle, ticket_id)
    counts = _write(session, ledger, on_progress)
    _note_last_inbound(session, chronicles)
    write_notices(session, chronicles, ticket_ids, now=now)
    ledger.advance_sequences()
    correct_some(session, chronicles, ticket_ids, staff, now=now)
    return Built(counts[Ticket], counts[Message], counts[TicketEvent])


def _write(session: Session, ledger: Ledger, on_progress: Progress) -> dict[type[Base], int]:
    counts = {}
    for done, (table, order) in enumerate(IN_ORDER):
        on_progress("basis data", done, len(IN_ORDER))
        counts[table] = ledger.write(table, order=order)
    ledger.write_index()
    ledger.write_audit()
    session.flush()
    return counts


def _keep(ledger: Ledger, chronicle: Chronicle, ticket_id: int) -> None:
    """Put the rows of one ticket into the ledger."""
    owner: Row = {"ticket_id": ticket_id}
    ledger.add(Ticket, columns_of(chronicle.ticket) | {"id": ticket_id})
    for user_id in chronicle.subjects:
        ledger.add(TicketSubject, owner | {"user_id": user_id})
    ledger.index(ticket_id, *(message["body"] for message in chronicle.messages))
    for message in chronicle.messages:
        ledger.add(Message, owner | message)
    for event in chronicle.events:
        ledger.add(TicketEvent, owner | event)
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


def _keep_clocks(ledger: Ledger, chronicle: Chronicle, owner: Row) -> None:
    ids = {}
    for running in chronicle.clocks.all:
        clock_id = ids[id(running)] = ledger.new_id(SlaClockRow)
        ledger.add(SlaClockRow, columns_of(running.row) | owner | {"id": clock_id})
        for pause in running.pauses:
            ledger.add(SlaPauseRow, columns_of(pause) | {"clock_id": clock_id})
    for running, event in chronicle.clock_events:
        ledger.add(SlaClockEvent, event | {"clock_id": ids[id(running)]})


def _note_last_inbound(session: Session, chronicles: list[Chronicle]) -> None:
    """Handles keep when their owner wrote last: it opens WhatsApp's 24-hour window."""
    newest: dict[int, tuple[datetime, int]] = {}
    for chronicle in chronicles:
        for message in chronicle.messages:
            if message["direction"] is Direction.IN and message["handle_id"] is not None:
                entry = (message["at"], chronicle.mitra.contact.id)
                newest[message["handle_id"]] = max(newest.get(message["handle_id"], entry), entry)
    for handle_id, (at, contact_id) in newest.items():
        handle = session.get_one(Handle, handle_id)
        handle.last_inbound_at, handle.contact_id = at, contact_id
    session.flush()
