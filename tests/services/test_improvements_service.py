"""Product findings and their tickets: linked in one go, without holding up the rest of the house."""

from datetime import timedelta
from typing import Any

import pytest
from factories import NOW, make_ladder, make_ticket, make_user
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from statements import Statements, counted

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.numbers import new_number
from helpdesk.models.complaints import Improvement, ImprovementTicket
from helpdesk.models.people import Role
from helpdesk.models.tickets import TicketEvent
from helpdesk.queries import audit_check
from helpdesk.services import improvements

SPAN: dict[str, Any] = {"since": NOW, "until": NOW + timedelta(days=1)}
CATEGORY = "BYR-POST"


def opened(session: Session, **more: Any) -> tuple[Improvement, int]:
    owner = make_user(session, Role.PRODUCT)
    wanted: dict[str, Any] = {"category": CATEGORY, "due_on": None, "actor": "user:x", "now": NOW} | more
    return improvements.create(session, title="VA ganda", finding="", owner_id=owner.id, **wanted)


def opened_with(session: Session, count: int) -> Statements:
    """Open a finding of `count` new tickets and return what was said to the database."""
    start = NOW + timedelta(days=count)
    for _ in range(count):
        make_ticket(session, category_code=CATEGORY, received_at=start)
    with counted(session) as seen:
        _row, linked = opened(session, since=start, until=start + timedelta(hours=1))
    assert linked == count
    return seen


def test_the_complaints_of_the_category_in_the_span_are_linked_and_told_in_their_trail(
    session: Session,
) -> None:
    inside = [make_ticket(session, category_code=CATEGORY) for _ in range(3)]
    make_ticket(session, category_code=CATEGORY, received_at=NOW + timedelta(days=1))
    make_ticket(session)
    row, count = opened(session, **SPAN)
    linked = select(ImprovementTicket.ticket_id).where(ImprovementTicket.improvement_id == row.id)
    assert set(session.scalars(linked)) == {ticket.id for ticket in inside}
    assert count == 3
    told = select(func.count()).where(TicketEvent.kind == "improvement_linked")
    assert session.scalar(told) == 3
    assert audit_check.verify(session) is None


def test_all_are_linked_and_the_number_told_leaves_out_what_is_kept_from_her(session: Session) -> None:
    _, _, point = make_ladder(session)
    make_ticket(session, category_code=CATEGORY)
    make_ticket(session, unit=point, category_code=CATEGORY, is_about_staff=True)
    row, count = opened(session, point_id=point.id, **SPAN)
    linked = select(func.count()).where(ImprovementTicket.improvement_id == row.id)
    assert (count, session.scalar(linked)) == (1, 2)


def test_without_a_span_nothing_is_linked(session: Session) -> None:
    make_ticket(session, category_code=CATEGORY)
    assert opened(session)[1] == 0


def test_many_tickets_take_as_many_statements_as_few(session: Session) -> None:
    opened(session)  # the first entry of all begins the trail
    few, many = opened_with(session, 2), opened_with(session, 60)
    if (
        session.get_bind().dialect.name == "sqlite"
    ):  # its driver takes rows with ids one by one, without a network
        few, many = ([line for line in each if "INTO ticket_events" not in line] for each in (few, many))
    assert len(many) == len(few)


def test_the_trail_of_the_house_is_locked_after_the_tickets_and_last(session: Session) -> None:
    seen = opened_with(session, 3)
    tables = ("tickets", "audit_head", "audit_entries", "improvement_tickets", "ticket_events")
    touched = [next((name for name in tables if f" {name}" in line), "") for line in seen]
    first = touched.index("audit_head")
    assert max(at for at, name in enumerate(touched) if name not in ("audit_head", "audit_entries")) < first


def test_tickets_are_locked_in_the_order_of_their_ids(session: Session) -> None:
    for hours in (3, 1, 2):
        make_ticket(session, category_code=CATEGORY, received_at=NOW + timedelta(hours=hours))
    with counted(session) as seen:
        opened(session, **SPAN)
    wanted = "FOR NO KEY UPDATE" if session.get_bind().dialect.name == "postgresql" else "ORDER BY tickets.id"
    (lock,) = [line for line in seen if line.startswith("SELECT tickets.") and "ORDER BY tickets.id" in line]
    assert wanted in lock


def test_one_ticket_is_linked_once(session: Session) -> None:
    row, _count = opened(session)
    number = new_number(lambda most: most // 2)
    ticket = make_ticket(session, number=number)
    assert improvements.link(session, row, number, actor="user:x", now=NOW)
    assert not improvements.link(session, row, number, actor="user:x", now=NOW)
    assert ticket.version == 1
    with pytest.raises(InvalidInput):
        improvements.link(session, row, "1", actor="user:x", now=NOW)
