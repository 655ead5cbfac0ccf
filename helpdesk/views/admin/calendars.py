"""The year of holidays: national ones, cuti bersama, our own, and days that are worked after all."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.domain.errors import Conflict, InvalidInput
from helpdesk.queries import admin
from helpdesk.queries import calendars as known
from helpdesk.queries.calendars import HolidayRow
from helpdesk.queries.periods import local_date
from helpdesk.queries.visibility import Action
from helpdesk.services import calendars as holidays
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.admin import hours as hours_page
from helpdesk.views.admin import words
from helpdesk.views.admin.blueprint import bp
from helpdesk.views.admin.words import HolidayKind
from helpdesk.views.days import day_text, read_day


@dataclass(frozen=True, slots=True)
class Draft:
    """The form of a new holiday, as typed."""

    on: str = ""
    name: str = ""
    kind: str = HolidayKind.COMPANY.value
    unit: str = ""
    """Where: a unit's code, a province (words.PROVINCE), or everywhere."""


@bp.get("/admin/calendars")
@requires(Action.ADMINISTER)
def calendars() -> ResponseReturnValue:
    """A year, month by month."""
    return _page(_year(request.args.get("year", "")), Draft(), {})


@bp.post("/admin/calendars/holidays")
@requires(Action.ADMINISTER)
def add_holiday() -> ResponseReturnValue:
    """Close a day, for all, in a province or for one unit."""
    who, now, given = viewer(), runtime().now(), request.form
    draft = Draft(
        on=given.get("on", "").strip(),
        name=given.get("name", "").strip(),
        kind=given.get("kind", ""),
        unit=given.get("unit", ""),
    )
    on, errors = _read(draft)
    if on is None:
        return _page(_year(given.get("year", "")), draft, errors), 422
    day, kind = on, HolidayKind(draft.kind)
    unit, province = words.read_place(draft.unit)
    try:
        runtime().write(
            lambda session: holidays.add_holiday(
                session,
                on=day,
                name=draft.name,
                kind=kind,
                unit_code=unit,
                province=province,
                actor=who.actor,
                now=now,
            )
        )
    except (InvalidInput, Conflict) as refused:
        field = refused.field if isinstance(refused, InvalidInput) else "on"
        field = field if field in ("on", "name", "kind") else "unit"
        return _page(on.year, draft, {field: words.refusal(refused)}), 422
    flash(_("%(day)s menjadi hari libur.", day=day_text(on, "full")), "success")
    return redirect(url_for(".calendars", year=on.year), 303)


@bp.post("/admin/calendars/holidays/<int:holiday_id>/cancel")
@requires(Action.ADMINISTER)
def cancel_holiday(holiday_id: int) -> ResponseReturnValue:
    """The day is worked after all: where the entry holds, in a province or at one unit."""
    who, now = viewer(), runtime().now()
    unit, province = words.read_place(request.form.get("unit", ""))
    try:
        on = runtime().write(
            lambda session: holidays.cancel_holiday(
                session, holiday_id, unit_code=unit, province=province, actor=who.actor, now=now
            )
        )
        flash(_("%(day)s menjadi hari kerja.", day=day_text(on, "full")), "success")
    except (InvalidInput, Conflict) as refused:
        flash(words.refusal(refused), "danger")
    return redirect(url_for(".calendars", year=_year(request.form.get("year", ""))), 303)


@bp.post("/admin/calendars/holidays/<int:holiday_id>/restore")
@requires(Action.ADMINISTER)
def restore_holiday(holiday_id: int) -> ResponseReturnValue:
    """The day is a holiday again."""
    who, now = viewer(), runtime().now()
    try:
        on = runtime().write(
            lambda session: holidays.restore_holiday(session, holiday_id, actor=who.actor, now=now)
        )
        flash(_("%(day)s libur lagi.", day=day_text(on, "full")), "success")
    except Conflict as refused:
        flash(words.refusal(refused), "danger")
    return redirect(url_for(".calendars", year=_year(request.form.get("year", ""))), 303)


def _read(draft: Draft) -> tuple[date | None, dict[str, str]]:
    errors: dict[str, str] = {}
    on = None
    try:
        on = read_day(draft.on, field="on")
        if on is None:
            errors["on"] = _("Tulis tanggalnya.")
    except InvalidInput as refused:
        errors["on"] = words.refusal(refused)
    if not draft.name:
        errors["name"] = _("Tulis nama harinya.")
    if draft.kind not in set(HolidayKind):
        errors["kind"] = _("Pilih jenis dari daftar.")
    return (None, errors) if errors else (on, {})


def _year(text: str) -> int:
    """Return the year that was asked for, else this one."""
    if text.isascii() and text.isdigit() and 2000 <= int(text) <= 2100:
        return int(text)
    return local_date(runtime().now(), viewer().zone).year


def _page(year: int, draft: Draft, errors: Mapping[str, str]) -> str:
    today = local_date(runtime().now(), viewer().zone)
    found, hours, units, provinces, checks = runtime().read(
        lambda session: (
            known.holidays(session, year),
            known.calendars(session),
            admin.units(session),
            known.provinces(session),
            known.year_checks(session, today=today),
        )
    )
    months: dict[int, list[HolidayRow]] = defaultdict(list)
    for row in found:
        months[row.on.month].append(row)
    return render_template(
        "admin/calendars.html",
        year=year,
        months=[(date(year, month, 1), months[month]) for month in range(1, 13)],
        checks=checks,
        calendars=hours,
        is_fixed=hours_page.is_fixed,
        weekly=hours_page.weekly_lines,
        different=hours_page.different_lines,
        kinds=words.HOLIDAY_KINDS,
        kind_choices=words.choices(words.HOLIDAY_KINDS),
        places=words.place_choices(units, provinces),
        draft=draft,
        errors=errors,
        summary=list(errors.items()),
        day_text=day_text,
    )
