"""Trends: weeks, limits, places, times, and texts without personal data."""

from datetime import date, timedelta

import pytest
from factories import NOW, make_contact, make_ladder, make_message, make_ticket, make_unit, make_user
from query_samples import DAY, a_viewer, add_subject, viewer_of
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.crypto import token_hash
from helpdesk.domain.errors import Forbidden, InvalidInput, NotFound
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.models.people import ApiToken, Role, TokenScope
from helpdesk.queries.trends import category_detail, trends
from helpdesk.queries.visibility import viewer_for_token

WEEK = timedelta(weeks=1)
CODE, OTHER = "BYR-SALDO", "PNG-LAYAN"


def complaints(session: Session, code: str, per_week: list[int], **changes: object) -> None:
    """Make so many complaints per week; the last number is this week's."""
    contact = make_contact(session)
    for back, count in enumerate(reversed(per_week)):
        for _ in range(count):
            make_ticket(
                session, contact=contact, received_at=NOW - back * WEEK, category_code=code, **changes
            )  # type: ignore[arg-type]


def test_weeks_are_local_mondays_and_the_last_holds_now(session: Session) -> None:
    found = trends(session, a_viewer(session, Role.PRODUCT), now=NOW, weeks=3)
    assert found.weeks == (date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 23))


def test_a_complaint_belongs_to_the_local_week(session: Session) -> None:
    midnight = NOW - timedelta(hours=10)
    make_ticket(session, category_code=CODE, received_at=midnight)
    make_ticket(session, category_code=CODE, received_at=midnight - timedelta(seconds=1))
    row = trends(session, a_viewer(session, Role.PRODUCT), now=NOW, weeks=2).rows[0]
    assert [point.count for point in row.points] == [1, 1]


def test_a_spike_stands_first_and_names_its_week(session: Session) -> None:
    complaints(session, OTHER, [8] * 24)
    complaints(session, CODE, [3] * 22 + [15, 3])
    found = trends(session, a_viewer(session, Role.PRODUCT), now=NOW)
    assert [row.category for row in found.rows] == [CODE, OTHER]
    assert found.rows[0].is_above
    assert found.rows[0].signal_weeks == (date(2026, 11, 16),)
    assert not found.rows[1].is_above
    assert found.n == 8 * 12 + 3 * 11 + 15
    assert found.rows[1].share == 96 / found.n


def test_shares_of_a_few_are_hidden_and_enquiries_do_not_count(session: Session) -> None:
    complaints(session, CODE, [5])
    complaints(session, CODE, [5], kind=TicketKind.ENQUIRY)
    row = trends(session, a_viewer(session, Role.PRODUCT), now=NOW).rows[0]
    assert (row.n, row.share) == (5, None)


def test_a_unit_narrows_everything_to_it_and_those_below(session: Session) -> None:
    area = make_unit(session, name="Area Garut")
    point = make_unit(session, parent=area, name="Tarogong", code="TRG1")
    make_ticket(session, unit=point, category_code=CODE)
    make_ticket(session, category_code=CODE)
    found = trends(session, a_viewer(session, Role.PRODUCT), now=NOW, unit="garut")
    assert found.n == 1
    assert [(cell.unit_code, cell.count) for cell in found.heat] == [("TRG1", 1)]


def test_time_to_resolve_is_given_by_nearest_rank(session: Session) -> None:
    for days in range(1, 11):
        make_ticket(
            session,
            category_code=CODE,
            received_at=NOW - days * DAY,
            resolved_at=NOW,
            reopened_count=1 if days == 1 else 0,
        )
    spread = trends(session, a_viewer(session, Role.PRODUCT), now=NOW).resolution
    assert spread.n == 10
    assert spread.median_days == pytest.approx(5, abs=0.001)
    assert spread.p90_days == pytest.approx(9, abs=0.001)
    assert spread.reopened_share == 0.1


def test_without_complaints_everything_is_empty(session: Session) -> None:
    found = trends(session, a_viewer(session, Role.PRODUCT), now=NOW)
    assert (found.rows, found.n, found.heat, found.resolution.n) == ((), 0, (), 0)


