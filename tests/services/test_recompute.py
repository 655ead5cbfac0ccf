"""Promises move to the rules of today on purpose, with a reason, and never by themselves (acceptance test 21)."""

from datetime import datetime, timedelta

import pytest
from clock_samples import RESOLUTION, kinds, live, started, sweep, wib
from factories import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.severity import Severity
from helpdesk.models.sla import SlaClockRow, SlaPolicyRow, SlaTargetRow
from helpdesk.models.tickets import Ticket, TicketEvent
from helpdesk.services import sla
from helpdesk.services.recompute import Move, live_ticket_ids, planned, recompute
from helpdesk.sla.clock import ClockState
from helpdesk.sla.policy import Metric

DAY = 8 * 3600
LATER = NOW + timedelta(hours=1)


def publish(session: Session, ticket: Ticket, *, days: int, metric: Metric = RESOLUTION) -> SlaPolicyRow:
    """A next version of the ticket's policy, with another target for one metric."""
    clock = live(session, ticket, metric)
    old = session.get_one(SlaPolicyRow, clock.policy_id)
    old.retired_at = NOW
    new = SlaPolicyRow(
        code=old.code, version=old.version + 1, rank=old.rank, name_id=old.name_id, name_en=old.name_en,
        conditions=old.conditions, published_at=NOW,
    )  # fmt: skip
    session.add(new)
    session.flush()
    for target in session.scalars(select(SlaTargetRow).where(SlaTargetRow.policy_id == old.id)).all():
        seconds = days * DAY if target.metric is metric else target.seconds
        session.add(
            SlaTargetRow(
                policy_id=new.id, metric=target.metric, seconds=seconds, calendar=target.calendar,
                is_pausable=target.is_pausable, pause_cap_seconds=target.pause_cap_seconds,
            )
        )  # fmt: skip
    session.flush()
    return new


def moved(session: Session, ticket: Ticket, *, now: datetime = LATER) -> list[Move]:
    return recompute(session, ticket.id, reason="Kebijakan baru", actor="cli", now=now)


def test_a_new_policy_moves_nothing_until_it_is_asked_to(session: Session) -> None:
    ticket = started(session, severity=Severity.S3)
    promised = live(session, ticket, RESOLUTION).due_at
    publish(session, ticket, days=2)
    sla.pause(session, ticket, reason="waiting_for_contact", actor="system", at=LATER)
    sla.resume(session, ticket, at=LATER)
    sla.refit(session, ticket, now=LATER)  # another category of the same severity, say
    assert live(session, ticket, RESOLUTION).due_at == promised
    assert "sla_superseded" not in kinds(session, ticket)


def test_a_dry_run_lists_what_would_move_and_changes_nothing(session: Session) -> None:
    ticket = started(session, severity=Severity.S3)
    promised = live(session, ticket, RESOLUTION).due_at
    new = publish(session, ticket, days=2)
    plan = planned(session, ticket.id, now=LATER)
    resolution = next(move for move in plan if move.metric is RESOLUTION)
    assert (resolution.due_from, resolution.due_to) == (promised, wib("2026-11-25", "10:00"))
    assert resolution.policy_to == f"{new.code} v{new.version}"
    assert live(session, ticket, RESOLUTION).due_at == promised
    assert kinds(session, ticket) == []


def test_the_move_is_an_event_with_its_reason_and_the_old_promise_stays_on_record(session: Session) -> None:
    ticket = started(session, severity=Severity.S3)
    old = live(session, ticket, RESOLUTION)
    promised = old.due_at
    new = publish(session, ticket, days=2)
    assert [move.metric for move in moved(session, ticket)] == [RESOLUTION]  # the others say what they said
    clock = live(session, ticket, RESOLUTION)
    assert (clock.policy_id, clock.due_at, clock.started_at) == (new.id, wib("2026-11-25", "10:00"), NOW)
    assert (old.superseded_at, old.due_at, old.breached_at) == (LATER, promised, None)
    assert ticket.next_due_at == min(
        row.due_at
        for row in session.scalars(select(SlaClockRow).where(SlaClockRow.superseded_at.is_(None)))
        if row.due_at
    )
    events = session.scalars(select(TicketEvent).where(TicketEvent.kind == "sla_recomputed")).all()
    of_resolution = next(e.data for e in events if e.data and e.data["metrics"] == "resolution")
    assert of_resolution["reason"] == "Kebijakan baru"
    assert (of_resolution["due_from"], of_resolution["due_to"]) == (
        promised.isoformat() if promised else "",
        wib("2026-11-25", "10:00").isoformat(),
    )
    assert moved(session, ticket) == []


