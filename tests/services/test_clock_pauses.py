"""Clocks that stand still while the Mitra is asked, and how they go on."""

from datetime import timedelta

from clock_samples import REGULATORY, RESOLUTION, kinds, line, live, started, wib
from factories import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.severity import Severity
from helpdesk.models.sla import SlaClockRow, SlaPauseRow
from helpdesk.services import sla
from helpdesk.sla.clock import ClockState


def test_a_pause_stops_what_may_stand_still_and_never_the_regulators_clock(session: Session) -> None:
    ticket = started(session)
    sla.pause(session, ticket, reason="waiting_for_contact", actor="user:x", at=wib("2026-11-23", "11:00"))
    resolution, regulatory = live(session, ticket, RESOLUTION), live(session, ticket, REGULATORY)
    assert (resolution.due_at, resolution.next_step_at) == (None, wib("2026-12-07", "11:00"))  # its cap
    assert regulatory.due_at == wib("2026-12-08", "00:00")
    assert line(session, ticket, RESOLUTION, now=wib("2026-12-04")).state is ClockState.PAUSED
    sla.resume(session, ticket, at=wib("2026-11-24", "11:00"))
    assert live(session, ticket, RESOLUTION).due_at == wib("2026-12-04", "10:00")
    shown = line(session, ticket, RESOLUTION, now=wib("2026-11-24", "12:00"))
    assert (shown.used_seconds, shown.paused_seconds) == (2 * 3600, 8 * 3600)
    assert shown.pauses[0].reason == "waiting_for_contact"
    assert kinds(session, ticket) == ["sla_paused", "sla_resumed"]


def test_pausing_twice_and_resuming_twice_changes_nothing(session: Session) -> None:
    ticket = started(session)
    for minute in (0, 1):
        sla.pause(
            session, ticket, reason="waiting_for_contact", actor="system", at=NOW + timedelta(minutes=minute)
        )
    for minute in (20, 30):
        sla.resume(session, ticket, at=NOW + timedelta(minutes=minute))
    pauses = session.scalars(select(SlaPauseRow).join(SlaClockRow).where(SlaClockRow.ticket_id == ticket.id))
    assert [(p.started_at, p.ended_at) for p in pauses] == [(NOW, NOW + timedelta(minutes=20))]
    assert kinds(session, ticket) == ["sla_paused", "sla_resumed"]


def test_two_pauses_within_a_minute_are_exact_to_the_second(session: Session) -> None:
    ticket = started(session)
    due = live(session, ticket, RESOLUTION).due_at
    for begin in (0, 25):
        at = NOW + timedelta(seconds=begin)
        sla.pause(session, ticket, reason="waiting_for_contact", actor="system", at=at)
        sla.resume(session, ticket, at=at + timedelta(seconds=20))
    assert due is not None
    assert live(session, ticket, RESOLUTION).due_at == due + timedelta(seconds=40)


def test_a_breach_before_the_pause_is_recorded_though_no_sweep_saw_it(session: Session) -> None:
    ticket = started(session, severity=Severity.S1)
    due = wib("2026-11-26", "10:00")
    sla.pause(session, ticket, reason="waiting_for_contact", actor="system", at=due + timedelta(hours=1))
    assert live(session, ticket, RESOLUTION).breached_at == due
    assert kinds(session, ticket) == ["sla_breached", "sla_paused"]


def test_resolving_straight_from_paused_leaves_the_pause_out(session: Session) -> None:
    ticket = started(session)
    sla.pause(session, ticket, reason="waiting_for_contact", actor="system", at=wib("2026-11-23", "11:00"))
    done = wib("2026-12-04", "09:00")
    sla.resolved(session, ticket, at=done)
    shown = line(session, ticket, RESOLUTION, now=done + timedelta(days=1))
    assert (shown.state, shown.used_seconds) == (ClockState.MET, 3600)
    assert shown.pauses[0].ended_at == done
    assert line(session, ticket, REGULATORY, now=done).state is ClockState.MET
