"""SQL conditions that several pages share, so that a number and the list behind it never disagree."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, false, func, not_, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.compiler import SQLCompiler

from helpdesk.crypto import keys_of
from helpdesk.domain.folding import plain_digits
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.numbers import SHORTEST
from helpdesk.domain.search import is_unsearchable, query_words
from helpdesk.models.contacts import ContactWord
from helpdesk.models.messages import unheard_in
from helpdesk.models.people import OrgUnit, Team
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import Ticket, TicketWord
from helpdesk.queries.filters import TEAM_VIEW, DueBand, QueueFilter, View, category_codes
from helpdesk.queries.periods import day_of
from helpdesk.queries.visibility import Viewer


class _IsActive(ColumnElement[bool]):
    """A ticket's status is active, spelt as in the partial indexes: with parameters they would not be used.

    It has no type on purpose: SQLAlchemy compares a boolean with 1 on SQLite, and the index would not be seen.
    """

    inherit_cache = True


_ACTIVE_SQL = "tickets.status IN ('new', 'open', 'pending', 'on_hold')"


@compiles(_IsActive)
def _active_sql(_element: _IsActive, _compiler: SQLCompiler, **_options: object) -> str:
    return f"({_ACTIVE_SQL})"


@compiles(_IsActive, "sqlite")
def _active_sql_of_sqlite(_element: _IsActive, _compiler: SQLCompiler, **_options: object) -> str:
    # Without the hint SQLite sorts all active tickets for one page instead of walking ix_tickets_queue in its
    # order: 25 ms in place of 0.1 ms with 10,000 of them (sqlite.org/lang_corefunc.html#likely).
    return f"likely({_ACTIVE_SQL})"


ACTIVE: ColumnElement[bool] = _IsActive()
IS_KEPT: ColumnElement[bool] = and_(
    SlaClockRow.met_at.is_not(None),
    SlaClockRow.met_at <= SlaClockRow.due_at,
    SlaClockRow.breached_at.is_(None),
)
"""A clock was met in time."""
LIVE_CLOCK: ColumnElement[bool] = and_(SlaClockRow.met_at.is_(None), SlaClockRow.superseded_at.is_(None))

HOUR = timedelta(hours=1)
_TYPED_NUMBER = re.compile(r"(?<![^\W_])(?:(\d{4,14})[-.\s](\d{4})|(\d{8,18}))(?![^\W_])")
"""Digits that are no part of a longer word: `TRX20261128771` is searched for as it stands in the index."""


def filter_terms(
    session: Session, viewer: Viewer, wanted: QueueFilter, *, now: datetime
) -> list[ColumnElement[bool]]:
    """Return the conditions on Ticket of a filter, without visible()."""
    terms = [view_term(viewer, wanted.view)]
    if wanted.is_active_only:
        terms.append(ACTIVE)
    columns: tuple[tuple[Iterable[str], Callable[[list[str]], ColumnElement[bool]]], ...] = (
        (wanted.statuses, Ticket.status.in_),
        (wanted.severities, Ticket.severity.in_),
        (wanted.channels, Ticket.channel.in_),
        (category_codes(wanted.category) if wanted.category else (), Ticket.category_code.in_),
    )
    terms += [is_one_of(sorted(words)) for words, is_one_of in columns if words]
    if wanted.team:
        terms.append(_in_team(wanted.team))
    if wanted.unit:
        terms.append(Ticket.unit_id.in_(units_named(wanted.unit)))
    if wanted.created_after:
        terms.append(Ticket.created_at > wanted.created_after)
    if wanted.due_before:
        terms.append(Ticket.next_due_at < wanted.due_before)
    if wanted.band:
        terms.append(band_term(viewer, wanted.band, now=now))
    if wanted.is_unassigned:
        terms.append(Ticket.assignee_id.is_(None))
    if wanted.is_unheard:
        terms.append(Ticket.id.in_(unheard_in()))
    return terms + search_terms(session, wanted.q)


def view_term(viewer: Viewer, view: str) -> ColumnElement[bool]:
    """Return the condition of a view; that its tickets are active is ACTIVE's matter."""
    if view.startswith(TEAM_VIEW):
        return _in_team(view.removeprefix(TEAM_VIEW))
    match View(view):
        case View.URGENT:
            return Ticket.status != TicketStatus.PENDING
        case View.MINE:
            return false() if viewer.user_id is None else Ticket.assignee_id == viewer.user_id
        case View.UNASSIGNED:
            return Ticket.assignee_id.is_(None)
        case View.PENDING:
            return Ticket.status == TicketStatus.PENDING
        case View.REOPENED:
            return Ticket.reopened_count > 0
        case View.FRAUD:
            return Ticket.category_code.in_(category_codes("FRD"))
        case View.LWK:
            return Ticket.channel == ChannelCode.LWK
        case View.RETURNED:
            return and_(Ticket.returned_at.is_not(None), Ticket.assignee_id.is_(None))
        case View.SET_ASIDE:
            return Ticket.set_aside_at.is_not(None)
        case View.ALL:
            return true()


