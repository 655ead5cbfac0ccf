"""Where and who: the points that a person may enter complaints for, and staff by name."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from helpdesk.domain.names import name_words
from helpdesk.models.people import OrgUnit, Position, Role, UnitKind, User
from helpdesk.queries.visibility import Viewer

FOUND = 12


@dataclass(frozen=True, slots=True)
class UnitChoice:
    """A unit to choose from."""

    id: int
    code: str
    name: str
    zone: str


@dataclass(frozen=True, slots=True)
class StaffChoice:
    """A member of staff to name in a complaint."""

    public_id: str
    name: str
    position: Position
    unit: str


def entry_units(session: Session, viewer: Viewer) -> tuple[UnitChoice, ...]:
    """Return the points that the viewer may enter complaints for; staff of a point have only theirs."""
    found = session.execute(
        select(OrgUnit.id, OrgUnit.code, OrgUnit.name, OrgUnit.zone)
        .where(OrgUnit.kind == UnitKind.POINT, within(viewer))
        .order_by(OrgUnit.name)
    )
    return tuple(UnitChoice(*row) for row in found)


def within(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on OrgUnit that holds for the units of the viewer's own field of work."""
    if viewer.is_at_point:
        return OrgUnit.id == viewer.unit_id
    return OrgUnit.path.startswith(viewer.unit_path) if viewer.role is Role.FIELD else true()


def staff_named(session: Session, text: str) -> tuple[StaffChoice, ...]:
    """Return staff whose name holds `text` (two characters at least), at most a dozen."""
    wanted = text.strip().lower()
    if len(wanted) < 2:
        return ()
    return _staff(session, func.lower(User.name).contains(wanted, autoescape=True))


def staff_name_words(session: Session) -> frozenset[str]:
    """Return the words of the names of all staff, those who left too: they still stand in old stories."""
    return name_words(session.scalars(select(User.name)))


def staff_by_ids(session: Session, public_ids: tuple[str, ...]) -> tuple[StaffChoice, ...]:
    """Return the members of staff with these public ids; unknown ones are left out."""
    return _staff(session, User.public_id.in_(public_ids)) if public_ids else ()


def _staff(session: Session, term: ColumnElement[bool]) -> tuple[StaffChoice, ...]:
    found = session.execute(
        select(User.public_id, User.name, User.position, OrgUnit.name)
        .join(OrgUnit, OrgUnit.id == User.unit_id)
        .where(term)
        .order_by(User.name)
        .limit(FOUND)
    )
    return tuple(StaffChoice(*row) for row in found)
