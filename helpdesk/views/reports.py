"""Reports for management and the regulator: on screen and as files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain.complaints import DISPOSITION_NAMES, REDRESS_NAMES, UNASSESSED, root_cause
from helpdesk.domain.errors import InvalidInput, NotFound
from helpdesk.domain.taxonomy import REGULATOR_TYPES
from helpdesk.queries import policies, texts
from helpdesk.queries import reports as figures
from helpdesk.queries.ojk import OjkLine, OjkReport, ojk_report
from helpdesk.queries.periods import Period, local_date, parse_period
from helpdesk.queries.reports import (
    AttainmentRow,
    BacklogRow,
    CauseRow,
    DueReport,
    LateRow,
    RedressTotal,
)
from helpdesk.queries.visibility import Action, Viewer, can
from helpdesk.reports import ojk_workbook
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.days import day_text
from helpdesk.views.formatting import language_of
from helpdesk.views.labels import label
from helpdesk.views.regulation_words import rule_name
from helpdesk.views.sheets import Cell, csv_answer
from helpdesk.views.value_words import late_reason_name

bp = Blueprint("reports", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

GAP_NAMES: Mapping[str, LazyString] = {
    "no_category": lazy_gettext("tiket belum berkategori"),
    "no_resolution": lazy_gettext("tiket dijawab tanpa putusan"),
}
FORM_NAMES: Mapping[str, LazyString] = {
    "lisan": lazy_gettext("Lisan"),
    "tertulis": lazy_gettext("Tertulis"),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that the page shows of a period."""

    period: Period
    attainment: tuple[AttainmentRow, ...]
    backlog: tuple[BacklogRow, ...]
    causes: tuple[CauseRow, ...]
    redress: tuple[RedressTotal, ...]
    late: tuple[LateRow, ...]
    ojk: OjkReport
    due: tuple[DueReport, ...]


@bp.get("/reports")
@requires(Action.READ_REPORTS)
def index() -> ResponseReturnValue:
    """The figures of one period."""
    who, now = viewer(), runtime().now()
    usual, asked = _this_half(now, who.zone), request.args.get("period", "").strip()
    error = ""
    try:
        period = parse_period(asked or usual, who.zone)
    except InvalidInput:
        period, error = (
            parse_period(usual, who.zone),
            _("Tulis periode, contoh 2026H2, 2026Q3, atau 2026-07."),
        )
    found = runtime().read(lambda session: _figures(session, who, period, now=now))
    body = render_template(
        "reports/index.html",
        found=found,
        asked=asked or usual,
        error=error,
        choices=period_choices(now, who.zone),
        ages=[_("%(days)s hari", days=f"≤ {days}") for days in figures.AGE_DAYS]
        + [_("> %(days)s hari", days=figures.AGE_DAYS[-1])],
        balances=_balances(found.ojk),
        gap_names=GAP_NAMES,
        cause_name=cause_name,
        disposition_name=disposition_name,
        redress_name=redress_name,
        late_reason_name=late_reason_name,
        rule_name=rule_name,
        has_policies=can(who, Action.REVIEW_POLICIES),
        policy_waits=runtime().read(lambda session: policies.waits_for(session, who.user_id)),
        has_texts=can(who, Action.REVIEW_TEXTS),
        texts_wait=runtime().read(lambda session: texts.waits_for(session, who.user_id)),
        now=now,
        zone=who.zone,
        day_text=day_text,
    )
    return body, 422 if error else 200


@bp.get("/reports/<name>.csv")
@requires(Action.READ_REPORTS)
def download(name: str) -> ResponseReturnValue:
    """One table of the page as a file."""
    who, now = viewer(), runtime().now()
    if name not in _TABLES:
        raise NotFound(f"no table {name}")
    period = parse_period(request.args.get("period", "") or _this_half(now, who.zone), who.zone)
    found = runtime().read(lambda session: _figures(session, who, period, now=now))
    head, rows = _TABLES[name](found)
    return _as_file(name, period, head, rows)


