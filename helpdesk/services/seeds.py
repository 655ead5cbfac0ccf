"""Writes shipped reference data into tables: routing, calendars, holidays, matrix. Repeatable."""

from collections.abc import Iterator
from datetime import date, datetime
from importlib.resources import files

import holidays
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.routing import RoutingRule, default_rules, default_teams
from helpdesk.models.people import Team
from helpdesk.models.sla import (
    Holiday,
    HolidayKind,
    MatrixVersion,
    RoutingRuleRow,
    SlaCalendar,
)
from helpdesk.services.calendars import withdraw
from helpdesk.sla.policy import CalendarCode

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
ALL_DAYS = (*WEEKDAYS, "sat", "sun")

_YEARS_BACK, _YEARS_AHEAD = 1, 2
_SYSTEM = "system"

# The package calls cuti bersama the category "government" (domain.md 6.2).
_PACKAGE_CATEGORIES = {"public": HolidayKind.NATIONAL, "government": HolidayKind.CUTI_BERSAMA}

Hours = dict[str, list[list[str]]]


def _week(days: tuple[str, ...], *spans: tuple[str, str]) -> Hours:
    return {day: [list(span) for span in spans] for day in days}


_NOT_WORKED = [HolidayKind.NATIONAL, HolidayKind.LOCAL]

# Code: name, hours, closed kinds. A company holiday closes the service desk, never the regulator's count.
_CALENDARS: dict[CalendarCode, tuple[str, Hours, list[HolidayKind]]] = {
    CalendarCode.SERVICE: (
        "Jam layanan",
        _week(WEEKDAYS, ("08:00", "12:00"), ("13:00", "17:00")),
        list(HolidayKind),
    ),
    CalendarCode.ALWAYS: ("Setiap saat", _week(ALL_DAYS, ("00:00", "24:00")), []),
    CalendarCode.REGULATORY: (
        "Hari kerja regulator",
        _week(WEEKDAYS, ("00:00", "24:00")),
        [*_NOT_WORKED, HolidayKind.CUTI_BERSAMA],
    ),
    CalendarCode.STRICT: (
        "Hari kerja, cuti bersama dihitung",
        _week(WEEKDAYS, ("00:00", "24:00")),
        _NOT_WORKED,
    ),
}


def seed_routing(session: Session) -> None:
    """Write the shipped teams and routing rules that are not there yet; the rest is the admins'."""
    teams = set(session.scalars(select(Team.code)))
    session.add_all(
        Team(code=team.code, name=team.name_id) for team in default_teams() if team.code not in teams
    )
    session.flush()
    rules = set(session.scalars(select(RoutingRuleRow.code)))
    session.add_all(
        RoutingRuleRow(code=rule.code, rank=rule.rank, team_code=rule.team, conditions=_conditions(rule))
        for rule in default_rules()
        if rule.code not in rules
    )


def _conditions(rule: RoutingRule) -> dict[str, object]:
    """Return what RoutingRule.from_mapping() reads besides code, rank and team."""
    named = {
        "categories": rule.categories,
        "severities": rule.severities,
        "kinds": rule.kinds,
        "units": rule.units,
    }
    lists: dict[str, object] = {name: list(words) for name, words in named.items() if words is not None}
    return lists if rule.team_unit is None else lists | {"team_unit": rule.team_unit}


def seed_calendars(session: Session) -> None:
    """Write version 1 of each calendar that has no version yet; later ones belong to administrators."""
    known = set(session.scalars(select(SlaCalendar.code)))
    for code, (name, hours, closed_kinds) in _CALENDARS.items():
        if code not in known:
            session.add(
                SlaCalendar(
                    code=code,
                    version=1,
                    name=name,
                    hours=hours,
                    closed_kinds=[kind.value for kind in closed_kinds],
                )
            )


def seed_holidays(session: Session, *, now: datetime) -> None:
    """Bring the national holidays of last year up to the year after next in line with the `holidays` package.

    Own entries win: they are neither changed nor doubled. A day that the package has dropped goes. What a new
    installation begins with was always known; a later change leaves promises given before it as they are.
    """
    first, last = now.year - _YEARS_BACK, now.year + _YEARS_AHEAD
    is_new = session.scalar(select(Holiday.id).limit(1)) is None
    stored = {
        (row.on, row.kind): row
        for row in session.scalars(
            select(Holiday).where(
                Holiday.unit_id.is_(None),
                Holiday.province.is_(None),
                Holiday.withdrawn_at.is_(None),
                Holiday.on.between(date(first, 1, 1), date(last, 12, 31)),
            )
        )
    }
    decreed = dict(_package_days(first, last))
    for key, row in stored.items():
        if not row.is_own and decreed.get(key) != row.name:
            withdraw(session, row, now=now)
    for (on, kind), name in decreed.items():
        known = stored.get((on, kind))
        if known is None or known.withdrawn_at is not None:
            session.add(Holiday(on=on, name=name, kind=kind, entered_at=None if is_new else now))


def _package_days(first: int, last: int) -> Iterator[tuple[tuple[date, HolidayKind], str]]:
    for category, kind in _PACKAGE_CATEGORIES.items():
        days = holidays.country_holidays(
            "ID", years=range(first, last + 1), categories=(category,), language="id"
        )
        for on, name in days.items():
            yield (on, kind), name


def seed_matrix(session: Session, *, now: datetime) -> None:
    """Publish the shipped severity matrix as version 1 where there is no matrix at all."""
    if session.scalar(select(MatrixVersion.version).limit(1)) is None:
        text = files("helpdesk.domain").joinpath("data", "severity_matrix.yaml").read_text(encoding="utf-8")
        session.add(MatrixVersion(version=1, document=text, published_at=now, published_by=_SYSTEM))