def band_term(viewer: Viewer, band: DueBand, *, now: datetime) -> ColumnElement[bool]:
    """Return the condition of a due band; a deadline at exactly `now` is not yet overdue."""
    hour = now + HOUR
    tomorrow = max(day_of(now, viewer.zone)[1], hour)
    match band:
        case DueBand.OVERDUE:
            return Ticket.next_due_at < now
        case DueBand.HOUR:
            return and_(Ticket.next_due_at >= now, Ticket.next_due_at <= hour)
        case DueBand.TODAY:
            return and_(Ticket.next_due_at > hour, Ticket.next_due_at < tomorrow)
        case DueBand.LATER:
            # The hour before midnight reaches into tomorrow: what is due in it is in the band HOUR alone.
            return and_(Ticket.next_due_at > hour, Ticket.next_due_at >= tomorrow)


def is_promise() -> ColumnElement[bool]:
    """Return the condition that a clock is counted: once per promise, as broken where one of its clocks was.

    What was replaced or ended promises nothing any more, unless it had been broken before: neither a milder
    severity nor the answer takes that back.
    """
    earlier = aliased(SlaClockRow)
    was_broken = select(earlier.id).where(
        earlier.ticket_id == SlaClockRow.ticket_id,
        earlier.metric == SlaClockRow.metric,
        earlier.started_at == SlaClockRow.started_at,
        earlier.id < SlaClockRow.id,
        earlier.breached_at.is_not(None),
    )
    is_standing = or_(SlaClockRow.superseded_at.is_(None), SlaClockRow.breached_at.is_not(None))
    return and_(is_standing, not_(was_broken.exists()))


def is_broken(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a clock was missed by `now`, as sla.clock.state() says: what is on record stays.

    What stopped a clock, met or superseded, the earlier of both, is too late only after the due instant.
    """
    met_at, superseded_at = SlaClockRow.met_at, SlaClockRow.superseded_at
    stopped_at = case((superseded_at < met_at, superseded_at), else_=func.coalesce(met_at, superseded_at))
    return or_(
        SlaClockRow.breached_at.is_not(None),
        stopped_at > SlaClockRow.due_at,
        and_(LIVE_CLOCK, SlaClockRow.due_at <= now),
    )


def number_key(text: str) -> str:
    """Return the stored form of a typed ticket number: its digits; empty for what is far from one."""
    digits = re.sub(r"\D", "", plain_digits(text)) if len(text) <= 40 else ""
    return digits if len(digits) >= SHORTEST else ""


def tally(term: ColumnElement[bool]) -> ColumnElement[int]:
    """Return how many rows hold `term`."""
    return func.coalesce(func.sum(case((term, 1), else_=0)), 0)


def is_unread() -> ColumnElement[bool]:
    """Return the condition that the contact spoke after our last human word."""
    return and_(
        Ticket.last_inbound_at.is_not(None),
        or_(Ticket.last_human_at.is_(None), Ticket.last_human_at < Ticket.last_inbound_at),
    )


def search_terms(session: Session, q: str) -> list[ColumnElement[bool]]:
    """Return one condition per word of `q`: whole words, any case, in messages, number or contact.

    Texts lie encrypted, so words are looked up by their keyed digests. Signs without any word find nothing.
    """
    if is_unsearchable(q):
        return [false()]
    terms: list[ColumnElement[bool]] = []
    rest = q
    for match in _TYPED_NUMBER.finditer(q):
        words = sorted(query_words(match.group()))
        number = "".join(filter(None, match.groups()))
        terms.append(or_(Ticket.number == number, and_(true(), *(_holds(session, word) for word in words))))
        rest = rest.replace(match.group(), " ", 1)
    return terms + [_holds(session, word) for word in sorted(query_words(rest))]


def _holds(session: Session, word: str) -> ColumnElement[bool]:
    digest = keys_of(session).digest("word", word)
    ticket = aliased(Ticket)
    of_contact = (
        select(ticket.id)
        .join(ContactWord, ContactWord.contact_id == ticket.contact_id)
        .where(ContactWord.word == digest)
    )
    places = [select(TicketWord.ticket_id).where(TicketWord.word == digest), of_contact]
    if word.isascii() and word.isdigit() and len(word) >= 4:
        # `4821` is a word of the number shown as 4821-9375; a range uses the index, a pattern would not.
        first_half = and_(
            ticket.number.between(f"{word}0000", f"{word}9999"), func.length(ticket.number) == len(word) + 4
        )
        places.append(select(ticket.id).where(or_(ticket.number == word, first_half)))
    return Ticket.id.in_(places[0].union_all(*places[1:]))


def units_named(text: str) -> Select[int]:
    """Return the ids of the units whose name holds `text` or whose code it is, and of all below them."""
    named = aliased(OrgUnit)
    return (
        select(OrgUnit.id)
        .join(named, OrgUnit.path.startswith(named.path))
        .where(
            or_(
                func.lower(named.name).contains(text.lower(), autoescape=True),
                func.lower(named.code) == text.lower(),
            )
        )
    )


def _in_team(code: str) -> ColumnElement[bool]:
    return Ticket.team_id.in_(select(Team.id).where(Team.code == code))
