"""The SLA board: each number is the length of the queue behind it."""

from datetime import timedelta

import pytest
from factories import NOW, make_team, make_ticket, make_user
from query_samples import DAY, HOUR, a_viewer, add_clock, add_subject, viewer_of
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.domain.errors import Forbidden
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.severity import Severity
from helpdesk.models.complaints import Rating
from helpdesk.models.people import Role
from helpdesk.models.sla import StatutoryPeriod, Worker
from helpdesk.queries.dashboard import SlaBoard, Tile, sla_board
from helpdesk.queries.filters import filter_text, parse_filter
from helpdesk.queries.health import guard
from helpdesk.queries.queue import queue_page
from helpdesk.queries.visibility import Viewer


def busy_day(session: Session) -> None:
    one, other = make_team(session), make_team(session)
    for team in (one, other):
        for due in (
            -HOUR,
            timedelta(0),
            HOUR,
            HOUR + timedelta(seconds=1),
            13 * HOUR,
            14 * HOUR,
            3 * DAY,
            None,
        ):
            make_ticket(session, team=team, next_due_at=None if due is None else NOW + due)
        make_ticket(session, team=team, severity=Severity.S1, status=TicketStatus.PENDING)
        make_ticket(session, team=team, severity=Severity.S2, assignee_id=make_user(session).id)
        make_ticket(session, team=team, reopened_count=1, next_due_at=NOW - HOUR)
        make_ticket(session, team=team, status=TicketStatus.CLOSED, next_due_at=NOW - HOUR, reopened_count=1)


def tiles(board: SlaBoard) -> list[Tile]:
    of_teams = [tile for team in board.teams for tile in (team.overdue, team.hour, team.today, team.later)]
    return [board.overdue, board.hour, board.unassigned_urgent, board.reopened, *of_teams]


def test_every_tile_counts_what_its_queue_lists(session: Session) -> None:
    busy_day(session)
    supervisor = a_viewer(session)
    board = sla_board(session, supervisor, now=NOW)
    for tile in tiles(board):
        listed = queue_page(session, supervisor, tile.filter, now=NOW, limit=200)
        assert tile.count == len(listed.items), tile.filter
        assert parse_filter(filter_text(tile.filter), view=tile.filter.view) == tile.filter
    assert (board.overdue.count, board.hour.count, board.unassigned_urgent.count) == (4, 4, 2)
    assert {(team.today.count, team.later.count) for team in board.teams} == {(2, 2)}
    assert len(board.open_s1) == 2


def test_a_barred_ticket_is_in_no_number(session: Session) -> None:
    user = make_user(session, Role.SUPERVISOR)
    ticket = make_ticket(session, severity=Severity.S1, next_due_at=NOW - HOUR, reopened_count=1)
    add_clock(session, ticket, due_at=NOW - HOUR)
    session.add(Rating(ticket_id=ticket.id, score=1, at=NOW))
    add_subject(session, ticket, user)
    board = sla_board(session, viewer_of(session, user), now=NOW)
    assert all(tile.count == 0 for tile in tiles(board))
    assert (board.open_s1, board.due_count, board.csat_count, board.received_today) == ((), 0, 0, 0)
    assert board.oldest_unanswered_at is None


def test_on_time_counts_the_decided_promises_of_today(session: Session) -> None:
    def promise(due_at: object, met_at: object = None, **changes: object) -> None:
        add_clock(session, make_ticket(session), due_at=due_at, met_at=met_at, **changes)  # type: ignore[arg-type]

    promise(NOW - HOUR, NOW - HOUR)  # met at the very instant
    promise(NOW + HOUR, NOW)  # met early
    promise(NOW - HOUR, NOW)  # met late
    promise(NOW - HOUR)  # missed
    promise(NOW + HOUR)  # open
    promise(NOW - DAY)  # of yesterday
    promise(NOW - HOUR, None, superseded_at=NOW)
    promise(None)
    promise(NOW + HOUR, NOW, breached_at=NOW)  # on record from a sweep of a later instant
    promise(NOW - HOUR, None, superseded_at=NOW, breached_at=NOW)  # a milder severity takes nothing back
    board = sla_board(session, a_viewer(session), now=NOW)
    assert (board.on_time_count, board.due_count) == (2, 6)
    assert board.on_time_share == pytest.approx(1 / 3)


