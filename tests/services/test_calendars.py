"""CalendarBook: a point's calendar is its hours, its holidays and its zone."""

from datetime import UTC, date, datetime

import pytest
from factories import head_office, make_ladder, make_unit
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.domain.errors import NotFound
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.people import OrgUnit, UnitKind
from helpdesk.models.sla import Holiday, HolidayKind, SlaCalendar
from helpdesk.sla.policy import CalendarCode

CHRISTMAS = date(2026, 12, 25)
"""A Friday, national."""
CHRISTMAS_EVE = date(2026, 12, 24)
"""A Thursday, cuti bersama."""
PLAIN_DAY = date(2026, 12, 3)


def close(
    session: Session, on: date, unit: OrgUnit | None, *, kind: str = "local", off: bool = False
) -> None:
    session.add(
        Holiday(
            on=on,
            name="Hari daerah",
            kind=HolidayKind(kind),
            unit_id=unit.id if unit else None,
            is_own=True,
            is_cancelled=off,
        )
    )
    session.flush()


@pytest.mark.parametrize(
    ("code", "on", "is_worked"),
    [
        pytest.param(CalendarCode.SERVICE, CHRISTMAS, False, id="service-national"),
        pytest.param(CalendarCode.SERVICE, CHRISTMAS_EVE, False, id="service-cuti-bersama"),
        pytest.param(CalendarCode.REGULATORY, CHRISTMAS, False, id="regulatory-national"),
        pytest.param(CalendarCode.REGULATORY, CHRISTMAS_EVE, False, id="regulatory-cuti-bersama"),
        pytest.param(CalendarCode.STRICT, CHRISTMAS, False, id="strict-national"),
        pytest.param(CalendarCode.STRICT, CHRISTMAS_EVE, True, id="strict-works-cuti-bersama"),
        pytest.param(CalendarCode.ALWAYS, CHRISTMAS, True, id="always-never-closes"),
        pytest.param(CalendarCode.SERVICE, date(2026, 12, 5), False, id="service-saturday"),
        pytest.param(CalendarCode.REGULATORY, date(2026, 12, 5), False, id="regulatory-saturday"),
    ],
)
def test_each_calendar_closes_on_its_own_kinds(
    session: Session, code: CalendarCode, on: date, is_worked: bool
) -> None:
    calendar = CalendarBook(session).calendar(code, head_office(session))
    assert calendar.is_working_day(on) is is_worked


def test_a_company_holiday_closes_the_desk_and_not_the_regulators_count(session: Session) -> None:
    close(session, PLAIN_DAY, None, kind="company")
    book = CalendarBook(session)
    assert not book.calendar(CalendarCode.SERVICE, head_office(session)).is_working_day(PLAIN_DAY)
    assert book.calendar(CalendarCode.REGULATORY, head_office(session)).is_working_day(PLAIN_DAY)


def test_a_local_holiday_holds_for_the_units_below_and_no_other(session: Session) -> None:
    region, area, point = make_ladder(session)
    elsewhere = make_unit(session, UnitKind.POINT, parent=region)
    close(session, PLAIN_DAY, area)
    book = CalendarBook(session)
    worked = [
        book.calendar(CalendarCode.REGULATORY, unit).is_working_day(PLAIN_DAY)
        for unit in (point, area, region, elsewhere)
    ]
    assert worked == [False, False, True, True]


def test_the_entry_nearest_to_the_point_decides(session: Session) -> None:
    region, area, point = make_ladder(session)
    close(session, CHRISTMAS, region, kind="national", off=True)
    close(session, CHRISTMAS, point, kind="national")
    book = CalendarBook(session)
    assert book.calendar(CalendarCode.SERVICE, area).is_working_day(CHRISTMAS)
    assert not book.calendar(CalendarCode.SERVICE, point).is_working_day(CHRISTMAS)
    assert not book.calendar(CalendarCode.SERVICE, head_office(session)).is_working_day(CHRISTMAS)


def test_a_day_called_off_for_one_reason_stays_closed_for_another(session: Session) -> None:
    _, _, point = make_ladder(session)
    close(session, CHRISTMAS, point, kind="national", off=True)
    close(session, CHRISTMAS, point, kind="local")
    assert not CalendarBook(session).calendar(CalendarCode.SERVICE, point).is_working_day(CHRISTMAS)


def test_a_point_opens_by_its_own_clock(session: Session) -> None:
    makassar = make_unit(session, zone="Asia/Makassar")
    opening = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    book = CalendarBook(session)
    assert book.calendar(CalendarCode.SERVICE, makassar).is_open(opening)
    assert not book.calendar(CalendarCode.SERVICE, head_office(session)).is_open(opening)
    assert not book.calendar(CalendarCode.SERVICE, makassar, zone="Asia/Jakarta").is_open(opening)


def test_a_retired_version_is_found_by_id_and_no_longer_by_code(session: Session) -> None:
    first = CalendarBook(session).row(CalendarCode.SERVICE)
    first.retired_at = datetime(2026, 11, 1, tzinfo=UTC)
    session.add(
        SlaCalendar(
            code=CalendarCode.SERVICE, version=2, name="Jam layanan", hours=first.hours, closed_kinds=[]
        )
    )
    session.flush()
    book = CalendarBook(session)
    assert book.row(CalendarCode.SERVICE).version == 2
    assert book.row(first.id).version == 1


def test_an_unknown_calendar_is_an_error(session: Session) -> None:
    with pytest.raises(NotFound):
        CalendarBook(session).row(10_000)


def test_any_number_of_calendars_takes_two_statements(session: Session) -> None:
    units = [make_unit(session) for _ in range(5)]
    book = CalendarBook(session)
    with counted(session) as statements:
        for unit in units:
            for code in CalendarCode:
                book.calendar(code, unit)
    assert len(statements) == 2
