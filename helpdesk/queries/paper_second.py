"""The second keying of a batch: which amounts a person may key again, and where two persons differ."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models.paper import LwkBatch, LwkForm, is_different
from helpdesk.models.tickets import Ticket
from helpdesk.queries.paper import BatchRow, batch_page
from helpdesk.queries.paper_seen import shown
from helpdesk.queries.visibility import Action, Viewer, require


@dataclass(frozen=True, slots=True)
class Difference:
    """What two persons read on one form."""

    form_no: int
    first: int | None
    second: int | None


@dataclass(frozen=True, slots=True)
class SecondPage:
    """What is left to do. The amounts of forms that were keyed once are not in it: the second keying is blind."""

    batch: BatchRow
    to_key: tuple[int, ...]
    own_count: int
    """Forms that this person entered herself: another has to key them again."""
    keyed_count: int
    differences: tuple[Difference, ...]


def second_page(session: Session, viewer: Viewer, public_id: str) -> SecondPage:
    """Return the second keying of a batch. Raises NotFound."""
    require(viewer, Action.ENTER_LWK)
    batch = batch_page(session, viewer, public_id).batch
    forms = session.execute(
        select(LwkForm, is_different())
        .join(LwkBatch, LwkBatch.id == LwkForm.batch_id)
        .join(Ticket, Ticket.id == LwkForm.ticket_id)
        .where(LwkBatch.public_id == public_id, shown(viewer))
        .order_by(LwkForm.form_no)
    ).all()
    once = [form for form, _ in forms if form.second_at is None]
    return SecondPage(
        batch=batch,
        to_key=tuple(form.form_no for form in once if form.entered_by_id != viewer.user_id),
        own_count=sum(form.entered_by_id == viewer.user_id for form in once),
        keyed_count=len(forms) - len(once),
        differences=tuple(
            Difference(form.form_no, form.amount, form.second_amount) for form, differs in forms if differs
        ),
    )
