"""A voice that nobody has listened to is marked in the queue and found there, and no longer once it is written down."""

from uuid import uuid4

import pytest
from factories import NOW, make_message, make_team, make_ticket, make_user
from query_samples import a_viewer, viewer_of
from sqlalchemy import text
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.domain.messages import ChannelCode, Direction, MediaKind
from helpdesk.models.messages import Attachment
from helpdesk.models.people import Role, Team
from helpdesk.models.tickets import Ticket
from helpdesk.queries.filters import QueueFilter, View
from helpdesk.queries.queue import queue_page
from helpdesk.services import transcripts

UNHEARD = QueueFilter(view=View.ALL, is_unheard=True)


@pytest.fixture
def team(session: Session) -> Team:
    return make_team(session)


def with_file(
    session: Session,
    ticket: Ticket,
    kind: MediaKind = MediaKind.VOICE,
    state: str = "stored",
    **message: object,
) -> Attachment:
    """A message of the ticket with a file."""
    file = Attachment(
        public_id=str(uuid4()),
        message_id=make_message(session, ticket, **message).id,  # type: ignore[arg-type]
        channel=ticket.channel,
        kind=kind,
        state=state,
        created_at=NOW,
    )
    session.add(file)
    session.flush()
    return file


def marked(session: Session, team: Team, wanted: QueueFilter = UNHEARD) -> dict[str, bool]:
    viewer = viewer_of(session, make_user(session, Role.SUPERVISOR))  # what is heard may move the ticket
    return {row.number: row.is_unheard for row in queue_page(session, viewer, wanted, now=NOW).items}


def test_it_is_marked_and_found_until_it_is_written_down(session: Session, team: Team) -> None:
    ticket, other = (make_ticket(session, team=team) for _ in range(2))
    file = with_file(session, ticket)
    assert marked(session, team) == {ticket.number: True}
    assert marked(session, team, QueueFilter()) == {ticket.number: True, other.number: False}
    transcripts.write_down(session, ticket.id, file.public_id, "Sudah bayar", actor="user:x", now=NOW)
    assert marked(session, team) == {}
    assert marked(session, team, QueueFilter()) == {ticket.number: False, other.number: False}


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"kind": MediaKind.PHOTO}, id="a photo"),
        pytest.param({"state": "failed"}, id="it never came"),
        pytest.param({"channel": ChannelCode.PHONE}, id="staff wrote while it was spoken"),
        pytest.param({"direction": Direction.OUT}, id="our own"),
    ],
)
def test_what_need_not_be_heard_is_not_marked(session: Session, team: Team, how: dict[str, object]) -> None:
    with_file(session, make_ticket(session, team=team), **how)  # type: ignore[arg-type]
    assert marked(session, team) == {}


def test_no_statement_is_added_and_the_few_unheard_are_walked_alone(session: Session, team: Team) -> None:
    for number in range(60):
        with_file(
            session, make_ticket(session, team=team), MediaKind.PHOTO if number % 20 else MediaKind.VOICE
        )
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE"))
        session.execute(text("SET LOCAL enable_seqscan = off"))
    viewer = a_viewer(session, Role.AGENT, teams=(team,))
    with counted(session) as seen:
        page = queue_page(session, viewer, UNHEARD, now=NOW)
    assert len(page.items) == 3
    assert len(seen.calls) <= 4
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
    plans = [
        str(session.connection().exec_driver_sql(f"{explain} {query}", values).all())  # type: ignore[arg-type]
        for query, values in seen.calls
        if "transcript" in query
    ]
    assert len(plans) == 2
    assert "ix_attachments_unheard" in plans[0], plans[0][:700]
    assert "ix_attachments" in plans[1], "one page of tickets, by their messages"