@bp.get("/reports/ojk.xlsx")
@requires(Action.READ_REPORTS)
def ojk_file() -> ResponseReturnValue:
    """The half-yearly report as a workbook, the same as `helpdesk report ojk` writes."""
    who, now = viewer(), runtime().now()
    period = parse_period(request.args.get("period", "") or _this_half(now, who.zone), who.zone)
    content = ojk_workbook(runtime().read(lambda session: ojk_report(session, who, period)))
    answer = Response(content, content_type=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="ojk-{period.label}.xlsx"'
    return answer


def period_choices(now: datetime, zone: str) -> list[str]:
    """Return this year and the one before, their halves and quarters, newest first."""
    year = local_date(now, zone).year
    parts = ("", "H2", "H1", "Q4", "Q3", "Q2", "Q1")
    return [f"{each}{part}" for each in (year, year - 1) for part in parts]


def cause_name(code: str) -> str:
    """Return what a root cause is called; an unknown code is shown as it is."""
    try:
        found = root_cause(code)
    except NotFound:
        return _("Tidak dinilai") if code == UNASSESSED else code
    return found.name_en if _is_english() else found.name_id


def disposition_name(code: str | None) -> str:
    """Return what a disposition is called; none is a ticket that was no complaint."""
    for disposition, names in DISPOSITION_NAMES.items():
        if disposition == code:
            return names.name_en if _is_english() else names.name_id
    return _("Bukan pengaduan") if code is None else code


def redress_name(code: str) -> str:
    """Return what a kind of redress is called."""
    for kind, names in REDRESS_NAMES.items():
        if kind == code:
            return names.name_en if _is_english() else names.name_id
    return code


def _figures(session: Session, who: Viewer, period: Period, *, now: datetime) -> Figures:
    return Figures(
        period=period,
        attainment=figures.sla_attainment(session, who, period, now=now),
        backlog=figures.backlog_age(session, who, now=now),
        causes=figures.root_causes(session, who, period),
        redress=figures.redress_totals(session, who, period),
        late=figures.late_reasons(session, who, period),
        ojk=ojk_report(session, who, period),
        due=figures.due_reports(session, now=now),
    )


def _this_half(now: datetime, zone: str) -> str:
    today = local_date(now, zone)
    return f"{today.year}H{1 if today.month < 7 else 2}"


def _balances(report: OjkReport) -> list[tuple[str, list[tuple[str, OjkLine]]]]:
    """Return the three ways to split the balance, each line with its words."""
    return [
        (str(_("Jenis masalah")), [(_type_name(line), line) for line in report.by_type]),
        (str(_("Kanal")), [(label(line.code, "channel"), line) for line in report.by_channel]),
        (str(_("Bentuk")), [(str(FORM_NAMES.get(line.code, line.name)), line) for line in report.by_form]),
    ]


def _type_name(line: OjkLine) -> str:
    if not line.code:
        return str(_("Belum dikategorikan"))
    known = REGULATOR_TYPES.get(line.code)
    return known.name_en if known and _is_english() else line.name


Table = tuple[Sequence[str], list[Sequence[Cell]]]


def _attainment_table(found: Figures) -> Table:
    head = ("metric", "severity", "met", "breached", "open")
    return head, [
        (row.metric, row.severity, row.met_count, row.breached_count, row.open_count)
        for row in found.attainment
    ]


def _backlog_table(found: Figures) -> Table:
    ages = [f"days_to_{days}" for days in figures.AGE_DAYS] + [f"days_over_{figures.AGE_DAYS[-1]}"]
    rows: list[Sequence[Cell]] = [
        (row.team_code, row.team, *row.bands, row.total, row.oldest_at.isoformat()) for row in found.backlog
    ]
    return ("team_code", "team", *ages, "total", "oldest_at"), rows


def _causes_table(found: Figures) -> Table:
    head = ("root_cause", "name", "disposition", "count")
    return head, [
        (row.root_cause, cause_name(row.root_cause), row.disposition, row.count) for row in found.causes
    ]


def _redress_table(found: Figures) -> Table:
    head = (
        "kind", "offered", "offered_idr", "accepted", "accepted_idr", "paid", "paid_idr",
    )  # fmt: skip
    return head, [
        (
            row.kind, row.offered_count, row.offered_sum, row.accepted_count, row.accepted_sum,
            row.paid_count, row.paid_sum,
        )
        for row in found.redress
    ]  # fmt: skip


def _late_table(found: Figures) -> Table:
    return ("late_reason", "name", "count"), [
        (row.code, late_reason_name(row.code), row.count) for row in found.late
    ]


def _ojk_table(found: Figures) -> Table:
    rows: list[Sequence[Cell]] = []
    for split, lines in (
        ("type", found.ojk.by_type), ("channel", found.ojk.by_channel), ("form", found.ojk.by_form),
    ):  # fmt: skip
        rows += [(split, line.code, line.name, *_parts(line)) for line in lines]
    total = found.ojk.total
    rows.append(("total", "", "", total.opening, total.received, total.resolved, total.closing))
    return ("split", "code", "name", "opening", "received", "resolved", "closing"), rows


def _parts(line: OjkLine) -> tuple[int, int, int, int]:
    each = line.balance
    return each.opening, each.received, each.resolved, each.closing


_TABLES: Mapping[str, Callable[[Figures], Table]] = {
    "sla": _attainment_table,
    "backlog": _backlog_table,
    "causes": _causes_table,
    "redress": _redress_table,
    "late": _late_table,
    "ojk": _ojk_table,
}


def _as_file(name: str, period: Period, head: Sequence[str], rows: list[Sequence[Cell]]) -> Response:
    return csv_answer(f"{name}-{period.label}", head, rows)


def _is_english() -> bool:
    return language_of(None) == "en"
