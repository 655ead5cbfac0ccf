"""CalendarBook: a point's calendar is its hours, its holidays and its zone, as they stand or stood."""

from datetime import UTC, date, datetime, timedelta

import pytest
from factories import NOW, head_office, make_ladder, make_unit
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.domain.errors import InvalidInput, NotFound
from helpdesk.models.calendars import BEFORE_ALL_CHANGES, CalendarBook
from helpdesk.models.people import OrgUnit, UnitKind
from helpdesk.models.sla import Holiday, HolidayKind, SlaCalendar
from helpdesk.services import calendars
from helpdesk.sla.policy import CalendarCode

CHRISTMAS = date(2026, 12, 25)
"""A Friday, national."""
CHRISTMAS_EVE = date(2026, 12, 24)
"""A Thursday, cuti bersama."""
PLAIN_DAY = date(2026, 12, 3)


HOUR = timedelta(hours=1)


def close(
    session: Session,
    on: date,
    unit: OrgUnit | None,
    *,
    kind: str = "local",
    off: bool = False,
    **values: object,
) -> Holiday:
    row = Holiday(
        on=on,
        kind=HolidayKind(kind),
        unit_id=unit.id if unit else None,
        is_own=True,
        is_cancelled=off,
        **({"name": "Hari daerah"} | values),
    )
    session.add(row)
    session.flush()
    return row


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


def test_each_place_beats_the_one_around_it(session: Session) -> None:
    """Point before area, area before region, region before province, province before company and nation."""
    region, area, point = make_ladder(session)
    for unit in (region, area, point):
        unit.province = "Jawa Barat"
    session.flush()
    answers = []
    for scope in (None, head_office(session), "Jawa Barat", region, area, point):
        is_off = len(answers) % 2 == 0
        if isinstance(scope, str):
            close(session, PLAIN_DAY, None, kind="local", off=is_off, province=scope)
        else:
            close(session, PLAIN_DAY, scope, kind="local", off=is_off)
        book = CalendarBook(session)
        answers.append(book.calendar(CalendarCode.REGULATORY, point).is_working_day(PLAIN_DAY))
    assert answers == [True, False, True, False, True, False]


def test_a_province_is_that_of_the_unit_or_of_the_nearest_one_above(session: Session) -> None:
    region, area, point = make_ladder(session)
    elsewhere = make_unit(session, UnitKind.POINT, parent=area, province="Banten")
    region.province = "Jawa Barat"
    session.flush()
    close(session, PLAIN_DAY, None, province="Jawa Barat")
    book = CalendarBook(session)
    units = (region, point, elsewhere, head_office(session))
    worked = [book.calendar(CalendarCode.SERVICE, unit).is_working_day(PLAIN_DAY) for unit in units]
    assert worked == [False, False, True, True]


def test_closed_days_are_known_by_name_where_they_hold(session: Session) -> None:
    _, _, point = make_ladder(session)
    close(session, CHRISTMAS, point, name="Pesta adat")
    close(session, CHRISTMAS_EVE, point, kind="cuti_bersama", off=True)
    book = CalendarBook(session)
    here = book.holiday_names(CalendarCode.REGULATORY, point)
    there = book.holiday_names(CalendarCode.REGULATORY, head_office(session))
    assert (here[CHRISTMAS], there[CHRISTMAS]) == ("Hari Raya Natal, Pesta adat", "Hari Raya Natal")
    assert CHRISTMAS_EVE not in here
    assert there[CHRISTMAS_EVE] == "Cuti Bersama Hari Raya Natal"
    assert CHRISTMAS_EVE not in book.holiday_names(CalendarCode.STRICT, head_office(session))
    assert book.holiday_names(CalendarCode.ALWAYS, point) == {}


def test_a_calendar_can_be_asked_as_it_stood(session: Session) -> None:
    unit = head_office(session)
    close(session, PLAIN_DAY, None, entered_at=NOW, withdrawn_at=NOW + 2 * HOUR)
    book = CalendarBook(session)

    def is_worked(as_of: datetime | None) -> bool:
        return book.calendar(CalendarCode.SERVICE, unit, as_of=as_of).is_working_day(PLAIN_DAY)

    instants = (NOW - HOUR, NOW, NOW + HOUR, NOW + 2 * HOUR, NOW + 3 * HOUR, None)
    assert [is_worked(instant) for instant in instants] == [True, False, False, True, True, True]
    assert PLAIN_DAY in book.holiday_names(CalendarCode.SERVICE, unit, as_of=NOW)
    assert PLAIN_DAY not in book.holiday_names(CalendarCode.SERVICE, unit)


def test_calendars_of_one_state_are_one(session: Session) -> None:
    unit = head_office(session)
    close(session, PLAIN_DAY, None, entered_at=NOW, withdrawn_at=NOW + HOUR)
    book = CalendarBook(session)
    first, *others = (
        book.calendar(CalendarCode.SERVICE, unit, as_of=NOW + timedelta(seconds=n)) for n in range(100)
    )
    assert all(other is first for other in others)
    assert book.calendar(CalendarCode.SERVICE, unit) is book.calendar(
        CalendarCode.SERVICE, unit, as_of=NOW - HOUR
    )


def test_a_promise_counts_by_the_newest_change_before_it(session: Session) -> None:
    assert CalendarBook(session).as_of(NOW) == BEFORE_ALL_CHANGES
    close(session, PLAIN_DAY, None, entered_at=NOW - HOUR, withdrawn_at=NOW + HOUR)
    assert CalendarBook(session).as_of(NOW) == NOW - HOUR
    second_version(session, at=NOW)
    assert CalendarBook(session).as_of(NOW) == NOW
    assert CalendarBook(session).as_of(NOW + 9 * HOUR) == NOW + HOUR


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


def second_version(session: Session, *, at: datetime) -> SlaCalendar:
    """The service desk opens on Mondays alone from then on."""
    first = CalendarBook(session).row(CalendarCode.SERVICE)
    first.retired_at = at
    hours = {"mon": [["08:00", "12:00"]]}
    code = CalendarCode.SERVICE
    session.add(SlaCalendar(code=code, version=2, name="Baru", hours=hours, closed_kinds=[], published_at=at))
    session.flush()
    return first


def test_a_retired_version_is_found_by_id_and_by_its_time(session: Session) -> None:
    first = second_version(session, at=NOW)
    book = CalendarBook(session)
    assert book.row(first.id).version == 1
    for as_of, version in ((None, 2), (NOW - HOUR, 1), (NOW, 2), (NOW + HOUR, 2)):
        assert book.row(CalendarCode.SERVICE, as_of=as_of).version == version


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


@pytest.mark.parametrize("kind", [HolidayKind.NATIONAL, HolidayKind.CUTI_BERSAMA])
def test_what_is_decreed_for_the_country_is_not_given_to_one_place(
    session: Session, kind: HolidayKind
) -> None:
    _region, _area, point = make_ladder(session)
    with pytest.raises(InvalidInput) as caught:
        calendars.add_holiday(
            session, on=PLAIN_DAY, name="Libur", kind=kind, unit_code=point.code, actor="user:a", now=NOW
        )
    assert (caught.value.field, caught.value.code) == ("unit", "nationwide")
