"""The main queries walk an index on both databases, also when there is much to walk."""

import re

import pytest
from factories import NOW, make_contact, make_ladder, make_message, make_team, make_ticket, make_user
from query_samples import DAY, HOUR, a_viewer, add_clock, add_words, viewer_of
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session
from statements import Statements, counted
from talk import tell, ticket_of

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.errors import NotFound
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import AttachmentRef, ChannelCode, Direction, MediaKind, Purpose
from helpdesk.models.messages import Attachment, OutboxItem
from helpdesk.models.people import Role, Team
from helpdesk.models.tickets import Ticket
from helpdesk.queries.contacts import find, lookup
from helpdesk.queries.filters import QueueFilter, View
from helpdesk.queries.improvements import improvement_board
from helpdesk.queries.ojk import ojk_report
from helpdesk.queries.periods import parse_period
from helpdesk.queries.public import public_view
from helpdesk.queries.queue import counts, queue_page
from helpdesk.queries.ticket import ticket_id_of, ticket_views
from helpdesk.queries.trends import trends
from helpdesk.services import attachments, delivery, late_reports, preparing, replies, unreachable
from helpdesk.sla.policy import Metric

FEW = 400
"""Tickets: SQLite plans by rule, PostgreSQL is told to prefer its indexes as it would with many."""

BIG = (
    "tickets",
    "messages",
    "ticket_words",
    "contact_words",
    "contacts",
    "ticket_events",
    "sla_clocks",
    "outbox",
    "attachments",
)


@pytest.fixture
def team(session: Session) -> Team:
    team = make_team(session)
    contact = make_contact(session)
    for number in range(FEW):
        status = TicketStatus.OPEN if number % 10 == 0 else TicketStatus.CLOSED
        make_ticket(
            session,
            team=team,
            contact=contact,
            status=status,
            received_at=NOW - number * HOUR,
            next_due_at=NOW + number * HOUR if status is TicketStatus.OPEN else None,
        )
    add_words(session, make_ticket(session, team=team, number="48219375"), "angsuran hilang")
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE"))
        session.execute(text("SET LOCAL enable_seqscan = off"))
    return team


def full_scans(session: Session, queries: list[str], parameters: list[object]) -> list[str]:
    """Return the plan lines that read a big table from end to end."""
    connection = session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    found: list[str] = []
    for query, values in zip(queries, parameters, strict=True):
        explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
        rows = connection.exec_driver_sql(explain + query, values).all()  # type: ignore[arg-type]
        lines = [str(row[-1]) for row in rows]
        found += [line for line in lines if _is_full_scan(line)]
    return found


def _is_full_scan(line: str) -> bool:
    found = re.search(r"^SCAN (\w+)\b(?! USING)|Seq Scan on (\w+)", line)
    table = next(filter(None, found.groups())) if found else ""
    return re.sub(r"_\d+$", "", table) in BIG


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("SCAN tickets", True),
        ("SCAN tickets_1", True),
        ("SCAN tickets USING INDEX ix_tickets_queue", False),
        ("SCAN tickets USING COVERING INDEX x", False),
        ("SCAN org_units", False),
        ("SEARCH tickets USING INDEX x (y=?)", False),
        ("  ->  Seq Scan on tickets  (cost=0..1)", True),
        ("Index Scan using x on tickets", False),
    ],
)
def test_a_full_scan_is_recognised(line: str, expected: bool) -> None:
    assert _is_full_scan(line) is expected


