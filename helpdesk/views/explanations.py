"""The checklist: a majelis was told how to complain. Entry in a few strokes, counts per branch and month, files."""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import pgettext
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.domain.explanations import Means, Point, Tongue
from helpdesk.queries import explanations as found_explanations
from helpdesk.queries.directory import UnitChoice, entry_units
from helpdesk.queries.explanations import BranchRow, ExplanationRow, Filter
from helpdesk.queries.periods import Period, local_date
from helpdesk.queries.visibility import Action, Viewer, can
from helpdesk.reports import workbook
from helpdesk.services import explanations, idempotency
from helpdesk.services.explanations import MOST_PRESENT, Draft
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.fields import collect, field_text, parse_count, parse_day, short_field
from helpdesk.views.labels import label
from helpdesk.views.sheets import csv_answer

bp = Blueprint("explanations", __name__, url_prefix="/explanations")

MAX_LINE = 100
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FIELDS = ("unit", "explained_on", "majelis", "person", "present_count", "means", "language", "by", "key")
_KEPT = ("unit", "explained_on", "means", "language", "by")
"""What stays for the next majelis of the same day."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, which points were ticked, and what is wrong."""

    values: Mapping[str, str] = field(default_factory=dict)
    points: frozenset[str] = frozenset(Point)
    errors: Mapping[str, str] = field(default_factory=dict)


@bp.get("")
@requires(Action.READ_EXPLANATIONS)
def index() -> ResponseReturnValue:
    """Entry, and the lines so far."""
    kept = {name: request.args.get(f"last_{name}", "") for name in _KEPT}
    points = frozenset(request.args.getlist("last_point")) & frozenset(Point)
    return _page(Typed(kept, points or frozenset(Point)))


@bp.post("")
@requires(Action.ENTER_EXPLANATIONS)
def save() -> ResponseReturnValue:
    """Keep one line; the next form begins where this one was."""
    rt, who = runtime(), viewer()
    values = {name: short_field(name) for name in _FIELDS}
    points = frozenset(request.form.getlist("point")) & frozenset(Point)
    errors: dict[str, str] = {}
    draft = _draft(values, points, who, errors)
    if errors or draft is None or who.user_id is None:
        return _page(Typed(values, points, errors))
    now, user_id = rt.now(), who.user_id

    def write(session: Session) -> dict[str, str]:
        def act() -> dict[str, str]:
            return {"id": explanations.record(session, draft, user_id=user_id, actor=who.actor, now=now)}

        scope = f"explanations:{who.public_id}"
        return idempotency.once(session, scope, values["key"], repr(draft), act=act, now=now)

    try:
        rt.write(write)
    except InvalidInput as error:
        name = error.field if error.field in (*_FIELDS, "points") else ""
        return _page(Typed(values, points, {name: _wrong(error)}))
    flash(_("Tercatat: %(audience)s.", audience=draft.majelis or draft.person), "success")
    kept = [(f"last_{name}", values[name]) for name in _KEPT if values[name]]
    query = urlencode([*kept, *(("last_point", point) for point in sorted(points))])
    return redirect(f"{url_for('.index')}?{query}", code=303)


@bp.post("/<public_id>/void")
@requires(Action.ENTER_EXPLANATIONS)
def void(public_id: str) -> ResponseReturnValue:
    """Take out a wrong entry; it stays on record."""
    rt, who = runtime(), viewer()
    if not rt.read(lambda session: found_explanations.may_void(session, who, public_id)):
        raise NotFound("no such explanation")
    now = rt.now()
    with suppress(Conflict):  # a second press
        rt.write(lambda session: explanations.void(session, public_id, actor=who.actor, now=now))
    flash(_("Catatan dibatalkan. Tetap tersimpan, tidak dihitung lagi."), "success")
    return redirect(url_for(".index"), code=303)


@bp.get("/branches")
@requires(Action.READ_EXPLANATIONS)
def branches() -> ResponseReturnValue:
    """The last twelve months by branch; who has had nothing comes first."""
    months, rows = _branches()
    return render_template("explanations/branches.html", months=months, rows=rows)


@bp.get("/branches/<int:unit_id>")
@requires(Action.READ_EXPLANATIONS)
def branch(unit_id: int) -> ResponseReturnValue:
    """Who of one branch has not heard it in twelve months."""
    rt, who = runtime(), viewer()
    now = rt.now()

    def load(session: Session) -> tuple[UnitChoice, found_explanations.Unreached]:
        unit = next((each for each in entry_units(session, who) if each.id == unit_id), None)
        if unit is None:
            raise NotFound("no such branch")
        since = _year_before(local_date(now, unit.zone))
        return unit, found_explanations.unreached(session, who, unit_id, since=since)

    unit, missing = rt.read(load)
    return render_template("explanations/branch.html", unit=unit, missing=missing)


@bp.get("/lines.csv")
@requires(Action.READ_EXPLANATIONS)
def csv_file() -> ResponseReturnValue:
    """The lines of the filter as a file."""
    head, rows = _table(_exported())
    return csv_answer("penjelasan", head, rows)


@bp.get("/lines.xlsx")
@requires(Action.READ_EXPLANATIONS)
def xlsx_file() -> ResponseReturnValue:
    """Lines and branches as a workbook."""
    head, lines = _table(_exported())
    months, rows = _branches()
    by_branch: list[Sequence[str | int]] = [
        (row.unit, row.session_count, row.people_count, row.automatic_count, *row.people_by_month)
        for row in rows
    ]
    titles = (_("Cabang"), _("Penjelasan"), _("Hadir"), _("Dari chat"), *(month.label for month in months))
    content = workbook([(_("Daftar"), [head, *lines]), (_("Per cabang"), [titles, *by_branch])])
    answer = Response(content, content_type=XLSX)
    answer.headers["Content-Disposition"] = 'attachment; filename="penjelasan.xlsx"'
    return answer


