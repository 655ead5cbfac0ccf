"""What may be done now with the regulator's time of a ticket, and why not: one rule for services and pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from helpdesk.domain.lifecycle import TicketKind
from helpdesk.sla.policy import Form
from helpdesk.sla.regulation import HANDLING, PARTY, rule


class Refusal(StrEnum):
    """Why a step is not allowed."""

    NOT_COMPLAINT = "not_complaint"
    FINISHED = "finished"
    OTHER_LAW = "other_law"  # its clock runs in hours, by another law
    FORM_SAME = "form_same"
    FORM_FIXED = "form_fixed"  # documents or more time were asked for under it
    NOT_VERBAL = "not_verbal"
    NOT_WRITTEN = "not_written"
    TIME_IS_UP = "time_is_up"
    DOCUMENTS_ASKED = "documents_asked"
    DOCUMENTS_COMPLETE = "documents_complete"
    NO_DOCUMENTS_ASKED = "no_documents_asked"
    EXTENDED_ALREADY = "extended_already"
    NOT_EXTENDED_YET = "not_extended_yet"
    TIME_LEFT = "time_left"


BECAUSE: Mapping[Refusal, str] = MappingProxyType(
    {
        Refusal.NOT_COMPLAINT: "only a complaint falls under this rule",
        Refusal.FINISHED: "the ticket is answered: reopen it first",
        Refusal.OTHER_LAW: "its time runs in hours under the law on personal data",
        Refusal.FORM_SAME: "it has that form already",
        Refusal.FORM_FIXED: "documents or more time were asked for under this form",
        Refusal.NOT_VERBAL: "only a verbal complaint is converted (Ps. 74)",
        Refusal.NOT_WRITTEN: "only for a written complaint; a verbal one is converted first (Ps. 74)",
        Refusal.TIME_IS_UP: "the time is up: it had to be told before it ended",
        Refusal.DOCUMENTS_ASKED: "the contact is completing her documents: no time of ours runs",
        Refusal.DOCUMENTS_COMPLETE: "the documents were complete: they are not asked for again",
        Refusal.NO_DOCUMENTS_ASKED: "no documents were asked for",
        Refusal.EXTENDED_ALREADY: "it was extended already, and may be only once",
        Refusal.NOT_EXTENDED_YET: "only after the extension of Ps. 75(2)",
        Refusal.TIME_LEFT: "her time is not over yet",
    }
)
"""For programs and logs; the screens have words of their own."""


class Step(StrEnum):
    """What a person may do."""

    CHANGE_FORM = "change_form"
    CONVERT = "convert"
    REQUEST_DOCUMENTS = "request_documents"
    COMPLETE_DOCUMENTS = "complete_documents"
    EXTEND_DOCUMENTS = "extend_documents"
    REFUSE_INCOMPLETE = "refuse_incomplete"
    EXTEND = "extend"
    EXTEND_FOR_PARTY = "extend_for_party"


@dataclass(frozen=True, slots=True)
class DocumentPeriod:
    """The time in which she completes her documents, still open."""

    due_at: datetime
    is_extended: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A ticket before the regulator."""

    kind: TicketKind
    form: Form
    is_active: bool
    is_day_based: bool
    """False where another law's hours hold (UU PDP)."""
    due_at: datetime | None
    """Of the live clock; None while there is none."""
    extensions: tuple[str, ...]
    """Rules under which the live clock was extended."""
    documents: DocumentPeriod | None
    were_documents_completed: bool
    """The live clock began when they were."""


def why_not(step: Step, standing: Standing, *, now: datetime) -> Refusal | None:
    """Return why the step is refused at `now`, or None where it is allowed."""
    return _common(step, standing) or _RULES[step](standing, now)


