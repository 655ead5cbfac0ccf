"""Whether the holidays of a year are all entered: cuti bersama is decreed year by year (domain.md 6.2)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import extract, func, select
from sqlalchemy.orm import Session

from helpdesk.models.sla import Holiday, HolidayKind

DECREED_BY_MONTH = 11
"""From November on the cuti bersama of the next year should be known."""

TENTATIVE = "(perkiraan)"
"""How the holidays package marks a date that is not decreed yet."""


@dataclass(frozen=True, slots=True)
class YearCheck:
    """How the holidays of the whole country stand for a year."""

    year: int
    cuti_bersama_count: int
    tentative_count: int
    is_missing: bool
    """Cuti bersama should be decreed by now, and none is entered."""


def year_checks(session: Session, *, today: date) -> tuple[YearCheck, YearCheck]:
    """Return how this year and the next one stand."""
    first, last = today.year, today.year + 1
    year = extract("year", Holiday.on)
    counted = session.execute(
        select(
            year,
            func.count().filter(Holiday.kind == HolidayKind.CUTI_BERSAMA),
            func.count().filter(Holiday.name.contains(TENTATIVE)),
        )
        .where(
            Holiday.on.between(date(first, 1, 1), date(last, 12, 31)),
            Holiday.withdrawn_at.is_(None),
            Holiday.is_cancelled.is_(False),
            Holiday.unit_id.is_(None),
            Holiday.province.is_(None),
        )
        .group_by(year)
    )
    counts = {int(each): (leave, tentative) for each, leave, tentative in counted}

    def check(year: int, *, is_expected: bool) -> YearCheck:
        leave, tentative = counts.get(year, (0, 0))
        return YearCheck(year, leave, tentative, is_missing=is_expected and not leave)

    return (
        check(first, is_expected=True),
        check(last, is_expected=today.month >= DECREED_BY_MONTH),
    )


def missing_years(session: Session, *, today: date) -> tuple[int, ...]:
    """Return the years whose cuti bersama should be there and are not."""
    return tuple(each.year for each in year_checks(session, today=today) if each.is_missing)
