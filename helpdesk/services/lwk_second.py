"""The second keying of amounts: by another person who does not see the first; differences are settled."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, Forbidden, NotFound
from helpdesk.models.paper import LwkForm
from helpdesk.services.lwk import batch_by_public_id, check_open, correct_form, form_of
from helpdesk.services.trail import audit, lock_ticket, record


def key_amounts(
    session: Session,
    batch_id: str,
    amounts: Mapping[int, int | None],
    *,
    user_id: int,
    actor: str,
    now: datetime,
) -> int:
    """Keep what a second person read on the forms of these numbers; return how many differ.

    Raises Forbidden for a form that the same person entered, Conflict (`closed`). A form that was keyed twice
    already is left as it is.
    """
    batch = batch_by_public_id(session, batch_id)
    check_open(batch)
    forms = session.scalars(
        select(LwkForm).where(
            LwkForm.batch_id == batch.id,
            LwkForm.form_no.in_(amounts),
            LwkForm.ticket_id.is_not(None),
            LwkForm.second_at.is_(None),
        )
    ).all()
    differing = 0
    for form in forms:
        if form.entered_by_id == user_id:
            raise Forbidden("the second keying is another person's")
        form.second_amount, form.second_by_id, form.second_at = amounts[form.form_no], user_id, now
        differing += (form.amount or 0) != (form.second_amount or 0)
    if forms:
        data = {"batch": batch_id, "forms": len(forms), "differing": differing}
        audit(session, "lwk_amounts_keyed_again", actor=actor, at=now, data=data)
    return differing


def settle(
    session: Session,
    batch_id: str,
    form_no: int,
    *,
    amount: int | None,
    user_id: int | None,
    actor: str,
    now: datetime,
) -> None:
    """Say what the paper really says, after two persons read it differently.

    Who read it herself may only accept what the other read; a third person decides freely.
    Raises Conflict (`not_different`), and Forbidden for any other word of a reader.
    """
    batch = batch_by_public_id(session, batch_id)
    form = form_of(session, batch, form_no)
    if form is None:
        raise NotFound(f"no form {form_no}")
    check_open(batch)
    is_same = (form.amount or 0) == (form.second_amount or 0)
    if form.second_at is None or form.settled_at is not None or form.ticket_id is None or is_same:
        raise Conflict(f"form {form_no} has no difference", code="not_different")
    read_by_other = {form.entered_by_id: form.second_amount or 0, form.second_by_id: form.amount or 0}
    if user_id in read_by_other and (amount or 0) != read_by_other[user_id]:
        raise Forbidden("a reader can only agree with the other")
    ticket = lock_ticket(session, form.ticket_id)
    correct_form(session, batch, form, amount=amount, occurred_on=ticket.occurred_on, actor=actor, now=now)
    form.settled_at = now
    data = {"batch": batch_id, "form_no": form_no, "amount": amount}
    record(session, ticket, "lwk_amount_settled", actor=actor, at=now, data=data)
