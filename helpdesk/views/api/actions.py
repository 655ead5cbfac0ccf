"""For staff systems: the actions of the ticket page, under the same rules, by the same services."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from flask import Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from helpdesk.domain.complaints import RedressOffer, ResolutionDraft, read_late_reason
from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.messages import ChannelCode, Direction
from helpdesk.queries.staff import assignee_id
from helpdesk.queries.ticket import TicketView, ticket_by_number, ticket_id_of, worked_on_number
from helpdesk.queries.visibility import Viewer
from helpdesk.services import complaints, replies, tickets
from helpdesk.views.access import runtime
from helpdesk.views.api.auth import caller, for_scope
from helpdesk.views.api.base import JSON, TICKETS, bp
from helpdesk.views.api.full_views import MessageAdded, TicketState, ticket_state
from helpdesk.views.api.idempotent import RepeatHeader, Result, once
from helpdesk.views.api.inputs import (
    Assignment,
    NewNote,
    NewReply,
    NewResolution,
    NumberPath,
    SeverityChange,
    StatusChange,
)
from helpdesk.views.api.problems import described
from helpdesk.views.api.tickets import assignee_emails

REFUSALS = described(
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)

Act = Callable[[Session, TicketView, datetime], None]


@bp.post(
    "/tickets/<number>/replies", tags=[TICKETS], summary="Reply", responses={201: MessageAdded, **REFUSALS}
)
@for_scope("staff")
def reply_to_ticket(path: NumberPath, header: RepeatHeader, body: NewReply) -> Response:
    """Queues words to the contact on the channel where she wrote; in the ticket that stands for a merged one."""
    viewer, lender = caller(), runtime().lender

    def act(session: Session, now: datetime) -> Result:
        number = worked_on_number(session, viewer, path.number)
        found = ticket_by_number(session, viewer, number, now=now)
        seen = _seen(found, body.seen_message_id)
        message = replies.reply(
            session,
            found.id,
            body.text,
            author_id=viewer.user_id,
            actor=viewer.actor,
            seen_message_id=seen,
            lender=lender,
            now=now,
        )
        ticket = _state(session, viewer, number, now)
        return _added(
            ticket, public_id=message.public_id, direction=message.direction, channel=message.channel
        )

    return _answer(once(header, body.model_dump_json(), act), HTTPStatus.CREATED)


@bp.post(
    "/tickets/<number>/notes", tags=[TICKETS], summary="Add a note", responses={201: MessageAdded, **REFUSALS}
)
@for_scope("staff")
def add_note_to_ticket(path: NumberPath, header: RepeatHeader, body: NewNote) -> Response:
    """Adds words that stay inside."""
    viewer = caller()

    def act(session: Session, now: datetime) -> Result:
        number = worked_on_number(session, viewer, path.number)
        ticket_id = ticket_id_of(session, viewer, number)
        note = tickets.add_note(
            session, ticket_id, body.text, author_id=viewer.user_id, actor=viewer.actor, now=now
        )
        ticket = _state(session, viewer, number, now)
        return _added(ticket, public_id=note.public_id, direction=note.direction, channel=note.channel)

    return _answer(once(header, body.model_dump_json(), act), HTTPStatus.CREATED)


@bp.post(
    "/tickets/<number>/assign", tags=[TICKETS], summary="Assign", responses={200: TicketState, **REFUSALS}
)
@for_scope("staff")
def assign_ticket(path: NumberPath, header: RepeatHeader, body: Assignment) -> Response:
    """Gives the ticket to a person, to a team, or back to the queue. Who is complained about is refused."""
    if not body.model_fields_set:
        raise InvalidInput("name an assignee or a team", field="assignee", code="required")
    actor = caller().actor

    def act(session: Session, found: TicketView, now: datetime) -> None:
        chosen = assignee_id(session, body.assignee) if body.assignee else None
        tickets.assign(session, found.id, assignee_id=chosen, team=body.team or None, actor=actor, now=now)

    return change(path, header, body, act)


@bp.post(
    "/tickets/<number>/status",
    tags=[TICKETS],
    summary="Change the status",
    responses={200: TicketState, **REFUSALS},
)
@for_scope("staff")
def change_ticket_status(path: NumberPath, header: RepeatHeader, body: StatusChange) -> Response:
    """Moves the status. `resolved` and `closed` are outcomes: see resolve (422)."""
    actor = caller().actor

    def act(session: Session, found: TicketView, now: datetime) -> None:
        tickets.change_status(session, found.id, body.status, reason=body.reason, actor=actor, now=now)

    return change(path, header, body, act)


@bp.post(
    "/tickets/<number>/severity",
    tags=[TICKETS],
    summary="Override the severity",
    responses={200: TicketState, **REFUSALS},
)
@for_scope("staff")
def change_ticket_severity(path: NumberPath, header: RepeatHeader, body: SeverityChange) -> Response:
    """Sets impact and urgency by hand. Clocks go on from the same start with the targets of the new level."""
    actor = caller().actor

    def act(session: Session, found: TicketView, now: datetime) -> None:
        tickets.override_severity(
            session,
            found.id,
            impact=body.impact,
            urgency=body.urgency,
            reason=body.reason,
            actor=actor,
            now=now,
        )

    return change(path, header, body, act)


@bp.post(
    "/tickets/<number>/resolve", tags=[TICKETS], summary="Resolve", responses={200: TicketState, **REFUSALS}
)
@for_scope("staff")
def resolve_ticket(path: NumberPath, header: RepeatHeader, body: NewResolution) -> Response:
    """Records the outcome and sends the answer; withdrawn and duplicate tickets close at once."""
    viewer, lender = caller(), runtime().lender

    def act(session: Session, found: TicketView, now: datetime) -> None:
        complaints.resolve(
            session,
            found.id,
            _draft(body),
            author_id=viewer.user_id,
            actor=viewer.actor,
            seen_message_id=_seen(found, body.seen_message_id),
            lender=lender,
            now=now,
        )

    return change(path, header, body, act)


def change(path: NumberPath, header: RepeatHeader, body: BaseModel, act: Act) -> Response:
    """Carry out `act` on the ticket and answer what it left behind."""
    viewer = caller()

    def act_and_look(session: Session, now: datetime) -> Result:
        act(session, ticket_by_number(session, viewer, path.number, now=now), now)
        return {"body": _state(session, viewer, path.number, now).model_dump_json()}

    return _answer(once(header, body.model_dump_json(exclude_unset=True), act_and_look), HTTPStatus.OK)


def _added(ticket: TicketState, *, public_id: str, direction: Direction, channel: ChannelCode) -> Result:
    added = MessageAdded(
        id=public_id, direction=direction, channel=channel, at=ticket.updated_at, ticket=ticket
    )
    return {"body": added.model_dump_json()}


def _state(session: Session, viewer: Viewer, number: str, now: datetime) -> TicketState:
    session.flush()
    found = ticket_by_number(session, viewer, number, now=now)
    return ticket_state(found, emails=assignee_emails(session, [found]))


def _answer(done: Result, status: HTTPStatus) -> Response:
    return Response(done["body"], status=status, content_type=JSON)


def _seen(found: TicketView, public_id: str | None) -> int | None:
    """Return the order of the message that the author names as read. Raises InvalidInput."""
    if public_id is None:
        return None
    for message in found.messages:
        if message.public_id == public_id.lower():
            return message.id
    raise InvalidInput("this ticket has no such message", field="seen_message_id", code="unknown_message")


def _draft(body: NewResolution) -> ResolutionDraft:
    late_code, late_reason = read_late_reason(body.late_reason, body.late_note)
    return ResolutionDraft(
        disposition=body.disposition,
        root_cause=body.root_cause.upper() if body.root_cause else None,
        redress=tuple(RedressOffer(each.kind, each.amount) for each in body.redress),
        answer=body.answer,
        summary=body.summary,
        late_code=late_code,
        late_reason=late_reason,
    )
