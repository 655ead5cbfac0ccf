"""The audit trail: its pages and its samples."""

import pytest
from factories import NOW, make_ticket, make_user
from query_samples import DAY, HOUR, a_viewer, add_subject, viewer_of
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.domain.errors import Forbidden
from helpdesk.models.people import Role
from helpdesk.models.tickets import Ticket
from helpdesk.queries.audit import AuditFilter, AuditRow, audit_page, sample
from helpdesk.queries.visibility import Viewer
from helpdesk.services.trail import audit, record


def trail(session: Session, ticket: Ticket, count: int = 3) -> None:
    for index in range(count):
        record(session, ticket, f"kind{index}", actor="system", at=NOW + index * HOUR, data={"n": index})
    session.flush()


def all_rows(session: Session, viewer: Viewer, wanted: AuditFilter, *, limit: int = 50) -> list[AuditRow]:
    rows: list[AuditRow] = []
    after = None
    while True:
        page = audit_page(session, viewer, wanted, after=after, limit=limit)
        rows += page.items
        after = page.next
        if after is None:
            return rows


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_tickets_and_everything_else_are_one_list_newest_first(session: Session, limit: int) -> None:
    user = make_user(session, name="Sari")
    for _ in range(2):
        trail(session, make_ticket(session))
    for index in range(4):
        audit(session, "signed_in", actor=f"user:{user.public_id}", at=NOW + index * HOUR, data={})
    rows = all_rows(session, a_viewer(session, Role.AUDITOR), AuditFilter(), limit=limit)
    assert len(rows) == 10
    assert [row.at for row in rows] == sorted((row.at for row in rows), reverse=True)
    assert len({(row.number, row.serial) for row in rows}) == 10
    assert {row.actor_name for row in rows if row.number is None} == {"Sari"}


FILTERS = {
    "kind": (AuditFilter(kind="kind1"), 1),
    "actor": (AuditFilter(actor="nobody"), 0),
    "since": (AuditFilter(since=NOW + HOUR), 2),
    "until": (AuditFilter(until=NOW + HOUR), 2),
    "number": (AuditFilter(number="4821-9375"), 3),
    "other number": (AuditFilter(number="4821-9376"), 0),
}


@pytest.mark.parametrize(("wanted", "expected"), FILTERS.values(), ids=FILTERS.keys())
def test_the_trail_is_filtered(session: Session, wanted: AuditFilter, expected: int) -> None:
    trail(session, make_ticket(session, number="48219375"))
    audit(session, "signed_in", actor="system", at=NOW, data={})
    assert len(all_rows(session, a_viewer(session, Role.AUDITOR), wanted)) == expected


def test_the_trail_of_a_barred_ticket_is_not_shown(session: Session) -> None:
    user = make_user(session, Role.AUDITOR)
    ticket = make_ticket(session)
    trail(session, ticket)
    add_subject(session, ticket, user)
    assert all_rows(session, viewer_of(session, user), AuditFilter()) == []
    for kind, place in (("message_moved_out", "to"), ("message_moved_in", "from")):
        data: dict[str, object] = {"message": "x", place: ticket.number}
        record(session, make_ticket(session), kind, actor="system", at=NOW, data=data)
    told = [row.data for row in all_rows(session, viewer_of(session, user), AuditFilter())]
    assert told == [{"message": "x"}] * 2
    others = [row.data for row in all_rows(session, a_viewer(session, Role.AUDITOR), AuditFilter())]
    assert sum(ticket.number in data.values() for data in others) == 2


def test_a_page_takes_three_statements(session: Session) -> None:
    viewer = a_viewer(session, Role.COMPLIANCE)
    for _ in range(5):
        trail(session, make_ticket(session))
    with counted(session) as seen:
        audit_page(session, viewer, AuditFilter())
    assert len(seen) <= 3


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.FIELD, Role.PRODUCT, Role.ADMIN])
def test_other_roles_have_no_trail(session: Session, role: Role) -> None:
    with pytest.raises(Forbidden):
        audit_page(session, a_viewer(session, role), AuditFilter())


def test_the_same_seed_draws_the_same_sample(session: Session) -> None:
    numbers = [make_ticket(session).number for _ in range(20)]
    make_ticket(session, received_at=NOW - DAY)
    auditor = a_viewer(session, Role.AUDITOR)

    def draw(seed: int) -> tuple[str, ...]:
        drawn = sample(session, auditor, since=NOW, until=NOW + HOUR, size=5, seed=seed)
        return tuple(ticket.number for ticket in drawn)

    assert draw(1) == draw(1)
    assert len(draw(1)) == 5
    assert set(draw(1)) < set(numbers)
    assert draw(1) != draw(2)
    assert sample(session, auditor, since=NOW + DAY, until=NOW + DAY, size=5, seed=1) == ()


def test_a_sample_takes_two_statements_and_keeps_what_the_auditor_is_barred_from(session: Session) -> None:
    user = make_user(session, Role.AUDITOR)
    shown, barred = make_ticket(session), make_ticket(session)
    add_subject(session, barred, user)
    auditor = viewer_of(session, user)
    with counted(session) as seen:
        drawn = sample(session, auditor, since=NOW, until=NOW + HOUR, size=5, seed=0)
    assert [ticket.number for ticket in drawn] == [shown.number]
    assert (drawn[0].received_at, drawn[0].severity) == (NOW, shown.severity)
    assert len(seen) == 2
