"""Paper forms that somebody must act on: those with something unreadable, and sealed envelopes."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, case, select
from sqlalchemy.orm import Session

from helpdesk.models.paper import LwkBatch, LwkForm, is_held
from helpdesk.models.people import OrgUnit
from helpdesk.models.tickets import Ticket
from helpdesk.queries.directory import within
from helpdesk.queries.paper_seen import shown
from helpdesk.queries.visibility import Action, Viewer, require

LIMIT = 100


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A form on which something could not be read, and whom to call."""

    batch_id: str
    unit: str
    form_no: int
    unreadable: tuple[str, ...]
    number: str
    received_on: date


@dataclass(frozen=True, slots=True)
class SealedRow:
    """An envelope that was sent to head office."""

    batch_id: str
    unit: str
    zone: str
    form_no: int
    received_on: date
    sealed_at: datetime
    arrived_at: datetime | None
    number: str | None


def held_forms(session: Session, viewer: Viewer) -> tuple[HeldRow, ...]:
    """Return the forms that wait for a call, the oldest first."""
    require(viewer, Action.ENTER_LWK)
    found = session.execute(
        select(
            LwkBatch.public_id,
            OrgUnit.name,
            LwkForm.form_no,
            LwkForm.unreadable,
            Ticket.number,
            LwkBatch.received_on,
        )
        .join(LwkBatch, LwkBatch.id == LwkForm.batch_id)
        .join(OrgUnit, OrgUnit.id == LwkBatch.unit_id)
        .join(Ticket, Ticket.id == LwkForm.ticket_id)
        .where(is_held(), within(viewer), shown(viewer))
        .order_by(LwkBatch.received_on, LwkForm.id)
        .limit(LIMIT)
    )
    return tuple(HeldRow(*row[:3], tuple(row[3]), *row[4:]) for row in found)


def is_sealed(session: Session, viewer: Viewer, batch_id: str, form_no: int) -> bool:
    """Whether there is such an envelope in the viewer's list, however long that is."""
    require(viewer, Action.READ_SEALED)
    found = (
        select(LwkForm.id)
        .join(LwkBatch, LwkBatch.id == LwkForm.batch_id)
        .where(LwkForm.is_sealed, LwkBatch.public_id == batch_id, LwkForm.form_no == form_no)
        .where(_is_elsewhere(viewer))
    )
    return session.scalar(found) is not None


def _is_elsewhere(viewer: Viewer) -> ColumnElement[bool]:
    return LwkBatch.unit_id != (viewer.point_id or 0)


def sealed_forms(session: Session, viewer: Viewer) -> tuple[SealedRow, ...]:
    """Return the envelopes: those that have not arrived first, the oldest of them on top."""
    require(viewer, Action.READ_SEALED)
    found = session.execute(
        select(
            LwkBatch.public_id,
            OrgUnit.name,
            OrgUnit.zone,
            LwkForm.form_no,
            LwkBatch.received_on,
            LwkForm.created_at,
            LwkForm.arrived_at,
            Ticket.number,
        )
        .join(LwkBatch, LwkBatch.id == LwkForm.batch_id)
        .join(OrgUnit, OrgUnit.id == LwkBatch.unit_id)
        .outerjoin(Ticket, (Ticket.id == LwkForm.ticket_id) & shown(viewer))
        .where(LwkForm.is_sealed, _is_elsewhere(viewer))
        .order_by(
            case((LwkForm.ticket_id.is_(None), 0), else_=1), LwkForm.arrived_at.is_not(None), LwkForm.id
        )
        .limit(LIMIT)
    )
    return tuple(SealedRow(*row) for row in found)
