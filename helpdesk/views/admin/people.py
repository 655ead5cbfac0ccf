"""Accounts and teams: list, add, change, shut, and a new password that is shown once."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.queries import admin
from helpdesk.queries.admin import UserRow
from helpdesk.queries.visibility import Action, load_viewer
from helpdesk.services import accounts
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.admin import words
from helpdesk.views.admin.blueprint import bp
from helpdesk.views.admin.words import Position, Role
from helpdesk.views.shipped_names import shipped

PASSWORD_BYTES = 15

Errors = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """The form of an account, as typed."""

    email: str = ""
    name: str = ""
    role: str = Role.AGENT.value
    unit: str = "HO"
    position: str = Position.HO.value
    teams: tuple[str, ...] = ()
    phone: str = ""
    notify_via: tuple[str, ...] = ()


def _typed() -> Draft:
    given = request.form
    return Draft(
        email=given.get("email", "").strip(),
        name=given.get("name", "").strip(),
        role=given.get("role", ""),
        unit=given.get("unit", ""),
        position=given.get("position", ""),
        teams=tuple(dict.fromkeys(given.getlist("teams"))),
        phone=given.get("phone", "").strip(),
        notify_via=tuple(dict.fromkeys(given.getlist("notify_via"))),
    )


@bp.get("/admin/users")
@requires(Action.ADMINISTER)
def users() -> ResponseReturnValue:
    """Everybody, disabled accounts too."""
    found, teams = runtime().read(lambda session: (admin.users(session), admin.teams(session)))
    return render_template(
        "admin/users.html",
        users=found,
        team_names={team.code: shipped(team.name) for team in teams},
        positions=words.POSITIONS,
    )


@bp.get("/admin/users/new")
@requires(Action.ADMINISTER)
def new_user() -> ResponseReturnValue:
    """The empty form."""
    return _form(Draft(), {})


@bp.post("/admin/users/new")
@requires(Action.ADMINISTER)
def add_user() -> ResponseReturnValue:
    """Add the account; its first password is shown on this answer and nowhere else."""
    who, now, draft = viewer(), runtime().now(), _typed()
    errors = _faults(draft)
    if errors:
        return _form(draft, errors), 422
    password = secrets.token_urlsafe(PASSWORD_BYTES)

    def add(session: Session) -> None:
        user = accounts.create_user(
            session,
            email=draft.email,
            password=password,
            role=Role(draft.role),
            name=draft.name or None,
            unit_code=draft.unit,
            position=Position(draft.position),
            teams=draft.teams,
            actor=who.actor,
            now=now,
        )
        _set_notices(session, user.public_id, draft, actor=who.actor, now=now)

    try:
        runtime().write(add)
    except (InvalidInput, Conflict) as refused:
        field = refused.field if isinstance(refused, InvalidInput) else "email"
        return _form(draft, {field: words.refusal(refused)}), 422
    return render_template("admin/password.html", email=draft.email.lower(), password=password, is_new=True)


@bp.get("/admin/users/<public_id>")
@requires(Action.ADMINISTER)
def user(public_id: str) -> ResponseReturnValue:
    """One account with its form."""
    row, draft = runtime().read(lambda session: _account(session, public_id))
    return _form(draft, {}, row)


@bp.post("/admin/users/<public_id>")
@requires(Action.ADMINISTER)
def change_user(public_id: str) -> ResponseReturnValue:
    """Change name, role, unit, position and teams; nobody takes the administration from themselves."""
    who, now = viewer(), runtime().now()
    row, stored = runtime().read(lambda session: _account(session, public_id))
    draft = replace(_typed(), email=stored.email)
    errors = _faults(draft)
    if row.disabled_at is not None:
        errors["role"] = _("Akun ini sudah ditutup.")
    elif public_id == who.public_id and draft.role != stored.role:
        errors["role"] = _("Peran sendiri tidak bisa diubah. Minta admin lain.")
    if errors:
        return _form(draft, errors, row), 422

    def change(session: Session) -> None:
        accounts.change_user(
            session,
            public_id,
            name=draft.name,
            role=Role(draft.role),
            unit_code=draft.unit,
            position=Position(draft.position),
            teams=draft.teams,
            actor=who.actor,
            now=now,
        )
        _set_notices(session, public_id, draft, actor=who.actor, now=now)

    try:
        runtime().write(change)
    except InvalidInput as refused:
        return _form(draft, {refused.field: words.refusal(refused)}, row), 422
    flash(_("Perubahan disimpan."), "success")
    return redirect(url_for(".users"), 303)


@bp.post("/admin/users/<public_id>/disable")
@requires(Action.ADMINISTER)
def disable_user(public_id: str) -> ResponseReturnValue:
    """Shut an account; never one's own."""
    who, now = viewer(), runtime().now()
    row, _draft = runtime().read(lambda session: _account(session, public_id))
    if public_id == who.public_id:
        flash(_("Akun sendiri tidak bisa ditutup. Minta admin lain."), "danger")
        return redirect(url_for(".user", public_id=public_id), 303)
    runtime().write(lambda session: accounts.disable_user(session, row.email, actor=who.actor, now=now))
    flash(_("Akun %(email)s ditutup.", email=row.email), "success")
    return redirect(url_for(".users"), 303)


