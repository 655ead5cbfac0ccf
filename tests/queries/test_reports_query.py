"""Figures for management and the regulator: they agree with the register."""

from datetime import date, datetime, timedelta

import pytest
from factories import NOW, make_ladder, make_team, make_ticket, make_user
from query_samples import DAY, HOUR, a_viewer, add_clock, add_subject, viewer_of
from sqlalchemy.orm import Session
from statements import counted
from talk import LENDER, tell, ticket_of
from talk import resolve as answer

from helpdesk.domain.complaints import Disposition, RedressKind
from helpdesk.domain.errors import Forbidden
from helpdesk.domain.lifecycle import TicketKind, TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.severity import Severity
from helpdesk.models.complaints import Redress, Resolution
from helpdesk.models.people import Role
from helpdesk.models.tickets import Ticket
from helpdesk.queries.ojk import Balance, ojk_report
from helpdesk.queries.periods import parse_period
from helpdesk.queries.reports import backlog_age, late_reasons, redress_totals, root_causes, sla_attainment
from helpdesk.services import documents
from helpdesk.sla.policy import Metric

HALF = parse_period("2026H2", "Asia/Jakarta")
BEFORE = HALF.start - DAY
AFTER = HALF.end + DAY


def resolve(session: Session, ticket: Ticket, disposition: Disposition, cause: str) -> Resolution:
    row = Resolution(
        ticket_id=ticket.id, disposition=disposition, root_cause=cause, resolved_by="system", at=NOW
    )
    session.add(row)
    session.flush()
    return row


def test_attainment_counts_promises_that_fell_due_in_the_period(session: Session) -> None:
    ticket = make_ticket(session, severity=Severity.S1)
    add_clock(session, ticket, due_at=NOW, met_at=NOW)
    add_clock(session, ticket, due_at=NOW, metric=Metric.FIRST_RESPONSE, met_at=NOW + HOUR)
    add_clock(session, make_ticket(session, severity=Severity.S1), due_at=NOW - HOUR)
    add_clock(session, make_ticket(session, severity=Severity.S1), due_at=NOW + HOUR)
    add_clock(session, make_ticket(session), due_at=BEFORE)
    add_clock(session, make_ticket(session), due_at=NOW, superseded_at=NOW)
    found = sla_attainment(session, a_viewer(session), HALF, now=NOW)
    assert [
        (row.metric, row.severity, row.met_count, row.breached_count, row.open_count) for row in found
    ] == [
        (Metric.FIRST_RESPONSE, Severity.S1, 0, 1, 0),
        (Metric.RESOLUTION, Severity.S1, 1, 1, 1),
    ]
    assert [row.share for row in found] == [0, 0.5]


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        pytest.param(
            {"met_at": NOW - HOUR, "breached_at": NOW}, None, (0, 1, 0), id="a sweep of a later instant"
        ),
        pytest.param(
            {"superseded_at": NOW, "breached_at": NOW},
            {"due_at": NOW + DAY},
            (0, 1, 0),
            id="then a longer promise",
        ),
        pytest.param(
            {"superseded_at": NOW, "breached_at": NOW}, {"met_at": NOW}, (0, 1, 0), id="then a kept promise"
        ),
        pytest.param(
            {"superseded_at": NOW, "breached_at": NOW},
            {"breached_at": NOW},
            (0, 1, 0),
            id="then broken again",
        ),
        pytest.param({"superseded_at": NOW, "breached_at": NOW}, None, (0, 1, 0), id="then owed no more"),
        pytest.param({"superseded_at": NOW}, {"met_at": NOW}, (1, 0, 0), id="replaced in time"),
    ],
)
def test_a_recorded_breach_is_counted_once_whatever_came_after(
    session: Session,
    first: dict[str, datetime],
    second: dict[str, datetime] | None,
    counts: tuple[int, int, int],
) -> None:
    ticket = make_ticket(session)
    for clock in filter(None, (first, second)):
        add_clock(session, ticket, **({"due_at": NOW} | clock))
    (row,) = sla_attainment(session, a_viewer(session), HALF, now=NOW)
    assert (row.met_count, row.breached_count, row.open_count) == counts


