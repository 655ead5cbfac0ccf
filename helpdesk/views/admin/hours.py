"""The opening hours of a calendar: a form with a worked example, and the versions there were."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.queries import calendars as known
from helpdesk.queries.calendars import CalendarRow
from helpdesk.queries.visibility import Action
from helpdesk.services import calendar_versions
from helpdesk.sla.calendar import WEEKDAYS
from helpdesk.sla.hours import WHOLE_DAY, Days, OpenHours, check_hours, read_spans, write_spans
from helpdesk.sla.policy import CalendarCode
from helpdesk.sla.spans import Span
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.admin import words
from helpdesk.views.admin.blueprint import bp
from helpdesk.views.days import day_text, read_day

SPARE_ROWS = 2
MOST_ROWS = 60


@dataclass(frozen=True, slots=True)
class RangeText:
    """A row of days that are different, as typed."""

    first: str = ""
    last: str = ""
    hours: str = ""
    """Spans; where whole days count, "1" is worked."""

    @property
    def is_blank(self) -> bool:
        """Whether nothing is in it: such a row says nothing."""
        return not (self.first or self.last)


@dataclass(frozen=True, slots=True)
class Typed:
    """The form, as typed."""

    weekly: Mapping[str, str]
    special: Sequence[RangeText]
    breaks: Sequence[RangeText]


@bp.get("/admin/calendars/<code>")
@requires(Action.ADMINISTER)
def hours(code: str) -> ResponseReturnValue:
    """The hours in force, ready to be changed, and the versions before."""
    calendar = _calendar(code)
    current = runtime().read(lambda session: known.versions(session, calendar))[0]
    return _page(calendar, _as_typed(current.hours, calendar), {}, current.version)


@bp.post("/admin/calendars/<code>")
@requires(Action.ADMINISTER)
def publish_hours(code: str) -> ResponseReturnValue:
    """Show the example of other hours, or put them in force as a new version."""
    calendar, given = _calendar(code), request.form
    typed, seen = _typed(given), _number(given.get("version", ""))
    drafted, errors = _read(typed, calendar)
    if drafted is None:
        return _page(calendar, typed, errors, seen), 422
    if given.get("act") != "save":
        return _page(calendar, typed, {}, seen, draft=drafted)
    who, now, draft = viewer(), runtime().now(), drafted
    try:
        version = runtime().write(
            lambda session: calendar_versions.publish_hours(
                session, calendar, draft, seen_version=seen, actor=who.actor, now=now
            )
        )
    except Conflict as refused:
        return _page(calendar, typed, {"": words.refusal(refused)}, seen, draft=draft), 409
    flash(_("Versi %(version)s berlaku untuk tiket yang masuk sesudah ini.", version=version), "success")
    return redirect(url_for(".hours", code=code), 303)


@bp.post("/admin/calendars/<code>/restore")
@requires(Action.ADMINISTER)
def restore_hours(code: str) -> ResponseReturnValue:
    """Put an earlier version in force again."""
    calendar, who, now = _calendar(code), viewer(), runtime().now()
    wanted, seen = (_number(request.form.get(name, "")) for name in ("restored", "version"))
    try:
        version = runtime().write(
            lambda session: calendar_versions.restore_hours(
                session, calendar, wanted, seen_version=seen, actor=who.actor, now=now
            )
        )
        flash(_("Versi %(version)s berlaku untuk tiket yang masuk sesudah ini.", version=version), "success")
    except (Conflict, InvalidInput) as refused:
        flash(words.refusal(refused), "danger")
    return redirect(url_for(".hours", code=code), 303)


def is_fixed(calendar: CalendarRow) -> bool:
    """Whether its hours are not to be changed here."""
    return calendar.code.is_fixed


def weekly_lines(opening: OpenHours) -> list[tuple[str, str]]:
    """Return the days of the week that are open, with their hours."""
    named = zip(words.DAYS.values(), opening.weekly, strict=True)
    return [(str(name), write_spans(spans)) for name, spans in named if spans]


def different_lines(opening: OpenHours) -> list[tuple[str, str]]:
    """Return the days that are different, with what holds on them."""
    special = [(_range_text(days), _spans_text(days.spans)) for days in opening.special]
    breaks = [
        (_range_text(days), str(_("istirahat %(hours)s", hours=write_spans(days.spans))))
        for days in opening.breaks
    ]
    return special + breaks


def differences(before: OpenHours, after: OpenHours) -> list[tuple[str, str, str]]:
    """Return each day or range that is not the same in both: its name, what it was, what it is."""
    week = [
        (str(name), _spans_text(old), _spans_text(new))
        for name, old, new in zip(words.DAYS.values(), before.weekly, after.weekly, strict=True)
        if old != new
    ]
    old, new = dict(different_lines(before)), dict(different_lines(after))
    names = [*old, *(name for name in new if name not in old)]
    return week + [
        (name, old.get(name, "–"), new.get(name, "–")) for name in names if old.get(name) != new.get(name)
    ]


def _calendar(code: str) -> CalendarCode:
    if code not in set(CalendarCode) or CalendarCode(code).is_fixed:
        raise NotFound(f"no calendar {code[:40]!r} with hours to change")
    return CalendarCode(code)


def _number(text: str) -> int:
    """Return the version that was sent, or one that does not exist."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _page(
    code: CalendarCode,
    typed: Typed,
    errors: Mapping[str, str],
    seen: int,
    *,
    draft: OpenHours | None = None,
) -> str:
    now = runtime().now()
    found, example = runtime().read(
        lambda session: (known.versions(session, code), known.example(session, code, draft=draft, now=now))
    )
    current = found[0]
    return render_template(
        "admin/hours.html",
        code=code,
        current=current,
        seen=seen,
        versions=[(row, differences(row.hours, current.hours)) for row in found],
        changes=differences(current.hours, draft) if draft is not None else [],
        typed=typed,
        example=example,
        is_preview=draft is not None,
        days=words.DAYS,
        zone=viewer().zone,
        errors=errors,
        summary=list(errors.items()),
    )


