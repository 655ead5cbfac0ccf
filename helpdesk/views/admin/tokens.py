"""Tokens of the JSON API: make one, shown once, and revoke it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.domain.errors import Conflict, NotFound
from helpdesk.queries import admin
from helpdesk.queries.visibility import Action
from helpdesk.services import accounts
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.admin import words
from helpdesk.views.admin.blueprint import bp
from helpdesk.views.admin.words import TokenScope


@bp.get("/admin/tokens")
@requires(Action.ADMINISTER)
def tokens() -> ResponseReturnValue:
    """All tokens, revoked ones too."""
    return _page({}, {})


@bp.post("/admin/tokens")
@requires(Action.ADMINISTER)
def add_token() -> ResponseReturnValue:
    """Make a token and show it on this answer and nowhere else."""
    who, now = viewer(), runtime().now()
    typed = {"name": request.form.get("name", "").strip()[:80], "scope": request.form.get("scope", "")}
    errors: dict[str, str] = {}
    if not typed["name"]:
        errors["name"] = _("Tulis namanya: sistem apa yang memakainya.")
    if typed["scope"] not in set(TokenScope):
        errors["scope"] = _("Pilih hak dari daftar.")
    if errors:
        return _page(typed, errors), 422
    scope = TokenScope(typed["scope"])
    try:
        token = runtime().write(
            lambda session: accounts.add_token(
                session, name=typed["name"], scope=scope, actor=who.actor, now=now
            )
        )
    except Conflict as refused:
        return _page(typed, {"name": words.refusal(refused)}), 422
    return render_template("admin/token.html", name=typed["name"], scope=scope, token=token)


@bp.post("/admin/tokens/revoke")
@requires(Action.ADMINISTER)
def revoke_token() -> ResponseReturnValue:
    """Shut a token from now on."""
    who, now, name = viewer(), runtime().now(), request.form.get("name", "")
    try:
        runtime().write(lambda session: accounts.revoke_token(session, name, actor=who.actor, now=now))
        flash(_("Token %(name)s dicabut.", name=name), "success")
    except NotFound:
        flash(_("Token ini sudah dicabut."), "warning")
    return redirect(url_for(".tokens"), 303)


def _page(typed: dict[str, str], errors: dict[str, str]) -> str:
    return render_template(
        "admin/tokens.html",
        tokens=runtime().read(admin.tokens),
        scopes=words.SCOPES,
        scope_choices=words.choices(words.SCOPES),
        typed=typed,
        errors=errors,
        summary=list(errors.items()),
        zone=viewer().zone,
    )
