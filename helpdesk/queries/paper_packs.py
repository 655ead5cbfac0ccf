"""Printed forms: which numbers a point has, and what came back of them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import NotFound
from helpdesk.models.paper import LwkBatch, LwkForm, LwkPack
from helpdesk.models.people import OrgUnit, User
from helpdesk.queries.directory import within
from helpdesk.queries.visibility import Action, Viewer, require

LIMIT = 50


@dataclass(frozen=True, slots=True)
class PackRow:
    """Forms of one printing."""

    id: int
    unit_id: int
    unit: str
    unit_code: str
    zone: str
    first_no: int
    form_count: int
    printed_by: str
    created_at: datetime
    back_count: int
    """Forms that were entered or sealed."""

    @property
    def last_no(self) -> int:
        """The highest of its numbers."""
        return self.first_no + self.form_count - 1


def packs(session: Session, viewer: Viewer) -> tuple[PackRow, ...]:
    """Return the printed packs of the viewer's points, the newest first."""
    return _packs(session, viewer)


def pack(session: Session, viewer: Viewer, pack_id: int) -> PackRow:
    """Return one pack. Raises NotFound also for one of another point."""
    found = find(session, viewer, pack_id)
    if found is None:
        raise NotFound("no such pack")
    return found


def find(session: Session, viewer: Viewer, pack_id: int) -> PackRow | None:
    """Return one pack however old it is, or None."""
    return next(iter(_packs(session, viewer, pack_id)), None)


def _packs(session: Session, viewer: Viewer, pack_id: int | None = None) -> tuple[PackRow, ...]:
    require(viewer, Action.ENTER_LWK)
    back = (
        select(func.count(LwkForm.id))
        .join(LwkBatch, LwkBatch.id == LwkForm.batch_id)
        .where(
            LwkBatch.pack_id == LwkPack.id,
            LwkForm.form_no.between(LwkPack.first_no, LwkPack.first_no + LwkPack.form_count - 1),
        )
        .correlate(LwkPack)
        .scalar_subquery()
    )
    query = (
        select(
            LwkPack.id,
            LwkPack.unit_id,
            OrgUnit.name,
            OrgUnit.code,
            OrgUnit.zone,
            LwkPack.first_no,
            LwkPack.form_count,
            User.name,
            LwkPack.created_at,
            back,
        )
        .join(OrgUnit, OrgUnit.id == LwkPack.unit_id)
        .join(User, User.id == LwkPack.printed_by_id)
        .where(within(viewer))
        .order_by(LwkPack.id.desc())
        .limit(LIMIT)
    )
    if pack_id is not None:
        query = query.where(LwkPack.id == pack_id)
    return tuple(PackRow(*row) for row in session.execute(query))
