"""The work of people who are not there goes back to the queue, most urgent first, once, and somebody hears of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from clock_samples import wib
from factories import make_team, make_ticket, make_user
from installing import NOW
from overlap import overlap
from owner_samples import OFFICE_HOURS, at_work, events, notices
from sqlalchemy import select
from sqlalchemy.orm import Session
from statements import counted

from helpdesk import jobs
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.severity import Severity
from helpdesk.models.people import Notification, Presence, Role, Team, User
from helpdesk.models.tickets import Ticket, TicketEvent, TicketSubject
from helpdesk.runtime import Runtime
from helpdesk.services import accounts, ownership, presence
from helpdesk.services.ownership import Return

EVENING = wib("2026-11-23", "17:30")
NEXT_SHIFT = wib("2026-11-24", "08:00")


@pytest.fixture
def team(session: Session) -> Team:
    return make_team(session, "pembayaran")


def held(session: Session, user: User, severity: Severity = Severity.S2, **changes: Any) -> Ticket:
    values: dict[str, Any] = {"status": TicketStatus.OPEN, "team": make_team(session, "pembayaran")}
    return make_ticket(session, severity=severity, assignee_id=user.id, **values | changes)


def back(session: Session, *, now: datetime) -> list[int]:
    """Give back what is to go back, as the job does; returns the tickets in order."""
    return [
        work.ticket_id
        for work in ownership.returns(session, now=now)
        if ownership.give_back(session, work, now=now)
    ]


def test_when_the_shift_is_over_what_cannot_wait_goes_back_most_urgent_first(
    session: Session, team: Team
) -> None:
    sari = at_work(session, team, seen_at=wib("2026-11-23", "16:30"), shift=OFFICE_HOURS)
    early, late = NEXT_SHIFT - timedelta(hours=1), NEXT_SHIFT
    due_soon = held(session, sari, Severity.S3, next_due_at=early)
    waits = [
        held(session, sari, Severity.S3, next_due_at=late),
        held(session, sari, Severity.S4),
        held(session, sari, Severity.S1, status=TicketStatus.PENDING),
        held(session, sari, Severity.S1, status=TicketStatus.RESOLVED),
    ]
    s2 = held(session, sari, Severity.S2)
    s2_due = held(session, sari, Severity.S2, next_due_at=late)
    s1 = held(session, sari, Severity.S1)
    assert back(session, now=EVENING) == [s1.id, s2_due.id, s2.id, due_soon.id]
    assert {ticket.assignee_id for ticket in waits} == {sari.id}
    assert (s1.assignee_id, s1.returned_at) == (None, EVENING)
    assert events(session, s1, "returned_to_queue") == [
        {
            "from": {"assignee": sari.public_id},
            "to": {"assignee": ""},
            "reason": "shift_over",
            "at": wib("2026-11-23", "17:00").isoformat(),
            "back_at": NEXT_SHIFT.isoformat(),
        }
    ]
    assert back(session, now=EVENING) == []


def test_an_agent_who_goes_offline_with_an_urgent_ticket_loses_it(session: Session, team: Team) -> None:
    """Chatwoot #7204: it would lie with her for ever."""
    sari = at_work(session, team, seen_at=NOW)
    ticket = held(session, sari, Severity.S1)
    assert back(session, now=NOW + timedelta(minutes=29)) == []
    assert back(session, now=NOW + timedelta(minutes=31)) == [ticket.id]
    data = events(session, ticket, "returned_to_queue")[0]
    assert (data["reason"], data["at"]) == ("offline", (NOW + timedelta(minutes=30)).isoformat())


def test_a_long_break_gives_work_back(session: Session, team: Team) -> None:
    sari = at_work(session, team, seen_at=NOW)
    ticket = held(session, sari)
    presence.set_away(session, sari.id, is_away=True, now=NOW)
    presence.note_seen(session, sari.id, now=NOW + timedelta(minutes=20))  # her browser is still open
    assert back(session, now=NOW + timedelta(minutes=44)) == []
    assert back(session, now=NOW + timedelta(minutes=45)) == [ticket.id]
    assert events(session, ticket, "returned_to_queue")[0]["reason"] == "away"


def test_who_has_no_roster_and_was_never_seen_keeps_everything(session: Session, team: Team) -> None:
    held(session, at_work(session, team), Severity.S1)
    assert ownership.returns(session, now=NOW + timedelta(days=30)) == []


def test_who_is_back_keeps_what_was_not_taken_yet(session: Session, team: Team) -> None:
    sari = at_work(session, team, seen_at=NOW)
    ticket, later = held(session, sari), NOW + timedelta(minutes=31)
    planned = ownership.returns(session, now=later)
    presence.note_seen(session, sari.id, now=later)
    assert planned == [Return(ticket.id, sari.id)]
    assert not ownership.give_back(session, planned[0], now=later)
    assert ticket.assignee_id == sari.id


def test_a_closed_account_leaves_nothing_behind(session: Session, team: Team) -> None:
    sari = at_work(session, team)
    tickets = [
        held(session, sari, Severity.S4),
        held(session, sari, Severity.S4, status=TicketStatus.PENDING),
        held(session, sari, Severity.S4, status=TicketStatus.ON_HOLD),
    ]
    done = held(session, sari, Severity.S4, status=TicketStatus.CLOSED)
    accounts.disable_user(session, sari.email, actor="user:admin", now=NOW)
    assert back(session, now=NOW) == [ticket.id for ticket in tickets]
    assert done.assignee_id == sari.id
    assert events(session, tickets[0], "returned_to_queue")[0]["reason"] == "disabled"


