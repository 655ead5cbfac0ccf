"""New opening hours of a calendar. Clocks that run keep the version that they were given."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, NotFound
from helpdesk.models.sla import SlaCalendar
from helpdesk.services.trail import audit
from helpdesk.sla.hours import OpenHours, check_hours
from helpdesk.sla.policy import CalendarCode


def publish_hours(
    session: Session, code: CalendarCode, hours: OpenHours, *, seen_version: int, actor: str, now: datetime
) -> int:
    """Put other hours in force and return their version; the one before is retired, never changed.

    Raises InvalidInput for hours that no calendar may have (sla/hours.py), NotFound, and Conflict when another
    version came in between, nothing is different, or the calendar is fixed (CalendarCode.is_fixed).
    """
    return _publish(session, code, hours, seen_version=seen_version, actor=actor, now=now)


def restore_hours(
    session: Session, code: CalendarCode, version: int, *, seen_version: int, actor: str, now: datetime
) -> int:
    """Put the hours of an earlier version in force again, as a new one. Raises as publish_hours()."""
    row = session.scalar(select(SlaCalendar).where(SlaCalendar.code == code, SlaCalendar.version == version))
    if row is None:
        raise NotFound(f"no version {version} of the calendar {code}")
    return _publish(
        session, code, _hours_of(row), seen_version=seen_version, actor=actor, now=now, restored=version
    )


def _publish(
    session: Session,
    code: CalendarCode,
    hours: OpenHours,
    *,
    seen_version: int,
    actor: str,
    now: datetime,
    restored: int | None = None,
) -> int:
    if code.is_fixed:
        raise Conflict(f"the days of {code} are not ours to change", code="calendar_fixed")
    check_hours(hours, is_day_based=code.is_day_based)
    current = _current(session, code)
    if current.version != seen_version:
        raise Conflict(f"version {current.version} came in between", code="calendar_changed")
    stored = hours.to_mapping()
    if stored == _hours_of(current).to_mapping():
        raise Conflict("nothing is different", code="calendar_unchanged")
    current.retired_at = now
    # Two at once collide on the number; the second run finds the other version and says so.
    row = SlaCalendar(
        code=code,
        version=current.version + 1,
        name=current.name,
        hours=stored["hours"],
        special_days=stored["special_days"],
        breaks=stored["breaks"],
        closed_kinds=current.closed_kinds,
        published_at=now,
        published_by=actor,
    )
    session.add(row)
    session.flush()
    data = {"calendar": code.value, "version": row.version}
    data |= {"restored": restored} if restored is not None else {}
    audit(session, "calendar_published", actor=actor, at=now, data=data)
    return row.version


def _current(session: Session, code: CalendarCode) -> SlaCalendar:
    row = session.scalar(
        select(SlaCalendar)
        .where(SlaCalendar.code == code, SlaCalendar.retired_at.is_(None))
        .order_by(SlaCalendar.version.desc())
        .limit(1)
    )
    if row is None:
        raise NotFound(f"no calendar {code}")
    return row


def _hours_of(row: SlaCalendar) -> OpenHours:
    return OpenHours.from_mapping(
        {"hours": row.hours, "special_days": row.special_days, "breaks": row.breaks}
    )