def test_examples_carry_no_name_phone_or_secret(session: Session) -> None:
    contact = make_contact(session, name="Siti Aminah", village="Cibogo")
    ticket = make_ticket(session, contact=contact, category_code=CODE)
    make_message(session, ticket, body="Saya Siti Aminah dari Cibogo, HP 081234567890, sudah bayar")
    make_message(session, ticket, body="kedua")
    example = category_detail(session, a_viewer(session, Role.PRODUCT), CODE, now=NOW).examples[0]
    assert "bayar" in example
    for personal in ("Siti", "Aminah", "Cibogo", "081234567890"):
        assert personal not in example


def test_examples_carry_no_name_of_staff_or_leaders_and_read_the_names_once(session: Session) -> None:
    make_user(session, Role.FIELD, name="Asep Saepudin")
    for told in ("dibentak petugas Zulkarnain", "bp iwan kasar", "ASEP minta uang", "ketua majelis bu tati"):
        make_message(session, make_ticket(session, category_code=CODE), body=told)
    viewer = a_viewer(session, Role.PRODUCT)
    with counted(session) as seen:
        shown = category_detail(session, viewer, CODE, now=NOW).examples
    assert set(shown) == {
        "dibentak petugas [nama]",
        "bp [nama] kasar",
        "[nama] minta uang",
        "ketua majelis bu [nama]",
    }
    assert sum("users.name" in statement for statement in seen) == 1


def test_the_subject_of_a_complaint_never_reads_it_as_an_example(session: Session) -> None:
    user = make_user(session, Role.PRODUCT)
    ticket = make_ticket(session, category_code=CODE)
    make_message(session, ticket, body="tentang dia")
    add_subject(session, ticket, user)
    assert category_detail(session, viewer_of(session, user), CODE, now=NOW).examples == ()


def test_what_is_kept_from_a_viewer_is_in_no_figure_of_the_trends(session: Session) -> None:
    _, _, point = make_ladder(session)
    user = make_user(session, Role.SUPERVISOR, unit=point)
    make_ticket(session, unit=point, category_code=CODE, is_about_staff=True, resolved_at=NOW)
    add_subject(session, make_ticket(session, category_code=CODE, resolved_at=NOW), user)
    viewer, office = viewer_of(session, user), a_viewer(session, Role.SUPERVISOR)
    for scope in (None, point.code):
        seen = trends(session, viewer, now=NOW, unit=scope)
        assert (seen.n, seen.rows, seen.heat, seen.resolution.n) == (0, (), (), 0)
        detail = category_detail(session, viewer, CODE, now=NOW, unit=scope)
        assert (detail.row.n, detail.units, detail.resolution.n, detail.examples) == (0, (), 0, ())
    full = trends(session, office, now=NOW)
    assert (full.n, full.resolution.n, sum(cell.count for cell in full.heat)) == (2, 2, 2)
    assert category_detail(session, office, CODE, now=NOW).row.n == 2


def test_a_reporting_token_is_no_person_and_counts_everything(session: Session) -> None:
    make_ticket(session, unit=make_ladder(session)[2], category_code=CODE, is_about_staff=True)
    session.add(ApiToken(name="r", scope=TokenScope.REPORTING, token_hash=token_hash("r"), created_at=NOW))
    session.flush()
    viewer = viewer_for_token(session, "r")
    assert viewer is not None
    assert trends(session, viewer, now=NOW).n == 1


def test_a_quiet_category_has_its_page_and_an_unknown_one_has_none(session: Session) -> None:
    viewer = a_viewer(session, Role.PRODUCT)
    assert category_detail(session, viewer, "byr-saldo", now=NOW).row.n == 0
    with pytest.raises(NotFound):
        category_detail(session, viewer, "XXX", now=NOW)


@pytest.mark.parametrize("weeks", [0, 53])
def test_the_window_has_bounds(session: Session, weeks: int) -> None:
    with pytest.raises(InvalidInput):
        trends(session, a_viewer(session, Role.PRODUCT), now=NOW, weeks=weeks)


def test_trends_take_three_statements_however_many_complaints(session: Session) -> None:
    complaints(session, CODE, [5] * 5)
    viewer = a_viewer(session, Role.PRODUCT)
    with counted(session) as seen:
        trends(session, viewer, now=NOW)
    assert len(seen) == 3


@pytest.mark.parametrize("role", [Role.AGENT, Role.FIELD, Role.ADMIN, Role.AUDITOR])
def test_other_roles_have_no_trends(session: Session, role: Role) -> None:
    with pytest.raises(Forbidden):
        trends(session, a_viewer(session, role), now=NOW)
