"""The audit trail: a page of it, a sample of tickets, and the check of its chains."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import Row, Select, Text, and_, func, select, tuple_, type_coerce
from sqlalchemy.orm import Session

from helpdesk.crypto import KeyRing, canonical_json, keys_of
from helpdesk.domain.chain import ChainEntry, first_broken
from helpdesk.domain.errors import ConfigurationError
from helpdesk.domain.numbers import format_number
from helpdesk.models.tickets import AuditEntry, Ticket, TicketEvent
from helpdesk.queries.conversation import actor_names
from helpdesk.queries.paging import (
    LIMIT,
    CursorPart,
    Page,
    check_limit,
    decode_cursor,
    encode_cursor,
    id_of,
    instant_of,
    instant_text,
)
from helpdesk.queries.terms import number_key
from helpdesk.queries.visibility import Action, Viewer, require, visible

Narrowed = TypeVar("Narrowed", Select[TicketEvent, str], Select[AuditEntry])

_CURSOR = "audit"
_OF_TICKET, _OTHER = 1, 0
BATCH = 500


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Empty means all. A ticket number leaves out what belongs to no ticket."""

    number: str = ""
    actor: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry; `number` is that of its ticket, None for sign-ins, users, policies, exports."""

    at: datetime
    number: str | None
    serial: int
    kind: str
    actor: str
    actor_name: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry that does not follow from the one before it. `chain`: a ticket's number, or `audit`."""

    chain: str
    serial: int


@dataclass(frozen=True, slots=True)
class _Entry:
    source: int
    id: int
    row: AuditRow

    @property
    def place(self) -> tuple[datetime, int, int]:
        return self.row.at, self.source, self.id


def audit_page(
    session: Session, viewer: Viewer, wanted: AuditFilter, *, after: str | None = None, limit: int = LIMIT
) -> Page[AuditRow]:
    """Return entries of tickets the viewer may see and all others, newest first, in three statements."""
    require(viewer, Action.READ_AUDIT)
    limit = check_limit(limit)
    place = decode_cursor(after, _CURSOR, (str, int, int)) if after else None
    entries = _of_tickets(session, viewer, wanted, place, limit + 1)
    if not wanted.number:
        entries += _others(session, wanted, place, limit + 1)
    entries.sort(key=lambda entry: entry.place, reverse=True)
    shown = entries[:limit]
    names = actor_names(session, (entry.row.actor for entry in shown))
    following = None
    if len(entries) > limit:
        at, source, row_id = shown[-1].place
        following = encode_cursor(_CURSOR, instant_text(at), source, row_id)
    return Page(tuple(_named(entry.row, names) for entry in shown), following)


def _named(row: AuditRow, names: Mapping[str, str]) -> AuditRow:
    name = names.get(row.actor, row.actor)
    return AuditRow(row.at, row.number, row.serial, row.kind, row.actor, name, row.data)


def _of_tickets(
    session: Session, viewer: Viewer, wanted: AuditFilter, place: list[CursorPart] | None, limit: int
) -> list[_Entry]:
    query = select(TicketEvent, Ticket.number).join(Ticket, Ticket.id == TicketEvent.ticket_id)
    query = _narrowed(query.where(visible(viewer)), TicketEvent, wanted, place, source=_OF_TICKET)
    if wanted.number:
        query = query.where(Ticket.number == number_key(wanted.number))
    newest = query.order_by(TicketEvent.at.desc(), TicketEvent.id.desc()).limit(limit)
    return [
        _Entry(
            _OF_TICKET,
            event.id,
            AuditRow(event.at, number, event.serial, event.kind, event.actor, "", event.data or {}),
        )
        for event, number in session.execute(newest)
    ]


def _others(
    session: Session, wanted: AuditFilter, place: list[CursorPart] | None, limit: int
) -> list[_Entry]:
    query = _narrowed(select(AuditEntry), AuditEntry, wanted, place, source=_OTHER)
    newest = query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit)
    return [
        _Entry(_OTHER, row.id, AuditRow(row.at, None, row.serial, row.kind, row.actor, "", row.data or {}))
        for row in session.scalars(newest)
    ]


