"""New opening hours are a new version: audited, for new promises only, and the old ones can come back."""

from datetime import timedelta

import pytest
from clock_samples import FIRST, REGULATORY, RESOLUTION, live, started, wib
from factories import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.models.sla import SlaCalendar
from helpdesk.models.tickets import AuditEntry
from helpdesk.queries.calendars import versions
from helpdesk.runtime import Runtime
from helpdesk.services import sla
from helpdesk.services.calendar_versions import publish_hours, restore_hours
from helpdesk.sla.hours import WHOLE_DAY, OpenHours
from helpdesk.sla.policy import CalendarCode

LATER = NOW + timedelta(hours=1)
SERVICE, STRICT = CalendarCode.SERVICE, CalendarCode.STRICT
LONG_DAY = OpenHours((((8 * 3600, 20 * 3600),),) * 5 + ((), ()))
SIX_DAYS = OpenHours((WHOLE_DAY,) * 6 + ((),))
FOUR_DAYS = OpenHours(((),) + (WHOLE_DAY,) * 4 + ((), ()))


def publish(
    session: Session, hours: OpenHours = LONG_DAY, code: CalendarCode = SERVICE, *, seen: int = 1
) -> int:
    return publish_hours(session, code, hours, seen_version=seen, actor="user:admin", now=LATER)


def test_new_hours_are_a_new_version_and_the_old_one_is_retired(session: Session) -> None:
    assert publish(session) == 2
    new, old = versions(session, SERVICE)
    assert (new.version, new.hours, new.published_at, new.retired_at) == (2, LONG_DAY, LATER, None)
    assert (old.version, old.retired_at, new.closed_kinds) == (1, LATER, old.closed_kinds)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.kind == "calendar_published")).one()
    assert (entry.data, entry.actor) == ({"calendar": "service", "version": 2}, "user:admin")


def test_clocks_that_run_keep_their_hours_and_new_ones_take_the_new(session: Session) -> None:
    before = started(session)
    promised = live(session, before, RESOLUTION).due_at
    publish(session)
    sla.pause(session, before, reason="waiting_for_contact", actor="system", at=LATER)
    sla.resume(session, before, at=LATER)
    after = started(session, received_at=LATER)
    assert live(session, before, RESOLUTION).due_at == promised
    assert live(session, after, FIRST).due_at == wib("2026-11-24", "15:00")
    numbers = {row.id: row.version for row in session.scalars(select(SlaCalendar))}
    assert numbers[live(session, before, FIRST).calendar_id] == 1
    assert numbers[live(session, after, FIRST).calendar_id] == 2


def test_the_strict_date_of_a_clock_keeps_its_calendar_too(session: Session) -> None:
    before = started(session)
    row = live(session, before, REGULATORY)
    strict, next_step = row.strict_due_at, row.next_step_at
    publish(session, SIX_DAYS, STRICT)
    row.strict_due_at = None
    sla.refit(session, before, now=LATER)  # it only looks at all clocks
    assert (row.strict_due_at, row.next_step_at) == (strict, next_step)
    after = live(session, started(session, received_at=LATER), REGULATORY).strict_due_at
    assert after is not None
    assert strict is not None
    assert after < strict


def test_an_earlier_version_comes_back_as_a_new_one(session: Session) -> None:
    first = versions(session, SERVICE)[0].hours
    publish(session)
    assert restore_hours(session, SERVICE, 1, seen_version=2, actor="user:admin", now=LATER) == 3
    newest = versions(session, SERVICE)[0]
    assert (newest.version, newest.hours) == (3, first)
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.serial.desc())).first()
    assert entry is not None
    assert entry.data == {"calendar": "service", "version": 3, "restored": 1}
    with pytest.raises(NotFound):
        restore_hours(session, SERVICE, 9, seen_version=3, actor="user:admin", now=LATER)


@pytest.mark.parametrize(
    ("hours", "code", "seen", "refusal"),
    [
        pytest.param(OpenHours(((),) * 7), SERVICE, 1, "calendar_never_open", id="never open"),
        pytest.param(LONG_DAY, STRICT, 1, "whole_days", id="hours where days count"),
        pytest.param(LONG_DAY, SERVICE, 0, "calendar_changed", id="somebody else was first"),
        pytest.param(SIX_DAYS, CalendarCode.ALWAYS, 1, "calendar_fixed", id="always open"),
        pytest.param(SIX_DAYS, CalendarCode.REGULATORY, 1, "calendar_fixed", id="the law's own days"),
        pytest.param(FOUR_DAYS, STRICT, 1, "working_week", id="alarms after the law's date"),
    ],
)
def test_what_must_not_be_put_in_force_is_refused(
    session: Session, hours: OpenHours, code: CalendarCode, seen: int, refusal: str
) -> None:
    with pytest.raises((InvalidInput, Conflict)) as refused:
        publish(session, hours, code, seen=seen)
    assert refused.value.code == refusal
    assert [row.version for row in versions(session, code)] == [1]


def test_the_same_hours_are_no_new_version(session: Session) -> None:
    publish(session)
    with pytest.raises(Conflict) as refused:
        publish(session, seen=2)
    assert refused.value.code == "calendar_unchanged"


def test_two_at_once_make_one_version(rt: Runtime) -> None:
    rt.write(publish)
    with pytest.raises(Conflict):
        rt.write(publish)
    assert [row.version for row in rt.read(lambda session: versions(session, SERVICE))] == [2, 1]
