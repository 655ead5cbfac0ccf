"""A pause lasts no longer than its policy allows: then the clock runs again by itself, at that very instant."""

from datetime import timedelta

import pytest
from clock_samples import ACK, FIRST, REGULATORY, RESOLUTION, kinds, line, live, rt_at, started, sweep, wib
from factories import make_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk import jobs
from helpdesk.domain.severity import Severity
from helpdesk.models.people import Notification, Team
from helpdesk.models.sla import SlaClockEvent, SlaTargetRow
from helpdesk.models.tickets import Ticket, TicketEvent
from helpdesk.runtime import Runtime
from helpdesk.services import sla, sweeps
from helpdesk.services.clocks import TicketClocks
from helpdesk.services.succession import due_if_resumed
from helpdesk.sla.clock import ClockState

HOUR = 3600


def capped(session: Session, *, hours: int = 16, **changes: object) -> Ticket:
    """A ticket whose pauses may take out so many working hours, two working days if nothing is said."""
    for target in session.scalars(select(SlaTargetRow).where(SlaTargetRow.is_pausable)):
        target.pause_cap_seconds = hours * HOUR
    session.flush()
    return started(session, **changes)


def pause(session: Session, ticket: Ticket, day: str, time: str) -> None:
    sla.pause(session, ticket, reason="waiting_for_contact", actor="user:x", at=wib(day, time))


def test_a_clock_runs_again_when_the_cap_of_its_pause_is_used_up(session: Session) -> None:
    ticket = capped(session, severity=Severity.S3)  # Monday 10:00; 8 working days
    agent = make_user(session, teams=(session.get_one(Team, ticket.team_id),))
    pause(session, ticket, "2026-11-23", "11:00")
    clock = live(session, ticket, RESOLUTION)
    assert (clock.due_at, clock.next_step_at) == (None, wib("2026-11-25", "11:00"))
    sweep(session, ticket, wib("2026-11-25", "10:59"))
    assert "sla_resumed" not in kinds(session, ticket)
    assert line(session, ticket, RESOLUTION, now=wib("2026-11-25", "10:59")).state is ClockState.PAUSED
    sweep(session, ticket, wib("2026-11-27", "09:00"))  # noticed days late
    clock = live(session, ticket, RESOLUTION)
    assert clock.due_at == wib("2026-12-07", "10:00")  # eight working days and the two that it stood still
    shown = line(session, ticket, RESOLUTION, now=wib("2026-11-25", "12:00"))
    assert (shown.state, shown.used_seconds, shown.paused_seconds) == (
        ClockState.RUNNING,
        2 * HOUR,
        16 * HOUR,
    )
    event = session.scalars(select(TicketEvent).where(TicketEvent.kind == "sla_resumed")).one()
    assert event.data is not None
    assert (event.data["reason"], event.data["since"]) == (
        "pause_capped",
        wib("2026-11-25", "11:00").isoformat(),
    )
    told = session.scalars(select(Notification.kind).where(Notification.user_id == agent.id)).all()
    assert "sla_pause_capped" in told


def test_before_anybody_notices_the_clock_is_shown_as_it_stands(session: Session) -> None:
    ticket = capped(session, hours=8, severity=Severity.S3)
    pause(session, ticket, "2026-11-23", "11:00")
    shown = line(session, ticket, RESOLUTION, now=wib("2026-11-25", "11:00"))
    assert (shown.state, shown.due_at) == (ClockState.RUNNING, wib("2026-12-04", "10:00"))
    late = line(session, ticket, RESOLUTION, now=wib("2026-12-04", "10:00"))
    assert (late.state, late.breached_at) == (ClockState.BREACHED, wib("2026-12-04", "10:00"))


def test_all_pauses_of_a_clock_share_one_cap(session: Session) -> None:
    ticket = capped(session, hours=4, severity=Severity.S3)
    pause(session, ticket, "2026-11-23", "11:00")
    sla.resume(session, ticket, at=wib("2026-11-23", "15:00"))  # three working hours, for there is a lunch
    pause(session, ticket, "2026-11-24", "09:00")
    assert live(session, ticket, RESOLUTION).next_step_at == wib("2026-11-24", "10:00")
    sla.resume(session, ticket, at=wib("2026-11-24", "16:00"))  # it had run again since ten
    assert live(session, ticket, RESOLUTION).due_at == wib("2026-12-03", "15:00")
    pause(session, ticket, "2026-11-25", "09:00")
    assert line(session, ticket, RESOLUTION, now=wib("2026-11-25", "12:00")).state is ClockState.RUNNING
    assert kinds(session, ticket).count("sla_paused") == 2


def test_closed_time_costs_nothing_of_the_cap(session: Session) -> None:
    ticket = capped(session, hours=1, severity=Severity.S3)
    pause(session, ticket, "2026-11-27", "16:30")  # Friday
    assert live(session, ticket, RESOLUTION).next_step_at == wib("2026-11-30", "08:30")


