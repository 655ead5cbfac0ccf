"""Calendars and holidays as administrators see them, and what is missing in the year to come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import NotFound
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.holiday_years import TENTATIVE, YearCheck, year_checks
from helpdesk.models.people import OrgUnit
from helpdesk.models.sla import Holiday, HolidayKind, SlaCalendar
from helpdesk.queries.conversation import actor_names
from helpdesk.sla.calendar import BusinessCalendar, add_working_time
from helpdesk.sla.clock import counting_start
from helpdesk.sla.hours import OpenHours
from helpdesk.sla.policy import CalendarCode

__all__ = ["YearCheck", "year_checks"]

EXAMPLE_HOURS, EXAMPLE_DAYS = timedelta(hours=8), timedelta(days=5)
"""What the worked example of a calendar counts."""


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One version of a calendar."""

    code: CalendarCode
    version: int
    name: str
    hours: OpenHours
    closed_kinds: tuple[str, ...]
    published_at: datetime | None
    """None: what the installation began with."""
    published_by: str
    """Name, or the word for who it was."""
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class HolidayRow:
    """A closed day, or one that is worked after all; neither unit nor province means the whole country."""

    id: int
    on: date
    name: str
    """Without the mark of a tentative date."""
    kind: HolidayKind
    unit: str | None
    province: str | None
    is_own: bool
    is_cancelled: bool
    is_tentative: bool


def calendars(session: Session) -> tuple[CalendarRow, ...]:
    """Return the calendars as they are in force."""
    return _rows(session, SlaCalendar.retired_at.is_(None))


def versions(session: Session, code: CalendarCode) -> tuple[CalendarRow, ...]:
    """Return all versions of a calendar, the newest first. Raises NotFound."""
    found = _rows(session, SlaCalendar.code == code)
    if not found:
        raise NotFound(f"no calendar {code}")
    return found


def holidays(session: Session, year: int) -> tuple[HolidayRow, ...]:
    """Return the entries of a year that stand, in order."""
    found = session.execute(
        select(Holiday, OrgUnit.name)
        .outerjoin(OrgUnit, OrgUnit.id == Holiday.unit_id)
        .where(
            Holiday.on.between(date(year, 1, 1), date(year, 12, 31)),
            Holiday.withdrawn_at.is_(None),
        )
        .order_by(Holiday.on, Holiday.id)
    )
    return tuple(
        HolidayRow(
            id=row.id,
            on=row.on,
            name=row.name.replace(TENTATIVE, "").strip(),
            kind=row.kind,
            unit=unit,
            province=row.province,
            is_own=row.is_own,
            is_cancelled=row.is_cancelled,
            is_tentative=TENTATIVE in row.name,
        )
        for row, unit in found
    )


def provinces(session: Session) -> tuple[str, ...]:
    """Return the provinces in which the lender has a unit."""
    found = select(OrgUnit.province).where(OrgUnit.province.is_not(None)).distinct()
    return tuple(sorted(province for province in session.scalars(found) if province))


@dataclass(frozen=True, slots=True)
class Example:
    """When so much time of a calendar is over that begins now, at head office."""

    zone: str
    ends_at: datetime
    drafted_ends_at: datetime | None
    """With the hours that are not saved yet."""


def example(
    session: Session, code: CalendarCode, *, draft: OpenHours | None = None, now: datetime
) -> Example:
    """Return the worked example of a calendar: 8 hours, or 5 days where whole days count."""
    book = CalendarBook(session)
    office = session.scalars(select(OrgUnit).order_by(OrgUnit.path).limit(1)).one()
    ends_at = _example_end(book.calendar(code, office), code, now)
    drafted = None if draft is None else _example_end(book.with_hours(code, office, draft), code, now)
    return Example(office.zone, ends_at, drafted)


def _example_end(calendar: BusinessCalendar, code: CalendarCode, now: datetime) -> datetime:
    start = counting_start(now, zone=ZoneInfo(calendar.zone.key), is_day_based=code.is_day_based)
    return add_working_time(calendar, start, EXAMPLE_DAYS if code.is_day_based else EXAMPLE_HOURS)


def _rows(session: Session, wanted: ColumnElement[bool]) -> tuple[CalendarRow, ...]:
    query = select(SlaCalendar).where(wanted).order_by(SlaCalendar.code, SlaCalendar.version.desc())
    found = session.scalars(query).all()
    names = actor_names(session, (row.published_by for row in found if row.published_by))
    return tuple(_calendar(row, names) for row in found)


def _calendar(row: SlaCalendar, names: Mapping[str, str]) -> CalendarRow:
    stored: dict[str, object] = {
        "hours": row.hours,
        "special_days": row.special_days,
        "breaks": row.breaks,
    }
    actor = row.published_by or ""
    return CalendarRow(
        code=row.code,
        version=row.version,
        name=row.name,
        hours=OpenHours.from_mapping(stored),
        closed_kinds=tuple(row.closed_kinds),
        published_at=row.published_at,
        published_by=names.get(actor, actor),
        retired_at=row.retired_at,
    )
