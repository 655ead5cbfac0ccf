"""Own holidays and days that are worked after all. Promises already given are not counted again here.

An entry is withdrawn and entered anew, never changed: promises given before count by it as it stood then.
"""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.models.holiday_years import missing_years
from helpdesk.models.people import OrgUnit
from helpdesk.models.sla import Holiday
from helpdesk.models.sla import HolidayKind as HolidayKind
from helpdesk.services.trail import audit

__all__ = ["HolidayKind", "add_holiday", "cancel_holiday", "missing_years", "restore_holiday", "withdraw"]

MAX_NAME = 120
MAX_YEARS = 20
"""A date farther off is a slip of the pen."""
MAX_ID = 2**31 - 1
"""Of an integer column: a longer number in an address names nothing."""


_NATIONWIDE = (HolidayKind.NATIONAL, HolidayKind.CUTI_BERSAMA)
"""Decreed for the whole country: what closes one place alone is local, or ours."""


class _Scope(NamedTuple):
    """Where an entry holds: in a province, at a unit and those below it, or everywhere."""

    unit_id: int | None
    province: str | None


def add_holiday(
    session: Session,
    *,
    on: date,
    name: str,
    kind: HolidayKind,
    unit_code: str | None,
    province: str | None = None,
    actor: str,
    now: datetime,
) -> None:
    """Close a day everywhere, in a province, or at one unit and those below it.

    Raises InvalidInput for no name or a long one, a far date, an unknown place or a decreed day of one place,
    Conflict where the day is closed already.
    """
    if not name.strip():
        raise InvalidInput("a holiday has a name", field="name", code="required")
    if len(name.strip()) > MAX_NAME:
        raise InvalidInput(f"longer than {MAX_NAME} characters", field="name", code="too_long")
    if abs(on.year - now.year) > MAX_YEARS:
        raise InvalidInput(f"{on} is more than {MAX_YEARS} years away", field="on", code="far_away")
    scope = _scope(session, unit_code, province)
    if kind in _NATIONWIDE and any(scope):
        raise InvalidInput(f"{kind} holds everywhere", field="unit", code="nationwide")
    standing = _standing(session, on, kind, scope)
    if standing is not None and not standing.is_cancelled:
        raise Conflict(f"{on} is closed already", code="holiday_exists")
    withdraw(session, standing, now=now)
    row = _enter(session, on, kind, scope, name=name.strip(), is_cancelled=False, now=now)
    _note(session, "holiday_added", row, actor=actor, now=now)


def cancel_holiday(
    session: Session,
    holiday_id: int,
    *,
    unit_code: str | None = None,
    province: str | None = None,
    actor: str,
    now: datetime,
) -> date:
    """Make a closed day worked after all, where the entry holds or only in one place; return the day.

    Raises NotFound, InvalidInput for an unknown place, Conflict when it is worked there already.
    """
    row = _by_id(session, holiday_id)
    wanted = _scope(session, unit_code, province)
    scope = wanted if any(wanted) else _Scope(row.unit_id, row.province)
    standing = _standing(session, row.on, row.kind, scope)
    if standing is not None and standing.is_cancelled:
        raise Conflict(f"{row.on} is worked already", code="holiday_cancelled")
    withdraw(session, standing, now=now)
    entered = _enter(session, row.on, row.kind, scope, name=row.name, is_cancelled=True, now=now)
    _note(session, "holiday_cancelled", entered, actor=actor, now=now)
    return row.on


def restore_holiday(session: Session, holiday_id: int, *, actor: str, now: datetime) -> date:
    """Close a day again that was to be worked, and return it. Raises NotFound, Conflict when it is closed."""
    row = _by_id(session, holiday_id)
    scope = _Scope(row.unit_id, row.province)
    standing = _standing(session, row.on, row.kind, scope)
    if standing is None or not standing.is_cancelled:
        raise Conflict(f"{row.on} is closed already", code="holiday_exists")
    withdraw(session, standing, now=now)
    entered = _enter(session, row.on, row.kind, scope, name=standing.name, is_cancelled=False, now=now)
    _note(session, "holiday_restored", entered, actor=actor, now=now)
    return row.on


def withdraw(session: Session, row: Holiday | None, *, now: datetime) -> None:
    """End an entry, so that another may stand in its place; promises given before still count by it."""
    if row is not None:
        row.withdrawn_at = now
        session.flush()  # before the next one of this day, kind and place comes


def _enter(
    session: Session,
    on: date,
    kind: HolidayKind,
    scope: _Scope,
    *,
    name: str,
    is_cancelled: bool,
    now: datetime,
) -> Holiday:
    """Enter it as our own: seeding from the package leaves it alone."""
    row = Holiday(
        on=on,
        kind=kind,
        unit_id=scope.unit_id,
        province=scope.province,
        name=name,
        is_own=True,
        is_cancelled=is_cancelled,
        entered_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _standing(session: Session, on: date, kind: HolidayKind, scope: _Scope) -> Holiday | None:
    """Return the one entry that stands for the day, kind and place."""
    return session.scalar(
        select(Holiday).where(
            Holiday.on == on,
            Holiday.kind == kind,
            Holiday.unit_id.is_not_distinct_from(scope.unit_id),
            Holiday.province.is_not_distinct_from(scope.province),
            Holiday.withdrawn_at.is_(None),
        )
    )


def _by_id(session: Session, holiday_id: int) -> Holiday:
    """Return the entry; one that was withdrawn meanwhile names its day, kind and place all the same."""
    row = session.get(Holiday, holiday_id) if holiday_id <= MAX_ID else None
    if row is None:
        raise NotFound(f"no holiday {holiday_id}")
    return row


def _scope(session: Session, unit_code: str | None, province: str | None) -> _Scope:
    if unit_code and province:
        raise InvalidInput("one place: a unit or a province", field="unit", code="one_place")
    if province:
        found = session.scalar(select(OrgUnit.id).where(OrgUnit.province == province).limit(1))
        if found is None:
            raise InvalidInput(f"no unit in {province[:40]!r}", field="province", code="unknown_province")
        return _Scope(None, province)
    if not unit_code:
        return _Scope(None, None)
    unit_id = session.scalar(select(OrgUnit.id).where(OrgUnit.code == unit_code))
    if unit_id is None:
        raise InvalidInput(f"no unit {unit_code}", field="unit", code="unknown_unit")
    return _Scope(unit_id, None)


def _note(session: Session, what: str, row: Holiday, *, actor: str, now: datetime) -> None:
    unit = session.get(OrgUnit, row.unit_id) if row.unit_id is not None else None
    data = {"on": row.on.isoformat(), "name": row.name, "kind": row.kind.value}
    data |= {"unit": unit.code if unit else ""} | ({"province": row.province} if row.province else {})
    audit(session, what, actor=actor, at=now, data=data)
