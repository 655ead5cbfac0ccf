"""A promise that comes back after a rating or category without it goes on: nothing is lost, nothing is told twice."""

from datetime import date, timedelta

import pytest
from clock_samples import FIRST, NEXT, RESOLUTION, asks_again, line, live, newest, rate, sort, started, sweep
from factories import make_ladder, make_team, make_user
from installing import NOW
from regulation_samples import asked, regulatory, written
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.severity import Impact, Severity, Urgency
from helpdesk.models.complaints import Rating
from helpdesk.models.people import Position, Role
from helpdesk.models.regulation import standing_of
from helpdesk.models.sla import SlaClockEvent
from helpdesk.models.tickets import Ticket, TicketEvent
from helpdesk.services import calendars, complaints, documents, sla, tickets
from helpdesk.services.acknowledgements import acknowledge
from helpdesk.services.calendars import HolidayKind
from helpdesk.services.escalations import PROTECTION_TEAM
from helpdesk.sla.clock import ClockState

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_an_answer_that_was_late_before_is_told_once(session: Session) -> None:
    ticket = asks_again(session, Severity.S3)
    before = sweep(session, ticket, NOW + 6 * DAY)
    rate(session, ticket, Severity.S4, Severity.S3, now=NOW + 6 * DAY + HOUR)
    assert newest(session, ticket, NEXT).breached_at is not None
    again = sweep(session, ticket, NOW + 6 * DAY + HOUR)
    assert before
    assert again == []


def test_an_answer_that_comes_back_has_stood_still_as_before(session: Session) -> None:
    ticket = asks_again(session, Severity.S3)
    for hours, status in ((3, TicketStatus.PENDING), (144, TicketStatus.OPEN)):
        at = NOW + hours * HOUR
        tickets.change_status(session, ticket.id, status, actor="user:x", now=at)
    at = NOW + 145 * HOUR
    before = line(session, ticket, NEXT, now=at)
    rate(session, ticket, Severity.S4, Severity.S3, now=at)
    after = line(session, ticket, NEXT, now=at)
    assert after.state is ClockState.RUNNING
    assert (after.due_at, after.used_seconds) == (before.due_at, before.used_seconds)


def test_a_promise_that_comes_back_while_we_wait_has_waited_all_the_time(session: Session) -> None:
    ticket = asks_again(session, Severity.S3)
    tickets.change_status(session, ticket.id, TicketStatus.PENDING, actor="user:x", now=NOW + 4 * HOUR)
    rate(session, ticket, Severity.S4, now=NOW + 5 * HOUR)
    rate(session, ticket, Severity.S3, now=NOW + 6 * HOUR)
    clock = line(session, ticket, NEXT, now=NOW + 7 * HOUR)
    assert clock.state is ClockState.PAUSED
    assert clock.used_seconds == 3600  # from one to two o'clock, after the break


def test_a_day_off_that_was_entered_meanwhile_moves_no_promise(session: Session) -> None:
    ticket = asks_again(session, Severity.S3)
    due = live(session, ticket, NEXT).due_at
    calendars.add_holiday(
        session,
        on=date(2026, 11, 24),
        name="Libur",
        kind=HolidayKind.NATIONAL,
        unit_code=None,
        actor="user:a",
        now=NOW + 3 * HOUR,
    )
    rate(session, ticket, Severity.S4, Severity.S3, now=NOW + 5 * HOUR)
    assert live(session, ticket, NEXT).due_at == due


def test_another_law_that_comes_and_goes_is_broken_once(session: Session) -> None:
    ticket = written(session)
    code = ticket.category_code or ""
    asked(session, ticket, now=NOW + HOUR)
    for hours in (0, 1, 2):
        at = NOW + 5 * DAY + hours * HOUR
        sort(session, ticket, "DAT-BOCOR", now=at)
        sweep(session, ticket, at)
        sort(session, ticket, code, now=at + HOUR / 2)
    broken = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "sla_breached")
    metrics = [(each.data or {})["metric"] for each in session.scalars(broken)]
    assert metrics.count("regulatory") == 1