def test_a_holiday_is_off_and_the_zone_of_the_unit_counts(session: Session, team: Team) -> None:
    """25 December is a holiday; in Makassar the day before ends an hour earlier than in Jakarta."""
    from factories import make_unit

    east = make_unit(session, zone="Asia/Makassar")
    week = {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    sari = at_work(session, team, shift=week, unit=east)
    ticket = held(session, sari)
    found = wib("2026-12-25", "10:00")
    assert back(session, now=found) == [ticket.id]
    data = events(session, ticket, "returned_to_queue")[0]
    assert data["reason"] == "shift_over"
    assert datetime.fromisoformat(data["back_at"]) == wib("2026-12-28", "07:00")


def test_supervisors_hear_once_of_each_person_and_pass(session: Session, team: Team) -> None:
    head, other = make_user(session, Role.SUPERVISOR, teams=(team,)), make_user(session, Role.SUPERVISOR)
    sari = at_work(session, team, seen_at=NOW, shift=OFFICE_HOURS)
    budi = at_work(session, team, seen_at=NOW, shift=OFFICE_HOURS)
    first = held(session, sari, Severity.S1)
    held(session, sari)
    held(session, sari)
    of_budi = held(session, budi)
    back(session, now=EVENING)
    told = [(each.user_id, each.ticket_id, each.about_id) for each in notices(session, "returned_to_queue")]
    assert sorted(told) == sorted([(head.id, first.id, sari.id), (head.id, of_budi.id, budi.id)])
    assert other.id not in {user_id for user_id, *_ in told}
    held(session, sari, Severity.S1)
    back(session, now=EVENING + timedelta(hours=1))
    assert len(notices(session, "returned_to_queue")) == 3


def test_a_supervisor_who_is_complained_about_is_not_told(session: Session, team: Team) -> None:
    accused = make_user(session, Role.SUPERVISOR, teams=(team,))
    ticket = held(session, at_work(session, team, seen_at=NOW, shift=OFFICE_HOURS), Severity.S1)
    session.add(TicketSubject(ticket_id=ticket.id, user_id=accused.id))
    session.flush()
    assert back(session, now=EVENING) == [ticket.id]
    assert notices(session, "returned_to_queue") == []


def test_a_pass_costs_what_goes_back_not_what_is_open(session: Session, team: Team) -> None:
    sari = at_work(session, team, seen_at=NOW)
    with counted(session) as few:
        ownership.returns(session, now=NOW)
    for _ in range(20):
        held(session, sari, Severity.S4)
    with counted(session) as many:
        ownership.returns(session, now=NOW)
    assert len(many) <= len(few) + 3  # the calendar is read once, however many there are


def test_two_workers_give_each_ticket_back_once_and_tell_once(rt: Runtime) -> None:
    def prepare(session: Session) -> tuple[list[Return], int]:
        team = make_team(session, "pembayaran")
        head = make_user(session, Role.SUPERVISOR, teams=(team,))
        sari = at_work(session, team, seen_at=NOW)
        held(session, sari, Severity.S1)
        held(session, sari)
        return ownership.returns(session, now=NOW + timedelta(hours=1)), head.id

    (first, second), head_id = rt.write(prepare)
    later = NOW + timedelta(hours=1)
    rivals = (second, first, second)
    overlap(
        rt,
        lambda session: ownership.give_back(session, first, now=later),
        lambda session: [ownership.give_back(session, work, now=later) for work in rivals],
    )

    def look(session: Session) -> tuple[list[int], list[int]]:
        returned = select(TicketEvent.ticket_id).where(TicketEvent.kind == "returned_to_queue")
        told = select(Notification.user_id).where(Notification.kind == "returned_to_queue")
        return sorted(session.scalars(returned)), list(session.scalars(told))

    assert rt.read(look) == (sorted([first.ticket_id, second.ticket_id]), [head_id])


def test_a_broken_ticket_stops_no_other(rt: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    def prepare(session: Session) -> tuple[int, int]:
        sari = at_work(session, make_team(session, "pembayaran"), seen_at=NOW)
        broken, sound = held(session, sari, Severity.S1), held(session, sari)
        session.add(
            TicketEvent(
                ticket_id=broken.id, serial=1, at=NOW, kind="x", actor="system", data={}, seal=b"", link=b""
            )
        )
        return broken.id, sound.id

    broken, sound = rt.write(prepare)
    rt.now = lambda: NOW + timedelta(hours=1)
    jobs.take_from_absent(rt)
    owners = rt.read(
        lambda session: [session.get_one(Ticket, each).assignee_id is None for each in (broken, sound)]
    )
    assert owners == [False, True]
    assert f"ticket {broken} could not go back to the queue" in caplog.text


class TestPresence:
    def test_a_sign_of_life_is_written_once_a_minute(self, session: Session) -> None:
        user = make_user(session)
        seen = []
        for seconds in (0, 59, 60):
            presence.note_seen(session, user.id, now=NOW + timedelta(seconds=seconds))
            seen.append(session.get_one(Presence, user.id, populate_existing=True).seen_at)
        assert seen == [NOW, NOW, NOW + timedelta(minutes=1)]

    def test_a_break_is_audited_and_ends_when_she_says_so(self, session: Session) -> None:
        from helpdesk.models.tickets import AuditEntry

        user = make_user(session)
        for is_away in (True, True, False):
            presence.set_away(session, user.id, is_away=is_away, now=NOW)
        kinds = session.scalars(select(AuditEntry.kind).order_by(AuditEntry.serial)).all()
        assert kinds[-2:] == ["break_begun", "break_ended"]
        assert session.get_one(Presence, user.id).is_away is False