def test_without_a_promise_today_there_is_no_share(session: Session) -> None:
    assert sla_board(session, a_viewer(session), now=NOW).on_time_share is None


def test_hours_run_from_local_midnight_to_now(session: Session) -> None:
    make_ticket(session, received_at=NOW - 10 * HOUR - timedelta(seconds=1))  # before midnight in Jakarta
    make_ticket(session, received_at=NOW - 10 * HOUR)
    make_ticket(session, received_at=NOW, resolved_at=NOW)
    board = sla_board(session, a_viewer(session), now=NOW)
    assert [hour.received for hour in board.hours] == [1, *[0] * 9, 1]
    assert (board.received_today, board.resolved_today) == (2, 1)
    assert board.hours[0].starts_at == NOW - 10 * HOUR


def test_the_board_tells_oldest_unanswered_ratings_and_the_worker(session: Session) -> None:
    make_ticket(session, last_inbound_at=NOW - 2 * HOUR)
    answered = make_ticket(session, last_inbound_at=NOW - 3 * HOUR, last_human_at=NOW)
    session.add_all([Rating(ticket_id=answered.id, score=5, at=NOW - DAY)])
    session.add(Rating(ticket_id=make_ticket(session).id, score=2, at=NOW))
    session.add(Worker(name="w", started_at=NOW, seen_at=NOW))
    session.flush()
    board = sla_board(session, a_viewer(session), now=NOW)
    assert board.oldest_unanswered_at == NOW - 2 * HOUR
    assert (board.csat_mean, board.csat_count) == (3.5, 2)
    assert (board.guard.seen_at, board.guard.worker_count, board.guard.behind_count) == (NOW, 1, 0)


def test_the_guard_counts_workers_that_are_at_it_and_the_steps_that_wait(session: Session) -> None:
    empty = guard(session, now=NOW)
    assert (empty.seen_at, empty.worker_count, empty.is_silent, empty.lag) == (None, 0, True, HOUR * 0)
    for name, seconds in (("a", 5), ("b", 60), ("c", 61)):
        session.add(Worker(name=name, started_at=NOW - DAY, seen_at=NOW - timedelta(seconds=seconds)))
    for minutes in (-1, 2, 30):
        clock = add_clock(session, make_ticket(session), due_at=NOW)
        clock.next_step_at = NOW - timedelta(minutes=minutes)
    for minutes, ended_at in ((40, None), (90, NOW)):
        at = NOW - timedelta(minutes=minutes)
        period = StatutoryPeriod(
            ticket_id=make_ticket(session).id,
            code="C2",
            started_at=NOW - DAY,
            due_at=at,
            strict_due_at=at,
            subject="identity",
            actor="user:a",
            next_step_at=at,
            ended_at=ended_at,
            outcome=ended_at and "complete",
        )
        session.add(period)
    session.flush()
    found = guard(session, now=NOW)
    assert (found.seen_at, found.worker_count) == (NOW - timedelta(seconds=5), 2)
    assert (found.behind_count, found.lag, found.is_silent) == (3, timedelta(minutes=40), False)


def test_the_board_takes_eleven_statements_at_most(session: Session) -> None:
    busy_day(session)
    supervisor = a_viewer(session)
    with counted(session) as seen:
        sla_board(session, supervisor, now=NOW)
    assert len(seen) <= 11


@pytest.mark.parametrize("role", [Role.AGENT, Role.FIELD, Role.PRODUCT, Role.ADMIN])
def test_other_roles_have_no_board(session: Session, role: Role) -> None:
    viewer: Viewer = a_viewer(session, role)
    with pytest.raises(Forbidden):
        sla_board(session, viewer, now=NOW)
