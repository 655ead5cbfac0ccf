"""Helpers of the query tests: viewers, search words, clocks, and a count of statements."""

from datetime import datetime, timedelta

from factories import make_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.domain.search import index_words
from helpdesk.models.contacts import ContactWord
from helpdesk.models.people import OrgUnit, Role, Team, User
from helpdesk.models.sla import SlaCalendar, SlaClockRow, SlaPolicyRow
from helpdesk.models.tickets import Ticket, TicketSubject, TicketWord
from helpdesk.queries.visibility import Viewer, load_viewer
from helpdesk.sla.policy import Metric


def viewer_of(session: Session, user: User) -> Viewer:
    """Return the viewer behind a user of the test."""
    viewer = load_viewer(session, user.id)
    assert viewer is not None
    return viewer


def a_viewer(
    session: Session,
    role: Role = Role.SUPERVISOR,
    *,
    unit: OrgUnit | None = None,
    teams: tuple[Team, ...] = (),
) -> Viewer:
    """Return a new member of staff with that role, looking."""
    return viewer_of(session, make_user(session, role, unit=unit, teams=teams))


def add_words(session: Session, ticket: Ticket, text: str) -> None:
    """Index `text` for a ticket, as intake does."""
    keys = keys_of(session)
    digests = {keys.digest("word", word) for word in index_words(text)}
    session.add_all(TicketWord(word=digest, ticket_id=ticket.id) for digest in digests)
    session.flush()


def add_contact_words(session: Session, contact_id: int, text: str) -> None:
    """Index `text` for a contact."""
    keys = keys_of(session)
    digests = {keys.digest("word", word) for word in index_words(text)}
    session.add_all(ContactWord(word=digest, contact_id=contact_id) for digest in digests)
    session.flush()


def add_subject(session: Session, ticket: Ticket, user: User) -> None:
    """Name a member of staff as complained about."""
    session.add(TicketSubject(ticket_id=ticket.id, user_id=user.id))
    session.flush()


def add_clock(
    session: Session,
    ticket: Ticket,
    *,
    due_at: datetime | None,
    metric: Metric = Metric.RESOLUTION,
    met_at: datetime | None = None,
    superseded_at: datetime | None = None,
    breached_at: datetime | None = None,
) -> SlaClockRow:
    """Give the ticket a clock of any published policy."""
    policy = session.scalars(select(SlaPolicyRow).order_by(SlaPolicyRow.id).limit(1)).one()
    calendar = session.scalars(select(SlaCalendar).order_by(SlaCalendar.id).limit(1)).one()
    clock = SlaClockRow(
        ticket_id=ticket.id,
        metric=metric,
        policy_id=policy.id,
        calendar_id=calendar.id,
        target_seconds=3600,
        is_pausable=True,
        zone="Asia/Jakarta",
        started_at=ticket.received_at,
        counts_from=ticket.received_at,
        due_at=due_at,
        met_at=met_at,
        superseded_at=superseded_at,
        breached_at=breached_at,
    )
    session.add(clock)
    session.flush()
    return clock


HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
