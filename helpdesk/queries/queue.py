"""The agent queue: one page of it, how much is in each view, and whether anything changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, case, func, select, tuple_
from sqlalchemy.orm import Session

from helpdesk.domain.lifecycle import ACTIVE_STATUSES, TicketKind, TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.privacy import mask_name
from helpdesk.domain.severity import Severity
from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Message, unheard_in
from helpdesk.models.people import OrgUnit, Team, User
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import CategoryRow, Ticket, TicketEvent
from helpdesk.queries.filters import FINISHED_TOO, DueBand, QueueFilter, View, parse_filter
from helpdesk.queries.paging import (
    LIMIT,
    Page,
    check_limit,
    decode_cursor,
    encode_cursor,
    id_of,
    instant_of,
    instant_text,
)
from helpdesk.queries.terms import ACTIVE, LIVE_CLOCK, filter_terms, tally, view_term
from helpdesk.queries.visibility import Viewer, visible
from helpdesk.sla.policy import Metric

__all__ = [
    "Chip",
    "DueBand",
    "QueueCounts",
    "QueueFilter",
    "QueueRow",
    "TeamCount",
    "View",
    "counts",
    "latest_change",
    "parse_filter",
    "queue_page",
    "rows_of",
    "ticket_ids_page",
]

_BY_DUE, _BY_AGE = "due", "new"

_NEWEST = 100
"""Events that latest_change() looks at."""


@dataclass(frozen=True, slots=True)
class Chip:
    """The clock that is due next; paused when nothing runs."""

    metric: Metric
    started_at: datetime
    due_at: datetime | None
    target_seconds: int
    is_paused: bool


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue."""

    number: str
    subject: str
    status: TicketStatus
    severity: Severity
    channel: ChannelCode
    category: str | None
    category_id: str | None
    category_en: str | None
    contact: str
    """Masked name; empty when unknown."""
    unit: str
    zone: str
    team: str
    assignee: str | None
    received_at: datetime
    created_at: datetime
    next_due_at: datetime | None
    chip: Chip | None
    is_unread: bool
    is_unheard: bool
    """Whether it holds a voice message that nobody has written down."""
    is_about_staff: bool
    reopened_count: int
    version: int


@dataclass(frozen=True, slots=True)
class TeamCount:
    """Active tickets of one team, as far as the viewer may see them."""

    code: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many tickets each view holds; those of FINISHED_TOO are not counted."""

    views: Mapping[View, int]
    teams: tuple[TeamCount, ...]


def queue_page(
    session: Session,
    viewer: Viewer,
    wanted: QueueFilter,
    *,
    now: datetime,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page[QueueRow]:
    """Return a page in at most four statements. Soonest due first (then severity), or newest first where
    finished tickets may match. Raises InvalidInput for a cursor of another list."""
    page = ticket_ids_page(session, viewer, wanted, now=now, after=after, limit=limit)
    return Page(rows_of(session, page.items), page.next)


def ticket_ids_page(
    session: Session,
    viewer: Viewer,
    wanted: QueueFilter,
    *,
    now: datetime,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page[int]:
    """Return the ids of the same page, for the API's full views."""
    limit = check_limit(limit)
    keys = select(Ticket.id, Ticket.next_due_at, Ticket.severity, Ticket.created_at)
    keys = keys.where(visible(viewer), *filter_terms(session, viewer, wanted, now=now))
    if wanted.is_active_only:
        found = _by_due(session, keys, after, limit + 1)
    else:
        found = _by_age(session, keys, after, limit + 1)
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        if wanted.is_active_only:
            following = encode_cursor(_BY_DUE, instant_text(last.next_due_at), last.severity, last.id)
        else:
            following = encode_cursor(_BY_AGE, instant_text(last.created_at), last.id)
    return Page(tuple(row.id for row in found[:limit]), following)


Key = Row[int, datetime | None, Severity, datetime]
Keys = Select[int, datetime | None, Severity, datetime]


def _by_due(session: Session, keys: Keys, after: str | None, limit: int) -> list[Key]:
    """Two index walks, what has a deadline and then the rest: the databases sort NULLs differently."""
    due, severity, ticket_id = decode_cursor(after, _BY_DUE, (str, str, int)) if after else (None, None, None)
    found: list[Key] = []
    if after is None or due is not None:
        with_due = keys.where(Ticket.next_due_at.is_not(None))
        if after is not None:
            place = tuple_(Ticket.next_due_at, Ticket.severity, Ticket.id)
            with_due = with_due.where(place > (instant_of(due), _severity(severity), id_of(ticket_id)))
        order = (Ticket.next_due_at, Ticket.severity, Ticket.id)
        found += session.execute(with_due.order_by(*order).limit(limit)).all()
    if len(found) < limit:
        without = keys.where(Ticket.next_due_at.is_(None))
        if after is not None and due is None:
            rest = tuple_(Ticket.severity, Ticket.id)
            without = without.where(rest > (_severity(severity), id_of(ticket_id)))
        order_rest = without.order_by(Ticket.severity, Ticket.id).limit(limit - len(found))
        found += session.execute(order_rest).all()
    return found


def _by_age(session: Session, keys: Keys, after: str | None, limit: int) -> list[Key]:
    if after is not None:
        created, ticket_id = decode_cursor(after, _BY_AGE, (str, int))
        keys = keys.where(tuple_(Ticket.created_at, Ticket.id) < (instant_of(created), id_of(ticket_id)))
    newest = keys.order_by(Ticket.created_at.desc(), Ticket.id.desc())
    return list(session.execute(newest.limit(limit)).all())


