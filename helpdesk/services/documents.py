"""The documents of a written complaint: asked for, awaited, complete, or never sent (POJK 22/2023 Ps. 71, 74, 76)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, InvalidInput
from helpdesk.domain.lender import Lender
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import Purpose
from helpdesk.domain.privacy import redact
from helpdesk.domain.reasons import stated
from helpdesk.domain.wording import Language, promise_date, short_promise
from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Message
from helpdesk.models.regulation import COMPLETE, on_record, open_documents, standing_of
from helpdesk.models.sla import StatutoryPeriod
from helpdesk.models.tickets import Ticket
from helpdesk.services import complaints, periods, regulatory_clock, replies, sla, tickets
from helpdesk.services.trail import SYSTEM, lock_ticket, record
from helpdesk.sla.policy import Form, Metric
from helpdesk.sla.regulation import DOCUMENTS, Document, rule, shipped_regulation, words_of_documents
from helpdesk.sla.standing import BECAUSE, Step, why_not

MAX_NOTE = 200
REFUSED_INCOMPLETE = "a"
"""Ground of a refusal in POJK 22/2023 Ps. 76(1)."""
UNDELIVERED = "undelivered"

REQUEST_TEXT, CONVERSION_TEXT = "T09", "T09b"
REQUEST_TEXTS = (REQUEST_TEXT, CONVERSION_TEXT)
NOTICE_TEXTS = ("T09c", "T09d", "T10")
"""Texts by which the law has a contact told of something."""


def change_form(
    session: Session, ticket_id: int, form: Form, *, reason: str, actor: str, now: datetime
) -> None:
    """Correct the form that follows from the channel: the clocks count as for the right one from the same start."""
    reason = stated(redact(reason).text)
    ticket = lock_ticket(session, ticket_id)
    _check(session, ticket, Step.CHANGE_FORM, now=now)
    if ticket.form == form:
        raise Conflict(f"the form is {form} already", code="form_same")
    _set_form(session, ticket, form, reason=reason, actor=actor, now=now)
    sla.refit(session, ticket, now=now)
    tickets.touched_by_person(session, ticket, actor=actor, now=now)


def convert(
    session: Session,
    ticket_id: int,
    items: Sequence[str],
    *,
    note: str = "",
    reason: str,
    author_id: int | None,
    actor: str,
    lender: Lender,
    now: datetime,
) -> StatutoryPeriod:
    """Ask her to file a verbal complaint in writing, for documents are needed that five days cannot bring (Ps. 74)."""
    reason = stated(redact(reason).text)
    ticket = lock_ticket(session, ticket_id)
    _check(session, ticket, Step.CONVERT, now=now)
    wanted = _wanted(session, ticket, items)
    _set_form(session, ticket, Form.TERTULIS, reason=reason, actor=actor, now=now, converted="yes")
    period = _ask(
        session,
        ticket,
        wanted,
        note,
        CONVERSION_TEXT,
        author_id=author_id,
        actor=actor,
        lender=lender,
        now=now,
    )
    sla.refit(session, ticket, now=now)  # the service promises of a written complaint
    return period


def request(
    session: Session,
    ticket_id: int,
    items: Sequence[str],
    *,
    note: str = "",
    author_id: int | None,
    actor: str,
    lender: Lender,
    now: datetime,
) -> StatutoryPeriod:
    """Tell her what is missing and until when; the time of handling begins when it is complete (Ps. 71, 75(1))."""
    ticket = lock_ticket(session, ticket_id)
    _check(session, ticket, Step.REQUEST_DOCUMENTS, now=now)
    wanted = _wanted(session, ticket, items)
    return _ask(
        session, ticket, wanted, note, REQUEST_TEXT, author_id=author_id, actor=actor, lender=lender, now=now
    )


def complete(session: Session, ticket_id: int, *, actor: str, now: datetime) -> None:
    """A person says that all is there: today is day 0 of the time of handling."""
    ticket = lock_ticket(session, ticket_id)
    _check(session, ticket, Step.COMPLETE_DOCUMENTS, now=now)
    period = _open_period(session, ticket)
    periods.end(period, outcome=COMPLETE, at=now)
    session.flush()
    regulatory_clock.begin_with_documents(session, ticket, at=now)
    due_at = sla.promised(session, ticket).get(Metric.REGULATORY)
    data = {"period": DOCUMENTS} | (periods.due_facts(session, ticket, due_at) if due_at else {})
    record(session, ticket, "documents_complete", actor=actor, at=now, data=data)
    if ticket.status == TicketStatus.PENDING:
        tickets.set_status(session, ticket, TicketStatus.OPEN, actor=actor, now=now)
    tickets.touched_by_person(session, ticket, actor=actor, now=now)


def extend(
    session: Session,
    ticket_id: int,
    *,
    ground: str,
    reason: str,
    actor: str,
    lender: Lender,
    now: datetime,
) -> StatutoryPeriod:
    """Give her more time, and tell her so before the first is over (Ps. 71(6)-(8))."""
    reason = stated(redact(reason).text)
    ticket = lock_ticket(session, ticket_id)
    _check(session, ticket, Step.EXTEND_DOCUMENTS, now=now)
    period = _open_period(session, ticket)
    periods.lengthen(session, ticket, period, ground=ground, now=now)
    data = {"period": DOCUMENTS, "ground": ground, "reason": reason}
    data |= periods.due_facts(session, ticket, period.due_at)
    record(session, ticket, "period_extended", actor=actor, at=now, data=data)
    extension = rule(DOCUMENTS).extension
    said = extension.ground(ground) if extension else None
    is_english = ticket.language == Language.EN
    cause = "" if said is None else said.says_en if is_english else said.says_id
    values = dates(session, ticket, period.due_at) | {
        "hal": words_of_documents(period.subject, Language(ticket.language)),
        "sebab": cause,
    }
    replies.say_to(session, ticket, "T09c", purpose=Purpose.NOTICE, lender=lender, now=now, values=values)
    tickets.touched_by_person(session, ticket, actor=actor, now=now)
    return period


def refuse_incomplete(
    session: Session,
    ticket_id: int,
    *,
    late_code: str = "",
    late_reason: str = "",
    actor: str,
    lender: Lender,
    now: datetime,
) -> None:
    """A person decides that she is deemed to have withdrawn, for her time is over (Ps. 76(1)a); she is told why.

    As before every outcome of ours, a broken promise wants its late reason (InvalidInput).
    """
    ticket = lock_ticket(session, ticket_id)
    _check(session, ticket, Step.REFUSE_INCOMPLETE, now=now)
    period = _open_period(session, ticket)
    values = {"hal": words_of_documents(period.subject, Language(ticket.language))}
    replies.say_to(session, ticket, "T09d", purpose=Purpose.NOTICE, lender=lender, now=now, values=values)
    periods.end(period, outcome="withdrawn", at=now)
    data = {"period": DOCUMENTS, "ground": REFUSED_INCOMPLETE}
    record(session, ticket, "documents_refused", actor=actor, at=now, data=data)
    tickets.touched_by_person(session, ticket, actor=actor, now=now)
    complaints.deem_withdrawn(
        session, ticket, late_code=late_code, late_reason=late_reason, actor=actor, now=now
    )


def never_arrived(session: Session, ticket: Ticket, message: Message, *, now: datetime) -> None:
    """The request was lost on its way: nothing was asked, and the time of handling goes on from its old start.

    What another request asked stands.
    """
    period = open_documents(session, ticket.id)
    if period is None or period.message_id != message.id:
        return
    periods.end(period, outcome=UNDELIVERED, at=now)
    session.flush()
    data = {"period": DOCUMENTS, "outcome": UNDELIVERED}
    record(session, ticket, "period_ended", actor=SYSTEM, at=now, data=data)
    if _is_conversion(message):
        _set_form(session, ticket, Form.LISAN, reason="delivery_failed", actor=SYSTEM, now=now)
    regulatory_clock.go_on_without_documents(session, ticket, asked_at=period.started_at, now=now)
    sla.refit(session, ticket, now=now)


def arrived_after_all(
    session: Session, ticket: Ticket, message: Message, *, actor: str, reason: str, now: datetime
) -> None:
    """The request that was lost counts, from `message.counts_from`: her time runs, and that of handling does not.

    Only where it might have been made then: another request, complete documents or an answer came first.
    """
    asked_at = message.counts_from
    period = _lost_with(session, message)
    step = Step.CONVERT if _is_conversion(message) else Step.REQUEST_DOCUMENTS
    if period is None or why_not(step, standing_of(session, ticket), now=asked_at) is not None:
        return
    if step is Step.CONVERT:
        _set_form(session, ticket, Form.TERTULIS, reason=reason, actor=actor, now=now, converted="yes")
    periods.reopen(session, ticket, period, started_at=asked_at, now=now)
    regulatory_clock.end_for_documents(session, ticket, at=asked_at)
    items = period.subject.partition("\n")[0].split(",")
    data: dict[str, object] = {"period": DOCUMENTS, "items": items, "reason": reason}
    data |= periods.due_facts(session, ticket, period.due_at)
    record(session, ticket, "documents_requested", actor=actor, at=now, data=data)
    sla.refit(session, ticket, now=now)


def dates(session: Session, ticket: Ticket, due_at: datetime) -> dict[str, str]:
    """Return the new date as texts name it: in full by chat, short by SMS."""
    zone, language = replies.zone_of(session, ticket), Language(ticket.language)
    return {
        "tgl": promise_date(due_at, zone=zone, language=language),
        "tglp": short_promise(due_at, zone=zone, language=language),
    }


def _ask(
    session: Session,
    ticket: Ticket,
    wanted: Sequence[Document],
    note: str,
    text: str,
    *,
    author_id: int | None,
    actor: str,
    lender: Lender,
    now: datetime,
) -> StatutoryPeriod:
    note = " ".join(replies.checked_text(note).split()) if note.strip() else ""
    if len(note) > MAX_NOTE:
        raise InvalidInput(f"longer than {MAX_NOTE} characters", field="note", code="too_long")
    subject = ",".join(each.code for each in wanted) + (f"\n{note}" if note else "")
    period = periods.begin(session, ticket, DOCUMENTS, subject=subject, started_at=now, actor=actor)
    regulatory_clock.end_for_documents(session, ticket, at=now)
    data: dict[str, object] = {"period": DOCUMENTS, "items": [each.code for each in wanted]}
    data |= periods.due_facts(session, ticket, period.due_at)
    record(session, ticket, "documents_requested", actor=actor, at=now, data=data)
    values = dates(session, ticket, period.due_at) | {
        "nama": replies.first_name(session, ticket),
        "hal": words_of_documents(subject, Language(ticket.language)),
    }
    said = replies.text_for(session, ticket, text, lender=lender, now=now, values=values)
    message = replies.reply(
        session,
        ticket.id,
        said,
        author_id=author_id,
        actor=actor,
        seen_message_id=None,
        lender=lender,
        now=now,
        then_status=TicketStatus.PENDING,
        step=text,
    )
    period.message_id = message.id
    session.flush()
    return period


def _is_conversion(message: Message) -> bool:
    return (message.facts or {}).get("step") == CONVERSION_TEXT


def _lost_with(session: Session, message: Message) -> StatutoryPeriod | None:
    """Return the period that ended because this message never arrived."""
    return session.scalars(
        select(StatutoryPeriod).where(
            StatutoryPeriod.ticket_id == message.ticket_id,
            StatutoryPeriod.message_id == message.id,
            StatutoryPeriod.outcome == UNDELIVERED,
        )
    ).one_or_none()


def _wanted(session: Session, ticket: Ticket, items: Sequence[str]) -> list[Document]:
    known = {each.code: each for each in shipped_regulation().documents}
    for code in items:
        if code not in known:
            raise InvalidInput(f"no document {code!r} in the checklist", field="items", code="choice")
    had = on_record(session.get_one(Contact, ticket.contact_id))
    if had.intersection(items):
        raise InvalidInput("the lender's record has this already", field="items", code="on_record")
    wanted = [each for each in known.values() if each.code in items]
    if not wanted:
        raise InvalidInput("say what is missing", field="items", code="required")
    return wanted


def _set_form(
    session: Session, ticket: Ticket, form: Form, *, reason: str, actor: str, now: datetime, **more: str
) -> None:
    before, ticket.form, ticket.is_form_overridden = ticket.form, form, True
    data = {"from": {"form": before}, "to": {"form": form}, "reason": reason, **more}
    record(session, ticket, "form_changed", actor=actor, at=now, data=data)


def _open_period(session: Session, ticket: Ticket) -> StatutoryPeriod:
    period = open_documents(session, ticket.id)
    if period is None:
        raise Conflict("no documents were asked for", code="no_documents_asked")
    return period


def _check(session: Session, ticket: Ticket, step: Step, *, now: datetime) -> None:
    refusal = why_not(step, standing_of(session, ticket), now=now)
    if refusal is not None:
        raise Conflict(BECAUSE[refusal], code=refusal)
