"""Templates of WhatsApp: what the provider has approved, entered and kept up by administrators."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.domain.message_templates import NEWS, VARIABLES, TemplateState
from helpdesk.domain.wording import Language
from helpdesk.queries import message_templates
from helpdesk.queries.visibility import Action
from helpdesk.services import message_templates as registry
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.admin.blueprint import bp
from helpdesk.views.admin.work import LANGUAGES

STATES: Mapping[TemplateState, LazyString] = {
    TemplateState.PENDING: lazy_gettext("Menunggu persetujuan"),
    TemplateState.APPROVED: lazy_gettext("Disetujui"),
    TemplateState.PAUSED: lazy_gettext("Dihentikan sementara"),
    TemplateState.REJECTED: lazy_gettext("Ditolak penyedia"),
}
_FIELDS = ("language", "name", "content_id", "variables", "state")


@bp.get("/admin/whatsapp-templates")
@requires(Action.ADMINISTER)
def whatsapp_templates() -> ResponseReturnValue:
    """All templates with their state, and a form for another."""
    return _page({"variables": "nama, nomor"}, {})


@bp.post("/admin/whatsapp-templates")
@requires(Action.ADMINISTER)
def add_template() -> ResponseReturnValue:
    """Register a template that was entered at the provider."""
    who, now = viewer(), runtime().now()
    typed = {name: request.form.get(name, "").strip()[:200] for name in _FIELDS}
    errors = _unknown(typed)
    if errors:
        return _page(typed, errors), 422
    names = [name.strip() for name in typed["variables"].split(",") if name.strip()]
    try:
        runtime().write(
            lambda session: registry.add(
                session, step=NEWS, language=typed["language"], name=typed["name"],
                content_id=typed["content_id"], variables=names, state=TemplateState(typed["state"]),
                actor=who.actor, now=now,
            )
        )  # fmt: skip
    except (InvalidInput, Conflict) as refused:
        return _page(typed, _refusal(refused)), 422
    flash(_("Templat %(name)s dicatat.", name=typed["name"]), "success")
    return redirect(url_for(".whatsapp_templates"), 303)


@bp.post("/admin/whatsapp-templates/state")
@requires(Action.ADMINISTER)
def set_template_state() -> ResponseReturnValue:
    """Keep what the provider says of a template."""
    who, now, form = viewer(), runtime().now(), request.form
    try:
        state = TemplateState(form.get("state", ""))
        runtime().write(
            lambda session: registry.set_state(
                session,
                form.get("content_id", ""),
                form.get("language", ""),
                state,
                actor=who.actor,
                now=now,
            )
        )
        flash(_("Keadaan templat disimpan."), "success")
    except (NotFound, ValueError):
        flash(_("Templat ini tidak ada lagi."), "warning")
    return redirect(url_for(".whatsapp_templates"), 303)


def _unknown(typed: Mapping[str, str]) -> dict[str, str]:
    errors = {}
    if typed["language"] not in set(Language):
        errors["language"] = _("Pilih bahasa dari daftar.")
    if typed["state"] not in set(TemplateState):
        errors["state"] = _("Pilih keadaan dari daftar.")
    return errors


def _refusal(refused: InvalidInput | Conflict) -> dict[str, str]:
    match refused.code:
        case "known":
            return {"content_id": _("Templat ini sudah dicatat untuk bahasa itu.")}
        case "content_id":
            return {"content_id": _("Tulis HX dan 32 angka atau huruf a–f, seperti di Twilio.")}
        case "variables":
            return {"variables": _("Hanya boleh: %(names)s.", names=", ".join(VARIABLES))}
    return {"name": _("Tulis nama templatnya.")}


def _page(typed: Mapping[str, str], errors: Mapping[str, str]) -> str:
    rows = runtime().read(message_templates.templates)
    approved = {row.language for row in rows if row.state is TemplateState.APPROVED and row.step == NEWS}
    return render_template(
        "admin/whatsapp_templates.html",
        rows=rows,
        missing=[str(LANGUAGES[language]) for language in Language if language not in approved],
        languages=[(language.value, str(LANGUAGES[language])) for language in Language],
        states=[(state.value, str(words)) for state, words in STATES.items()],
        language_words=LANGUAGES,
        state_words={state.value: words for state, words in STATES.items()},
        typed=typed,
        errors=errors,
        summary=list(errors.items()),
        zone=viewer().zone,
    )
