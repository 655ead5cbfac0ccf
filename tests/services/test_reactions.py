"""Whoever has a ticket must do something with it in time, or it goes back to the queue."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from clock_samples import wib
from factories import make_team, make_ticket, make_user
from installing import NOW
from owner_samples import at_work, events, notices
from sqlalchemy import select
from sqlalchemy.orm import Session
from statements import counted
from talk import LENDER

from helpdesk import jobs
from helpdesk.domain.complaints import Disposition, ResolutionDraft
from helpdesk.domain.errors import Conflict
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.severity import Impact, Severity, Urgency
from helpdesk.models.people import Role, Team, User
from helpdesk.models.tickets import Ticket, TicketEvent
from helpdesk.runtime import Runtime
from helpdesk.services import complaints, ownership, replies, tickets

MINUTE = timedelta(minutes=1)


@pytest.fixture
def team(session: Session) -> Team:
    return make_team(session, "pembayaran")


@pytest.fixture
def sari(session: Session, team: Team) -> User:
    return make_user(session, teams=(team,))


def actor(user: User) -> str:
    return f"user:{user.public_id}"


def taken(session: Session, user: User, *, at: datetime = NOW, **changes: object) -> Ticket:
    """A ticket of her team that she took."""
    ticket = make_ticket(session, team=make_team(session, "pembayaran"), **changes)  # type: ignore[arg-type]
    tickets.claim(session, ticket.id, user_id=user.id, actor=actor(user), now=at)
    return ticket


@pytest.mark.parametrize(
    ("severity", "minutes"),
    [(Severity.S1, 15), (Severity.S2, 30), (Severity.S3, 120), (Severity.S4, 300)],
    ids=["S1", "S2", "S3 up to lunch", "S4 over lunch"],
)
def test_taking_a_ticket_starts_the_time_to_react(
    session: Session, sari: User, severity: Severity, minutes: int
) -> None:
    ticket = taken(session, sari, severity=severity)
    assert (ticket.assigned_at, ticket.react_by) == (NOW, NOW + minutes * MINUTE)


def test_it_counts_on_the_shift_of_the_person(session: Session, team: Team) -> None:
    early = at_work(session, team, shift={"mon": [["06:00", "10:30"]], "tue": [["06:00", "10:30"]]})
    assert taken(session, early, severity=Severity.S3).react_by == wib("2026-11-24", "09:30")


def test_also_when_a_colleague_gave_it(session: Session, team: Team, sari: User) -> None:
    ticket = make_ticket(session, team=team, severity=Severity.S2)
    tickets.assign(session, ticket.id, assignee_id=sari.id, actor="user:other", now=NOW)
    assert ticket.react_by == NOW + 30 * MINUTE


def note(session: Session, ticket: Ticket, user: User) -> None:
    tickets.add_note(session, ticket.id, "Sudah ditelepon", author_id=user.id, actor=actor(user), now=NOW)


def reply(session: Session, ticket: Ticket, user: User) -> None:
    replies.reply(
        session,
        ticket.id,
        "Kami cek dulu, Bu.",
        author_id=user.id,
        actor=actor(user),
        seen_message_id=None,
        lender=LENDER,
        now=NOW,
    )


def resolve(session: Session, ticket: Ticket, user: User) -> None:
    draft = ResolutionDraft(disposition=Disposition.WITHDRAWN, root_cause=None, redress=(), answer="")
    complaints.resolve(
        session, ticket.id, draft, author_id=user.id, actor=actor(user), lender=LENDER, now=NOW
    )


def hold(session: Session, ticket: Ticket, user: User) -> None:
    tickets.change_status(session, ticket.id, TicketStatus.ON_HOLD, actor=actor(user), now=NOW)


def classify(session: Session, ticket: Ticket, user: User) -> None:
    tickets.set_category(session, ticket.id, "PNG-SURAT", actor=actor(user), now=NOW)


ACTS = [note, reply, resolve, hold, classify]


@pytest.mark.parametrize("act", ACTS)
def test_her_first_act_is_the_reaction(
    session: Session, sari: User, act: Callable[[Session, Ticket, User], None]
) -> None:
    ticket = taken(session, sari)
    act(session, ticket, sari)
    assert ticket.react_by is None
    assert ownership.unanswered_ids(session, now=NOW + timedelta(days=30)) == []


@pytest.mark.parametrize("act", [note, classify])
def test_what_a_colleague_does_is_not(
    session: Session, team: Team, sari: User, act: Callable[[Session, Ticket, User], None]
) -> None:
    ticket = taken(session, sari, severity=Severity.S4)
    act(session, ticket, make_user(session, teams=(team,)))
    assert ticket.react_by is not None


def test_a_program_acts_for_her(session: Session, sari: User) -> None:
    ticket = taken(session, sari)
    tickets.add_note(session, ticket.id, "Dari sistem telepon", author_id=None, actor="token:pbx", now=NOW)
    assert ticket.react_by is None


def test_who_answers_a_ticket_of_nobody_has_it_and_owes_nothing(
    session: Session, team: Team, sari: User
) -> None:
    ticket = make_ticket(session, team=team)
    reply(session, ticket, sari)
    assert (ticket.assignee_id, ticket.assigned_at, ticket.react_by) == (sari.id, NOW, None)


def test_a_graver_rating_shortens_what_is_left_and_a_milder_one_lengthens_nothing(
    session: Session, sari: User
) -> None:
    ticket = taken(session, sari, severity=Severity.S3)
    for impact, urgency, expected in (
        (Impact.I4, Urgency.U3, NOW + 15 * MINUTE),
        (Impact.I1, Urgency.U1, NOW + 15 * MINUTE),
    ):
        tickets.override_severity(
            session, ticket.id, impact=impact, urgency=urgency, reason="cek", actor="user:spv", now=NOW
        )
        assert ticket.react_by == expected


def test_giving_it_to_whoever_has_it_starts_nothing_anew(session: Session, sari: User) -> None:
    ticket = taken(session, sari)
    before = ticket.react_by
    tickets.assign(session, ticket.id, assignee_id=sari.id, actor="user:spv", now=NOW + MINUTE)
    tickets.claim(session, ticket.id, user_id=sari.id, actor=actor(sari), now=NOW + MINUTE)
    assert (ticket.react_by, ticket.assigned_at) == (before, NOW)


def test_who_does_not_react_loses_the_ticket_and_the_supervisors_hear_of_it(
    session: Session, team: Team, sari: User
) -> None:
    head = make_user(session, Role.SUPERVISOR, teams=(team,))
    ticket = taken(session, sari, severity=Severity.S2)
    due, late = NOW + 30 * MINUTE, NOW + 47 * MINUTE
    assert ownership.unanswered_ids(session, now=due - timedelta(seconds=1)) == []
    assert ownership.unanswered_ids(session, now=due) == [ticket.id]
    assert ownership.lose(session, ticket.id, now=late)
    assert (ticket.assignee_id, ticket.react_by, ticket.returned_at) == (None, None, late)
    assert events(session, ticket, "ownership_lost") == [
        {
            "from": {"assignee": sari.public_id},
            "to": {"assignee": ""},
            "reason": "no_reaction",
            "at": due.isoformat(),
            "since": NOW.isoformat(),
            "minutes": 30,
            "severity": "S2",
        }
    ]
    assert {notice.user_id for notice in notices(session, "ownership_lost")} == {head.id, sari.id}
    assert not ownership.lose(session, ticket.id, now=late)


def test_what_waits_for_others_is_not_taken(session: Session, team: Team, sari: User) -> None:
    ticket = taken(session, sari)
    tickets.change_status(session, ticket.id, TicketStatus.PENDING, actor="user:other", now=NOW)
    assert ticket.react_by is None
    ticket.react_by = NOW  # as a row of an older release may have it
    assert not ownership.lose(session, ticket.id, now=NOW)
    assert (ticket.assignee_id, ticket.react_by) == (sari.id, None)


def test_tickets_from_before_are_left_alone(session: Session, sari: User) -> None:
    ticket = make_ticket(session, assignee_id=sari.id, status=TicketStatus.OPEN)
    assert ownership.unanswered_ids(session, now=NOW + timedelta(days=400)) == []
    assert not ownership.lose(session, ticket.id, now=NOW + timedelta(days=400))


def test_somebody_has_it_anew_once_she_takes_what_came_back(session: Session, team: Team, sari: User) -> None:
    ticket = taken(session, sari)
    ownership.lose(session, ticket.id, now=NOW + timedelta(days=1))
    other = make_user(session, teams=(team,))
    tickets.claim(session, ticket.id, user_id=other.id, actor=actor(other), now=NOW + timedelta(days=1))
    assert (ticket.assignee_id, ticket.returned_at) == (other.id, None)
    assert ticket.react_by is not None


def test_an_agent_who_did_not_see_that_somebody_took_it_is_refused(
    session: Session, team: Team, sari: User
) -> None:
    ticket, budi = taken(session, sari), make_user(session, teams=(team,))
    with pytest.raises(Conflict) as caught:
        tickets.assign(session, ticket.id, assignee_id=budi.id, seen_assignee="", actor="user:x", now=NOW)
    assert (caught.value.code, ticket.assignee_id) == ("taken", sari.id)
    tickets.assign(
        session, ticket.id, assignee_id=budi.id, seen_assignee=sari.public_id, actor="user:x", now=NOW
    )
    assert ticket.assignee_id == budi.id


def test_the_due_are_found_without_looking_at_what_is_open(session: Session, sari: User) -> None:
    for _ in range(3):
        make_ticket(session, assignee_id=sari.id, status=TicketStatus.OPEN)
    with counted(session) as statements:
        ownership.unanswered_ids(session, now=NOW)
    assert len(statements) == 1
    statement, parameters = statements.calls[0]
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    if not is_sqlite:
        session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")
    explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
    rows = session.connection().exec_driver_sql(explain + statement, parameters).all()  # type: ignore[arg-type]
    assert "ix_tickets_react_by" in str(rows)


def test_the_job_takes_the_longest_overdue_first_and_a_broken_one_stops_none(
    rt: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    def prepare(session: Session) -> list[int]:
        sari = make_user(session, teams=(make_team(session, "pembayaran"),))
        made = [
            taken(session, sari, severity=severity) for severity in (Severity.S4, Severity.S2, Severity.S1)
        ]
        return [ticket.id for ticket in made]

    mild, grave, gravest = rt.write(prepare)
    rt.write(lambda session: _break(session, gravest))
    rt.now = lambda: NOW + timedelta(days=2)
    jobs.take_from_silent(rt)
    jobs.take_from_silent(rt)

    def look(session: Session) -> list[int]:
        lost = (
            select(TicketEvent.ticket_id).where(TicketEvent.kind == "ownership_lost").order_by(TicketEvent.id)
        )
        return list(session.scalars(lost))

    assert rt.read(look) == [grave, mild]
    assert f"ticket {gravest} could not be taken from its assignee" in caplog.text


def _break(session: Session, ticket_id: int) -> None:
    """Make the next event of the ticket collide with one that is there."""
    ticket = session.get_one(Ticket, ticket_id)
    ticket.version -= 1
    session.flush()
