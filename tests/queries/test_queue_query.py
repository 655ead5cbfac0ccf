"""The queue: order, pages, filters, search, counts, and how many statements that takes."""

from datetime import timedelta

import pytest
from factories import NOW, make_contact, make_team, make_ticket, make_unit, make_user
from query_samples import (
    DAY,
    HOUR,
    a_viewer,
    add_clock,
    add_contact_words,
    add_subject,
    add_words,
    viewer_of,
)
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.severity import Severity
from helpdesk.models.people import Role, Team, TokenScope, User
from helpdesk.models.tickets import Ticket, TicketEvent
from helpdesk.queries.filters import FINISHED_TOO, DueBand, QueueFilter, View
from helpdesk.queries.paging import encode_cursor
from helpdesk.queries.queue import counts, latest_change, queue_page
from helpdesk.queries.visibility import Viewer
from helpdesk.sla.policy import Metric


def numbers(session: Session, viewer: Viewer, wanted: QueueFilter, *, limit: int = 50) -> list[str]:
    """Return all numbers of all pages in order."""
    found: list[str] = []
    after = None
    while True:
        page = queue_page(session, viewer, wanted, now=NOW, after=after, limit=limit)
        found += [row.number for row in page.items]
        after = page.next
        if after is None:
            return found


@pytest.fixture
def team(session: Session) -> Team:
    return make_team(session)


@pytest.fixture
def agent(session: Session, team: Team) -> Viewer:
    return a_viewer(session, Role.AGENT, teams=(team,))


def ticket(session: Session, team: Team, **changes: object) -> Ticket:
    return make_ticket(session, team=team, **changes)  # type: ignore[arg-type]


def test_the_soonest_deadline_comes_first_then_severity_and_paused_ones_last(
    session: Session, team: Team, agent: Viewer
) -> None:
    paused = ticket(session, team)
    late = ticket(session, team, next_due_at=NOW + 2 * HOUR)
    same_grave = ticket(session, team, next_due_at=NOW + HOUR, severity=Severity.S1)
    same_light = ticket(session, team, next_due_at=NOW + HOUR, severity=Severity.S4)
    wanted = [same_grave.number, same_light.number, late.number, paused.number]
    assert numbers(session, agent, QueueFilter()) == wanted


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
@pytest.mark.parametrize("view", [View.URGENT, View.ALL])
def test_pages_join_without_gap_or_repeat(
    session: Session, team: Team, agent: Viewer, limit: int, view: View
) -> None:
    for index in range(4):
        ticket(session, team, next_due_at=NOW + HOUR)
        ticket(session, team, next_due_at=NOW + index * HOUR, severity=Severity.S2)
        ticket(session, team)
    paged = numbers(session, agent, QueueFilter(view=view), limit=limit)
    assert paged == numbers(session, agent, QueueFilter(view=view), limit=100)
    assert len(set(paged)) == len(paged) == 12


def test_all_holds_finished_tickets_newest_first(session: Session, team: Team, agent: Viewer) -> None:
    old = ticket(session, team, received_at=NOW - DAY, status=TicketStatus.CLOSED)
    new = ticket(session, team)
    assert numbers(session, agent, QueueFilter(view=View.ALL)) == [new.number, old.number]
    assert numbers(session, agent, QueueFilter()) == [new.number]