def test_a_promise_after_the_reopening_is_counted_beside_the_broken_one(session: Session) -> None:
    ticket = make_ticket(session)
    add_clock(session, ticket, due_at=NOW, met_at=NOW, breached_at=NOW)
    again = add_clock(session, ticket, due_at=NOW + HOUR, met_at=NOW)
    again.started_at = NOW + timedelta(minutes=1)
    session.flush()
    (row,) = sla_attainment(session, a_viewer(session), HALF, now=NOW)
    assert (row.met_count, row.breached_count) == (1, 1)


def test_management_figures_leave_out_what_is_kept_from_the_viewer(session: Session) -> None:
    _, _, point = make_ladder(session)
    user = make_user(session, Role.SUPERVISOR, unit=point)
    hidden = make_ticket(session, unit=point, is_about_staff=True, resolved_at=NOW)
    about_him = make_ticket(session, resolved_at=NOW)
    add_subject(session, about_him, user)
    for ticket in (hidden, about_him):
        add_clock(session, ticket, due_at=NOW, met_at=NOW)
        resolution = resolve(session, ticket, Disposition.UPHELD, "X")
        session.add(Redress(resolution_id=resolution.id, kind=RedressKind.REFUND, amount=1, offered_at=NOW))
    session.flush()
    figures = {
        "promises": lambda who: sla_attainment(session, who, HALF, now=NOW),
        "backlog": lambda who: backlog_age(session, who, now=NOW),
        "causes": lambda who: root_causes(session, who, HALF),
        "redress": lambda who: redress_totals(session, who, HALF),
    }
    assert {name: ask(viewer_of(session, user)) for name, ask in figures.items()} == dict.fromkeys(
        figures, ()
    )
    assert all(ask(a_viewer(session)) for ask in figures.values())


def test_backlog_is_banded_by_age_with_no_ticket_lost(session: Session) -> None:
    team = make_team(session)
    for days in (0, 1, 2, 5, 10, 20, 40, 50):
        make_ticket(session, team=team, received_at=NOW - days * DAY)
    make_ticket(session, team=team, status=TicketStatus.CLOSED)
    row = next(row for row in backlog_age(session, a_viewer(session), now=NOW) if row.team_code == team.code)
    assert row.bands == (1, 2, 1, 1, 1, 2)
    assert row.total == sum(row.bands) == 8
    assert row.oldest_at == NOW - 50 * DAY


def test_root_causes_count_the_last_resolution_of_each_ticket(session: Session) -> None:
    ticket = make_ticket(session, resolved_at=NOW)
    resolve(session, ticket, Disposition.NOT_UPHELD, "FIRST")
    resolve(session, ticket, Disposition.UPHELD, "LAST")
    resolve(session, make_ticket(session, resolved_at=BEFORE), Disposition.UPHELD, "OLD")
    found = root_causes(session, a_viewer(session), HALF)
    assert [(row.root_cause, row.disposition, row.count) for row in found] == [
        ("LAST", Disposition.UPHELD, 1)
    ]


def test_redress_is_summed_from_offer_to_payment(session: Session) -> None:
    resolution = resolve(session, make_ticket(session, resolved_at=NOW), Disposition.UPHELD, "X")
    given = ((100, NOW, NOW), (50, NOW, None), (7, None, None), (None, None, None))
    for amount, accepted_at, paid_at in given:
        session.add(
            Redress(
                resolution_id=resolution.id,
                kind=RedressKind.REFUND,
                amount=amount,
                offered_at=NOW,
                accepted_at=accepted_at,
                paid_at=paid_at,
            )
        )
    session.flush()
    (row,) = redress_totals(session, a_viewer(session), HALF)
    assert (row.offered_count, row.offered_sum) == (4, 157)
    assert (row.accepted_count, row.accepted_sum, row.paid_count, row.paid_sum) == (2, 150, 1, 100)


def half_year(session: Session) -> None:
    """Make one complaint of each fate around the second half of 2026."""
    done = TicketStatus.CLOSED
    make_ticket(session, received_at=BEFORE)  # open before and after
    make_ticket(session, received_at=BEFORE, status=done, resolved_at=BEFORE + HOUR)  # not of this half
    make_ticket(session, received_at=BEFORE, status=done, resolved_at=HALF.start, category_code="FRD-LUAR")
    make_ticket(session, received_at=HALF.start, status=done, resolved_at=NOW, category_code="FRD-LUAR")
    make_ticket(session, received_at=NOW, channel=ChannelCode.SMS, category_code="BYR-SALDO")
    make_ticket(session, received_at=NOW, status=done, resolved_at=AFTER)
    make_ticket(session, received_at=NOW, status=done, closed_at=NOW)
    make_ticket(session, received_at=HALF.end)
    make_ticket(session, received_at=NOW, kind=TicketKind.ENQUIRY)


