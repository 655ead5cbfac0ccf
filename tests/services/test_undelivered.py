"""A person's reply that never arrived: what it undoes, and what stays as it is."""

from datetime import timedelta

import pytest
from answer_samples import fail
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, event_kinds, resolve, tell, ticket_of

from helpdesk.domain.complaints import Disposition, ResolutionDraft
from helpdesk.domain.messages import Purpose
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from helpdesk.services import complaints, sla

MINUTE = timedelta(minutes=1)


@pytest.fixture
def ticket(session: Session) -> Ticket:
    return ticket_of(session, tell(session, now=NOW))


def decision(session: Session, ticket: Ticket) -> Message:
    """The first answer of the ticket."""
    return session.scalars(
        select(Message)
        .where(Message.ticket_id == ticket.id, Message.purpose == Purpose.ANSWER)
        .order_by(Message.id)
        .limit(1)
    ).one()


def settle(session: Session, ticket: Ticket, how: str) -> None:
    """Bring the ticket to an end that its first answer does not carry alone."""
    if how == "duplicate":
        draft = ResolutionDraft(Disposition.DUPLICATE, None, (), "Sudah kami tangani di laporan lain, Ibu.")
        complaints.resolve(session, ticket.id, draft, author_id=None, actor="system", lender=LENDER, now=NOW)
        return
    resolve(session, ticket, now=NOW)
    if how == "accepted":
        complaints.accept(session, ticket, now=NOW + MINUTE)
    if how == "answered again":
        complaints.reject(session, ticket, now=NOW + MINUTE)
        resolve(session, ticket, now=NOW + 2 * MINUTE)
    if how == "silent":
        assert ticket.closes_at
        assert complaints.close_silent(session, ticket.id, now=ticket.closes_at)


@pytest.mark.parametrize("how", ["duplicate", "accepted", "answered again", "silent"])
def test_the_late_failure_of_an_answer_starts_nothing_in_a_finished_ticket(
    session: Session, ticket: Ticket, how: str
) -> None:
    settle(session, ticket, how)
    before = (ticket.status, ticket.resolved_at, ticket.closes_at, ticket.reopened_count)
    fail(session, decision(session, ticket), now=NOW + 3 * MINUTE)
    assert (ticket.status, ticket.resolved_at, ticket.closes_at, ticket.reopened_count) == before
    assert ticket.next_due_at is None
    assert sla.check_due(session, now=NOW + timedelta(days=60)) == []
    assert event_kinds(session, ticket.id).count("delivery_failed") == 1
