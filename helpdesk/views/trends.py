"""Trends: complaints per category and week, what stands out, where, and how they ended."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.queries import admin
from helpdesk.queries import trends as figures
from helpdesk.queries.admin import UnitRow
from helpdesk.queries.durations import Spread
from helpdesk.queries.filters import QueueFilter, View, filter_text
from helpdesk.queries.trends import HeatCell, TrendRow, Trends
from helpdesk.queries.visibility import Action, Viewer, can
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.days import day_text
from helpdesk.views.formatting import language_of, number

bp = Blueprint("trends", __name__)

WEEK_CHOICES = (8, 12, 26)

HeatRow = tuple[str, list[tuple[int | None, str, str]]]


@dataclass(frozen=True, slots=True)
class Asked:
    """The window and the unit of the address; what is not offered falls back to the usual."""

    weeks: int
    unit: str

    def query(self, **more: object) -> str:
        """Return the query string that keeps both."""
        kept: dict[str, object] = {"weeks": self.weeks} | ({"unit": self.unit} if self.unit else {})
        return urlencode(kept | more)


def _asked() -> Asked:
    weeks = request.args.get("weeks", "")
    is_offered = weeks in {str(choice) for choice in WEEK_CHOICES}
    return Asked(int(weeks) if is_offered else figures.WEEKS, request.args.get("unit", "").strip()[:80])


@bp.get("/trends")
@requires(Action.READ_TRENDS)
def index() -> ResponseReturnValue:
    """All categories, what stands out first."""
    asked, who, now = _asked(), viewer(), runtime().now()

    def find(session: Session) -> tuple[Trends, tuple[UnitRow, ...]]:
        found = figures.trends(session, who, now=now, weeks=asked.weeks, unit=asked.unit or None)
        return found, admin.units(session)

    found, units = runtime().read(find)
    return render_template(
        "trends/index.html",
        found=found,
        heat=_heat_rows(found.rows, found.heat, who),
        heat_units=_unit_names(found.heat),
        highest=max((cell.count for cell in found.heat), default=0),
        **_around(asked, who, units, found.resolution),
    )


@bp.get("/trends/<code>")
@requires(Action.READ_TRENDS)
def category(code: str) -> ResponseReturnValue:
    """One category with its control limit, its units and what was told, without names."""
    asked, who, now = _asked(), viewer(), runtime().now()

    def find(session: Session) -> tuple[figures.CategoryDetail, tuple[UnitRow, ...]]:
        found = figures.category_detail(
            session, who, code, now=now, weeks=asked.weeks, unit=asked.unit or None
        )
        return found, admin.units(session)

    found, units = runtime().read(find)
    by_unit = [
        (cell.unit, cell.count, number(cell.count), _queue_url(cell, who))
        for cell in sorted(found.units, key=lambda cell: -cell.count)
    ]
    return render_template(
        "trends/category.html",
        found=found,
        by_unit=by_unit,
        **_around(asked, who, units, found.resolution),
    )


def _around(asked: Asked, who: Viewer, units: tuple[UnitRow, ...], resolution: Spread) -> dict[str, object]:
    """What both pages show around their figures."""
    return {
        "asked": asked,
        "week_choices": [(weeks, _("%(n)s minggu", n=weeks)) for weeks in WEEK_CHOICES],
        "unit_choices": [("", _("Semua cabang")), *((unit.code, unit.name) for unit in units)],
        "resolution": resolution,
        "is_share_shown": resolution.n >= figures.MIN_N,
        "min_n": figures.MIN_N,
        "may_improve": can(who, Action.EDIT_IMPROVEMENTS),
        "day_text": day_text,
        "week_to_improve": week_to_improve,
        "weekly_words": weekly_words,
    }


def week_to_improve(row: TrendRow, weeks: tuple[date, ...]) -> date:
    """Return the Monday from which an improvement should take tickets: the first that stands out."""
    return row.signal_weeks[0] if row.signal_weeks else weeks[0]


def weekly_words(row: TrendRow) -> str:
    """Return the counts of a sparkline in words."""
    *finished, running = [number(point.count) for point in row.points]
    return str(
        _(
            "Per minggu, lama ke baru: %(counts)s. Minggu ini, belum penuh: %(running)s",
            counts=", ".join(finished),
            running=running,
        )
    )


def _unit_names(cells: tuple[HeatCell, ...]) -> list[str]:
    return list({cell.unit_code: cell.unit for cell in cells}.values())


def _heat_rows(rows: tuple[TrendRow, ...], cells: tuple[HeatCell, ...], who: Viewer) -> list[HeatRow]:
    """Return category rows with one cell for each unit; an empty cell is a plain zero."""
    is_english = language_of(None) == "en"
    found = {(cell.category, cell.unit_code): cell for cell in cells}
    codes = list({cell.unit_code: None for cell in cells})
    table: list[HeatRow] = []
    for row in rows:
        line = [found.get((row.category, code)) for code in codes]
        if any(line):
            shown: list[tuple[int | None, str, str]] = [
                (cell.count, number(cell.count), _queue_url(cell, who)) if cell else (None, "0", "")
                for cell in line
            ]
            table.append((row.name_en if is_english else row.name_id, shown))
    return table


def _queue_url(cell: HeatCell, who: Viewer) -> str:
    """Return the address of the tickets behind a cell, for those who may see a queue."""
    if not can(who, Action.READ_QUEUE):
        return ""
    text = filter_text(QueueFilter(view=View.ALL, category=cell.category, unit=cell.unit_code))
    return f"/queue?{urlencode({'view': View.ALL.value, 'filter': text})}"