@pytest.mark.parametrize(
    "cursor",
    [
        "!!",
        "bm90IGpzb24",
        "ké",
        "\x00",
        encode_cursor("new", NOW.isoformat(), 1),
        encode_cursor("due", "soon", "S1", 1),
        encode_cursor("due", NOW.isoformat(), "S1", None),
        encode_cursor("due", "2026-01-01", "S1", 3),
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(session: Session, agent: Viewer, cursor: str) -> None:
    with pytest.raises(InvalidInput):
        queue_page(session, agent, QueueFilter(), now=NOW, after=cursor)


FILTERS = {
    "mine": (QueueFilter(view=View.MINE), {"mine"}),
    "unassigned": (QueueFilter(view=View.UNASSIGNED), {"plain", "waiting", "again", "fraud", "paper"}),
    "pending": (QueueFilter(view=View.PENDING), {"waiting"}),
    "urgent leaves out what waits for the contact": (
        QueueFilter(view=View.URGENT),
        {"plain", "mine", "again", "fraud", "paper"},
    ),
    "reopened": (QueueFilter(view=View.REOPENED), {"again"}),
    "fraud": (QueueFilter(view=View.FRAUD), {"fraud"}),
    "lwk": (QueueFilter(view=View.LWK), {"paper"}),
    "severity": (QueueFilter(view=View.ALL, severities=frozenset({Severity.S1})), {"mine"}),
    "channel": (QueueFilter(view=View.ALL, channels=frozenset({ChannelCode.SMS})), {"again"}),
    "status widens an active view": (
        QueueFilter(statuses=frozenset({TicketStatus.RESOLVED})),
        {"done"},
    ),
    "category group": (QueueFilter(view=View.ALL, category="frd"), {"fraud"}),
    "created after": (QueueFilter(view=View.ALL, created_after=NOW), {"again"}),
    "due before": (QueueFilter(view=View.ALL, due_before=NOW), {"mine"}),
    "overdue": (QueueFilter(view=View.ALL, band=DueBand.OVERDUE), {"mine"}),
    "within the hour": (QueueFilter(view=View.ALL, band=DueBand.HOUR), {"again"}),
    "today": (QueueFilter(view=View.ALL, band=DueBand.TODAY), {"fraud"}),
    "later": (QueueFilter(view=View.ALL, band=DueBand.LATER), {"paper"}),
    "without assignee": (
        QueueFilter(view=View.ALL, is_unassigned=True),
        {"plain", "waiting", "again", "fraud", "paper", "done"},
    ),
}


@pytest.mark.parametrize(("wanted", "expected"), FILTERS.values(), ids=FILTERS.keys())
def test_a_filter_holds_exactly_these(
    session: Session, team: Team, agent: Viewer, wanted: QueueFilter, expected: set[str]
) -> None:
    named = {
        "plain": ticket(session, team),
        "mine": ticket(
            session,
            team,
            assignee_id=agent.user_id,
            severity=Severity.S1,
            next_due_at=NOW - timedelta(seconds=1),
        ),
        "waiting": ticket(session, team, status=TicketStatus.PENDING),
        "again": ticket(
            session,
            team,
            channel=ChannelCode.SMS,
            reopened_count=1,
            next_due_at=NOW + HOUR,
            created_at=NOW + timedelta(minutes=1),
        ),
        "fraud": ticket(session, team, category_code="FRD-LUAR", next_due_at=NOW + 3 * HOUR),
        "paper": ticket(session, team, channel=ChannelCode.LWK, next_due_at=NOW + DAY),
        "done": ticket(session, team, status=TicketStatus.RESOLVED, resolved_at=NOW),
    }
    names = {each.number: name for name, each in named.items()}
    assert {names[number] for number in numbers(session, agent, wanted)} == expected


def test_a_unit_counts_with_all_units_below_it(session: Session, team: Team, agent: Viewer) -> None:
    area = make_unit(session, name="Area Bogor Raya")
    point = make_unit(session, parent=area, name="Ciawi", code="CWI")
    inside = ticket(session, team, unit=point)
    ticket(session, team)
    for text in ("bogor", "cwi", "Ciawi"):
        assert numbers(session, agent, QueueFilter(unit=text)) == [inside.number], text
    assert numbers(session, agent, QueueFilter(unit="%")) == []


def test_the_view_of_a_team_holds_that_team(session: Session) -> None:
    one, other = make_team(session), make_team(session)
    supervisor = a_viewer(session)
    wanted = ticket(session, one)
    ticket(session, other)
    assert numbers(session, supervisor, QueueFilter(view=f"team:{one.code}")) == [wanted.number]


@pytest.mark.parametrize(
    ("q", "is_found"),
    [
        ("angsuran", True),
        ("ANGSURAN tercatat", True),
        ("angsuran hilang", False),
        ("angsur", False),
        ("siti tercatat", True),
        ("siti budi", False),
        ("4821-9375", True),
        ("48219375", True),
        ("4821 9375", True),
        ("4821", True),
        ("4821937", False),
        ("9375000", False),
        ("siti 4821-9375", True),
        ("budi 4821-9375", False),
        ("081234567890", True),
        ("TRX20261128771", True),
        ("trx20261128771 angsuran", True),
        ("20261128771", False),
        ("TRX20261128772", False),
        ("", True),
        ("!!!", False),
        ("🙏 -", False),
        (" ", True),
    ],
)
def test_a_search_finds_whole_words_in_messages_number_and_contact(
    session: Session, team: Team, agent: Viewer, q: str, is_found: bool
) -> None:
    contact = make_contact(session)
    found = ticket(session, team, contact=contact, number="48219375")
    add_words(session, found, "Angsuran belum tercatat, bukti TRX20261128771 dan TRX tanggal 20261128772")
    add_contact_words(session, contact.id, "Siti Aminah 081234567890")
    assert numbers(session, agent, QueueFilter(view=View.ALL, q=q)) == ([found.number] if is_found else [])


def test_a_search_never_finds_what_the_viewer_may_not_see(session: Session) -> None:
    user = make_user(session, Role.SUPERVISOR)
    hidden = make_ticket(session, number="48219375")
    add_words(session, hidden, "rahasia")
    add_subject(session, hidden, user)
    viewer = viewer_of(session, user)
    for q in ("rahasia", "4821-9375"):
        assert numbers(session, viewer, QueueFilter(view=View.ALL, q=q)) == []


def test_a_row_shows_masked_name_unit_assignee_and_the_clock_that_is_due_next(
    session: Session, team: Team, agent: Viewer
) -> None:
    user = make_user(session, name="Sari")
    row_ticket = ticket(
        session,
        team,
        contact=make_contact(session, name="Siti Aminah"),
        unit=make_unit(session, name="Bogor", zone="Asia/Makassar"),
        assignee_id=user.id,
        category_code="BYR-SALDO",
        next_due_at=NOW + HOUR,
    )
    add_clock(session, row_ticket, metric=Metric.RESOLUTION, due_at=NOW + DAY)
    add_clock(session, row_ticket, metric=Metric.FIRST_RESPONSE, due_at=NOW + HOUR)
    add_clock(session, row_ticket, metric=Metric.NEXT_RESPONSE, due_at=None)
    add_clock(session, row_ticket, metric=Metric.ACKNOWLEDGEMENT, due_at=NOW, met_at=NOW)
    row = queue_page(session, agent, QueueFilter(), now=NOW).items[0]
    assert (row.contact, row.unit, row.zone, row.assignee) == ("Siti A.", "Bogor", "Asia/Makassar", "Sari")
    assert row.chip is not None
    assert (row.chip.metric, row.chip.due_at, row.chip.is_paused) == (
        Metric.FIRST_RESPONSE,
        NOW + HOUR,
        False,
    )
    assert row.category_id
    assert row.is_unread


def test_a_ticket_whose_clocks_all_stand_still_is_shown_as_paused(
    session: Session, team: Team, agent: Viewer
) -> None:
    add_clock(session, ticket(session, team), due_at=None)
    chip = queue_page(session, agent, QueueFilter(), now=NOW).items[0].chip
    assert chip is not None
    assert chip.is_paused


def test_a_ticket_is_read_once_a_person_spoke_last(session: Session, team: Team, agent: Viewer) -> None:
    ticket(session, team, last_human_at=NOW + HOUR)
    assert not queue_page(session, agent, QueueFilter(), now=NOW).items[0].is_unread


@pytest.mark.parametrize("status", [TicketStatus.RESOLVED, TicketStatus.CLOSED])
def test_a_finished_ticket_is_read_although_the_last_word_was_hers(
    session: Session, team: Team, agent: Viewer, status: TicketStatus
) -> None:
    ticket(session, team, status=status, last_inbound_at=NOW, last_human_at=NOW - HOUR)
    wanted = QueueFilter(view=View.ALL, statuses=frozenset({status}))
    assert [row.is_unread for row in queue_page(session, agent, wanted, now=NOW).items] == [False]


@pytest.mark.parametrize("view", [View.URGENT, View.ALL])
def test_a_page_takes_at_most_four_statements_however_many_rows(
    session: Session, team: Team, agent: Viewer, view: View
) -> None:
    for _ in range(30):
        add_clock(session, ticket(session, team, next_due_at=NOW), due_at=NOW)
    session.expunge_all()
    with counted(session) as seen:
        page = queue_page(session, agent, QueueFilter(view=view, q=""), now=NOW, limit=100)
    assert len(page.items) == 30
    assert len(seen) <= 4


def test_each_count_is_the_length_of_its_queue(session: Session, team: Team, agent: Viewer) -> None:
    ticket(session, team, assignee_id=agent.user_id)
    ticket(session, team, status=TicketStatus.PENDING)
    ticket(session, team, reopened_count=2, category_code="FRD-LUAR")
    ticket(session, team, channel=ChannelCode.LWK)
    ticket(session, team, status=TicketStatus.CLOSED)
    ticket(session, make_team(session))
    user = session.get_one(User, agent.user_id)
    add_subject(session, ticket(session, team, assignee_id=user.id), user)
    with counted(session) as seen:
        found = counts(session, agent)
    assert len(seen) == 1
    assert found.views == {
        view: len(numbers(session, agent, QueueFilter(view=view)))
        for view in View
        if view not in FINISHED_TOO
    }
    assert [(line.code, line.count) for line in found.teams] == [(team.code, 4)]


def test_a_token_has_no_tickets_of_its_own(session: Session) -> None:
    make_ticket(session)
    base = a_viewer(session)
    token = Viewer(
        None,
        "1",
        "t",
        TokenScope.STAFF,
        frozenset(),
        base.unit_id,
        base.unit_path,
        False,
        base.zone,
        "token:t",
    )
    assert numbers(session, token, QueueFilter(view=View.MINE)) == []
    assert counts(session, token).views[View.MINE] == 0


def an_event(session: Session, team: Team, **more: int) -> TicketEvent:
    event = TicketEvent(
        ticket_id=ticket(session, team).id,
        serial=1,
        at=NOW,
        kind="x",
        actor="system",
        data={},
        seal=b"",
        link=b"",
        **more,
    )
    session.add(event)
    session.flush()
    return event


def test_the_mark_of_the_latest_change_moves_with_every_event(session: Session, team: Team) -> None:
    before = latest_change(session)
    an_event(session, team)
    assert latest_change(session) != before


def test_the_mark_moves_also_with_an_event_that_comes_after_its_turn(session: Session, team: Team) -> None:
    last = an_event(session, team).id
    an_event(session, team, id=last + 2)
    before = latest_change(session)
    an_event(session, team, id=last + 1)
    assert latest_change(session) != before
