"""A ticket's clocks as its pages tell them, and the page that holds every stretch of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.queries.conversation import EventRow, events_of
from helpdesk.queries.regulation import regulation_of
from helpdesk.queries.sla import ClockLine, stories
from helpdesk.queries.sla_explain import Explanation, explained, in_words
from helpdesk.queries.sla_next import what_is_next
from helpdesk.queries.sla_notes import awaited, notes_of
from helpdesk.queries.sla_words import year_of
from helpdesk.queries.terms import number_key
from helpdesk.queries.ticket import ticket_id_of
from helpdesk.queries.visibility import Viewer
from helpdesk.views.clock_views import (
    ClockView,
    bar_of,
    day_rows,
    in_language,
    is_short,
    ledger_rows,
    reasons,
)
from helpdesk.views.formatting import duration, hours_minutes
from helpdesk.views.sla_chip import chip_for


@dataclass(frozen=True, slots=True)
class ClocksPage:
    """The clocks of a ticket with every stretch of their lives."""

    number: str
    zone: str
    following: tuple[str, ...]
    clocks: tuple[ClockView, ...]


def load_clocks(session: Session, who: Viewer, number: str, *, now: datetime) -> ClocksPage:
    """Read the clocks. Raises NotFound for a ticket that may not be seen."""
    ticket_id = ticket_id_of(session, who, number)
    told = stories(session, ticket_id, now=now)
    zone = told[0].line.zone if told else who.zone
    regulation = regulation_of(session, ticket_id, now=now)
    notes = notes_of(regulation, zone, now=now)
    reopened = reopenings(events_of(session, [ticket_id]).get(ticket_id, ()))
    return ClocksPage(
        number_key(number),
        zone,
        in_language(
            [
                *awaited(regulation, zone, now=now),
                *what_is_next([each.line for each in told], now=now),
            ]
        ),
        tuple(
            clock_view(each, now=now, reopened=reopened, is_whole=True)
            for each in explained(session, told, now=now, notes=notes, regulation=regulation)
        ),
    )


def clock_view(
    told: Explanation, *, now: datetime, reopened: Sequence[datetime] = (), is_whole: bool = False
) -> ClockView:
    """Return a clock as the pages tell it; `is_whole`: with every stretch, however long the list."""
    line, is_whole = told.clock, is_whole or is_short(told)
    share_left = 1 - line.used_seconds / line.target_seconds if line.target_seconds else None
    chip = chip_for(
        line.due_at,
        state=line.state,
        now=now,
        zone=line.zone,
        started_at=line.started_at,
        share_left=share_left,
        met_at=line.met_at,
        broken_at=told.broken_before,
        latest_at=line.latest_due_at,
    )
    is_extended = line.calendar.is_day_based and told.target != in_words(line.target_seconds, line.calendar)
    return ClockView(
        line=line,
        chip=chip,
        target=in_language([told.target])[0] if is_extended else _span(line.target_seconds, line),
        used=_span(line.used_seconds, line),
        paused=_span(line.paused_seconds, line),
        why=reasons(told),
        rows=ledger_rows(told, is_whole=is_whole, now=now),
        days=day_rows(told.arithmetic.days, year_of(now, ZoneInfo(line.zone))),
        bar=bar_of(told),
        is_whole=is_whole,
        round=_round(line, reopened),
    )


def reopenings(events: Sequence[EventRow]) -> tuple[datetime, ...]:
    """Return when an answered ticket was opened again."""
    answered = (TicketStatus.RESOLVED, TicketStatus.CLOSED)
    return tuple(
        each.at
        for each in events
        if each.kind == "status_changed"
        and each.data.get("from") in answered
        and each.data.get("to") not in answered
    )


def _round(line: ClockLine, reopened: Sequence[datetime]) -> int:
    """Return of which round of the ticket a clock is, 1 the first; 0 where there is one, or it lives through it."""
    if not reopened:
        return 0
    begun = 1 + sum(at <= line.started_at for at in reopened)
    ended = line.met_at or line.superseded_at
    lives_on = begun == 1 and (ended is None or ended > reopened[0])
    return 0 if lives_on else begun


def _span(seconds: int, line: ClockLine) -> str:
    """Write time of the clock's calendar: whole days for the regulator's, else hours and minutes."""
    span = timedelta(seconds=seconds)
    return duration(span) if line.calendar.is_day_based else hours_minutes(span)