def _narrowed(
    query: Narrowed,
    table: type[TicketEvent] | type[AuditEntry],
    wanted: AuditFilter,
    place: list[CursorPart] | None,
    *,
    source: int,
) -> Narrowed:
    """Add the filter, and where to go on: both sources are merged by instant, source, id."""
    if wanted.actor:
        query = query.where(table.actor == wanted.actor)
    if wanted.kind:
        query = query.where(table.kind == wanted.kind)
    if wanted.since:
        query = query.where(table.at >= wanted.since)
    if wanted.until:
        query = query.where(table.at < wanted.until)
    if place is None:
        return query
    at, last_source, last_id = instant_of(place[0]), id_of(place[1]), id_of(place[2])
    if source == last_source:
        return query.where(tuple_(table.at, table.id) < (at, last_id))
    return query.where(table.at < at if source > last_source else table.at <= at)


def sample(
    session: Session, viewer: Viewer, *, since: datetime, until: datetime, size: int, seed: int
) -> tuple[str, ...]:
    """Return the numbers of `size` tickets received in the span, spread evenly.

    `seed` moves the start: the same span, size and seed draw the same sample for another auditor.
    """
    require(viewer, Action.READ_AUDIT)
    received = and_(Ticket.received_at >= since, Ticket.received_at < until, visible(viewer))
    count = session.scalar(select(func.count()).select_from(Ticket).where(received)) or 0
    if not count or size < 1:
        return ()
    step = max(count // size, 1)
    placed = (
        select(Ticket.number, (func.row_number().over(order_by=Ticket.id) - 1).label("place"))
        .where(received)
        .subquery()
    )
    chosen = select(placed.c.number).where(placed.c.place % step == seed % step).order_by(placed.c.place)
    return tuple(session.scalars(chosen.limit(size)))


def verify(session: Session) -> Broken | None:
    """Check every chain and every seal; return the first broken entry, None when all hold.

    Needs no viewer: it tells only where the trail was changed. Erased details are covered by their seal.
    """
    keys = keys_of(session)
    last_id = 0
    while True:
        tickets = session.execute(
            select(Ticket.id, Ticket.number, Ticket.chain_head)
            .where(Ticket.id > last_id)
            .order_by(Ticket.id)
            .limit(BATCH)
        ).all()
        if not tickets:
            return _broken_in_audit(session, keys)
        last_id = tickets[-1].id
        trails = _trails(session, keys, [row.id for row in tickets])
        for row in tickets:
            serial = first_broken(trails.get(row.id, []), head=row.chain_head)
            if serial is not None:
                return Broken(format_number(row.number), serial)


def _trails(session: Session, keys: KeyRing, ids: list[int]) -> dict[int, list[ChainEntry]]:
    events = session.execute(
        _links(TicketEvent)
        .add_columns(TicketEvent.ticket_id)
        .where(TicketEvent.ticket_id.in_(ids))
        .order_by(TicketEvent.ticket_id, TicketEvent.serial)
    )
    by_ticket = groupby(events, key=lambda event: int(event.ticket_id))
    return {ticket_id: [_chain_entry(keys, event) for event in trail] for ticket_id, trail in by_ticket}


def _broken_in_audit(session: Session, keys: KeyRing) -> Broken | None:
    """The newest link of this chain is kept nowhere else: that its end was cut does not show here."""
    serial = first_broken(_audit_chain(session, keys), head=None)
    return None if serial is None else Broken("audit", serial)


def _audit_chain(session: Session, keys: KeyRing) -> Iterator[ChainEntry]:
    """Yield the chain in batches; a server-side cursor would stay open when the check ends early."""
    last = 0
    while rows := session.execute(
        _links(AuditEntry).where(AuditEntry.serial > last).order_by(AuditEntry.serial).limit(BATCH)
    ).all():
        yield from (_chain_entry(keys, row) for row in rows)
        last = rows[-1].serial


def _links(table: type[TicketEvent] | type[AuditEntry]) -> Select[*tuple[Any, ...]]:
    """What a chain is checked by; the details as they lie there, for a forged ciphertext must not stop the check."""
    stored = type_coerce(table.data, Text).label("stored")
    return select(table.serial, table.at, table.kind, table.actor, table.seal, table.link, stored)


def _chain_entry(keys: KeyRing, row: Row[Any]) -> ChainEntry:
    """A seal that does not fit its details is replaced by the one that would: the link then breaks."""
    return ChainEntry(row.serial, row.at, row.kind, row.actor, _seal_of(keys, row), row.link)


def _seal_of(keys: KeyRing, row: Row[Any]) -> bytes:
    if row.stored is None:
        return bytes(row.seal)
    try:
        return keys.seal(canonical_json(json.loads(keys.decrypt(row.stored.encode()))))
    except (ConfigurationError, ValueError):
        # The keys opened the data keys: what they do not open was written by somebody else.
        return b""
