"""A promise that was given stays: holidays that are entered or taken back later move no due instant."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from clock_samples import FIRST, RESOLUTION, line, live, started, sweep, wib
from factories import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models.sla import Holiday, HolidayKind
from helpdesk.services import calendars, reply_clocks, sla
from helpdesk.sla.clock import ClockState

LATER = NOW + timedelta(days=60)


def close(session: Session, on: str) -> None:
    calendars.add_holiday(
        session,
        on=date.fromisoformat(on),
        name="Libur kantor",
        kind=HolidayKind.COMPANY,
        unit_code=None,
        actor="system",
        now=NOW,
    )


def work_after_all(session: Session, on: str) -> None:
    found = select(Holiday.id).where(
        Holiday.on == date.fromisoformat(on), Holiday.kind == HolidayKind.COMPANY
    )
    calendars.cancel_holiday(session, session.scalars(found).one(), actor="system", now=NOW)


def test_a_sweep_after_a_new_holiday_moves_no_due_instant(session: Session) -> None:
    ticket = started(session)
    due = live(session, ticket, RESOLUTION).due_at
    close(session, "2026-11-25")
    taken = sweep(session, ticket, LATER)
    assert live(session, ticket, RESOLUTION).due_at == due
    assert line(session, ticket, RESOLUTION, now=LATER).breached_at == due
    assert ("breached", due) in taken


def test_a_kept_promise_stays_kept_when_its_holiday_is_worked_after_all(session: Session) -> None:
    close(session, "2026-11-24")
    ticket = started(session)
    due = live(session, ticket, FIRST).due_at
    assert due is not None
    sla.person_replied(session, ticket, at=due - timedelta(hours=1))
    work_after_all(session, "2026-11-24")
    reply_clocks.undo_reply(
        session, ticket, NOW, now=due
    )  # nothing of that moment: it only looks at all clocks
    shown = line(session, ticket, FIRST, now=LATER)
    assert (shown.state, shown.due_at, shown.breached_at) == (ClockState.MET, due, None)


@pytest.mark.parametrize("change", [close, work_after_all], ids=["closed", "worked after all"])
def test_only_a_pause_within_the_promise_gives_a_new_due_instant(
    session: Session, change: Callable[[Session, str], None]
) -> None:
    if change is work_after_all:
        close(session, "2026-11-25")
    ticket = started(session)
    before = live(session, ticket, RESOLUTION).due_at
    change(session, "2026-11-25")
    assert live(session, ticket, RESOLUTION).due_at == before
    sla.pause(session, ticket, reason="waiting_for_contact", actor="system", at=wib("2026-11-24", "09:00"))
    assert live(session, ticket, RESOLUTION).due_at is None
    sla.resume(session, ticket, at=wib("2026-11-24", "10:00"))
    after = live(session, ticket, RESOLUTION).due_at
    assert after is not None
    assert after != before


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
    close(session, "2026-11-25")
    after = started(session)
    assert live(session, before, RESOLUTION).due_at == wib("2026-12-03")
    assert live(session, after, RESOLUTION).due_at == wib("2026-12-04")
