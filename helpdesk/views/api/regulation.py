"""For staff systems: the regulator's time limits of a ticket, under the same rules as on its page."""

from datetime import datetime

from flask import Response
from sqlalchemy.orm import Session

from helpdesk.domain.complaints import read_late_reason
from helpdesk.queries.ticket import TicketView
from helpdesk.services import documents, extensions
from helpdesk.services.extensions import ExtensionDraft
from helpdesk.views.access import runtime
from helpdesk.views.api.actions import REFUSALS, change
from helpdesk.views.api.auth import caller, for_scope
from helpdesk.views.api.base import TICKETS, bp
from helpdesk.views.api.full_views import TicketState
from helpdesk.views.api.idempotent import RepeatHeader
from helpdesk.views.api.inputs import NumberPath
from helpdesk.views.api.regulation_inputs import (
    Conversion,
    DocumentRequest,
    DocumentsComplete,
    FormChange,
    MoreTime,
    NewExtension,
    Refusal,
)

ANSWERS = {200: TicketState, **REFUSALS}


@bp.post("/tickets/<number>/form", tags=[TICKETS], summary="Correct the form", responses=ANSWERS)
@for_scope("staff")
def change_ticket_form(path: NumberPath, header: RepeatHeader, body: FormChange) -> Response:
    """Sets lisan or tertulis by hand. Clocks go on from the same start with the targets of that form."""
    actor = caller().actor

    def act(session: Session, found: TicketView, now: datetime) -> None:
        documents.change_form(session, found.id, body.form, reason=body.reason, actor=actor, now=now)

    return change(path, header, body, act)


@bp.post("/tickets/<number>/conversion", tags=[TICKETS], summary="Ask for it in writing", responses=ANSWERS)
@for_scope("staff")
def convert_ticket(path: NumberPath, header: RepeatHeader, body: Conversion) -> Response:
    """Asks the contact of a verbal complaint to file it in writing with documents (POJK 22/2023 Ps. 74)."""
    viewer, lender = caller(), runtime().lender

    def act(session: Session, found: TicketView, now: datetime) -> None:
        documents.convert(
            session,
            found.id,
            body.items,
            note=body.note,
            reason=body.reason,
            author_id=viewer.user_id,
            actor=viewer.actor,
            lender=lender,
            now=now,
        )

    return change(path, header, body, act)


@bp.post("/tickets/<number>/documents", tags=[TICKETS], summary="Ask for documents", responses=ANSWERS)
@for_scope("staff")
def request_ticket_documents(path: NumberPath, header: RepeatHeader, body: DocumentRequest) -> Response:
    """Tells the contact what is missing and until when; the regulatory clock ends, the ticket waits (Ps. 71)."""
    viewer, lender = caller(), runtime().lender

    def act(session: Session, found: TicketView, now: datetime) -> None:
        documents.request(
            session,
            found.id,
            body.items,
            note=body.note,
            author_id=viewer.user_id,
            actor=viewer.actor,
            lender=lender,
            now=now,
        )

    return change(path, header, body, act)


@bp.post(
    "/tickets/<number>/documents/complete", tags=[TICKETS], summary="Documents complete", responses=ANSWERS
)
@for_scope("staff")
def complete_ticket_documents(path: NumberPath, header: RepeatHeader, body: DocumentsComplete) -> Response:
    """All is there: a regulatory clock begins, today is day 0 (Ps. 75(1))."""
    actor = caller().actor

    def act(session: Session, found: TicketView, now: datetime) -> None:
        documents.complete(session, found.id, actor=actor, now=now)

    return change(path, header, body, act)


@bp.post(
    "/tickets/<number>/documents/extension",
    tags=[TICKETS],
    summary="More time for documents",
    responses=ANSWERS,
)
@for_scope("staff")
def extend_ticket_documents(path: NumberPath, header: RepeatHeader, body: MoreTime) -> Response:
    """Gives the contact ten working days more, once, and tells her; refused (409) after her time (Ps. 71(6)-(8))."""
    actor, lender = caller().actor, runtime().lender

    def act(session: Session, found: TicketView, now: datetime) -> None:
        documents.extend(
            session, found.id, ground=body.ground, reason=body.reason, actor=actor, lender=lender, now=now
        )

    return change(path, header, body, act)


@bp.post(
    "/tickets/<number>/documents/refusal",
    tags=[TICKETS],
    summary="Deem it withdrawn",
    responses=ANSWERS,
)
@for_scope("staff")
def refuse_incomplete_ticket(path: NumberPath, header: RepeatHeader, body: Refusal) -> Response:
    """Closes what she never completed and tells her why; refused (409) while she has time (Ps. 76(1)a)."""
    actor, lender = caller().actor, runtime().lender
    late_code, late_reason = read_late_reason(body.late_reason, body.late_note)

    def act(session: Session, found: TicketView, now: datetime) -> None:
        documents.refuse_incomplete(
            session,
            found.id,
            late_code=late_code,
            late_reason=late_reason,
            actor=actor,
            lender=lender,
            now=now,
        )

    return change(path, header, body, act)


@bp.post("/tickets/<number>/extension", tags=[TICKETS], summary="Extend the time", responses=ANSWERS)
@for_scope("staff")
def extend_ticket(path: NumberPath, header: RepeatHeader, body: NewExtension) -> Response:
    """Extends the regulatory clock and sends the notice with it; refused (409) once it is due (Ps. 75(2)-(7))."""
    actor, lender = caller().actor, runtime().lender
    draft = ExtensionDraft(body.ground or "", body.reason, body.party)

    def act(session: Session, found: TicketView, now: datetime) -> None:
        extensions.extend(session, found.id, draft, actor=actor, lender=lender, now=now)

    return change(path, header, body, act)
