"""The organisation tree: regions, areas and points below head office."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.models.people import OrgUnit, UnitKind
from helpdesk.services.trail import audit

_BELOW = {
    UnitKind.REGION: UnitKind.HEAD_OFFICE,
    UnitKind.AREA: UnitKind.REGION,
    UnitKind.POINT: UnitKind.AREA,
}
"""What each kind of unit hangs under."""


def add_unit(
    session: Session,
    *,
    code: str,
    name: str,
    kind: UnitKind,
    parent_code: str,
    zone: str | None = None,
    is_remote: bool = False,
    actor: str,
    now: datetime,
) -> OrgUnit:
    """Add a unit; its zone is its parent's unless named. Raises InvalidInput, Conflict when the code is taken."""
    parent = session.scalar(select(OrgUnit).where(OrgUnit.code == parent_code))
    if parent is None or _BELOW.get(kind) != parent.kind:
        raise InvalidInput(
            f"a {kind} hangs under a {_BELOW.get(kind)}, not under {parent_code}", field="parent"
        )
    if session.scalar(select(OrgUnit.id).where(OrgUnit.code == code)) is not None:
        raise Conflict(f"the unit {code} exists", code="code_taken")
    unit = OrgUnit(
        code=code,
        name=name,
        kind=kind,
        parent_id=parent.id,
        path=parent.path,
        zone=_checked(zone or parent.zone),
        is_remote=is_remote,
    )
    session.add(unit)
    session.flush()
    unit.path = f"{parent.path}{unit.id}/"
    data = {"unit": code, "parent": parent_code, "is_remote": is_remote}
    audit(session, "unit_added", actor=actor, at=now, data=data)
    return unit


def set_remote(session: Session, code: str, *, is_remote: bool, actor: str, now: datetime) -> None:
    """Say whether letters take long there: from now on answers leave more time to object. Raises NotFound."""
    unit = session.scalar(select(OrgUnit).where(OrgUnit.code == code))
    if unit is None:
        raise NotFound(f"no unit {code}")
    if unit.is_remote != is_remote:
        unit.is_remote = is_remote
        audit(session, "unit_changed", actor=actor, at=now, data={"unit": code, "is_remote": is_remote})


def _checked(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise InvalidInput(f"unknown time zone {zone!r}", field="zone") from None
    return zone