def test_a_breach_behind_a_pause_that_was_over_unnoticed_has_its_true_instant(rt: Runtime) -> None:
    ticket_id = rt.write(lambda session: capped(session, hours=8, severity=Severity.S1).id)

    def ask(session: Session) -> None:
        pause(session, session.get_one(Ticket, ticket_id), "2026-11-24", "10:00")

    rt.write(ask)
    due = wib("2026-11-27", "10:00")  # three working days and one of pause
    done = jobs.sla_sweep(rt_at(rt, due + timedelta(days=3)))
    resolution = [(each.step, each.at) for each in done if each.metric is RESOLUTION]
    assert ("breached", due) in resolution
    assert [at for _, at in resolution] == sorted(at for _, at in resolution)
    assert jobs.sla_sweep(rt_at(rt, due + timedelta(days=3))) == []


def test_a_graver_severity_keeps_what_the_pause_has_cost(session: Session) -> None:
    ticket = capped(session, hours=8, severity=Severity.S3)
    pause(session, ticket, "2026-11-23", "11:00")
    ticket.severity = Severity.S2
    sla.refit(session, ticket, now=wib("2026-11-23", "15:00"))
    sweep(session, ticket, wib("2026-11-23", "15:00"))  # the area manager hears of it, paused or not
    clock = live(session, ticket, RESOLUTION)
    assert clock.next_step_at == wib("2026-11-24", "11:00")  # eight hours from eleven, on the new clock too
    sweep(session, ticket, wib("2026-11-24", "12:00"))
    assert live(session, ticket, RESOLUTION).due_at == wib("2026-12-01", "10:00")


def test_a_policy_without_a_cap_lets_a_clock_wait(session: Session) -> None:
    session.execute(SlaTargetRow.__table__.update().values(pause_cap_seconds=None))
    ticket = started(session, severity=Severity.S3)
    pause(session, ticket, "2026-11-23", "11:00")
    assert live(session, ticket, RESOLUTION).next_step_at is None


def test_steps_of_several_clocks_come_in_the_order_of_their_instants(rt: Runtime) -> None:
    """Acceptance test 22 of lessons.md across tickets: who is told depends on what came before."""
    rt.write(lambda session: [started(session).id, started(session, severity=Severity.S1).id])
    done = jobs.sla_sweep(rt_at(rt, wib("2026-12-10")))
    assert len(done) > 20
    assert [each.at for each in done] == sorted(each.at for each in done)
    assert len({each.number for each in done}) == 2
    stored = rt.read(
        lambda session: session.execute(select(SlaClockEvent.at).order_by(SlaClockEvent.id)).scalars().all()
    )
    assert stored == sorted(stored)


def test_a_broken_clock_stops_no_other(rt: Runtime) -> None:
    def fill(session: Session) -> tuple[int, str]:
        broken, whole = started(session), started(session)
        row = live(session, broken, RESOLUTION)
        row.zone = "Nowhere/Land"
        return row.id, whole.number

    broken, whole = rt.write(fill)
    later = wib("2026-12-10")
    done = jobs.sla_sweep(rt_at(rt, later))
    assert {each.metric for each in done if each.number == whole} == {ACK, FIRST, RESOLUTION, REGULATORY}
    assert [clock_id for _, clock_id in rt.read(lambda session: sweeps.due_clocks(session, now=later))] == [
        broken
    ]


def test_a_broken_clock_is_not_waited_for_longer_than_the_cap_either(session: Session) -> None:
    ticket = capped(session, hours=2, severity=Severity.S1)
    sweep(session, ticket, wib("2026-11-27", "08:00"))  # due on Thursday at 10:00
    pause(session, ticket, "2026-11-27", "09:00")
    assert live(session, ticket, RESOLUTION).next_step_at == wib("2026-11-27", "11:00")
    sweep(session, ticket, wib("2026-11-27", "11:00"))
    assert kinds(session, ticket).count("sla_resumed") == 1
    assert live(session, ticket, RESOLUTION).breached_at == wib("2026-11-26", "10:00")


@pytest.mark.parametrize("is_noticed", [True, False], ids=["noticed", "unnoticed"])
def test_a_cap_that_was_used_up_before_a_change_of_severity_takes_out_no_more(
    session: Session, is_noticed: bool
) -> None:
    """A new promise does not go on with a pause that is over, whether a sweep came in between or not."""
    ticket = capped(session, hours=2, severity=Severity.S3)
    pause(session, ticket, "2026-11-23", "11:00")  # until 14:00, for there is a lunch
    if is_noticed:
        sweep(session, ticket, wib("2026-11-24", "09:00"))
    ticket.severity = Severity.S2
    sla.refit(session, ticket, now=wib("2026-11-24", "11:00"))
    sla.resume(session, ticket, at=wib("2026-11-24", "16:00"))
    clock = live(session, ticket, RESOLUTION)
    assert clock.due_at == wib("2026-11-30", "12:00")  # five working days, and the two hours


def test_what_a_promise_would_be_now_counts_no_more_of_a_pause_than_its_cap(session: Session) -> None:
    ticket = capped(session, hours=2, severity=Severity.S3)
    pause(session, ticket, "2026-11-23", "11:00")
    clocks = TicketClocks(session, ticket)
    (clock,) = clocks.live(RESOLUTION)
    now = wib("2026-11-24", "11:00")  # nobody has noticed that it runs again
    assert due_if_resumed(clocks, clock, now=now) == wib("2026-12-03", "12:00")
