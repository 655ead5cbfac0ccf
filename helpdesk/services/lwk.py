"""Paper forms: a batch with its slip, one ticket per form, the true date of receipt kept."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.domain.lender import Lender
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.phones import normalise_phone
from helpdesk.domain.privacy import redact
from helpdesk.models.barring import ticket_is_barred
from helpdesk.models.complaints import LwkBatch, LwkForm
from helpdesk.models.people import OrgUnit
from helpdesk.models.tickets import Ticket
from helpdesk.services import registration
from helpdesk.services.contacts import Person
from helpdesk.services.registration import Submission
from helpdesk.services.trail import audit


@dataclass(frozen=True, slots=True)
class PaperForm:
    """One form as it was keyed, in the order of the paper."""

    form_no: int
    name: str
    phone: str
    mitra_id: str
    majelis: str
    menu_choice: int
    occurred_on: date | None
    amount: int | None
    text: str


def open_batch(
    session: Session,
    *,
    unit_id: int,
    received_on: date,
    form_count: int,
    amount_total: int,
    user_id: int,
    actor: str,
    now: datetime,
) -> LwkBatch:
    """Begin a batch from its slip. Raises InvalidInput for a date that has not come."""
    unit = session.get_one(OrgUnit, unit_id)
    if received_on > now.astimezone(ZoneInfo(unit.zone)).date():
        raise InvalidInput("the date of receipt lies in the future", field="received_on", code="future_date")
    if form_count < 1:
        raise InvalidInput("a batch has at least one form", field="form_count", code="required")
    batch = LwkBatch(
        public_id=str(uuid.uuid4()),
        unit_id=unit_id,
        received_on=received_on,
        form_count=form_count,
        amount_total=amount_total,
        entered_by_id=user_id,
        created_at=now,
    )
    session.add(batch)
    session.flush()
    audit(session, "lwk_batch_opened", actor=actor, at=now, data={"batch": batch.public_id})
    return batch


def enter_form(
    session: Session,
    batch: LwkBatch,
    form: PaperForm,
    *,
    user_id: int,
    actor: str,
    lender: Lender,
    now: datetime,
) -> str:
    """Make a form that is not yet in the batch, which is open, a ticket and return its number."""
    registered = registration.register(
        session,
        submission_of(session, batch, form, user_id=user_id, actor=actor, now=now),
        scope=f"lwk:{batch.public_id}",
        key=str(form.form_no),
        lender=lender,
        now=now,
    )
    ticket_id = session.scalars(select(Ticket.id).where(Ticket.number == registered.number)).one()
    session.add(
        LwkForm(
            batch_id=batch.id, form_no=form.form_no, ticket_id=ticket_id, amount=form.amount, created_at=now
        )
    )
    session.flush()
    return registered.number


def has_form(session: Session, batch: LwkBatch, form_no: int) -> bool:
    """Whether a form of that number is in the batch, as a ticket or sealed."""
    entered = select(LwkForm.id).where(LwkForm.batch_id == batch.id, LwkForm.form_no == form_no)
    return session.scalar(entered) is not None


def submission_of(
    session: Session, batch: LwkBatch, form: PaperForm, *, user_id: int, actor: str, now: datetime
) -> Submission:
    """Return the form as any complaint that comes in whole."""
    unit = session.get_one(OrgUnit, batch.unit_id)
    return Submission(
        channel=ChannelCode.LWK,
        person=Person(
            name=form.name or None,
            phone=normalise_phone(form.phone) or form.phone or None,
            mitra_id=form.mitra_id or None,
            majelis=form.majelis or None,
            unit_id=batch.unit_id,
        ),
        text=form.text,
        menu_choice=form.menu_choice,
        received_at=received_at(batch.received_on, ZoneInfo(unit.zone), now=now),
        occurred_on=form.occurred_on,
        amount=form.amount,
        registered_by_id=user_id,
        actor=actor,
        form_facts={"batch": batch.public_id, "form_no": str(form.form_no)},
    )


def check_open(batch: LwkBatch) -> None:
    """Raise Conflict for a batch that was closed: its totals stand. To be asked with the batch locked."""
    if batch.closed_at is not None:
        raise Conflict("the batch is closed", code="closed")


def seal_form(session: Session, batch_id: str, form_no: int, *, actor: str, now: datetime) -> None:
    """Note that a form about staff went to head office unread: only its number is kept.

    Raises Conflict (`closed`). Doing it twice changes nothing.
    """
    batch = batch_by_public_id(session, batch_id)
    if has_form(session, batch, form_no):
        return
    check_open(batch)
    session.add(LwkForm(batch_id=batch.id, form_no=form_no, is_sealed=True, created_at=now))
    session.flush()
    audit(session, "lwk_form_sealed", actor=actor, at=now, data={"batch": batch_id, "form": form_no})


def close_batch(
    session: Session,
    batch_id: str,
    *,
    reason: str = "",
    user_id: int | None = None,
    point_id: int | None = None,
    actor: str,
    now: datetime,
) -> None:
    """Close a batch whose count and money match its slip, or with a written reason. Raises Conflict (`closed`).

    `user_id` and `point_id` say who closes: the money of forms that are kept from her is not part of her sum,
    or what is asked of her would tell that there are such forms.
    """
    batch = batch_by_public_id(session, batch_id)
    check_open(batch)
    hidden = ticket_is_barred(user_id=user_id, point_id=point_id)
    count, total = session.execute(
        select(func.count(LwkForm.id), func.coalesce(func.sum(case((hidden, 0), else_=LwkForm.amount)), 0))
        .outerjoin(Ticket, Ticket.id == LwkForm.ticket_id)
        .where(LwkForm.batch_id == batch.id)
    ).one()
    amount = int(total or 0)
    is_balanced = count == batch.form_count and amount == batch.amount_total
    if not is_balanced and not reason.strip():
        raise InvalidInput(
            "the totals differ from the slip: a reason is required", field="reason", code="totals_differ"
        )
    batch.closed_at, batch.close_reason = now, redact(reason).text.strip() or None
    audit(
        session,
        "lwk_batch_closed",
        actor=actor,
        at=now,
        data={"batch": batch_id, "forms": count, "amount": amount, "balanced": is_balanced},
    )


def batch_by_public_id(session: Session, public_id: str) -> LwkBatch:
    """Raises NotFound. Locked: forms of one batch are counted one by one."""
    query = select(LwkBatch).where(LwkBatch.public_id == public_id).with_for_update(key_share=True)
    batch = session.scalar(query)
    if batch is None:
        raise NotFound(f"no batch {public_id}")
    return batch


def received_at(day: date, zone: ZoneInfo, *, now: datetime) -> datetime:
    """Return the instant from which the clocks of paper handed in on `day` run: noon there, never after now."""
    noon = datetime.combine(day, time(12), zone)
    return min(noon, now) if now - noon < timedelta(days=3650) else noon