@pytest.mark.parametrize("is_complete_first", [True, False], ids=["before", "meanwhile"])
def test_the_days_of_the_law_begin_with_the_documents_also_after_another_law(
    session: Session, *, is_complete_first: bool
) -> None:
    ticket = written(session)
    code = ticket.category_code or ""
    asked(session, ticket, now=NOW + HOUR)
    complete, change = NOW + 7 * DAY, NOW + 8 * DAY
    if not is_complete_first:
        complete, change = change, complete
    for at in sorted((complete, change)):
        if at == complete:
            documents.complete(session, ticket.id, actor="user:x", now=at)
        else:
            sort(session, ticket, "DAT-BOCOR", now=at)
    sort(session, ticket, code, now=NOW + 9 * DAY)
    assert regulatory(session, ticket)[-1].started_at == complete
    assert standing_of(session, ticket).were_documents_completed


@pytest.mark.parametrize("is_grave_first", [True, False], ids=["from the start", "while we wait"])
def test_what_is_grave_goes_to_the_head_office_though_we_wait_for_the_contact(
    session: Session, *, is_grave_first: bool
) -> None:
    office = make_team(session, PROTECTION_TEAM)
    ticket = started(
        session, team=make_team(session), severity=Severity.S1 if is_grave_first else Severity.S3
    )
    tickets.change_status(session, ticket.id, TicketStatus.PENDING, actor="user:x", now=NOW + HOUR)
    if not is_grave_first:
        rate(session, ticket, Severity.S1, now=NOW + 2 * HOUR)
    assert ("ladder_L4_S1_start", NOW) in sweep(session, ticket, NOW + 2 * HOUR)
    assert ticket.team_id == office.id


def test_an_answer_to_an_escalation_is_kept_when_the_rating_comes_back(session: Session) -> None:
    office = make_team(session, PROTECTION_TEAM)
    officer = make_user(session, Role.AGENT, teams=(office,))
    make_user(session, Role.COMPLIANCE, position=Position.COMMITTEE)
    ticket = started(session, team=make_team(session), severity=Severity.S1)
    sweep(session, ticket, NOW)
    acknowledge(session, ticket.id, user_id=officer.id, actor=f"user:{officer.public_id}", now=NOW + HOUR / 4)
    rate(session, ticket, Severity.S3, Severity.S1, now=NOW + HOUR / 2)
    later = [code for code, _ in sweep(session, ticket, NOW + 1.75 * HOUR)]
    assert [code for code in later if not code.startswith("warning")] == []


def test_whoever_could_not_answer_meanwhile_has_her_whole_time(session: Session) -> None:
    region, area, point = make_ladder(session)
    for position, unit in ((Position.AM, area), (Position.RM, region)):
        make_user(session, Role.FIELD, position=position, unit=unit)
    ticket = started(session, unit=point, team=make_team(session), severity=Severity.S2)
    sla.person_replied(session, ticket, at=NOW)
    assert [code for code, _ in sweep(session, ticket, NOW)] == ["ladder_L2_S2_start"]
    rate(session, ticket, Severity.S3, now=NOW + HOUR)
    rate(session, ticket, Severity.S2, now=NOW + DAY)
    assert [code for code, _ in sweep(session, ticket, NOW + DAY)] == []
    assert "unanswered_L3" in [code for code, _ in sweep(session, ticket, NOW + DAY + 5 * HOUR)]


def test_a_rating_under_one_and_the_same_promise_tells_nobody_twice(session: Session) -> None:
    """What the law gives data requests does not depend on how grave they are."""
    ticket = written(session)
    rate(session, ticket, Severity.S2, now=NOW)
    assert "ladder_L2_S2_start" in [code for code, _ in sweep(session, ticket, NOW)]
    sort(session, ticket, "DAT-HAK", now=NOW + HOUR)
    rate(session, ticket, Severity.S3, Severity.S2, now=NOW + 2 * HOUR)
    assert "ladder_L2_S2_start" not in [code for code, _ in sweep(session, ticket, NOW + 2 * HOUR)]
    told = (
        select(func.count())
        .select_from(TicketEvent)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "escalated")
    )
    assert session.scalar(told) == 1


