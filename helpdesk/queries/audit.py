"""The audit trail: a page of it, and a sample of tickets."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Select, and_, func, select, tuple_
from sqlalchemy.orm import Session

from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.severity import Severity
from helpdesk.models.people import Team
from helpdesk.models.tickets import AuditEntry, CategoryRow, Ticket, TicketEvent
from helpdesk.queries.conversation import actor_names
from helpdesk.queries.moves import hidden_numbers, without
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
    """Return entries of tickets the viewer may see and all others, newest first, in three statements;
    one more where a message moved."""
    require(viewer, Action.READ_AUDIT)
    limit = check_limit(limit)
    place = decode_cursor(after, _CURSOR, (str, int, int)) if after else None
    entries = _of_tickets(session, viewer, wanted, place, limit + 1)
    if not wanted.number:
        entries += _others(session, wanted, place, limit + 1)
    entries.sort(key=lambda entry: entry.place, reverse=True)
    shown = entries[:limit]
    names = actor_names(session, (entry.row.actor for entry in shown))
    hidden = hidden_numbers(session, viewer, ((entry.row.kind, entry.row.data) for entry in shown))
    following = None
    if len(entries) > limit:
        at, source, row_id = shown[-1].place
        following = encode_cursor(_CURSOR, instant_text(at), source, row_id)
    return Page(tuple(_named(entry.row, names, hidden) for entry in shown), following)


def _named(row: AuditRow, names: Mapping[str, str], hidden: Set[str]) -> AuditRow:
    name = names.get(row.actor, row.actor)
    return AuditRow(
        row.at, row.number, row.serial, row.kind, row.actor, name, without(hidden, row.kind, row.data)
    )


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


@dataclass(frozen=True, slots=True)
class SampledTicket:
    """A ticket of a sample, as far as its list shows it."""

    number: str
    received_at: datetime
    severity: Severity
    status: TicketStatus
    channel: ChannelCode
    category_id: str | None
    category_en: str | None
    team: str


def sample(
    session: Session, viewer: Viewer, *, since: datetime, until: datetime, size: int, seed: int
) -> tuple[SampledTicket, ...]:
    """Return at most `size` tickets received in [since, until), spread evenly, in two statements.

    `seed` moves the start: the same span, size and seed draw the same sample for every auditor, but for
    tickets that one of them is barred from.
    """
    require(viewer, Action.READ_AUDIT)
    received = and_(Ticket.received_at >= since, Ticket.received_at < until, visible(viewer))
    count = session.scalar(select(func.count()).select_from(Ticket).where(received)) or 0
    if not count or size < 1:
        return ()
    step = max(count // size, 1)
    placed = (
        select(Ticket.id, (func.row_number().over(order_by=Ticket.id) - 1).label("place"))
        .where(received)
        .subquery()
    )
    chosen = select(placed.c.id).where(placed.c.place % step == seed % step)
    found = session.execute(
        select(
            Ticket.number,
            Ticket.received_at,
            Ticket.severity,
            Ticket.status,
            Ticket.channel,
            CategoryRow.name_id,
            CategoryRow.name_en,
            Team.name,
        )
        .join(Team, Team.id == Ticket.team_id)
        .outerjoin(CategoryRow, CategoryRow.code == Ticket.category_code)
        .where(Ticket.id.in_(chosen.order_by(placed.c.place).limit(size)))
        .order_by(Ticket.id)
    )
    return tuple(SampledTicket(*row) for row in found)