def _severity(part: object) -> Severity:
    return Severity(str(part)) if part in set(Severity) else Severity.S4


def rows_of(session: Session, ids: Sequence[int]) -> tuple[QueueRow, ...]:
    """Return the lines of tickets the viewer may see, in the order of `ids`, in two statements."""
    if not ids:
        return ()
    chips = _chips(session, ids)
    found = session.execute(
        select(
            Ticket,
            Contact.name.label("contact"),
            OrgUnit.name.label("unit"),
            OrgUnit.zone,
            Team.name.label("team"),
            User.name.label("assignee"),
            CategoryRow.name_id,
            CategoryRow.name_en,
            unheard_in(Message.ticket_id == Ticket.id).exists(),
        )
        .join(Contact, Contact.id == Ticket.contact_id)
        .join(OrgUnit, OrgUnit.id == Ticket.unit_id)
        .join(Team, Team.id == Ticket.team_id)
        .outerjoin(User, User.id == Ticket.assignee_id)
        .outerjoin(CategoryRow, CategoryRow.code == Ticket.category_code)
        .where(Ticket.id.in_(ids))
    )
    rows = {row.Ticket.id: _row(row, chips.get(row.Ticket.id)) for row in found}
    return tuple(rows[ticket_id] for ticket_id in ids)


def _row(row: Row[Ticket, str | None, str, str, str, str, str, str, bool], chip: Chip | None) -> QueueRow:
    ticket, contact, unit, zone, team, assignee, name_id, name_en, is_unheard = row
    return QueueRow(
        number=ticket.number,
        subject=ticket.subject,
        status=ticket.status,
        severity=ticket.severity,
        channel=ticket.channel,
        category=ticket.category_code,
        category_id=name_id,
        category_en=name_en,
        contact=mask_name(contact or ""),
        unit=unit,
        zone=zone,
        team=team,
        assignee=assignee,
        received_at=ticket.received_at,
        created_at=ticket.created_at,
        next_due_at=ticket.next_due_at,
        chip=chip,
        is_unread=_is_unread(ticket),
        is_unheard=is_unheard,
        is_about_staff=ticket.is_about_staff,
        reopened_count=ticket.reopened_count,
        version=ticket.version,
    )


def _is_unread(ticket: Ticket) -> bool:
    # What ends a ticket is hers, too: a "1", a mark from 1 to 5. Nobody need answer that.
    if ticket.last_inbound_at is None or ticket.status not in ACTIVE_STATUSES:
        return False
    return ticket.last_human_at is None or ticket.last_human_at < ticket.last_inbound_at


def _chips(session: Session, ids: Sequence[int]) -> dict[int, Chip]:
    """Return for each ticket its live clock that is due first; a paused one only where none runs."""
    live = select(
        SlaClockRow.ticket_id,
        SlaClockRow.metric,
        SlaClockRow.started_at,
        SlaClockRow.due_at,
        SlaClockRow.target_seconds,
    ).where(SlaClockRow.ticket_id.in_(ids), LIVE_CLOCK)
    chips: dict[int, Chip] = {}
    for row in session.execute(live.order_by(SlaClockRow.due_at.desc(), SlaClockRow.id)):
        chip = Chip(row.metric, row.started_at, row.due_at, row.target_seconds, row.due_at is None)
        if row.ticket_id not in chips or not chip.is_paused:
            chips[row.ticket_id] = chip
    return chips


def counts(session: Session, viewer: Viewer) -> QueueCounts:
    """Return what the rail shows, in one statement over the active tickets."""
    views = [view for view in View if view not in FINISHED_TOO]
    found = session.execute(
        select(Team.code, Team.name, func.count(), *(tally(view_term(viewer, view)) for view in views))
        .join(Team, Team.id == Ticket.team_id)
        .where(ACTIVE, visible(viewer))
        .group_by(Team.code, Team.name)
        .order_by(Team.name)
    ).all()
    totals: dict[View, int] = {view: sum(int(row[3 + at]) for row in found) for at, view in enumerate(views)}
    return QueueCounts(totals, tuple(TeamCount(row[0], row[1], row[2]) for row in found))


def first_received(session: Session, viewer: Viewer, numbers: Sequence[str]) -> str | None:
    """Return which of these, as far as they are in work and seen, came first; an enquiry only among its like."""
    is_enquiry = case((Ticket.kind == TicketKind.ENQUIRY, 1), else_=0)
    return session.scalar(
        select(Ticket.number)
        .where(Ticket.number.in_(numbers), ACTIVE, visible(viewer))
        .order_by(is_enquiry, Ticket.received_at, Ticket.id)
        .limit(1)
    )


def latest_change(session: Session) -> str:
    """Return a mark that grows with every change of a ticket: part of the ETag of polling pages.

    On PostgreSQL an event may be committed after one with a higher id was seen: the newest id alone would not
    show it. The sum of the newest ids grows with an earlier one among them too; one that is later still is seen
    when the minute, the other part of the ETag, changes.
    """
    newest = select(TicketEvent.id).order_by(TicketEvent.id.desc()).limit(_NEWEST).subquery()
    return str(session.scalar(select(func.sum(newest.c.id))) or 0)