def _branches() -> tuple[tuple[Period, ...], tuple[BranchRow, ...]]:
    rt, who = runtime(), viewer()
    months = found_explanations.last_months(rt.now(), who.zone)
    return months, rt.read(lambda session: found_explanations.by_branch(session, who, months))


def _exported() -> Sequence[ExplanationRow]:
    """Return the lines for a file; that they were taken is on record."""
    rt, who = runtime(), viewer()
    wanted, now = _filter(), rt.now()
    lines = rt.read(lambda session: found_explanations.all_lines(session, who, wanted))
    rt.write(lambda session: explanations.note_export(session, count=len(lines), actor=who.actor, now=now))
    return lines


def _table(lines: Sequence[ExplanationRow]) -> tuple[Sequence[str], list[Sequence[str | int]]]:
    head = (
        *(
            _("Tanggal"),
            _("Cabang"),
            _("Kepada"),
            _("Hadir"),
            pgettext("by channel", "Lewat"),
            _("Bahasa"),
            _("Yang dijelaskan"),
        ),
        _("Oleh"),
    )
    rows: list[Sequence[str | int]] = [
        (
            line.explained_on.isoformat(),
            line.unit,
            line.audience,
            line.present_count,
            label(line.means, "means"),
            label(line.language, "tongue"),
            ", ".join(label(point, "point") for point in line.points),
            line.explained_by,
        )
        for line in lines
    ]
    return head, rows


def _draft(
    values: Mapping[str, str], points: frozenset[str], who: Viewer, errors: dict[str, str]
) -> Draft | None:
    """Read the form; everything wrong joins `errors`."""
    rt = runtime()
    units, staff = rt.read(
        lambda session: (entry_units(session, who), found_explanations.tellers(session, who))
    )
    teller = next((each.id for each in staff if each.public_id == values["by"]), who.user_id)
    unit = next((each for each in units if who.is_at_point or each.code == values["unit"]), None)
    if unit is None:
        errors["unit"] = _("Pilih cabang dari daftar.")
    today = local_date(rt.now(), unit.zone if unit else who.zone)
    day = collect(errors, lambda: parse_day(values["explained_on"], today=today, field="explained_on"), None)
    count = 1
    if values["majelis"]:
        count = collect(
            errors,
            lambda: parse_count(values["present_count"], field="present_count", most=MOST_PRESENT),
            1,
        )
    for name in ("majelis", "person"):
        if len(values[name]) > MAX_LINE:
            errors[name] = _("Terlalu panjang. Pendekkan dulu.")
    if errors or unit is None or teller is None:
        return None
    return Draft(
        unit_id=unit.id,
        explained_on=day or today,
        majelis=values["majelis"],
        person=values["person"],
        present_count=count,
        means=Means(values["means"]) if values["means"] in set(Means) else Means.VERBAL,
        language=Tongue(values["language"]) if values["language"] in set(Tongue) else Tongue.INDONESIAN,
        points=frozenset(Point(each) for each in points),
        explained_by_id=teller,
    )


def _filter() -> Filter:
    """Read the filter of the address; what cannot be understood filters nothing."""
    who, today = viewer(), local_date(runtime().now(), viewer().zone)
    units = runtime().read(lambda session: entry_units(session, who))
    means = request.args.get("means", "")
    return Filter(
        unit_id=next((each.id for each in units if each.code == request.args.get("unit")), None),
        means=Means(means) if means in set(Means) else None,
        since=_day(request.args.get("since", ""), today),
        until=_day(request.args.get("until", ""), today),
    )


def _day(text: str, today: date) -> date | None:
    try:
        return parse_day(text, today=today, field="since")
    except InvalidInput:
        return None


def _page(typed: Typed) -> ResponseReturnValue:
    rt, who = runtime(), viewer()
    wanted, after = _filter(), request.args.get("after")
    names = ("unit", "means", "since", "until")
    asked = {name: request.args.get(name, "") for name in names if request.args.get(name)}

    def load(session: Session) -> dict[str, object]:
        return {
            "units": entry_units(session, who),
            "lines": found_explanations.listed(session, who, wanted, after=after),
            "tellers": found_explanations.tellers(session, who),
            "majelis_names": found_explanations.majelis_names(session, who),
        }

    page = render_template(
        "explanations/index.html",
        typed=typed,
        asked=asked,
        may_enter=can(who, Action.ENTER_EXPLANATIONS),
        may_void_all=can(who, Action.REASSIGN),
        means=[(each.value, label(each, "means")) for each in Means],
        tongues=[(each.value, label(each, "tongue")) for each in Tongue],
        points=[(each.value, label(each, "point")) for each in Point],
        key=typed.values.get("key") or str(uuid.uuid4()),
        **rt.read(load),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if typed.errors else HTTPStatus.OK


def _year_before(today: date) -> date:
    try:
        return today.replace(year=today.year - 1)
    except ValueError:  # 29 February
        return today.replace(year=today.year - 1, day=28)


def _wrong(error: InvalidInput) -> str:
    texts = {
        "audience": _("Tulis majelis, atau satu Mitra: salah satu saja."),
        "points": _("Centang yang dijelaskan."),
        "recorded": _("Ini sudah tercatat untuk hari itu."),
    }
    return str(texts.get(error.code) or field_text(error))
