"""Trends for product teams: complaints per category and week with control limits, where, and how they ended.

Only aggregates and texts without personal data leave this module; the few that may see single tickets go
through the queue.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, case, func, not_, select, true
from sqlalchemy.orm import Session

from helpdesk.domain.errors import InvalidInput, NotFound
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.messages import Direction, Purpose
from helpdesk.domain.privacy import strip_personal
from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Message
from helpdesk.models.people import OrgUnit
from helpdesk.models.tickets import CategoryRow, Ticket
from helpdesk.queries.control import BASELINE_WEEKS, ControlPoint, control_points
from helpdesk.queries.directory import staff_name_words
from helpdesk.queries.durations import Spread, days_to_resolve
from helpdesk.queries.periods import day_start, week_starts
from helpdesk.queries.terms import units_named
from helpdesk.queries.visibility import Action, Viewer, barred, require

WEEKS = 12
MAX_WEEKS = 52
MIN_N = 20
"""Shares of fewer complaints than this are not shown (design.md W6)."""
HEAT_CATEGORIES = 12
HEAT_UNITS = 20
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class TrendRow:
    """One category over the window."""

    category: str
    name_id: str
    name_en: str
    points: tuple[ControlPoint, ...]
    """One for each week of Trends.weeks; the last week is not over yet."""
    n: int
    share: float | None
    """Of all complaints of the window; None below MIN_N."""
    is_above: bool
    """The running week or the one before it stands out."""
    signal_weeks: tuple[date, ...]
    """Mondays of all weeks of the window that stand out."""


@dataclass(frozen=True, slots=True)
class HeatCell:
    """Complaints of one category at one unit."""

    category: str
    unit_code: str
    unit: str
    count: int


@dataclass(frozen=True, slots=True)
class Trends:
    """What the trend page and the product feed show."""

    weeks: tuple[date, ...]
    rows: tuple[TrendRow, ...]
    """What stands out first, then by number."""
    n: int
    heat: tuple[HeatCell, ...]
    resolution: Spread
    """Of complaints resolved in the window."""


@dataclass(frozen=True, slots=True)
class CategoryDetail:
    """One category, with stories of which names, phones and secrets were taken out."""

    row: TrendRow
    weeks: tuple[date, ...]
    units: tuple[HeatCell, ...]
    resolution: Spread
    examples: tuple[str, ...]


def trends(
    session: Session, viewer: Viewer, *, now: datetime, weeks: int = WEEKS, unit: str | None = None
) -> Trends:
    """Return the last `weeks` ISO weeks, of all units or of one and those below it, in three statements."""
    require(viewer, Action.READ_TRENDS)
    window = _window(viewer, now, weeks)
    scope = _scope(viewer, unit)
    rows = _rows(session, window, scope)
    return Trends(
        weeks=window.weeks,
        rows=rows,
        n=sum(row.n for row in rows),
        heat=_heat(session, window, scope, codes=[row.category for row in rows[:HEAT_CATEGORIES]]),
        resolution=days_to_resolve(session, since=window.start, scope=scope),
    )


def category_detail(
    session: Session,
    viewer: Viewer,
    code: str,
    *,
    now: datetime,
    weeks: int = WEEKS,
    unit: str | None = None,
) -> CategoryDetail:
    """Return one category. Raises NotFound for an unknown one."""
    require(viewer, Action.READ_TRENDS)
    window = _window(viewer, now, weeks)
    scope = (Ticket.category_code == code.upper()) & _scope(viewer, unit)
    rows = _rows(session, window, scope)
    if not rows:
        rows = (_quiet(session, code.upper(), window),)
    return CategoryDetail(
        row=rows[0],
        weeks=window.weeks,
        units=_heat(session, window, scope, codes=[code.upper()]),
        resolution=days_to_resolve(session, since=window.start, scope=scope),
        examples=_examples(session, scope, window),
    )


@dataclass(frozen=True, slots=True)
class _Window:
    weeks: tuple[date, ...]
    """Shown."""
    bounds: tuple[datetime, ...]
    """Begin of each week, of those before the window too: they set the limits."""
    start: datetime

    @property
    def lead(self) -> int:
        return len(self.bounds) - len(self.weeks)


def _window(viewer: Viewer, now: datetime, weeks: int) -> _Window:
    if not 1 <= weeks <= MAX_WEEKS:
        raise InvalidInput(f"weeks: 1 to {MAX_WEEKS}", field="weeks", code="range")
    mondays = week_starts(now, viewer.zone, count=weeks + BASELINE_WEEKS)
    bounds = tuple(day_start(monday, viewer.zone) for monday in mondays)
    return _Window(mondays[-weeks:], bounds, bounds[-weeks])


def _scope(viewer: Viewer, unit: str | None) -> ColumnElement[bool]:
    """Return the condition for the complaints that count for this viewer, of one unit and below where one is named.

    A cell of one tells as much as the ticket: what is kept from her is in no figure. A token is no person.
    """
    named = Ticket.unit_id.in_(units_named(unit)) if unit else true()
    return named & not_(barred(viewer))


def _complaints(window_start: datetime, scope: ColumnElement[bool]) -> ColumnElement[bool]:
    return (Ticket.received_at >= window_start) & (Ticket.kind == TicketKind.COMPLAINT) & scope


def _rows(session: Session, window: _Window, scope: ColumnElement[bool]) -> tuple[TrendRow, ...]:
    """Count by category and week in the database. A chain of comparisons names the week: no dialect's own
    date function, and local weeks at that."""
    following = window.bounds[1:]
    week = case(
        *((Ticket.received_at < bound, index) for index, bound in enumerate(following)), else_=len(following)
    ).label("week")
    counted = (
        select(Ticket.category_code, week, func.count().label("n"))
        .where(_complaints(window.bounds[0], scope), Ticket.category_code.is_not(None))
        .group_by(Ticket.category_code, week)
        .subquery()
    )
    found = session.execute(
        select(CategoryRow.code, CategoryRow.name_id, CategoryRow.name_en, counted.c.week, counted.c.n).join(
            counted, counted.c.category_code == CategoryRow.code
        )
    )
    counts: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0] * len(window.bounds))
    for code, name_id, name_en, index, n in found:
        counts[(code, name_id, name_en)][index] = n
    total = sum(sum(weekly[window.lead :]) for weekly in counts.values())
    rows = [_row(names, weekly, window, total=total) for names, weekly in counts.items()]
    rows.sort(key=lambda row: (not row.is_above, not row.signal_weeks, -row.n, row.category))
    return tuple(row for row in rows if row.n)


def _row(names: tuple[str, str, str], weekly: Sequence[int], window: _Window, *, total: int) -> TrendRow:
    points = control_points(weekly, first=window.lead)
    n = sum(point.count for point in points)
    return TrendRow(
        *names,
        points=points,
        n=n,
        share=n / total if total and n >= MIN_N else None,
        is_above=any(point.is_above for point in points[-2:]),
        signal_weeks=tuple(
            monday for monday, point in zip(window.weeks, points, strict=True) if point.is_above
        ),
    )


def _quiet(session: Session, code: str, window: _Window) -> TrendRow:
    """Row of a category without complaints in the window."""
    found = session.execute(
        select(CategoryRow.code, CategoryRow.name_id, CategoryRow.name_en).where(CategoryRow.code == code)
    ).first()
    if found is None:
        raise NotFound(f"no category {code!r}")
    return _row((found.code, found.name_id, found.name_en), [0] * len(window.bounds), window, total=0)


def _heat(
    session: Session, window: _Window, scope: ColumnElement[bool], *, codes: Sequence[str]
) -> tuple[HeatCell, ...]:
    """Return category by unit for the busiest units."""
    found = session.execute(
        select(Ticket.category_code, OrgUnit.code, OrgUnit.name, func.count().label("n"))
        .join(OrgUnit, OrgUnit.id == Ticket.unit_id)
        .where(_complaints(window.start, scope), Ticket.category_code.in_(codes))
        .group_by(Ticket.category_code, OrgUnit.code, OrgUnit.name)
    ).all()
    per_unit: dict[str, int] = defaultdict(int)
    for _, unit_code, _, n in found:
        per_unit[unit_code] += n
    busiest = sorted(per_unit, key=lambda unit_code: (-per_unit[unit_code], unit_code))[:HEAT_UNITS]
    cells = [
        HeatCell(str(code), unit_code, unit, n) for code, unit_code, unit, n in found if unit_code in busiest
    ]
    return tuple(sorted(cells, key=lambda cell: (codes.index(cell.category), busiest.index(cell.unit_code))))


def _examples(session: Session, scope: ColumnElement[bool], window: _Window) -> tuple[str, ...]:
    """Return the newest stories, stripped of what names a person."""
    newest = session.execute(
        select(Ticket.id, Contact.name, Contact.village, Contact.majelis)
        .join(Contact, Contact.id == Ticket.contact_id)
        .where(_complaints(window.start, scope))
        .order_by(Ticket.received_at.desc(), Ticket.id.desc())
        .limit(EXAMPLES)
    ).all()
    told: dict[int, str] = {}
    stories = session.execute(
        select(Message.ticket_id, Message.body)
        .where(
            Message.ticket_id.in_([row.id for row in newest]),
            Message.direction == Direction.IN,
            Message.purpose == Purpose.STORY,
        )
        .order_by(Message.ticket_id, Message.id)
    )
    for ticket_id, body in stories:
        if body.strip():
            told.setdefault(ticket_id, body)
    staff = staff_name_words(session) if told else frozenset()
    return tuple(
        strip_personal(told[row.id], [name for name in (row.name, row.village, row.majelis) if name], staff)
        for row in newest
        if row.id in told
    )
