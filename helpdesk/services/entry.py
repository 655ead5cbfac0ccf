"""What staff enter for a Mitra: complaints about their own point are stopped, and no sheet is lost."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from helpdesk.domain import taxonomy
from helpdesk.domain.errors import Conflict, Forbidden, InvalidInput
from helpdesk.domain.lender import Lender
from helpdesk.domain.triage import suggest
from helpdesk.services import lwk, registration
from helpdesk.services.follow_up import follow_up_code, give_code, needs_code
from helpdesk.services.idempotency import earlier_result, remember
from helpdesk.services.lwk import PaperForm
from helpdesk.services.registration import Submission
from helpdesk.services.trail import audit
from helpdesk.services.triage import SURE_ENOUGH, concerns_staff

STAFF_CHOICE = 3
"""Menu choice `Petugas`: such a form goes to head office in a sealed envelope (design.md W4)."""


@dataclass(frozen=True, slots=True)
class Typist:
    """Who enters: `point_id` is the point they belong to, None for everybody above it."""

    user_id: int | None
    public_id: str
    actor: str
    point_id: int | None


def is_about_staff(
    text: str, *, category: str | None, menu_choice: int | None, subjects: tuple[str, ...]
) -> bool:
    """Whether the complaint is about conduct: by its subjects, its category, or what its words say."""
    if subjects or concerns_staff(category):
        return True
    if category:
        return False
    sure = [code for code, score, _reasons in suggest(text) if score >= SURE_ENOUGH]
    return menu_choice == STAFF_CHOICE or bool(sure and taxonomy.category(sure[0]).is_conduct)


def register_for_contact(
    session: Session, submission: Submission, *, typist: Typist, key: str, lender: Lender, now: datetime
) -> str:
    """Make the ticket and return its number. Raises Forbidden for what the typist may not read."""
    category = taxonomy.category(submission.category).code if submission.category else None
    about_staff = is_about_staff(
        submission.text, category=category, menu_choice=submission.menu_choice, subjects=submission.subjects
    )
    own_point = typist.point_id is not None and submission.person.unit_id in (typist.point_id, None)
    if typist.public_id in submission.subjects or (about_staff and own_point):
        raise Forbidden("this complaint is about staff: send it sealed to head office")
    registered = registration.register(
        session, submission, scope=f"staff:{typist.public_id}:intake", key=key, lender=lender, now=now
    )
    if not registered.is_repeat and needs_code(submission.person.phone):
        give_code(session, registered.number, follow_up_code(key))
    return registered.number


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

    Raises Conflict (`form_no`) for a number that another form of the batch has, and Forbidden when the form is
    about staff and the typist belongs to its point: only its number may then be kept (lwk.seal_form()).
    """
    batch = lwk.batch_by_public_id(session, batch_id)
    scope, content = f"lwk:{batch_id}:page", repr(form)
    earlier = earlier_result(session, scope, key, content)
    if earlier is not None:
        return earlier["number"]
    if lwk.has_form(session, batch, form.form_no):
        raise Conflict(f"form {form.form_no} is in the batch already", code="form_no")
    is_of_point = typist.point_id is not None and typist.point_id == batch.unit_id
    if is_of_point and is_about_staff(form.text, category=None, menu_choice=form.menu_choice, subjects=()):
        raise Forbidden("this form is about staff: send it sealed to head office")
    if typist.user_id is None:
        raise InvalidInput("paper is entered by a person", code="no_person")
    number = lwk.enter_form(
        session, batch, form, user_id=typist.user_id, actor=typist.actor, lender=lender, now=now
    )
    remember(session, scope, key, content, result={"number": number}, now=now)
    return number