def test_what_was_open_and_came_in_equals_what_was_resolved_and_is_open(session: Session) -> None:
    half_year(session)
    report = ojk_report(session, a_viewer(session, Role.COMPLIANCE), HALF)
    assert report.total == Balance(opening=2, received=4, resolved=3, closing=3)
    for lines in (report.by_type, report.by_channel, report.by_form):
        assert all(line.balance.is_reconciled for line in lines)
        assert sum(line.balance.received for line in lines) == 4
    names = {line.code: line.name for line in report.by_type}
    assert names == {"FRD": "Penipuan atau fraud", "ANG": "Pembayaran angsuran", "": "Belum dikategorikan"}


def test_the_opening_balance_is_the_closing_balance_of_the_half_before(session: Session) -> None:
    half_year(session)
    viewer = a_viewer(session, Role.COMPLIANCE)
    first = ojk_report(session, viewer, parse_period("2026H1", "Asia/Jakarta"))
    assert first.total.closing == ojk_report(session, viewer, HALF).total.opening


def test_the_report_counts_outcomes_times_and_money(session: Session) -> None:
    ticket = make_ticket(session, resolved_at=NOW, status=TicketStatus.RESOLVED)
    resolution = resolve(session, ticket, Disposition.UPHELD, "X")
    add_clock(session, ticket, metric=Metric.REGULATORY, due_at=NOW, met_at=NOW)
    late = make_ticket(session, resolved_at=NOW, status=TicketStatus.RESOLVED)
    add_clock(session, late, metric=Metric.REGULATORY, due_at=NOW - HOUR, met_at=NOW)
    session.add(
        Redress(resolution_id=resolution.id, kind=RedressKind.REFUND, amount=500, offered_at=NOW, paid_at=NOW)
    )
    session.flush()
    report = ojk_report(session, a_viewer(session, Role.COMPLIANCE), HALF)
    assert dict(report.dispositions)[Disposition.UPHELD] == 1
    assert (report.in_time_count, report.late_count) == (1, 1)
    assert (report.redress_count, report.redress_sum) == (1, 500)


KEPT = {"due_at": NOW, "met_at": NOW}
MISSED = {"due_at": NOW - HOUR, "met_at": NOW, "breached_at": NOW - HOUR}
UNNOTICED = {"due_at": NOW - HOUR, "met_at": NOW}
REPLACED = {"due_at": NOW, "superseded_at": NOW - HOUR}
REPLACED_LATE = {"due_at": NOW - HOUR, "superseded_at": NOW, "breached_at": NOW - HOUR}


@pytest.mark.parametrize(
    ("rounds", "expected"),
    [
        pytest.param([KEPT], (1, 0), id="answered once"),
        pytest.param([KEPT, KEPT], (1, 0), id="answered again in time"),
        pytest.param([MISSED, KEPT], (0, 1), id="late before the objection"),
        pytest.param([KEPT, MISSED], (0, 1), id="late after the objection"),
        pytest.param([KEPT, UNNOTICED], (0, 1), id="late and no sweep saw it"),
        pytest.param([MISSED, MISSED], (0, 1), id="late both times"),
        pytest.param([REPLACED, KEPT], (1, 0), id="given another limit in time"),
        pytest.param([REPLACED_LATE, KEPT], (0, 1), id="given another limit too late"),
        pytest.param([REPLACED], (1, 0), id="answered before another limit began"),
        pytest.param([REPLACED_LATE], (0, 1), id="late before another limit began"),
        pytest.param([], (0, 0), id="nothing ever promised"),
    ],
)
def test_a_complaint_is_in_time_or_late_once_however_often_it_was_answered(
    session: Session, rounds: list[dict[str, datetime]], expected: tuple[int, int]
) -> None:
    ticket = make_ticket(session, received_at=NOW - DAY, resolved_at=NOW, status=TicketStatus.RESOLVED)
    for serial, promise in enumerate(rounds):
        clock = add_clock(session, ticket, metric=Metric.REGULATORY, **promise)
        clock.started_at += serial * HOUR
    add_clock(session, ticket, metric=Metric.RESOLUTION, **MISSED)
    session.flush()
    report = ojk_report(session, a_viewer(session, Role.COMPLIANCE), HALF)
    assert (report.in_time_count, report.late_count) == expected
    assert sum(expected) <= report.total.resolved == 1