def asks(session: Session, team: Team) -> dict[str, object]:
    agent = a_viewer(session, Role.AGENT, teams=(team,))
    supervisor = viewer_of(session, make_user(session, Role.SUPERVISOR))
    point = make_ladder(session)[2]
    officer = a_viewer(session, Role.FIELD, unit=point)
    officer_in_charge = a_viewer(session, Role.SUPERVISOR, unit=point)
    some = [make_ticket(session, team=team).id for _ in range(3)]
    return {
        "queue of an agent": lambda: queue_page(session, agent, QueueFilter(), now=NOW),
        "queue of everybody": lambda: queue_page(session, supervisor, QueueFilter(), now=NOW),
        "mine": lambda: queue_page(session, agent, QueueFilter(view=View.MINE), now=NOW),
        "all": lambda: queue_page(session, supervisor, QueueFilter(view=View.ALL), now=NOW),
        "search": lambda: queue_page(
            session, supervisor, QueueFilter(view=View.ALL, q="angsuran 4821-9375"), now=NOW
        ),
        "due before": lambda: queue_page(
            session, supervisor, QueueFilter(view=View.ALL, due_before=NOW + DAY), now=NOW
        ),
        "counts": lambda: counts(session, supervisor),
        "one ticket": lambda: ticket_id_of(session, agent, "48219375"),
        "contact": lambda: find(session, supervisor, "siti 4821-9375"),
        "contact at a point": lambda: lookup(session, officer, phone="081234567890", name="siti"),
        "trends at a point": lambda: trends(session, officer_in_charge, now=NOW, unit=point.code),
        "findings at a point": lambda: improvement_board(session, officer_in_charge),
        "page of the API": lambda: ticket_views(session, supervisor, some, now=NOW),
        "public status": lambda: public_view(session, "10000001", digits="1234"),
    }


NAMES = (
    "queue of an agent", "queue of everybody", "mine", "all", "search", "due before", "counts", "one ticket",
    "contact", "contact at a point", "trends at a point", "findings at a point", "page of the API",
    "public status",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_no_big_table_is_read_from_end_to_end(session: Session, team: Team, name: str) -> None:
    ask = asks(session, team)[name]
    assert callable(ask)
    with counted(session) as seen:
        try:
            ask()
        except NotFound:
            assert name == "public status"
    assert seen
    assert full_scans(session, [query for query, _ in seen.calls], [values for _, values in seen.calls]) == []


@pytest.mark.parametrize(
    ("view", "index"),
    [
        (View.URGENT, "ix_tickets_queue"),
        (View.MINE, "ix_tickets_assignee_id_status"),
        (View.SET_ASIDE, "ix_tickets_set_aside"),
    ],
)
def test_sqlite_walks_the_queue_in_its_order(session: Session, team: Team, view: View, index: str) -> None:
    if session.get_bind().dialect.name != "sqlite":
        return  # PostgreSQL chooses by its statistics
    agent = a_viewer(session, Role.AGENT, teams=(team,))
    with counted(session) as seen:
        queue_page(session, agent, QueueFilter(view=view), now=NOW)
    query, values = seen.calls[0]
    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values).all()  # type: ignore[arg-type]
    assert any(f"USING INDEX {index}" in str(row[-1]) for row in plan)
    if view is not View.MINE:
        assert not any("TEMP B-TREE" in str(row[-1]) for row in plan)


def test_the_regulators_times_are_asked_of_what_was_resolved(session: Session, team: Team) -> None:
    tickets = session.scalars(select(Ticket).where(Ticket.status == TicketStatus.CLOSED)).all()
    for number, ticket in enumerate(tickets):
        ticket.resolved_at = NOW - number * DAY
        add_clock(session, ticket, metric=Metric.REGULATORY, due_at=NOW, met_at=ticket.resolved_at)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE"))
    viewer = a_viewer(session, Role.COMPLIANCE)
    with counted(session) as seen:
        ojk_report(session, viewer, parse_period("2026H2", viewer.zone))
    (call,) = [(query, values) for query, values in seen.calls if "sla_clocks" in query]
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
    plan = str(session.connection().exec_driver_sql(f"{explain} {call[0]}", call[1]).all())  # type: ignore[arg-type]
    assert "ix_tickets_resolved_at" in plan
    assert "ix_sla_clocks_ticket_id" in plan
    assert "ix_sla_clocks_metric_due_at" not in plan