def test_a_promise_that_ended_stays_ended_when_it_did(session: Session) -> None:
    """Found by the simulated year: another change without the promise moved the end of its clock."""
    ticket = written(session)
    sort(session, ticket, "DAT-HAK", now=NOW + HOUR)
    ended = newest(session, ticket, FIRST).superseded_at
    rate(session, ticket, Severity.S2, now=NOW + 2 * HOUR)
    sort(session, ticket, "DAT-HAK", now=NOW + 3 * HOUR)
    assert newest(session, ticket, FIRST).superseded_at == ended == NOW + HOUR


def test_a_clock_that_ends_in_its_last_second_is_not_broken(session: Session) -> None:
    ticket = asks_again(session, Severity.S3)
    due = live(session, ticket, NEXT).due_at
    assert due is not None
    complaints.withdraw(session, ticket, now=due)
    ended = newest(session, ticket, NEXT)
    assert (ended.superseded_at, ended.breached_at) == (due, None)
    steps = select(SlaClockEvent.step).where(SlaClockEvent.clock_id == ended.id)
    assert "breached" not in session.scalars(steps).all()


def finished(session: Session, *, is_accepted: bool) -> Ticket:
    """A complaint that was answered and closed; the contact's last words accept the answer, or ask for more."""
    ticket = asks_again(session, Severity.S3)
    sla.person_replied(session, ticket, at=NOW + 3 * HOUR)
    ticket.last_human_at = NOW + 3 * HOUR
    sla.resolved(session, ticket, at=NOW + 3 * HOUR)
    ticket.status, ticket.resolved_at = TicketStatus.RESOLVED, NOW + 3 * HOUR
    session.flush()
    ticket.last_inbound_at = NOW + 4 * HOUR
    if is_accepted:
        session.add(Rating(ticket_id=ticket.id, score=5, at=NOW + 4 * HOUR))
        session.flush()
    return ticket


@pytest.mark.parametrize("is_accepted", [True, False])
def test_reopening_owes_an_answer_only_where_her_words_ask_for_one(
    session: Session, *, is_accepted: bool
) -> None:
    ticket = finished(session, is_accepted=is_accepted)
    again = NOW + 5 * HOUR
    tickets.change_status(
        session, ticket.id, TicketStatus.OPEN, reason="salah hitung", actor="user:x", now=again
    )
    restarted = select(TicketEvent).where(
        TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "sla_restarted"
    )
    metrics = (session.scalars(restarted).one().data or {})["metrics"]
    assert ("next_response" in metrics) is not is_accepted
    assert (newest(session, ticket, NEXT).started_at == again) is not is_accepted


@pytest.mark.parametrize(
    ("actor", "reason", "count"),
    [("user:x", "ancaman", 1), ("user:y", "ancaman", 2), ("user:x", "sudah dicek lagi", 2)],
    ids=["the same form", "another person", "another reason"],
)
def test_the_same_rating_twice_is_one_where_nothing_new_is_said(
    session: Session, actor: str, reason: str, count: int
) -> None:
    ticket = started(session)
    for said in (("user:x", "ancaman"), (actor, reason)):
        tickets.override_severity(
            session,
            ticket.id,
            impact=Impact.I4,
            urgency=Urgency.U3,
            reason=said[1],
            actor=said[0],
            now=NOW + HOUR,
        )
    rated = select(func.count()).select_from(TicketEvent).where(TicketEvent.kind == "severity_changed")
    assert session.scalar(rated.where(TicketEvent.ticket_id == ticket.id)) == count
    assert live(session, ticket, RESOLUTION).started_at == NOW


def test_a_ticket_is_not_taken_from_whoever_has_taken_it_unseen(session: Session) -> None:
    ticket = started(session, team=make_team(session))
    taker = make_user(session)
    tickets.claim(session, ticket.id, user_id=taker.id, actor=f"user:{taker.public_id}", now=NOW)
    with pytest.raises(Conflict):
        tickets.assign(session, ticket.id, assignee_id=None, seen_assignee="", actor="user:x", now=NOW)
