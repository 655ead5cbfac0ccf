"""Printed forms: numbers are taken once for a point, so that a batch knows which of its forms are missing."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.models.paper import LwkPack
from helpdesk.models.people import OrgUnit
from helpdesk.services.trail import audit


def take_numbers(
    session: Session, *, unit_id: int, form_count: int, user_id: int, actor: str, now: datetime
) -> LwkPack:
    """Take the next numbers of a point for forms that are to be printed. Two at once come one after the other."""
    session.scalars(select(OrgUnit.id).where(OrgUnit.id == unit_id).with_for_update(key_share=True)).one()
    next_no = session.scalar(
        select(func.coalesce(func.max(LwkPack.first_no + LwkPack.form_count), 1)).where(
            LwkPack.unit_id == unit_id
        )
    )
    pack = LwkPack(
        unit_id=unit_id,
        first_no=int(next_no or 1),
        form_count=form_count,
        printed_by_id=user_id,
        created_at=now,
    )
    session.add(pack)
    session.flush()
    data = {"pack": pack.id, "forms": form_count, "first": pack.first_no}
    audit(session, "lwk_forms_printed", actor=actor, at=now, data=data)
    return pack