def test_with_many_that_wait_a_message_is_queued_and_claimed_by_as_many_statements(
    session: Session, team: Team
) -> None:
    """Zammad #6226: each job looked at all others. Here neither a statement nor a scan is added by those that wait."""
    ticket = ticket_of(session, tell(session, now=NOW))
    delivery.claim_due(session, ChannelCode.WHATSAPP, now=NOW, limit=10)
    seen: dict[int, list[Statements]] = {}
    for waiting in (0, 1, FEW):  # the first reads what is kept from then on
        for _ in range(waiting):
            message = make_message(session, ticket, direction=Direction.OUT)
            session.add(OutboxItem(
                message_id=message.id, status=DeliveryStatus.QUEUED, channel=ChannelCode.SMS, lane=1,
                next_attempt_at=NOW,
            ))  # fmt: skip
        session.flush()
        if waiting and session.get_bind().dialect.name == "postgresql":
            session.execute(text("ANALYZE"))
        acts = (
            lambda: replies.queue(session, ticket, "Kabar.", purpose=Purpose.NOTICE, now=NOW),
            lambda: delivery.claim_due(session, ChannelCode.WHATSAPP, now=NOW),
            lambda: unreachable.due_ids(session, now=NOW),
            lambda: late_reports.due_ids(session, (ChannelCode.SMS,), now=NOW + DAY),
        )
        seen[waiting] = []
        for act in acts:
            session.expire_all()
            with counted(session) as statements:
                act()
            seen[waiting].append(statements)
    assert [len(each) for each in seen[1]] == [len(each) for each in seen[FEW]]
    calls = [
        call for statements in seen[FEW] for call in statements.calls if not call[0].startswith("INSERT")
    ]
    assert full_scans(session, [query for query, _ in calls], [values for _, values in calls]) == []


def test_a_claim_walks_the_queue_of_its_channel_in_its_order(session: Session, team: Team) -> None:
    ticket = make_ticket(session, team=team)
    for number in range(FEW):
        message = make_message(session, ticket, direction=Direction.OUT)
        channel = ChannelCode.SMS if number % 10 == 0 else ChannelCode.TELEGRAM
        session.add(OutboxItem(
            message_id=message.id, status=DeliveryStatus.QUEUED, channel=channel, lane=1, next_attempt_at=NOW
        ))  # fmt: skip
    session.flush()
    with counted(session) as seen:
        delivery.claim_due(session, ChannelCode.SMS, now=NOW)
    query, values = seen.calls[0]
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
    plan = str(session.connection().exec_driver_sql(f"{explain} {query}", values).all())  # type: ignore[arg-type]
    assert "ix_outbox_due" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


def test_a_file_is_claimed_by_walking_the_turns(session: Session, team: Team) -> None:
    ticket = make_ticket(session, team=team)
    refs = tuple(AttachmentRef(str(number), MediaKind.PHOTO, "image/jpeg") for number in range(FEW))
    with counted(session) as seen:
        attachments.expect(session, make_message(session, ticket), refs, now=NOW)
        claimed = attachments.claim_next(session, ticket.channel, now=NOW)
        stored = update(Attachment).values(state="stored", storage_key="x", media_type="image/png")
        session.execute(stored.execution_options(synchronize_session=False))
        session.expire_all()
        made = preparing.claim_next(session, now=NOW)
    assert claimed is not None
    assert made is not None
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
    asked = [(query, values) for query, values in seen.calls if "ORDER BY attachments.turn" in query]
    plans = [
        str(session.connection().exec_driver_sql(f"{explain} {query}", values).all())  # type: ignore[arg-type]
        for query, values in asked
    ]
    assert ["ix_attachments_due" in plans[0], "ix_attachments_unprepared" in plans[1]] == [True, True], plans
    assert not [plan for plan in plans if "TEMP B-TREE" in plan or "Sort" in plan]
    turns = [(query, values) for query, values in seen.calls if "max(attachments.turn)" in query]
    assert full_scans(session, [query for query, _ in turns], [values for _, values in turns]) == []
