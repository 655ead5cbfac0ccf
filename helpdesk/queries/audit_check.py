"""The check of the audit trail: chains, what their entries seal, and that the messages are what was recorded."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, Select, Text, func, select, type_coerce
from sqlalchemy.orm import Session

from helpdesk.crypto import KeyRing, keys_of
from helpdesk.domain.chain import ChainEntry, first_broken, said
from helpdesk.domain.errors import ConfigurationError
from helpdesk.domain.messages import Direction
from helpdesk.domain.numbers import format_number
from helpdesk.domain.privacy import ERASED
from helpdesk.models.messages import Message
from helpdesk.models.tickets import (
    MOVED_OUT,
    PERSONAL_DATA_ERASED,
    AuditEntry,
    AuditHead,
    Ticket,
    TicketEvent,
)

BATCH = 500

Stored = Row[int, str, Direction, int | None, datetime, str]
"""A message: ticket, public id, direction, author, instant, and the body as it lies there."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry that is not as it was written. `chain`: a ticket's number, or `audit`."""

    chain: str
    serial: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry with its details, None where they were erased."""

    link: ChainEntry
    details: Mapping[str, Any] | None


def verify(session: Session) -> Broken | None:
    """Return the first entry that was changed, lost, or records another text than its message has; else None.

    A lost last entry, or a message that nothing recorded, is named by the serial that should follow. Needs no
    viewer: it tells only where the trail was changed. Needs rt.snapshot(): what is written meanwhile is no change.
    """
    keys = keys_of(session)
    last_id = 0
    while True:
        tickets = session.execute(
            select(Ticket.id, Ticket.number, Ticket.version, Ticket.chain_head)
            .where(Ticket.id > last_id)
            .order_by(Ticket.id)
            .limit(BATCH)
        ).all()
        if not tickets:
            return _broken_in_audit(session, keys)
        last_id = tickets[-1].id
        ids = [row.id for row in tickets]
        trails, messages = _trails(session, keys, ids), _messages(session, ids)
        for row in tickets:
            trail = trails.get(row.id, [])
            serial = _broken_in_ticket(keys, trail, messages[row.id], head=row.chain_head)
            if serial is None and row.version != len(trail):
                serial = len(trail) + 1  # the next entry would be given another number than follows
            if serial is not None:
                return Broken(format_number(row.number), serial)


def _broken_in_ticket(
    keys: KeyRing, trail: Sequence[_Entry], messages: Mapping[str, Stored], *, head: bytes
) -> int | None:
    serial = first_broken((entry.link for entry in trail), head=head, seal=keys.seal)
    if serial is not None:
        return serial
    erasures = [entry.link.serial for entry in trail if entry.link.kind == PERSONAL_DATA_ERASED]
    erased_until = max(erasures, default=0)
    unrecorded, moved_on = dict(messages), _moved_on(trail)
    for entry in trail:
        if entry.details is None and entry.link.serial > erased_until:
            return entry.link.serial
        for public_id, seal in _came(entry):
            if (entry.link.serial, public_id) in moved_on:
                continue
            message = unrecorded.pop(public_id, None)
            if message is None or _seal_of(keys, message) != seal:
                return entry.link.serial
    is_forgotten = erased_until > 0 and all(_body(keys, row) == ERASED for row in unrecorded.values())
    return None if is_forgotten or not unrecorded else len(trail) + 1


def _came(entry: _Entry) -> list[tuple[str, str]]:
    """Return the messages that came to lie in the ticket with this entry, each with the seal of what it says."""
    details = entry.details or {}
    came = details.get("sealed", [details] if "seal" in details else [])
    return [(each["message"], each["seal"]) for each in came]


def _left(entry: _Entry) -> list[str]:
    """Return the messages that went to another ticket with this entry."""
    details = entry.details or {}
    return [details["message"]] if entry.link.kind == MOVED_OUT else details.get("left", [])


def _moved_on(trail: Sequence[_Entry]) -> frozenset[tuple[int, str]]:
    """Return where messages came that went on to another ticket afterwards: that one's trail answers for them."""
    here: dict[str, int] = {}
    gone: set[tuple[int, str]] = set()
    for entry in trail:
        for public_id in _left(entry):
            gone.add((here.pop(public_id, 0), public_id))
        here |= {public_id: entry.link.serial for public_id, _ in _came(entry)}
    return frozenset(gone)