def _as_typed(opening: OpenHours, code: CalendarCode) -> Typed:
    def written(spans: Sequence[Span]) -> str:
        return write_spans(spans) if not code.is_day_based else "1" if spans else ""

    def rows(ranges: Sequence[Days]) -> list[RangeText]:
        return [
            RangeText(
                days.first.isoformat(),
                days.last.isoformat() if days.last != days.first else "",
                written(days.spans),
            )
            for days in ranges
        ]

    weekly = {day: written(spans) for day, spans in zip(WEEKDAYS, opening.weekly, strict=True)}
    return Typed(weekly, _with_spare(rows(opening.special)), _with_spare(rows(opening.breaks)))


def _typed(given: MultiDict[str, str]) -> Typed:
    return Typed(
        {day: given.get(day, "").strip() for day in WEEKDAYS},
        _with_spare([row for row in _rows(given, "special") if not row.is_blank or row.hours]),
        _with_spare([row for row in _rows(given, "breaks") if not row.is_blank or row.hours]),
    )


def _rows(given: MultiDict[str, str], name: str) -> Iterator[RangeText]:
    for n in range(MOST_ROWS):
        yield RangeText(*(given.get(f"{name}-{n}-{part}", "").strip() for part in ("first", "last", "hours")))


def _with_spare(rows: list[RangeText]) -> list[RangeText]:
    return [*rows, *(RangeText() for _ in range(SPARE_ROWS))]


def _read(typed: Typed, code: CalendarCode) -> tuple[OpenHours | None, dict[str, str]]:
    """Return the hours, or what is wrong by the field in which it is."""
    errors: dict[str, str] = {}

    def spans(text: str, field: str) -> tuple[Span, ...]:
        if code.is_day_based:
            return WHOLE_DAY if text else ()
        try:
            return read_spans(text, field=field)
        except InvalidInput as refused:
            errors[field] = words.refusal(refused)
            return ()

    def ranges(rows: Sequence[RangeText], name: str, *, may_close: bool) -> tuple[Days, ...]:
        found = []
        for n, row in enumerate(rows):
            if row.is_blank and (code.is_day_based or not row.hours):
                continue
            if not row.hours and not may_close:
                errors[f"{name}-{n}-hours"] = words.refusal(InvalidInput("no break", code="hours_format"))
            days = _days(row, name, n, errors)
            if days is not None:
                found.append(Days(*days, spans(row.hours, f"{name}-{n}-hours")))
        return tuple(found)

    weekly = tuple(spans(typed.weekly[day], day) for day in WEEKDAYS)
    drafted = OpenHours(
        weekly,
        ranges(typed.special, "special", may_close=True),
        ranges(typed.breaks, "breaks", may_close=False),
    )
    if not errors:
        try:
            check_hours(drafted, is_day_based=code.is_day_based)
        except InvalidInput as refused:
            field = {"hours": WEEKDAYS[0]}.get(refused.field, f"{refused.field}-0-first")
            errors[field] = words.refusal(refused)
    return (None, errors) if errors else (drafted, {})


def _days(row: RangeText, name: str, n: int, errors: dict[str, str]) -> tuple[date, date] | None:
    read: dict[str, date | None] = {}
    for part, text in (("first", row.first), ("last", row.last)):
        try:
            read[part] = read_day(text, field=part)
        except InvalidInput as refused:
            errors[f"{name}-{n}-{part}"] = words.refusal(refused)
            return None
    first = read["first"]
    if first is None:
        errors[f"{name}-{n}-first"] = words.refusal(InvalidInput("a first day", code="days_needed"))
        return None
    return first, read["last"] or first


def _range_text(days: Days) -> str:
    if days.first == days.last:
        return day_text(days.first)
    return f"{day_text(days.first)} – {day_text(days.last)}"


def _spans_text(spans: Sequence[Span]) -> str:
    if not spans:
        return str(_("tutup"))
    return str(_("sehari penuh")) if tuple(spans) == WHOLE_DAY else write_spans(spans)
