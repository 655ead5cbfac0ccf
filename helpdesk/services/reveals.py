"""Opening what a mask hides: the number is shown, and that it was opened is kept."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import NotFound
from helpdesk.models.barring import contact_is_hidden
from helpdesk.models.contacts import Contact
from helpdesk.services.trail import audit


def reveal_phone(
    session: Session,
    contact_id: str,
    *,
    user_id: int | None,
    point_id: int | None,
    actor: str,
    now: datetime,
) -> str:
    """Return the whole phone of a contact (public id), after noting who opened it. Raises NotFound.

    `user_id` and `point_id` say who asks: for her there is no contact whose tickets are all kept from her.
    """
    phone = session.scalar(
        select(Contact.phone).where(
            Contact.public_id == contact_id,
            Contact.erased_at.is_(None),
            ~contact_is_hidden(user_id=user_id, point_id=point_id),
        )
    )
    if not phone:
        raise NotFound(f"no phone of contact {contact_id}")
    audit(session, "phone_revealed", actor=actor, at=now, data={"contact": contact_id})
    return phone
