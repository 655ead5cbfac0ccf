"""Closing a paper batch: by totals that agree with the slip, or by two persons with a written reason."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, Forbidden, InvalidInput
from helpdesk.domain.privacy import redact
from helpdesk.models.paper import LwkBatch, LwkForm, is_different
from helpdesk.services.lwk import batch_by_public_id, check_open
from helpdesk.services.trail import audit


@dataclass(frozen=True, slots=True)
class Closer:
    """Who closes. The money of forms that are kept from her is not part of her sum, or what is asked of her
    would tell that there are such forms."""

    user_id: int | None
    actor: str
    hidden: frozenset[int] = frozenset()
    """The numbers of those forms (queries/paper_seen.py)."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What was entered of a batch."""

    count: int
    amount: int
    numbers: int
    unsettled: int
    """Forms whose amount two persons read differently."""


def close_batch(session: Session, batch_id: str, *, reason: str = "", by: Closer, now: datetime) -> bool:
    """Close a batch whose count, money and form numbers match its slip; with a reason ask a second person instead.

    Returns whether it is closed now. Raises Conflict (`closed`), and InvalidInput (`totals_differ`, `unsettled`).
    """
    batch = batch_by_public_id(session, batch_id)
    check_open(batch)
    totals = _settled_totals(session, batch, by)
    if _is_balanced(batch, totals):
        _close(session, batch, totals, by, is_balanced=True, now=now)
        return True
    words = redact(reason).text.strip()
    if not words:
        raise InvalidInput(
            "the totals differ from the slip: a reason is required", field="reason", code="totals_differ"
        )
    batch.close_asked_at, batch.close_asked_by_id, batch.close_reason = now, by.user_id, words
    audit(session, "lwk_close_asked", actor=by.actor, at=now, data=_told(batch, totals))
    return False


def agree_to_close(session: Session, batch_id: str, *, by: Closer, now: datetime) -> None:
    """The second person agrees with the reason of the first.

    Raises Conflict (`closed`, `not_asked`), Forbidden for the first person, InvalidInput (`unsettled`).
    """
    batch = batch_by_public_id(session, batch_id)
    check_open(batch)
    if batch.close_asked_at is None:
        raise Conflict("nobody asked to close it", code="not_asked")
    if by.user_id is None or by.user_id == batch.close_asked_by_id:
        raise Forbidden("a second person has to agree")
    _close(session, batch, _settled_totals(session, batch, by), by, is_balanced=False, now=now)


def withdraw_request(session: Session, batch: LwkBatch, *, actor: str, now: datetime) -> None:
    """Something changed, or the first person thought again: what was asked is asked no more."""
    if batch.close_asked_at is None:
        return
    batch.close_asked_at = batch.close_asked_by_id = batch.close_reason = None
    audit(session, "lwk_close_withdrawn", actor=actor, at=now, data={"batch": batch.public_id})


def _close(
    session: Session, batch: LwkBatch, totals: Totals, by: Closer, *, is_balanced: bool, now: datetime
) -> None:
    if is_balanced:
        batch.close_asked_by_id = batch.close_reason = None
    batch.close_asked_at, batch.closed_at, batch.closed_by_id = None, now, by.user_id
    data = _told(batch, totals) | {"balanced": is_balanced}
    audit(session, "lwk_batch_closed", actor=by.actor, at=now, data=data)


def _told(batch: LwkBatch, totals: Totals) -> dict[str, object]:
    return {
        "batch": batch.public_id,
        "forms": totals.count,
        "amount": totals.amount,
        "numbers": totals.numbers,
    }


def _is_balanced(batch: LwkBatch, totals: Totals) -> bool:
    return (
        totals.count == batch.form_count
        and totals.amount == batch.amount_total
        and batch.number_total in (None, totals.numbers)
    )


def _settled_totals(session: Session, batch: LwkBatch, by: Closer) -> Totals:
    hidden = LwkForm.form_no.in_(by.hidden)
    count, amount, numbers, unsettled = session.execute(
        select(
            func.count(LwkForm.id),
            func.coalesce(func.sum(case((hidden, 0), else_=LwkForm.amount)), 0),
            func.coalesce(func.sum(LwkForm.form_no), 0),
            func.coalesce(func.sum(case((and_(is_different(), ~hidden), 1), else_=0)), 0),
        ).where(LwkForm.batch_id == batch.id)
    ).one()
    totals = Totals(count, int(amount), int(numbers), int(unsettled))
    if totals.unsettled:
        raise InvalidInput("two persons read an amount differently", field="reason", code="unsettled")
    return totals
