"""The yearly check: from November on the cuti bersama of the next year should be entered."""

import logging
from datetime import date

import pytest
from factories import NOW
from sqlalchemy import delete
from sqlalchemy.orm import Session

from helpdesk import jobs
from helpdesk.models.holiday_years import YearCheck, missing_years, year_checks
from helpdesk.models.sla import Holiday, HolidayKind
from helpdesk.runtime import Runtime
from helpdesk.services.calendars import add_holiday, cancel_holiday
from helpdesk.services.seeds import seed_holidays


def forget(session: Session, year: int) -> None:
    days = Holiday.on.between(date(year, 1, 1), date(year, 12, 31))
    session.execute(delete(Holiday).where(Holiday.kind == HolidayKind.CUTI_BERSAMA, days))


def enter(session: Session, on: date, province: str | None = None) -> None:
    kind = HolidayKind.CUTI_BERSAMA
    session.add(Holiday(on=on, name="Cuti bersama", kind=kind, province=province, is_own=True))
    session.flush()


def test_a_whole_year_is_counted_with_its_tentative_dates(session: Session) -> None:
    this_year, next_year = year_checks(session, today=date(2026, 11, 28))
    assert this_year == YearCheck(2026, 8, 0, is_missing=False)
    assert (next_year.year, next_year.cuti_bersama_count, next_year.is_missing) == (2027, 8, False)
    assert next_year.tentative_count > 0


@pytest.mark.parametrize(
    ("today", "missing"),
    [
        pytest.param(date(2027, 10, 31), (), id="october"),
        pytest.param(date(2027, 11, 1), (2028,), id="november"),
        pytest.param(date(2028, 3, 1), (2028,), id="the year itself"),
        pytest.param(date(2028, 12, 1), (2028, 2029), id="both"),
    ],
)
def test_what_should_be_decreed_by_then_is_missed(
    session: Session, today: date, missing: tuple[int, ...]
) -> None:
    seed_holidays(session, now=NOW.replace(year=2027))
    assert missing_years(session, today=today) == missing


def test_one_entry_for_the_whole_country_is_enough_and_less_is_not(session: Session) -> None:
    forget(session, 2027)
    enter(session, date(2027, 3, 15), province="Bali")
    assert missing_years(session, today=NOW.date()) == (2027,)
    add_holiday(
        session, on=date(2027, 3, 16), name="Cuti bersama", kind=HolidayKind.CUTI_BERSAMA, unit_code=None,
        actor="system", now=NOW,
    )  # fmt: skip
    assert missing_years(session, today=NOW.date()) == ()
    row = session.query(Holiday).filter(Holiday.on == date(2027, 3, 16), Holiday.is_own.is_(True)).one()
    cancel_holiday(session, row.id, actor="system", now=NOW)
    assert missing_years(session, today=NOW.date()) == (2027,)


def test_the_worker_says_so_once_a_day_in_the_log(rt: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "helpdesk.jobs"):
        jobs.check_holidays(rt)
        assert caplog.messages == []
        rt.write(lambda session: forget(session, 2027))
        jobs.check_holidays(rt)
    assert [message.split(":")[0] for message in caplog.messages] == ["no cuti bersama in 2027"]
    assert 86_400 in [job.every_seconds for job in jobs.SCHEDULE if job.run is jobs.check_holidays]
