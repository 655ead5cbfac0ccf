"""When somebody works, what she is good at, how much she takes; and which teams are assigned by themselves."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from helpdesk.domain import taxonomy
from helpdesk.domain.assignment import assignment_rules
from helpdesk.domain.errors import InvalidInput, NotFound
from helpdesk.domain.messages import ChannelCode
from helpdesk.queries import admin
from helpdesk.queries.admin import UserRow
from helpdesk.queries.visibility import Action
from helpdesk.services import rosters
from helpdesk.sla.roster import Hours, format_roster, parse_roster
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.admin.blueprint import bp
from helpdesk.views.labels import label
from helpdesk.views.value_words import in_language

DAYS: Mapping[str, LazyString] = {
    "mon": lazy_gettext("Senin"),
    "tue": lazy_gettext("Selasa"),
    "wed": lazy_gettext("Rabu"),
    "thu": lazy_gettext("Kamis"),
    "fri": lazy_gettext("Jumat"),
    "sat": lazy_gettext("Sabtu"),
    "sun": lazy_gettext("Minggu"),
}
LANGUAGES: Mapping[str, LazyString] = {
    "id": lazy_gettext("Bahasa Indonesia"),
    "en": lazy_gettext("Bahasa Inggris"),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """The form, as typed."""

    days: Mapping[str, str]
    skills: frozenset[str]
    capacity: str


@bp.get("/admin/users/<public_id>/work")
@requires(Action.ADMINISTER)
def work(public_id: str) -> ResponseReturnValue:
    """The form with what is in force."""
    row = _person(public_id)
    capacity = "" if row.capacity is None else str(row.capacity)
    return _form(row, Typed(format_roster(row.shift), frozenset(row.skills), capacity), {})


@bp.post("/admin/users/<public_id>/work")
@requires(Action.ADMINISTER)
def change_work(public_id: str) -> ResponseReturnValue:
    """Set shift, skills and capacity. All days empty: no roster."""
    row, who, now = _person(public_id), viewer(), runtime().now()
    given = request.form
    typed = Typed(
        {day: given.get(day, "")[:200] for day in DAYS},
        frozenset(given.getlist("skills")) & frozenset(code for code, _name in _skills()),
        given.get("capacity", "").strip()[:6],
    )
    try:
        shift, capacity = _shift(typed), _capacity(typed)
        runtime().write(
            lambda session: rosters.set_work(
                session,
                public_id,
                shift=shift,
                skills=sorted(typed.skills),
                capacity=capacity,
                actor=who.actor,
                now=now,
            )
        )
    except InvalidInput as refused:
        text = _("Tulis jam seperti 08.00-12.00, 13.00-17.00.")
        if refused.field == "capacity":
            text = _("Tulis angka 0 sampai %(most)s, atau kosongkan.", most=rosters.MOST)
        return _form(row, typed, {refused.field: text}), 422
    flash(_("Perubahan disimpan."), "success")
    return redirect(url_for(".user", public_id=public_id), 303)


@bp.post("/admin/teams/<code>")
@requires(Action.ADMINISTER)
def change_team(code: str) -> ResponseReturnValue:
    """Switch the automatic assignment of a team on or off."""
    who, now, is_on = viewer(), runtime().now(), request.form.get("auto") == "1"
    runtime().write(
        lambda session: rosters.set_auto_assigned(session, code, is_on=is_on, actor=who.actor, now=now)
    )
    flash(_("Perubahan disimpan."), "success")
    return redirect(url_for(".teams"), 303)


def _shift(typed: Typed) -> Hours | None:
    return parse_roster(typed.days)


def _capacity(typed: Typed) -> int | None:
    if not typed.capacity:
        return None
    if not (typed.capacity.isascii() and typed.capacity.isdigit()):
        raise InvalidInput("not a number", field="capacity", code="capacity")
    return int(typed.capacity)


def _person(public_id: str) -> UserRow:
    rows = runtime().read(admin.users)
    row = next((each for each in rows if each.public_id == public_id and each.disabled_at is None), None)
    if row is None:
        raise NotFound(f"no user {public_id}")
    return row


def _skills() -> list[tuple[str, str]]:
    groups = [(group.code, in_language(group)) for group in taxonomy.groups()]
    languages = [(code, str(name)) for code, name in LANGUAGES.items()]
    return [*groups, *languages, *((channel.value, label(channel, "channel")) for channel in ChannelCode)]


def _form(row: UserRow, typed: Typed, errors: Mapping[str, str]) -> str:
    return render_template(
        "admin/work.html",
        row=row,
        typed=typed,
        errors=errors,
        summary=list(errors.items()),
        days=DAYS,
        skills=_skills(),
        default_capacity=assignment_rules().capacity,
    )