def test_a_move_needs_a_reason(session: Session) -> None:
    ticket = started(session)
    with pytest.raises(InvalidInput, match="reason"):
        recompute(session, ticket.id, reason="  ", actor="cli", now=LATER)


def test_what_was_paused_and_told_before_stays(session: Session) -> None:
    ticket = started(session, severity=Severity.S3)
    sla.pause(session, ticket, reason="waiting_for_contact", actor="system", at=wib("2026-11-23", "11:00"))
    sla.resume(session, ticket, at=wib("2026-11-23", "14:00"))  # two hours, for there is a lunch
    told = sweep(session, ticket, wib("2026-11-24", "10:00"))
    publish(session, ticket, days=4)
    moved(session, ticket, now=wib("2026-11-24", "10:00"))
    assert live(session, ticket, RESOLUTION).due_at == wib(
        "2026-11-27", "12:00"
    )  # used up at the lunch of Friday
    assert [step for step in sweep(session, ticket, wib("2026-11-24", "10:00")) if step in told] == []


def test_a_broken_promise_stays_broken(session: Session) -> None:
    ticket = started(session, severity=Severity.S1)
    late = wib("2026-11-27", "11:00")
    publish(session, ticket, days=30)
    assert RESOLUTION not in {move.metric for move in moved(session, ticket, now=late)}
    assert live(session, ticket, RESOLUTION).due_at == wib("2026-11-26", "10:00")
    sla.meet(session, ticket, RESOLUTION, at=late)
    row = session.scalars(select(SlaClockRow).where(SlaClockRow.metric == RESOLUTION)).one()
    assert (row.breached_at, ClockState.BREACHED) == (wib("2026-11-26", "10:00"), ClockState.BREACHED)


def test_no_promise_is_moved_to_an_instant_that_has_passed(session: Session) -> None:
    ticket = started(session, severity=Severity.S3)
    promised = live(session, ticket, RESOLUTION).due_at
    publish(session, ticket, days=1)
    now = wib("2026-11-25", "10:00")
    resolution = next(move for move in planned(session, ticket.id, now=now) if move.metric is RESOLUTION)
    assert resolution.is_kept
    assert RESOLUTION not in {move.metric for move in moved(session, ticket, now=now)}
    assert live(session, ticket, RESOLUTION).due_at == promised


def test_a_clock_that_stands_still_moves_by_what_it_would_be_due(session: Session) -> None:
    ticket = started(session, severity=Severity.S3)
    sla.pause(session, ticket, reason="waiting_for_contact", actor="system", at=wib("2026-11-23", "11:00"))
    publish(session, ticket, days=2)
    now = wib("2026-11-23", "15:00")
    resolution = next(move for move in moved(session, ticket, now=now) if move.metric is RESOLUTION)
    assert resolution.due_to == wib("2026-11-25", "14:00")
    assert live(session, ticket, RESOLUTION).due_at is None
    sla.resume(session, ticket, at=now)
    assert live(session, ticket, RESOLUTION).due_at == wib("2026-11-25", "14:00")


def test_all_tickets_with_live_clocks_are_found_page_by_page(session: Session) -> None:
    tickets = [started(session).id for _ in range(5)]
    done = started(session)
    sla.resolved(session, done, at=LATER)
    first = live_ticket_ids(session, limit=3)
    assert [*first, *live_ticket_ids(session, after=first[-1], limit=3)] == tickets
