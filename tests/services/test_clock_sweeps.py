"""The pass over due clocks: each warning, breach and escalation once, at its true instant."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from clock_samples import (
    ACK,
    RESOLUTION,
    kinds,
    line,
    live,
    rt_at,
    started,
    sweep,
    wib,
)
from factories import NOW, make_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk import jobs
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.severity import Severity
from helpdesk.models.sla import SlaClockEvent, SlaClockRow
from helpdesk.models.tickets import TicketEvent
from helpdesk.runtime import Runtime
from helpdesk.services import sla, sweeps
from helpdesk.sla.clock import ClockState


def test_a_sweep_tells_each_step_once_with_its_true_instant(session: Session) -> None:
    ticket = started(session, kind=TicketKind.ENQUIRY)
    now = wib("2026-11-24", "11:00")
    done = sweep(session, ticket, now)
    ack = [
        ("warning_50", wib("2026-11-23", "15:00")),
        ("warning_75", wib("2026-11-23", "17:00")),
        ("warning_90", wib("2026-11-24", "09:12")),
        ("breached", wib("2026-11-24", "10:00")),
        ("ladder_L2_response_breach", wib("2026-11-24", "10:00")),
    ]
    assert [step for step in done if step in ack] == ack
    assert sweep(session, ticket, now) == []
    events = session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "sla_breached")
    ).all()
    assert [(event.at, event.actor) for event in events] == [(now, "system")]
    assert events[0].data is not None
    assert events[0].data["at"] == wib("2026-11-24", "10:00").isoformat()
    clock = live(session, ticket, ACK)
    # Next: still unmet a working day after the breach, or unanswered a working day after people were told.
    assert (clock.breached_at, clock.next_step_at) == (wib("2026-11-24", "10:00"), wib("2026-11-25", "10:00"))
    assert ticket.next_due_at == wib("2026-11-24", "10:00")


def test_a_scheduler_that_was_away_catches_up_in_order(session: Session) -> None:
    """Acceptance test 22 of lessons.md: away for three hours, then each missed level once."""
    ticket = started(session, severity=Severity.S1, kind=TicketKind.ENQUIRY)
    seen = sweep(session, ticket, NOW)
    assert [step for step, _ in seen] == ["ladder_L4_S1_start"]
    missed = sweep(session, ticket, NOW + timedelta(hours=3))
    assert missed == [
        ("warning_50", NOW + timedelta(hours=1)),
        ("unanswered_L5", NOW + timedelta(hours=1)),
        ("warning_75", NOW + timedelta(hours=1, minutes=30)),
        ("warning_90", NOW + timedelta(hours=1, minutes=48)),
        ("breached", NOW + timedelta(hours=2)),
        ("ladder_L5_response_breach", NOW + timedelta(hours=2)),
    ]
    stored = session.scalars(
        select(SlaClockEvent)
        .join(SlaClockRow)
        .where(SlaClockRow.ticket_id == ticket.id)
        .order_by(SlaClockEvent.id)
    ).all()
    kept = [(event.step, event.at) for event in stored]
    assert sorted(kept, key=lambda each: each[1]) == seen + missed
    assert {event.noticed_at for event in stored[1:]} == {NOW + timedelta(hours=3)}


def test_a_dry_run_says_the_same_and_changes_nothing(session: Session) -> None:
    ticket = started(session)
    now = wib("2026-12-02")
    planned = sweeps.plan(session, now=now)
    assert kinds(session, ticket) == []
    assert live(session, ticket, ACK).breached_at is None
    done = sweeps.run_within(session, now=now)
    assert sorted(done, key=str) == sorted(planned, key=str)
    assert planned


def test_clocks_are_looked_at_in_the_order_of_their_next_step(session: Session) -> None:
    later = started(session)
    sooner = started(session, severity=Severity.S1)
    ids = [clock_id for _, clock_id in sweeps.due_clocks(session, now=wib("2026-11-30"), limit=2)]
    assert ids == [live(session, sooner, RESOLUTION).id, live(session, sooner, ACK).id]
    assert len(sweeps.due_clocks(session, now=wib("2026-12-05"), limit=None)) == 8
    assert later.id not in {session.get_one(SlaClockRow, each).ticket_id for each in ids}


def test_a_clock_that_was_met_meanwhile_owes_nothing(session: Session) -> None:
    ticket = started(session)
    due = wib("2026-11-24", "09:30")
    clock_id = live(session, ticket, ACK).id
    assert clock_id in dict(map(reversed, sweeps.due_clocks(session, now=due)))
    sla.person_acted(session, ticket, at=due)
    assert sweeps.check_clock(session, clock_id, now=due).actions == []


def test_a_breach_recorded_by_a_sweep_for_a_later_instant_stays(session: Session) -> None:
    ticket = started(session)
    sweeps.run_within(session, now=wib("2026-11-30"))
    sla.person_acted(session, ticket, at=NOW + timedelta(hours=1))
    assert line(session, ticket, ACK, now=NOW + timedelta(hours=1)).state is ClockState.BREACHED


def test_the_regulators_alarms_go_by_the_strict_date(session: Session) -> None:
    ticket = started(session, channel=ChannelCode.PHONE, received_at=wib("2026-12-21"))
    strict, due = wib("2026-12-30", "00:00"), wib("2026-12-31", "00:00")
    steps = dict(sweep(session, ticket, due + timedelta(hours=1)))
    assert steps["ladder_L4_regulatory_due"] == strict
    assert steps["ladder_L6_regulatory_breach"] == due


def test_the_assignee_keeps_a_ticket_that_is_only_told_upward(session: Session) -> None:
    agent = make_user(session)
    ticket = started(session, assignee_id=agent.id)
    sweeps.run_within(session, now=wib("2026-12-01"))
    assert ticket.assignee_id == agent.id


def test_schedulers_that_run_at_once_take_each_step_once(rt: Runtime) -> None:
    """Acceptance test 23 of lessons.md, with real transactions."""

    def fill(session: Session) -> None:
        for _ in range(4):
            started(session)

    rt.write(fill)
    now = wib("2026-12-01")
    with ThreadPoolExecutor(4) as pool:
        ids = [clock_id for _, clock_id in rt.read(lambda session: sweeps.due_clocks(session, now=now))]
        one_by_one = [
            pool.submit(rt.write, lambda session, one=one: sweeps.check_clock(session, one, now=now))
            for one in [*ids, *reversed(ids)]
        ]
        at_once = [pool.submit(jobs.sla_sweep, rt_at(rt, now)) for _ in range(4)]
        actions = [action for future in at_once for action in future.result()]
        actions += [action for future in one_by_one for action in future.result().actions]
    told = [(action.number, action.metric, action.step) for action in actions]
    stored = rt.read(lambda session: len(session.scalars(select(SlaClockEvent.id)).all()))
    assert len(told) == len(set(told)) == stored
    assert rt.read(lambda session: sweeps.due_clocks(session, now=now)) == []