@bp.post("/admin/users/<public_id>/password")
@requires(Action.ADMINISTER)
def reset_password(public_id: str) -> ResponseReturnValue:
    """Give a new password and end the person's sessions."""
    who, now = viewer(), runtime().now()
    row, _draft = runtime().read(lambda session: _account(session, public_id))
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    runtime().write(
        lambda session: accounts.change_password(session, row.email, password, actor=who.actor, now=now)
    )
    return render_template("admin/password.html", email=row.email, password=password, is_new=False)


@bp.get("/admin/teams")
@requires(Action.ADMINISTER)
def teams() -> ResponseReturnValue:
    """Teams with their members; a team without one is a fault to mend."""
    found, people = runtime().read(lambda session: (admin.teams(session), admin.users(session)))
    members = {
        team.code: [row for row in people if team.code in row.teams and row.disabled_at is None]
        for team in found
    }
    return render_template("admin/teams.html", teams=found, members=members)


def _set_notices(session: Session, public_id: str, draft: Draft, *, actor: str, now: datetime) -> None:
    accounts.set_notices(session, public_id, phone=draft.phone, via=draft.notify_via, actor=actor, now=now)


def _account(session: Session, public_id: str) -> tuple[UserRow, Draft]:
    """Return the account and its form. Raises NotFound."""
    row = next((each for each in admin.users(session) if each.public_id == public_id), None)
    if row is None:
        raise NotFound(f"no user {public_id}")
    # The list names units; two may share a name, so the code comes from the account itself.
    seen = load_viewer(session, row.id)
    codes = [unit.code for unit in admin.units(session) if seen is not None and unit.id == seen.unit_id]
    return row, Draft(
        row.email,
        row.name,
        role=row.role.value,
        unit=codes[0] if codes else "",
        position=row.position.value,
        teams=row.teams,
        phone=row.phone or "",
        notify_via=row.notify_via,
    )


def _faults(draft: Draft) -> dict[str, str]:
    """Return what is wrong with the choices; the service judges the rest."""
    errors: dict[str, str] = {}
    if draft.role not in set(Role):
        errors["role"] = _("Pilih peran dari daftar.")
    if draft.position not in set(Position):
        errors["position"] = _("Pilih jabatan dari daftar.")
    return errors


def _form(draft: Draft, errors: Errors, row: UserRow | None = None) -> str:
    teams, units = runtime().read(lambda session: (admin.teams(session), admin.units(session)))
    return render_template(
        "admin/user.html",
        draft=draft,
        row=row,
        errors=errors,
        summary=list(errors.items()),
        roles=words.role_choices(),
        positions=words.choices(words.POSITIONS),
        units=words.unit_choices(units),
        teams=[team for team in teams if team.retired_at is None],
        ways=words.choices(words.NOTICE_WAYS),
        has_mail=runtime().mailer is not None,
        is_self=row is not None and row.public_id == viewer().public_id,
    )