def _seal_of(keys: KeyRing, message: Stored) -> str | None:
    """Return the seal that the event of this message must hold, as services/trail.py wrote it."""
    body = _body(keys, message)
    if body is None:
        return None
    content = said(direction=message.direction, author_id=message.author_id, at=message.at, body=body)
    return keys.seal(content).hex()


def _body(keys: KeyRing, message: Stored) -> str | None:
    plain = _opened(keys, message.stored)
    return None if plain is None else plain.decode()


def _trails(session: Session, keys: KeyRing, ids: list[int]) -> dict[int, list[_Entry]]:
    events = session.execute(
        _links(TicketEvent)
        .add_columns(TicketEvent.ticket_id)
        .where(TicketEvent.ticket_id.in_(ids))
        .order_by(TicketEvent.ticket_id, TicketEvent.serial)
    )
    by_ticket = groupby(events, key=lambda event: int(event.ticket_id))
    return {
        ticket_id: [_entry(keys, event, is_erasable=True) for event in trail]
        for ticket_id, trail in by_ticket
    }


def _messages(session: Session, ids: list[int]) -> Mapping[int, Mapping[str, Stored]]:
    """Return the messages of each ticket by their public id."""
    of_ticket: dict[int, dict[str, Stored]] = defaultdict(dict)
    for row in session.execute(
        select(
            Message.ticket_id,
            Message.public_id,
            Message.direction,
            Message.author_id,
            Message.at,
            type_coerce(Message.body, Text).label("stored"),
        ).where(Message.ticket_id.in_(ids))
    ):
        of_ticket[row.ticket_id][row.public_id] = row
    return of_ticket


def _broken_in_audit(session: Session, keys: KeyRing) -> Broken | None:
    kept = session.scalar(select(AuditHead))
    serial = first_broken(_audit_chain(session, keys), head=kept.head if kept else b"", seal=keys.seal)
    if serial is not None:
        return Broken("audit", serial)
    newest = session.scalar(select(func.max(AuditEntry.serial))) or 0
    return Broken("audit", newest + 1) if kept and kept.serial != newest else None


def _audit_chain(session: Session, keys: KeyRing) -> Iterator[ChainEntry]:
    """Yield the chain in batches; a server-side cursor would stay open when the check ends early."""
    last = 0
    while rows := session.execute(
        _links(AuditEntry).where(AuditEntry.serial > last).order_by(AuditEntry.serial).limit(BATCH)
    ).all():
        yield from (_entry(keys, row, is_erasable=False).link for row in rows)
        last = rows[-1].serial


def _links(table: type[TicketEvent] | type[AuditEntry]) -> Select[*tuple[Any, ...]]:
    """What a chain is checked by; the details as they lie there, for a forged ciphertext must not stop the check."""
    stored = type_coerce(table.data, Text).label("stored")
    return select(table.serial, table.at, table.kind, table.actor, table.seal, table.link, stored)


def _entry(keys: KeyRing, row: Row[Any], *, is_erasable: bool) -> _Entry:
    """A seal that does not fit its details is replaced by the one that would: the link then breaks."""
    details, seal = None, b""
    if row.stored is None and is_erasable:
        seal = bytes(row.seal)
    elif (plain := _opened(keys, row.stored)) is not None:
        details, seal = json.loads(plain), keys.seal(plain)
    return _Entry(ChainEntry(row.serial, row.at, row.kind, row.actor, seal, row.link), details)


def _opened(keys: KeyRing, stored: str | None) -> bytes | None:
    """Return what was encrypted. The keys opened the data keys: what they do not open somebody else wrote."""
    try:
        return None if stored is None else keys.decrypt(stored.encode())
    except ConfigurationError:
        return None
