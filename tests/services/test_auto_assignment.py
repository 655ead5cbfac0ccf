"""Tickets of a team that is assigned by itself: whom they go to, why, and that two workers stay within bounds."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from factories import make_team, make_ticket
from installing import NOW
from owner_samples import OFFICE_HOURS, at_work, events
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk import jobs
from helpdesk.domain.assignment import assignment_rules
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.severity import Severity
from helpdesk.models.people import Presence, Role, Team
from helpdesk.models.tickets import Ticket, TicketEvent, TicketSubject
from helpdesk.runtime import Runtime
from helpdesk.services import assignment, ownership, presence
from helpdesk.services.assignment import Outcome


@pytest.fixture
def team(session: Session) -> Team:
    return an_auto_team(session)


def an_auto_team(session: Session) -> Team:
    team = make_team(session, "penipuan")
    team.is_auto_assigned = True
    session.flush()
    return team


def serve(session: Session, *, now: datetime = NOW) -> list[int]:
    """Give away what waits, as the job does; returns the tickets that were given, in order."""
    teams = assignment.served_teams(session, now=now)
    return [
        ticket_id
        for ticket_id, _team in assignment.waiting_tickets(session, teams)
        if assignment.assign_by_itself(session, ticket_id, now=now) is Outcome.GIVEN
    ]


def test_a_ticket_goes_to_whoever_is_there_and_says_why(session: Session, team: Team) -> None:
    fit = at_work(session, team, seen_at=NOW, skills=["FRD", "id"])
    resting = at_work(session, team, seen_at=NOW, is_away=True)
    ticket = make_ticket(session, team=team, category_code="FRD-LUAR", severity=Severity.S2)
    assert serve(session) == [ticket.id]
    assert (ticket.assignee_id, ticket.assigned_at) == (fit.id, NOW)
    assert ticket.react_by == NOW + timedelta(minutes=30)
    assert (ticket.status, ticket.last_human_at) == (
        TicketStatus.NEW,
        None,
    )  # no person has done anything yet
    data = events(session, ticket, "assigned")[0]
    assert (data["auto"], data["to"]["assignee"], data["needs"]) == (
        True,
        fit.public_id,
        ["FRD", "id", "whatsapp"],
    )
    why = {each["person"]: (each["place"], each["skills"], each["out"]) for each in data["why"]}
    assert why == {fit.public_id: (1, ["FRD", "id"], []), resting.public_id: (None, [], ["away"])}
    assert session.get_one(Presence, fit.id).given_at == NOW


def test_the_gravest_comes_first_then_what_is_due_first(session: Session, team: Team) -> None:
    at_work(session, team, seen_at=NOW)
    soon, later = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    wanted = (
        (Severity.S3, soon),
        (Severity.S2, None),
        (Severity.S2, later),
        (Severity.S2, soon),
        (Severity.S1, later),
    )
    made = [make_ticket(session, team=team, severity=level, next_due_at=due) for level, due in wanted]
    assert serve(session) == [made[at].id for at in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    ("changes", "seen_at", "is_given"),
    [
        pytest.param({}, NOW, True, id="there"),
        pytest.param({}, None, False, id="never seen"),
        pytest.param({}, NOW - timedelta(minutes=30), False, id="not seen for half an hour"),
        pytest.param({"shift": OFFICE_HOURS}, NOW, True, id="on shift"),
        pytest.param({"shift": {"tue": [["08:00", "17:00"]]}}, NOW, False, id="not her day"),
        pytest.param({"capacity": 0}, NOW, False, id="no capacity"),
        pytest.param({"role": Role.SUPERVISOR}, NOW, True, id="a supervisor"),
        pytest.param({"role": Role.COMPLIANCE}, NOW, False, id="no agent"),
        pytest.param({"disabled_at": NOW}, NOW, False, id="a closed account"),
    ],
)
def test_only_who_can_work_is_given_work(
    session: Session, team: Team, changes: dict[str, Any], seen_at: datetime | None, is_given: bool
) -> None:
    at_work(session, team, seen_at=seen_at, **changes)
    ticket = make_ticket(session, team=team)
    assert serve(session) == ([ticket.id] if is_given else [])


@pytest.mark.parametrize("status", [TicketStatus.PENDING, TicketStatus.ON_HOLD, TicketStatus.RESOLVED])
def test_what_waits_for_others_is_given_to_nobody(session: Session, team: Team, status: TicketStatus) -> None:
    at_work(session, team, seen_at=NOW)
    make_ticket(session, team=team, status=status)
    assert serve(session) == []


def test_other_teams_are_left_alone(session: Session) -> None:
    team = make_team(session, "pembayaran")
    at_work(session, team, seen_at=NOW)
    ticket = make_ticket(session, team=team)
    assert serve(session) == []
    assert assignment.assign_by_itself(session, ticket.id, now=NOW) is Outcome.GONE


def test_who_is_complained_about_is_never_given_the_complaint(session: Session, team: Team) -> None:
    accused = at_work(session, team, seen_at=NOW, skills=["FRD", "id", "whatsapp"])
    ticket = make_ticket(session, team=team, category_code="FRD-LUAR")
    session.add(TicketSubject(ticket_id=ticket.id, user_id=accused.id))
    session.flush()
    assert assignment.assign_by_itself(session, ticket.id, now=NOW) is Outcome.NOBODY
    colleague = at_work(session, team, seen_at=NOW)
    assert serve(session) == [ticket.id]
    assert ticket.assignee_id == colleague.id
    assert events(session, ticket, "assigned")[0]["why"][1]["out"] == ["barred"]


def test_what_everybody_there_has_lost_rests_in_the_queue(session: Session, team: Team) -> None:
    slow = at_work(session, team, seen_at=NOW, skills=["id"])
    ticket = make_ticket(session, team=team, severity=Severity.S1)
    assert serve(session) == [ticket.id]
    later = NOW + timedelta(minutes=16)
    assert ownership.lose(session, ticket.id, now=later)
    presence.note_seen(session, slow.id, now=later)
    other = at_work(session, team, seen_at=later)
    assert serve(session, now=later) == [ticket.id]
    assert ticket.assignee_id == other.id
    again = later + timedelta(minutes=16)
    assert ownership.lose(session, ticket.id, now=again)
    presence.note_seen(session, slow.id, now=again)
    assert (
        serve(session, now=again) == []
    )  # the supervisors were told twice: to give it back tells them nothing new
    rested = later + assignment_rules().lost_for
    presence.note_seen(session, slow.id, now=rested)
    assert serve(session, now=rested) == [ticket.id]
    assert ticket.assignee_id == slow.id


def test_a_team_of_one_is_told_of_a_lost_ticket_once(session: Session, team: Team) -> None:
    slow = at_work(session, team, seen_at=NOW)
    ticket = make_ticket(session, team=team, severity=Severity.S1)
    for minutes in range(0, 120, 16):
        now = NOW + timedelta(minutes=minutes)
        presence.note_seen(session, slow.id, now=now)
        for ticket_id in ownership.unanswered_ids(session, now=now):
            ownership.lose(session, ticket_id, now=now)
        serve(session, now=now)
    assert len(events(session, ticket, ownership.LOST)) == 1


def test_the_backlog_drains_when_somebody_is_free_again(session: Session, team: Team) -> None:
    sari = at_work(session, team, seen_at=NOW, capacity=1)
    grave, mild = make_ticket(session, team=team, severity=Severity.S1), make_ticket(session, team=team)
    assert serve(session) == [grave.id]
    assert assignment.assign_by_itself(session, mild.id, now=NOW) is Outcome.BUSY
    grave.status = TicketStatus.PENDING  # waits for the contact, not for her
    session.flush()
    assert serve(session) == [mild.id]
    assert mild.assignee_id == sari.id


def test_equal_people_are_given_work_in_turn(session: Session, team: Team) -> None:
    people = [at_work(session, team, seen_at=NOW) for _ in range(3)]
    tickets = [make_ticket(session, team=team) for _ in range(6)]
    for at, ticket in enumerate(tickets):
        assignment.assign_by_itself(session, ticket.id, now=NOW + timedelta(seconds=at))
        ticket.status = TicketStatus.CLOSED  # done at once: the load says nothing
        session.flush()
    ids = [user.id for user in people]
    assert [ticket.assignee_id for ticket in tickets] == ids + ids


@pytest.mark.parametrize("workers", [4])
def test_many_workers_give_each_ticket_once_and_nobody_more_than_she_may_have(
    rt: Runtime, workers: int
) -> None:
    def prepare(session: Session) -> list[int]:
        team = an_auto_team(session)
        people = [at_work(session, team, seen_at=NOW, capacity=4) for _ in range(3)]
        for at in range(20):
            make_ticket(session, team=team, severity=list(Severity)[at % 4])
        return [user.id for user in people]

    people = rt.write(prepare)
    start = Barrier(workers)

    def work() -> None:
        start.wait()
        jobs.assign_waiting(rt)

    with ThreadPoolExecutor(workers) as pool:
        for each in [pool.submit(work) for _ in range(workers)]:
            each.result()

    def look(session: Session) -> tuple[dict[int | None, int], int, list[str]]:
        held = session.execute(select(Ticket.assignee_id, func.count()).group_by(Ticket.assignee_id)).all()
        assigned = select(func.count()).where(TicketEvent.kind == "assigned")
        given = session.scalars(select(Ticket.severity).where(Ticket.assignee_id.is_not(None)))
        return dict(held), session.scalar(assigned) or 0, sorted(given)  # type: ignore[arg-type]

    held, assigned, severities = rt.read(look)
    assert held == dict.fromkeys(people, 4) | {None: 8}
    assert assigned == 12
    assert severities == ["S1"] * 5 + ["S2"] * 5 + ["S3"] * 2  # what waits is the mildest


def test_a_person_in_two_teams_gets_the_gravest_of_both(rt: Runtime) -> None:
    def prepare(session: Session) -> int:
        first, second = an_auto_team(session), make_team(session, "produk")
        second.is_auto_assigned = True
        at_work(session, first, second, seen_at=NOW, capacity=1)
        make_ticket(session, team=first, severity=Severity.S4)
        return make_ticket(session, team=second, severity=Severity.S1).id

    grave = rt.write(prepare)
    jobs.assign_waiting(rt)
    given = rt.read(
        lambda session: session.scalars(select(Ticket.id).where(Ticket.assignee_id.is_not(None))).all()
    )
    assert given == [grave]


def test_a_broken_ticket_does_not_keep_the_others_waiting(
    rt: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    def prepare(session: Session) -> tuple[int, int]:
        team = an_auto_team(session)
        at_work(session, team, seen_at=NOW)
        broken = make_ticket(session, team=team, severity=Severity.S1)
        session.add(
            TicketEvent(
                ticket_id=broken.id, serial=1, at=NOW, kind="x", actor="system", data={}, seal=b"", link=b""
            )
        )
        return broken.id, make_ticket(session, team=team).id

    broken, sound = rt.write(prepare)
    jobs.assign_waiting(rt)
    given = rt.read(
        lambda session: session.scalars(select(Ticket.id).where(Ticket.assignee_id.is_not(None))).all()
    )
    assert given == [sound]
    assert f"ticket {broken} could not be assigned" in caplog.text


def test_the_jobs_of_ownership_are_in_the_schedule() -> None:
    planned = {job.run for job in jobs.SCHEDULE}
    assert {jobs.take_from_silent, jobs.take_from_absent, jobs.assign_waiting} <= planned
