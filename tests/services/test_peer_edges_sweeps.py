"""Edges at which other helpdesks are wrong, by the name of the peer: the pass over due clocks.

The number in a docstring is that of the acceptance test in lessons.md section 8.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from clock_samples import ACK, RESOLUTION, kinds, live, started, sweep, wib
from factories import NOW, make_ladder, make_team, make_user
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk import jobs
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.severity import Severity
from helpdesk.models.people import Notification, Position
from helpdesk.models.sla import SlaClockEvent, SlaClockRow
from helpdesk.models.tickets import TicketEvent
from helpdesk.runtime import Runtime
from helpdesk.services import sweeps
from helpdesk.sla.escalation import StepAction


def steps_of(session: Session) -> Counter[tuple[int, str]]:
    rows = session.execute(select(SlaClockEvent.clock_id, SlaClockEvent.step))
    return Counter((clock_id, step) for clock_id, step in rows)


def test_django_helpdesk_a_dry_run_writes_nothing_at_all(session: Session) -> None:
    """20. Its "notify only" really escalates."""
    ticket = started(session, severity=Severity.S1, assignee_id=make_user(session).id)
    now = wib("2026-12-02")

    def state() -> tuple[object, ...]:
        counts = [
            session.scalar(select(func.count()).select_from(table))
            for table in (SlaClockEvent, Notification, TicketEvent)
        ]
        clock = live(session, ticket, RESOLUTION)
        return (
            *counts,
            clock.breached_at,
            clock.next_step_at,
            ticket.team_id,
            ticket.assignee_id,
            ticket.version,
        )

    before = state()
    planned = sweeps.plan(session, now=now)
    assert {action.action for action in planned} == set(StepAction)
    assert state() == before
    done = sweeps.run_within(session, now=now)
    assert sorted(done, key=str) == sorted(planned, key=str)  # and it told the truth


def test_scheduler_stopped_for_three_hours_fires_each_missed_level_once_in_order(rt: Runtime) -> None:
    """22. Frappe looks by the hour and tells nobody; OTRS drops what is too long ago."""
    number = rt.write(lambda session: started(session, severity=Severity.S1, kind=TicketKind.ENQUIRY).number)
    rt.now = lambda: NOW
    begun = jobs.sla_sweep(rt)
    rt.now = lambda: NOW + timedelta(hours=3)
    missed = [(action.at, action.step) for action in jobs.sla_sweep(rt) if action.number == number]
    assert [action.step for action in begun] == ["ladder_L4_S1_start"]
    assert missed == [
        (NOW + timedelta(hours=1), "warning_50"),
        (NOW + timedelta(hours=1), "unanswered_L5"),  # nobody at the head office has said that she has it
        (NOW + timedelta(hours=1, minutes=30), "warning_75"),
        (NOW + timedelta(hours=1, minutes=48), "warning_90"),
        (NOW + timedelta(hours=2), "breached"),
        (NOW + timedelta(hours=2), "ladder_L5_response_breach"),
    ]
    assert jobs.sla_sweep(rt) == []


def test_two_schedulers_running_escalate_once(rt: Runtime) -> None:
    """23. With the job itself, and while both look at the same clocks; as processes in tests/soak/test_year.py."""

    def fill(session: Session) -> int:
        director = make_user(session, position=Position.DIRECTOR)
        for _ in range(6):
            started(session, severity=Severity.S1)
        return director.id

    director_id = rt.write(fill)
    rt.now = lambda: wib("2026-12-01")
    with ThreadPoolExecutor(2) as pool:
        passes = [pool.submit(jobs.sla_sweep, rt) for _ in range(2)]
        told = [action for each in passes for action in each.result()]
    assert len(told) == len({(action.number, action.metric, action.step) for action in told})
    counted = rt.read(steps_of)
    assert set(counted.values()) == {1}
    assert counted.total() == len(told)

    def notices(session: Session) -> int:
        mine = select(Notification.ticket_id).where(
            Notification.user_id == director_id, Notification.level == "L6", Notification.kind == "escalated"
        )
        return len(session.scalars(mine).all())

    assert rt.read(notices) == sum(action.level == "L6" for action in told)


def test_frappe_a_breach_is_known_at_its_second_and_not_by_the_hour(session: Session) -> None:
    ticket = started(session, severity=Severity.S1)
    due = wib("2026-11-23", "12:00")
    assert "breached" not in dict(sweep(session, ticket, due - timedelta(seconds=1)))
    assert dict(sweep(session, ticket, due))["breached"] == due
    assert live(session, ticket, ACK).breached_at == due


def test_chatwoot_6889_and_zammad_2532_there_is_a_level_above_and_one_above_that(session: Session) -> None:
    region, area, point = make_ladder(session)
    area_manager = make_user(session, position=Position.AM, unit=area)
    regional_manager = make_user(session, position=Position.RM, unit=region)
    ticket = started(session, unit=point, severity=Severity.S3, kind=TicketKind.ENQUIRY)
    sweeps.run_within(session, now=wib("2026-12-07"))

    def told(user_id: int) -> set[tuple[str, str | None]]:
        mine = select(Notification.kind, Notification.level).where(
            Notification.user_id == user_id, Notification.ticket_id == ticket.id
        )
        return {(kind, level) for kind, level in session.execute(mine)}

    assert ("escalated", "L2") in told(area_manager.id)
    assert ("escalated", "L3") in told(regional_manager.id)
    assert ("escalated", "L2") not in told(regional_manager.id)


def test_zammad_a_warning_is_given_once_and_not_at_every_run(session: Session) -> None:
    """Its job starts a warning for every ticket at every run, and tidies up afterwards."""
    agent = make_user(session, teams=(make_team(session, "triage"),))
    ticket = started(session, team=make_team(session, "triage"), kind=TicketKind.ENQUIRY)
    for minute in range(0, 60, 15):
        sweeps.run_within(session, now=wib("2026-11-23", f"15:{minute:02}"))
    notices = session.scalars(
        select(Notification.kind).where(Notification.user_id == agent.id, Notification.ticket_id == ticket.id)
    ).all()
    assert list(notices) == ["sla_warning"]
    assert kinds(session, ticket) == ["sla_warning"]


def test_freescout_and_chatwoot_one_broken_clock_does_not_stop_the_others(rt: Runtime) -> None:
    def fill(session: Session) -> list[int]:
        rows = [live(session, started(session, severity=Severity.S1), ACK) for _ in range(3)]
        rows[0].zone = "Mars/Olympus"
        return [row.id for row in rows]

    broken, *others = rt.write(fill)
    rt.now = lambda: wib("2026-11-23", "12:00")
    jobs.sla_sweep(rt)

    def breached(session: Session) -> dict[int, datetime | None]:
        rows = session.scalars(select(SlaClockRow).where(SlaClockRow.id.in_([broken, *others])))
        return {row.id: row.breached_at for row in rows}

    assert rt.read(breached) == {broken: None} | dict.fromkeys(others, wib("2026-11-23", "12:00"))
