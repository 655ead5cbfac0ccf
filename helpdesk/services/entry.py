"""What staff enter for a Mitra: complaints about their own point are stopped, and no sheet is lost."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain import conduct
from helpdesk.domain.errors import Conflict, Forbidden, InvalidInput
from helpdesk.domain.lender import Lender
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.names import speaks_of
from helpdesk.models.paper import LwkBatch, LwkForm
from helpdesk.models.tickets import Ticket
from helpdesk.services import idempotency, lwk, lwk_closing, lwk_scans, registration, talks
from helpdesk.services.follow_up import follow_up_code, give_code, needs_code
from helpdesk.services.idempotency import earlier_result, is_known, remember
from helpdesk.services.lwk import PaperForm
from helpdesk.services.registration import Submission
from helpdesk.services.talks import Told
from helpdesk.services.trail import audit


@dataclass(frozen=True, slots=True)
class Typist:
    """Who enters: `point_id` is the point they belong to, None for everybody above it."""

    user_id: int | None
    public_id: str
    actor: str
    point_id: int | None
    name: str = ""
    """A form that names her is not for her to read."""


def register_for_contact(
    session: Session, submission: Submission, *, typist: Typist, key: str, lender: Lender, now: datetime
) -> str:
    """Make the ticket and return its number. Raises Forbidden for what the typist may not read."""
    about_staff = registration.is_about_staff(submission)
    own_point = typist.point_id is not None and submission.person.unit_id in (typist.point_id, None)
    if typist.public_id in submission.subjects or (about_staff and own_point):
        raise Forbidden("this complaint is about staff: send it sealed to head office")
    registered = registration.register(
        session, submission, scope=f"staff:{typist.public_id}:intake", key=key, lender=lender, now=now
    )
    if submission.told.is_phone_shared and not registered.is_repeat:
        talks.share_phone(session, contact_of(session, registered.number))
    if not registered.is_repeat and needs_code(submission.person.phone):
        give_code(session, registered.number, follow_up_code(key))
    return registered.number


@dataclass(frozen=True, slots=True)
class Addition:
    """What a person tells of a complaint that she has already."""

    text: str
    channel: ChannelCode
    told: Told


def add_for_contact(
    session: Session, number: str, addition: Addition, *, typist: Typist, key: str, now: datetime
) -> str:
    """Add what she tells to her complaint and return the id of the message; the same `key` again adds nothing.

    Raises Forbidden for what the typist may not read, and Conflict (`closed`).
    """
    if typist.point_id is not None and conduct.is_about_staff(
        addition.text, category=None, menu_choice=None, has_subjects=False
    ):
        raise Forbidden("this complaint is about staff: send it sealed to head office")

    def add() -> dict[str, str]:
        message = registration.add_to(
            session, number, addition.text, channel=addition.channel, actor=typist.actor, now=now
        )
        talks.begin(session, message, addition.told, user_id=typist.user_id)
        if addition.told.is_phone_shared:
            talks.share_phone(session, contact_of(session, number))
        return {"talk": message.public_id}

    scope = f"staff:{typist.public_id}:add:{number}"
    return idempotency.once(session, scope, key, repr(addition), act=add, now=now)["talk"]


def contact_of(session: Session, number: str) -> int:
    """Return the id of the contact whose ticket this is."""
    return session.scalars(select(Ticket.contact_id).where(Ticket.number == number)).one()


def note_refused_entry(session: Session, *, actor: str, now: datetime) -> None:
    """Keep that an entry about staff was stopped, and nothing of what it said."""
    audit(session, "staff_complaint_stopped", actor=actor, at=now, data={"by": "intake"})


def enter_paper(
    session: Session,
    batch_id: str,
    form: PaperForm,
    *,
    typist: Typist,
    key: str,
    lender: Lender,
    now: datetime,
) -> str:
    """Enter one form of a batch and return its ticket number; the same `key` again returns the first one.

    Raises Conflict (`closed`) for a closed batch and (`form_no`) for a number that another of its forms has, and
    Forbidden when the form is about staff and the typist belongs to its point, or when it names the typist: only
    its number may then be kept (lwk.seal_form()). A sealed form whose envelope head office has is entered too.
    """
    batch = lwk.batch_by_public_id(session, batch_id)
    scope, content = _scope(batch_id), repr(form)
    earlier = earlier_result(session, scope, key, content)
    if earlier is not None:
        return earlier["number"]
    envelope = _envelope(session, batch, form, typist)
    if typist.user_id is None:
        raise InvalidInput("paper is entered by a person", code="no_person")
    submission = lwk.submission_of(
        session,
        batch,
        form,
        user_id=typist.user_id,
        actor=typist.actor,
        is_from_envelope=envelope is not None,
        now=now,
    )
    is_own_point = typist.point_id == batch.unit_id
    if (is_own_point and registration.is_about_staff(submission)) or speaks_of(form.text, typist.name):
        raise Forbidden("this form is about staff: send it sealed to head office")
    number = lwk.enter_form(session, batch, form, submission, into=envelope, lender=lender, now=now)
    remember(session, scope, key, content, result={"number": number}, now=now)
    lwk_scans.match(session, batch)
    lwk_closing.withdraw_request(session, batch, actor=typist.actor, now=now)
    return number


def seal_paper(session: Session, batch_id: str, form_no: int, *, typist: Typist, now: datetime) -> None:
    """Keep only the number of a form that the typist may not enter; it takes its place among forms and pages."""
    lwk.seal_form(session, batch_id, form_no, user_id=typist.user_id, actor=typist.actor, now=now)
    batch = lwk.batch_by_public_id(session, batch_id)
    lwk_scans.match(session, batch)
    lwk_closing.withdraw_request(session, batch, actor=typist.actor, now=now)


def has_entered(session: Session, batch_id: str, key: str) -> bool:
    """Whether the page with this key was saved: what it made is no earlier complaint that it could repeat."""
    return is_known(session, _scope(batch_id), key)


def _scope(batch_id: str) -> str:
    return f"lwk:{batch_id}:page"


def _envelope(session: Session, batch: LwkBatch, form: PaperForm, typist: Typist) -> LwkForm | None:
    """Return the row of a sealed form that has arrived; None for a form that is not in the batch yet."""
    row = lwk.form_of(session, batch, form.form_no)
    is_envelope = row is not None and row.is_sealed and row.arrived_at is not None and row.ticket_id is None
    if is_envelope and typist.point_id != batch.unit_id:
        return row
    lwk.check_open(batch)
    if row is not None:
        raise Conflict(f"form {form.form_no} is in the batch already", code="form_no")
    if lwk.is_entered_elsewhere(session, batch, form.form_no):
        raise Conflict(f"form {form.form_no} of the pack is in another batch", code="form_no_elsewhere")
    return None
