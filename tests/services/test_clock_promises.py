"""A promise that was given stays: holidays that are entered or taken back later move no due instant."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from clock_samples import FIRST, RESOLUTION, line, live, started, sweep, wib
from factories import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models.sla import Holiday, HolidayKind
from helpdesk.services import calendars, reply_clocks, sla
from helpdesk.sla.clock import ClockState

LATER = NOW + timedelta(days=60)


BEFORE, AFTER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
"""Of the receipt of the ticket."""


def close(session: Session, on: str, now: datetime = AFTER) -> None:
    calendars.add_holiday(
        session,
        on=date.fromisoformat(on),
        name="Libur kantor",
        kind=HolidayKind.COMPANY,
        unit_code=None,
        actor="system",
        now=now,
    )


def work_after_all(session: Session, on: str) -> None:
    found = select(Holiday.id).where(
        Holiday.on == date.fromisoformat(on), Holiday.kind == HolidayKind.COMPANY
    )
    calendars.cancel_holiday(session, session.scalars(found).one(), actor="system", now=AFTER)


def test_a_sweep_after_a_new_holiday_moves_no_due_instant(session: Session) -> None:
    ticket = started(session)
    due = live(session, ticket, RESOLUTION).due_at
    close(session, "2026-11-25")
    taken = sweep(session, ticket, LATER)
    assert live(session, ticket, RESOLUTION).due_at == due
    assert line(session, ticket, RESOLUTION, now=LATER).breached_at == due
    assert ("breached", due) in taken


def test_a_kept_promise_stays_kept_when_its_holiday_is_worked_after_all(session: Session) -> None:
    close(session, "2026-11-24", BEFORE)
    ticket = started(session)
    due = live(session, ticket, FIRST).due_at
    assert due is not None
    sla.person_replied(session, ticket, at=due - timedelta(hours=1))
    work_after_all(session, "2026-11-24")
    # Nothing of that moment: it only looks at all clocks.
    reply_clocks.undo_reply(session, ticket, NOW, now=due)
    shown = line(session, ticket, FIRST, now=LATER)
    assert (shown.state, shown.due_at, shown.breached_at) == (ClockState.MET, due, None)


@pytest.mark.parametrize("change", [close, work_after_all], ids=["closed", "worked after all"])
def test_a_pause_moves_the_due_instant_by_its_own_length_alone(
    session: Session, change: Callable[[Session, str], None]
) -> None:
    if change is work_after_all:
        close(session, "2026-11-25", BEFORE)
    ticket = started(session)
    before = live(session, ticket, RESOLUTION).due_at
    change(session, "2026-11-25")
    sla.pause(session, ticket, reason="waiting_for_contact", actor="system", at=wib("2026-11-24", "09:00"))
    assert live(session, ticket, RESOLUTION).due_at is None
    sla.resume(session, ticket, at=wib("2026-11-24", "10:00"))
    after = live(session, ticket, RESOLUTION).due_at
    assert after is not None
    assert before is not None
    assert after - before == timedelta(hours=1)


def test_warnings_and_used_time_go_by_the_calendar_of_the_promise(session: Session) -> None:
    ticket = started(session)
    planned = live(session, ticket, RESOLUTION).next_step_at
    used = line(session, ticket, RESOLUTION, now=LATER).used_seconds
    close(session, "2026-11-24")
    sla.refit(session, ticket, now=AFTER)  # it only looks at all clocks
    assert live(session, ticket, RESOLUTION).next_step_at == planned
    assert line(session, ticket, RESOLUTION, now=LATER).used_seconds == used


def test_a_holiday_entered_at_the_very_instant_of_the_promise_is_no_part_of_it(session: Session) -> None:
    ticket = started(session)
    before = live(session, ticket, RESOLUTION).due_at
    close(session, "2026-11-25", NOW)
    sla.pause(session, ticket, reason="waiting_for_contact", actor="system", at=wib("2026-11-24", "09:00"))
    sla.resume(session, ticket, at=wib("2026-11-24", "09:00"))
    assert live(session, ticket, RESOLUTION).due_at == before


def test_a_clock_of_before_the_change_of_this_rule_counts_by_the_days_as_they_stand(session: Session) -> None:
    ticket = started(session)
    row = live(session, ticket, RESOLUTION)
    before, row.calendar_as_of = row.due_at, None
    close(session, "2026-11-25")
    sla.pause(session, ticket, reason="waiting_for_contact", actor="system", at=wib("2026-11-24", "09:00"))
    sla.resume(session, ticket, at=wib("2026-11-24", "09:00"))
    assert before is not None
    assert row.due_at == before + timedelta(days=1)


def test_a_pause_after_the_due_instant_leaves_it_where_it_was(session: Session) -> None:
    ticket = started(session)
    due = live(session, ticket, RESOLUTION).due_at
    assert due is not None
    close(session, "2026-11-24")
    late = due + timedelta(hours=1)
    sla.pause(session, ticket, reason="waiting_for_contact", actor="system", at=late)
    row = live(session, ticket, RESOLUTION)
    assert (row.due_at, row.breached_at) == (due, due)


def test_what_is_promised_after_the_holiday_was_entered_counts_it(session: Session) -> None:
    before = started(session)
    close(session, "2026-11-25", NOW)
    after = started(session)
    assert live(session, before, RESOLUTION).due_at == wib("2026-12-03")
    assert live(session, after, RESOLUTION).due_at == wib("2026-12-04")
