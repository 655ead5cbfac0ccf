"""Own holidays and days that are worked after all. Promises already given are not counted again here."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.models.people import OrgUnit
from helpdesk.models.sla import Holiday
from helpdesk.models.sla import HolidayKind as HolidayKind
from helpdesk.services.trail import audit

MAX_NAME = 120
MAX_ID = 2**31 - 1
"""Of an integer column: a longer number in an address names nothing."""


def add_holiday(
    session: Session,
    *,
    on: date,
    name: str,
    kind: HolidayKind,
    unit_code: str | None,
    actor: str,
    now: datetime,
) -> None:
    """Close a day everywhere, or at one unit and those below it.

    Raises InvalidInput for an empty name or an unknown unit, Conflict where the day is closed already.
    """
    if not name.strip():
        raise InvalidInput("a holiday has a name", field="name", code="required")
    unit_id = _unit_id(session, unit_code)
    row = _entry(session, on, kind, unit_id)
    if row is not None and not row.is_cancelled:
        raise Conflict(f"{on} is closed already", code="holiday_exists")
    if row is None:
        row = Holiday(on=on, kind=kind, unit_id=unit_id)
        session.add(row)
    row.name, row.is_own, row.is_cancelled = name.strip()[:MAX_NAME], True, False
    session.flush()
    _note(session, "holiday_added", row, unit_code, actor=actor, now=now)


def cancel_holiday(
    session: Session, holiday_id: int, *, unit_code: str | None = None, actor: str, now: datetime
) -> None:
    """Make a closed day worked after all: the whole entry, or at one unit and those below it.

    Raises NotFound, InvalidInput for an unknown unit, Conflict when it is worked there already.
    """
    row = _by_id(session, holiday_id)
    unit_id = _unit_id(session, unit_code)
    if unit_id is not None and unit_id != row.unit_id:
        row = _exception_at(session, row, unit_id)
    if row.is_cancelled:
        raise Conflict(f"{row.on} is worked already", code="holiday_cancelled")
    row.is_own, row.is_cancelled = True, True  # an own entry: seeding from the package leaves it alone
    session.flush()
    _note(session, "holiday_cancelled", row, unit_code, actor=actor, now=now)


def restore_holiday(session: Session, holiday_id: int, *, actor: str, now: datetime) -> None:
    """Close a day again that was to be worked. Raises NotFound, Conflict when it is closed."""
    row = _by_id(session, holiday_id)
    if not row.is_cancelled:
        raise Conflict(f"{row.on} is closed already", code="holiday_exists")
    row.is_cancelled = False
    session.flush()
    _note(session, "holiday_restored", row, None, actor=actor, now=now)


def _exception_at(session: Session, row: Holiday, unit_id: int) -> Holiday:
    """Return the unit's own entry for the day, which beats the one above it (models/calendars.py)."""
    own = _entry(session, row.on, row.kind, unit_id)
    if own is None:
        own = Holiday(on=row.on, kind=row.kind, unit_id=unit_id, name=row.name, is_cancelled=False)
        session.add(own)
    return own


def _entry(session: Session, on: date, kind: HolidayKind, unit_id: int | None) -> Holiday | None:
    is_place = Holiday.unit_id.is_(None) if unit_id is None else Holiday.unit_id == unit_id
    return session.scalar(select(Holiday).where(Holiday.on == on, Holiday.kind == kind, is_place))


def _by_id(session: Session, holiday_id: int) -> Holiday:
    row = session.get(Holiday, holiday_id) if holiday_id <= MAX_ID else None
    if row is None:
        raise NotFound(f"no holiday {holiday_id}")
    return row


def _unit_id(session: Session, code: str | None) -> int | None:
    if not code:
        return None
    found = session.scalar(select(OrgUnit.id).where(OrgUnit.code == code))
    if found is None:
        raise InvalidInput(f"no unit {code}", field="unit", code="unknown_unit")
    return found


def _note(
    session: Session, what: str, row: Holiday, unit_code: str | None, *, actor: str, now: datetime
) -> None:
    data = {"on": row.on.isoformat(), "name": row.name, "kind": row.kind.value, "unit": unit_code or ""}
    audit(session, what, actor=actor, at=now, data=data)