def _common(step: Step, standing: Standing) -> Refusal | None:
    if standing.kind is not TicketKind.COMPLAINT:
        return Refusal.NOT_COMPLAINT
    if not standing.is_active:
        return Refusal.FINISHED
    is_bound = standing.is_day_based or step is Step.COMPLETE_DOCUMENTS  # asked for before the law changed
    return None if is_bound else Refusal.OTHER_LAW


def _change_form(standing: Standing, _now: datetime) -> Refusal | None:
    is_fixed = standing.documents or standing.extensions or standing.were_documents_completed
    return Refusal.FORM_FIXED if is_fixed else None


def _convert(standing: Standing, now: datetime) -> Refusal | None:
    """Ps. 74: supporting documents are needed, and five days cannot be kept."""
    if standing.form is not Form.LISAN:
        return Refusal.NOT_VERBAL
    return _while_it_runs(standing, now)


def _request(standing: Standing, now: datetime) -> Refusal | None:
    """Ps. 71: once, before the time of handling has begun by complete documents, and while there is time."""
    if standing.form is not Form.TERTULIS:
        return Refusal.NOT_WRITTEN
    if standing.documents is not None:
        return Refusal.DOCUMENTS_ASKED
    if standing.were_documents_completed:
        return Refusal.DOCUMENTS_COMPLETE
    return Refusal.EXTENDED_ALREADY if standing.extensions else _while_it_runs(standing, now)


def _complete(standing: Standing, _now: datetime) -> Refusal | None:
    return Refusal.NO_DOCUMENTS_ASKED if standing.documents is None else None


def _extend_documents(standing: Standing, now: datetime) -> Refusal | None:
    """Ps. 71(8): told before the period ends."""
    if standing.documents is None:
        return Refusal.NO_DOCUMENTS_ASKED
    if standing.documents.is_extended:
        return Refusal.EXTENDED_ALREADY
    return Refusal.TIME_IS_UP if now >= standing.documents.due_at else None


def _refuse_incomplete(standing: Standing, now: datetime) -> Refusal | None:
    """Ps. 76(1)a: only once her time is over."""
    if standing.documents is None:
        return Refusal.NO_DOCUMENTS_ASKED
    return Refusal.TIME_LEFT if now < standing.documents.due_at else None


def _extend(standing: Standing, now: datetime) -> Refusal | None:
    """Ps. 75(2)-(4): only written, as often as the rule says, told before the time ends."""
    if standing.form is not Form.TERTULIS:
        return Refusal.NOT_WRITTEN
    if _is_used_up(standing, HANDLING):
        return Refusal.EXTENDED_ALREADY
    return _while_it_runs(standing, now)


def _extend_for_party(standing: Standing, now: datetime) -> Refusal | None:
    """Ps. 75(5)-(7): beyond the first extension."""
    if standing.form is not Form.TERTULIS:
        return Refusal.NOT_WRITTEN
    if HANDLING not in standing.extensions:
        return Refusal.NOT_EXTENDED_YET
    if _is_used_up(standing, PARTY):
        return Refusal.EXTENDED_ALREADY
    return _while_it_runs(standing, now)


def _is_used_up(standing: Standing, code: str) -> bool:
    extension = rule(code).extension
    return extension is None or standing.extensions.count(code) >= extension.times


def _while_it_runs(standing: Standing, now: datetime) -> Refusal | None:
    if standing.documents is not None:
        return Refusal.DOCUMENTS_ASKED
    return Refusal.TIME_IS_UP if standing.due_at is None or now >= standing.due_at else None


_RULES: dict[Step, Callable[[Standing, datetime], Refusal | None]] = {
    Step.CHANGE_FORM: _change_form,
    Step.CONVERT: _convert,
    Step.REQUEST_DOCUMENTS: _request,
    Step.COMPLETE_DOCUMENTS: _complete,
    Step.EXTEND_DOCUMENTS: _extend_documents,
    Step.REFUSE_INCOMPLETE: _refuse_incomplete,
    Step.EXTEND: _extend,
    Step.EXTEND_FOR_PARTY: _extend_for_party,
}
