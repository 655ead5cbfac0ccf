"""Policies for their readers, and a promise worked out on the calendar of a place."""

from datetime import UTC, date, datetime, timedelta

import pytest
from factories import NOW, make_ladder, make_unit, make_user
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.domain.errors import InvalidInput, NotFound
from helpdesk.models.sla import Holiday, HolidayKind, SlaPolicyEdition
from helpdesk.queries import policies
from helpdesk.queries.policy_example import DueExample, ExampleBook
from helpdesk.sla.policy import Metric, shipped_policies
from helpdesk.sla.policy_document import write_document
from helpdesk.sla.policy_edits import find


def worked_out(session: Session, code: str, at: datetime, *, unit: str = "HO") -> dict[Metric, DueExample]:
    policy = find(shipped_policies(), code)
    return {example.metric: example for example in ExampleBook(session, unit).work_out(policy, at)}


def wib(day: int, hour: int, minute: int = 0, *, month: int = 12) -> datetime:
    return datetime(2026, month, day, hour - 7, minute, tzinfo=UTC)


def test_what_was_seeded_is_in_force_and_the_first_edition(session: Session) -> None:
    with counted(session) as seen:
        found = policies.in_force(session)
    assert len(seen) == 3
    assert tuple(row.policy for row in found) == shipped_policies()
    assert policies.edition(session, 1) == shipped_policies()
    (edition,) = policies.editions(session)
    assert (edition.version, edition.author, edition.published_at) == (1, None, NOW)
    assert policies.draft(session) is None
    assert policies.unseen_shipped(session) == ()
    with pytest.raises(NotFound):
        policies.edition(session, 2)


def test_a_draft_waits_for_all_but_its_author_once_it_is_submitted(session: Session) -> None:
    author, other = make_user(session), make_user(session)
    row = SlaPolicyEdition(
        document=write_document(shipped_policies()),
        note="",
        author_id=author.id,
        created_at=NOW,
        updated_at=NOW,
    )
    session.add(row)
    session.flush()
    assert not policies.waits_for(session, other.id)
    row.submitted_at = NOW
    session.flush()
    assert policies.waits_for(session, other.id)
    assert not policies.waits_for(session, author.id)
    draft = policies.draft(session)
    assert draft is not None
    assert (draft.author, draft.is_submitted, draft.policies) == (author.name, True, shipped_policies())


def test_a_promise_passes_over_nights_weekends_and_holidays(session: Session) -> None:
    # Wednesday 23 December 16.00: an hour today; 24 cuti bersama, 25 Christmas, 26 and 27 a weekend.
    found = worked_out(session, "complaint-s2-tertulis", wib(23, 16))
    first = found[Metric.FIRST_RESPONSE]
    assert first.due_at == wib(28, 16)
    assert [(day.on, day.name) for day in first.closed_days] == [
        (date(2026, 12, 24), "Cuti Bersama Hari Raya Natal"),
        (date(2026, 12, 25), "Hari Raya Natal"),
        (date(2026, 12, 26), ""),
        (date(2026, 12, 27), ""),
    ]
    assert not first.starts_closed


def test_whole_days_count_from_the_midnight_after(session: Session) -> None:
    regulatory = worked_out(session, "complaint-s2-lisan", wib(23, 16))[Metric.REGULATORY]
    assert regulatory.is_from_midnight
    # 28, 29, 30, 31 December; 1 January is a holiday, 2 and 3 a weekend; 4 January is the fifth day.
    assert regulatory.due_at == datetime(2027, 1, 4, 17, tzinfo=UTC)
    assert date(2027, 1, 5) not in {day.on for day in regulatory.closed_days}
    assert len(regulatory.closed_days) == 7


def test_hours_of_every_day_pass_over_nothing(session: Session) -> None:
    acknowledgement = worked_out(session, "complaint-s1-lisan", wib(25, 23))[Metric.ACKNOWLEDGEMENT]
    assert acknowledgement.due_at == wib(25, 23) + timedelta(hours=2)
    assert acknowledgement.closed_days == ()
    assert not acknowledgement.starts_closed


def test_what_arrives_at_night_is_counted_from_the_next_opening(session: Session) -> None:
    found = worked_out(session, "complaint-s2-lisan", wib(1, 21))[Metric.ACKNOWLEDGEMENT]
    assert found.starts_closed
    assert found.due_at == wib(2, 12)


def test_a_place_has_its_zone_and_its_own_holidays(session: Session) -> None:
    _, area, point = make_ladder(session, zone="Asia/Makassar")
    for unit_id, name in ((area.id, "Libur area"), (point.id, "Upacara")):
        session.add(
            Holiday(on=date(2026, 12, 2), name=name, kind=HolidayKind.LOCAL, unit_id=unit_id, is_own=True)
        )
    session.flush()
    arrival = wib(1, 15)  # 16.00 WITA
    here = worked_out(session, "complaint-s2-lisan", arrival, unit=point.code)[Metric.ACKNOWLEDGEMENT]
    assert here.due_at == wib(3, 10)  # an hour on the first, three on the third: 11.00 WITA
    assert [(day.on, day.name) for day in here.closed_days] == [(date(2026, 12, 2), "Upacara")]
    there = worked_out(session, "complaint-s2-lisan", arrival)[Metric.ACKNOWLEDGEMENT]
    assert (there.due_at, there.closed_days) == (wib(2, 10), ())


def test_an_unknown_place_is_refused(session: Session) -> None:
    make_unit(session, code="DPS")
    assert ExampleBook(session, "DPS").place.code == "DPS"
    with pytest.raises(InvalidInput) as refused:
        ExampleBook(session, "XYZ")
    assert refused.value.code == "unknown_unit"