def test_an_answer_while_her_documents_are_awaited_is_in_time(session: Session) -> None:
    ticket = ticket_of(session, tell(session, now=NOW))
    documents.request(
        session, ticket.id, ["supporting"], author_id=None, actor="user:x", lender=LENDER, now=NOW + HOUR
    )
    answer(session, ticket, now=NOW + 2 * HOUR)
    report = ojk_report(session, a_viewer(session, Role.COMPLIANCE), HALF)
    assert (report.in_time_count, report.late_count) == (1, 0)
    assert report.total.resolved == 1


def test_a_complaint_that_is_open_again_is_neither_in_time_nor_late(session: Session) -> None:
    ticket = make_ticket(session, received_at=NOW - DAY, status=TicketStatus.OPEN, reopened_count=1)
    add_clock(session, ticket, metric=Metric.REGULATORY, **MISSED)
    add_clock(session, ticket, metric=Metric.REGULATORY, due_at=NOW + DAY)
    elsewhere = {"status": TicketStatus.RESOLVED, "resolved_at": AFTER}
    add_clock(session, make_ticket(session, **elsewhere), metric=Metric.REGULATORY, **KEPT)  # type: ignore[arg-type]
    enquiry = {"kind": TicketKind.ENQUIRY, "status": TicketStatus.RESOLVED, "resolved_at": NOW}
    add_clock(session, make_ticket(session, **enquiry), metric=Metric.REGULATORY, **KEPT)  # type: ignore[arg-type]
    report = ojk_report(session, a_viewer(session, Role.COMPLIANCE), HALF)
    assert (report.in_time_count, report.late_count) == (0, 0)


def test_gaps_name_only_tickets_that_the_viewer_may_see(session: Session) -> None:
    user = make_user(session, Role.COMPLIANCE)
    shown = make_ticket(session, resolved_at=NOW, status=TicketStatus.RESOLVED)
    hidden = make_ticket(session, resolved_at=NOW, status=TicketStatus.RESOLVED)
    add_subject(session, hidden, user)
    gaps = {gap.kind: gap for gap in ojk_report(session, viewer_of(session, user), HALF).gaps}
    assert (gaps["no_resolution"].count, gaps["no_resolution"].numbers) == (2, (shown.number,))
    assert gaps["no_category"].count == 2


def test_late_answers_are_counted_by_their_reason(session: Session) -> None:
    for at, code in ((NOW, "overload"), (NOW, "overload"), (NOW, "other"), (NOW, None), (BEFORE, "other")):
        ticket = make_ticket(session, resolved_at=at)
        resolve(session, ticket, Disposition.UPHELD, "SISTEM-POSTING").late_code = code
    session.flush()
    rows = late_reasons(session, a_viewer(session, Role.COMPLIANCE), HALF)
    assert [(row.code, row.count) for row in rows] == [("overload", 2), ("other", 1)]


def test_the_report_takes_few_statements(session: Session) -> None:
    half_year(session)
    viewer = a_viewer(session, Role.COMPLIANCE)
    with counted(session) as seen:
        ojk_report(session, viewer, HALF)
    assert len(seen) <= 10


@pytest.mark.parametrize("role", [Role.AGENT, Role.FIELD, Role.PRODUCT, Role.ADMIN])
def test_other_roles_have_no_reports(session: Session, role: Role) -> None:
    viewer = a_viewer(session, role)
    for ask in (ojk_report, root_causes, redress_totals):
        with pytest.raises(Forbidden):
            ask(session, viewer, HALF)  # type: ignore[operator]


def test_a_half_year_is_local() -> None:
    assert (HALF.starts_on, HALF.ends_on) == (date(2026, 7, 1), date(2027, 1, 1))
    assert HALF.start.utcoffset() == timedelta(0)
    assert HALF.start.hour == 17
