"""Paper forms: a batch with its slip, one ticket per form, the true date of receipt kept."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.domain.lender import Lender
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.phones import normalise_phone
from helpdesk.models.paper import LwkBatch, LwkForm
from helpdesk.models.people import OrgUnit
from helpdesk.models.tickets import Ticket
from helpdesk.services import registration, talks, triage
from helpdesk.services.contacts import Person
from helpdesk.services.registration import Submission
from helpdesk.services.talks import Told
from helpdesk.services.trail import audit, lock_ticket, record

FIELDS = ("mitra", "choice", "occurred_on", "amount", "signature", "text")
"""What may be unreadable on a form."""
UNREADABLE_STORY = "[tulisan tidak terbaca]"
"""Stands in the place of a story that nobody could read, until the Mitra has told it again."""


@dataclass(frozen=True, slots=True)
class PaperForm:
    """One form as it was keyed, in the order of the paper."""

    form_no: int
    name: str
    phone: str
    mitra_id: str
    majelis: str
    menu_choice: int | None
    occurred_on: date | None
    amount: int | None
    text: str
    contact_id: int | None = None
    """The Mitra, where she was picked from a list."""
    has_signature: bool | None = None
    unreadable: tuple[str, ...] = ()
    same_as: str | None = None
    """Number of the complaint that it repeats, as a person decided: it is added there."""


def open_batch(
    session: Session,
    *,
    unit_id: int,
    received_on: date,
    form_count: int,
    amount_total: int,
    number_total: int | None = None,
    officer_id: int | None = None,
    pack_id: int | None = None,
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
        officer_id=officer_id,
        pack_id=pack_id,
        form_count=form_count,
        amount_total=amount_total,
        number_total=number_total,
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
    submission: Submission,
    *,
    into: LwkForm | None = None,
    lender: Lender,
    now: datetime,
) -> str:
    """Make a form a ticket, or add it to the one that it repeats, and return the number.

    `into`: the row of a sealed form, which keeps its place in the batch.
    """
    if form.same_as is not None:
        number = form.same_as
        text = submission.text or f"Form LWK {form.form_no}"
        registration.add_to(
            session,
            number,
            text,
            channel=ChannelCode.LWK,
            facts=submission.form_facts,
            actor=submission.actor,
            received_at=submission.received_at,
            now=now,
        )
    else:
        scope, key = f"lwk:{batch.public_id}", str(form.form_no)
        number = registration.register(
            session, submission, scope=scope, key=key, lender=lender, now=now
        ).number
    ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
    if registration.is_about_staff(submission):  # also where the complaint that it repeats was not
        triage.bar_staff(session, ticket, now=now)
    row = into or LwkForm(batch_id=batch.id, form_no=form.form_no, created_at=now)
    row.ticket_id = ticket.id
    row.amount, row.has_signature = form.amount, form.has_signature
    row.is_repeat = form.same_as is not None
    row.unreadable = list(form.unreadable)
    row.entered_by_id = submission.registered_by_id
    session.add(row)
    session.flush()
    return number


def form_of(session: Session, batch: LwkBatch, form_no: int) -> LwkForm | None:
    """Return the form of that number, entered or sealed, or None."""
    return session.scalar(select(LwkForm).where(LwkForm.batch_id == batch.id, LwkForm.form_no == form_no))


def is_entered_elsewhere(session: Session, batch: LwkBatch, form_no: int) -> bool:
    """Whether a form of that number and printed pack came back in another batch: each exists once."""
    if batch.pack_id is None:
        return False
    found = (
        select(LwkForm.id)
        .join(LwkBatch, LwkBatch.id == LwkForm.batch_id)
        .where(LwkBatch.pack_id == batch.pack_id, LwkBatch.id != batch.id, LwkForm.form_no == form_no)
    )
    return session.scalars(found.limit(1)).first() is not None


def submission_of(
    session: Session,
    batch: LwkBatch,
    form: PaperForm,
    *,
    user_id: int,
    actor: str,
    is_from_envelope: bool = False,
    now: datetime,
) -> Submission:
    """Return the form as any complaint that comes in whole."""
    unit = session.get_one(OrgUnit, batch.unit_id)
    facts = {"batch": batch.public_id, "form_no": str(form.form_no)}
    if form.unreadable:
        facts["unreadable"] = ", ".join(form.unreadable)
    return Submission(
        channel=ChannelCode.LWK,
        person=Person(
            name=form.name or None,
            phone=normalise_phone(form.phone) or form.phone or None,
            mitra_id=form.mitra_id or None,
            majelis=form.majelis or None,
            unit_id=batch.unit_id,
            contact_id=form.contact_id,
        ),
        text=UNREADABLE_STORY if "text" in form.unreadable else form.text,
        menu_choice=form.menu_choice,
        received_at=received_at(batch.received_on, ZoneInfo(unit.zone), now=now),
        occurred_on=form.occurred_on,
        amount=form.amount,
        registered_by_id=user_id,
        actor=actor,
        form_facts=facts,
        is_from_envelope=is_from_envelope,
    )


def check_open(batch: LwkBatch) -> None:
    """Raise Conflict for a batch that was closed: its totals stand. To be asked with the batch locked."""
    if batch.closed_at is not None:
        raise Conflict("the batch is closed", code="closed")


def seal_form(
    session: Session, batch_id: str, form_no: int, *, user_id: int | None = None, actor: str, now: datetime
) -> None:
    """Note that a form about staff went to head office unread: only its number is kept.

    Raises Conflict (`closed`). Doing it twice changes nothing.
    """
    batch = batch_by_public_id(session, batch_id)
    if form_of(session, batch, form_no) is not None:
        return
    check_open(batch)
    session.add(
        LwkForm(batch_id=batch.id, form_no=form_no, is_sealed=True, entered_by_id=user_id, created_at=now)
    )
    session.flush()
    audit(session, "lwk_form_sealed", actor=actor, at=now, data={"batch": batch_id, "form_no": form_no})


def note_arrival(session: Session, batch_id: str, form_no: int, *, actor: str, now: datetime) -> None:
    """Keep when head office got the envelope. Doing it twice keeps the first time."""
    batch = batch_by_public_id(session, batch_id)
    form = form_of(session, batch, form_no)
    if form is None or not form.is_sealed:
        raise NotFound(f"form {form_no} is not sealed")
    if form.arrived_at is None:
        form.arrived_at = now
        audit(
            session, "lwk_envelope_arrived", actor=actor, at=now, data={"batch": batch_id, "form_no": form_no}
        )


def correct_form(
    session: Session,
    batch: LwkBatch,
    form: LwkForm,
    *,
    amount: int | None,
    occurred_on: date | None,
    user_id: int | None = None,
    actor: str,
    now: datetime,
) -> None:
    """Put right what was mistyped: amount and day, on the form and on the ticket that it became.

    `user_id`: whose reading the amount is from now on; None where the readings of two are settled.
    """
    check_open(batch)
    if form.ticket_id is None:
        raise NotFound(f"form {form.form_no} is sealed")
    ticket = lock_ticket(session, form.ticket_id)
    day = occurred_on if not form.is_repeat else ticket.occurred_on
    before = {"amount": form.amount, "on": ticket.occurred_on.isoformat() if ticket.occurred_on else None}
    after = {"amount": amount, "on": day.isoformat() if day else None}
    if before == after:
        return
    _set_amount(form, amount, user_id=user_id)
    if not form.is_repeat:
        ticket.amount, ticket.occurred_on = amount, day
    data = {"from": before, "to": after, "form_no": form.form_no}
    record(session, ticket, "lwk_form_corrected", actor=actor, at=now, data=data)
    triage.weigh_again(session, ticket, triage.story(session, ticket), now=now)  # more money may be graver


def complete_form(
    session: Session,
    batch_id: str,
    form_no: int,
    said: str,
    *,
    amount: int | None = None,
    occurred_on: date | None = None,
    user_id: int | None = None,
    actor: str,
    now: datetime,
) -> None:
    """Keep what the Mitra said when she was called about what nobody could read; the form is held no longer.

    Her words join the ticket as hers. Raises Conflict (`not_held`) and InvalidInput for no words.
    """
    batch = batch_by_public_id(session, batch_id)
    form = form_of(session, batch, form_no)
    if form is None or form.ticket_id is None or not form.unreadable or form.completed_at is not None:
        raise Conflict(f"form {form_no} is not held", code="not_held")
    if not said.strip():
        raise InvalidInput("her words are required", field="said", code="required")
    ticket = lock_ticket(session, form.ticket_id)
    message = registration.add_to(
        session, ticket.number, said, channel=ChannelCode.PHONE, actor=actor, now=now
    )
    talks.begin(session, message, Told(), user_id=user_id)
    if amount is not None:
        _set_amount(form, amount, user_id=user_id)
        ticket.amount = ticket.amount or amount
    ticket.occurred_on = ticket.occurred_on or occurred_on
    form.completed_at = now
    data = {"batch": batch_id, "form_no": form_no, "fields": list(form.unreadable)}
    record(session, ticket, "lwk_form_completed", actor=actor, at=now, data=data)


def _set_amount(form: LwkForm, amount: int | None, *, user_id: int | None) -> None:
    """Keep whose reading the first amount is: she may not be the second reader too, now or earlier."""
    if form.amount == amount:
        return
    form.amount, form.settled_at = amount, None
    if user_id is not None:
        form.entered_by_id = user_id
        if form.second_by_id == user_id:
            form.second_amount = form.second_by_id = form.second_at = None


def batch_by_public_id(session: Session, public_id: str) -> LwkBatch:
    """Raises NotFound. Locked: forms of one batch are counted one by one."""
    query = (
        select(LwkBatch)
        .where(LwkBatch.public_id == public_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    batch = session.scalar(query)
    if batch is None:
        raise NotFound(f"no batch {public_id}")
    return batch


def received_at(day: date, zone: ZoneInfo, *, now: datetime) -> datetime:
    """Return the instant from which the clocks of paper handed in on `day` run: noon there, never after now."""
    noon = datetime.combine(day, time(12), zone)
    return min(noon, now) if now - noon < timedelta(days=3650) else noon
