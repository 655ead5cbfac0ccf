"""For staff systems: find and read tickets."""

from collections.abc import Sequence
from http import HTTPStatus

from flask import Response
from sqlalchemy.orm import Session

from helpdesk.queries.filters import QueueFilter, View
from helpdesk.queries.queue import ticket_ids_page
from helpdesk.queries.staff import emails_of
from helpdesk.queries.ticket import TicketView, ticket_by_number, ticket_views
from helpdesk.views.access import runtime
from helpdesk.views.api.auth import caller, for_scope
from helpdesk.views.api.base import TICKETS, bp, json_of
from helpdesk.views.api.full_views import Emails, Ticket, TicketList, ticket_view
from helpdesk.views.api.inputs import NumberPath, TicketQuery
from helpdesk.views.api.problems import described


@bp.get("/tickets", tags=[TICKETS], summary="Find tickets", responses={200: TicketList})
@for_scope("staff")
def list_tickets(query: TicketQuery) -> Response:
    """Full views of the tickets that fit all parameters, newest first; with only open statuses or with
    `due_before` soonest deadline first."""
    rt, viewer, wanted = runtime(), caller(), _wanted(query)
    now = rt.now()

    def find(session: Session) -> TicketList:
        page = ticket_ids_page(session, viewer, wanted, now=now, after=query.cursor, limit=query.limit)
        found = ticket_views(session, viewer, page.items, now=now)
        emails = assignee_emails(session, found)
        return TicketList(
            items=[ticket_view(ticket, emails=emails) for ticket in found],
            next=page.next,
            note="q holds no word to look for" if wanted.is_unsearchable else None,
        )

    return json_of(rt.read(find))


@bp.get(
    "/tickets/<number>",
    tags=[TICKETS],
    summary="Read a ticket",
    responses={200: Ticket, **described(HTTPStatus.NOT_FOUND)},
)
@for_scope("staff")
def read_ticket(path: NumberPath) -> Response:
    """The full view: clocks, messages with notes, and the audit trail."""
    rt, viewer = runtime(), caller()
    now = rt.now()

    def find(session: Session) -> Ticket:
        found = ticket_by_number(session, viewer, path.number, now=now)
        return ticket_view(found, emails=assignee_emails(session, [found]))

    return json_of(rt.read(find))


def assignee_emails(session: Session, found: Sequence[TicketView]) -> Emails:
    """Return the e-mails of those who handle these tickets."""
    return emails_of(session, [ticket.assignee_id for ticket in found if ticket.assignee_id])


def _wanted(query: TicketQuery) -> QueueFilter:
    return QueueFilter(
        view=View.ALL,
        statuses=frozenset(query.status),
        severities=frozenset(query.severity),
        channels=frozenset(query.channel),
        team=query.team or None,
        q=query.q,
        created_after=query.created_after,
        due_before=query.due_before,
    )
