"""Templates of WhatsApp: what the provider has approved, entered and kept up by administrators."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from helpdesk.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from helpdesk.domain.message_templates import NEWS, VARIABLES, TemplateState, filled, fits, says_its_state
from helpdesk.domain.wording import Language
from helpdesk.queries import message_templates
from helpdesk.queries.message_templates import TemplateRow
from helpdesk.queries.visibility import Action, can
from helpdesk.services import message_templates as registry
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.admin.blueprint import bp
from helpdesk.views.admin.work import LANGUAGES
from helpdesk.views.audit_words import ACTORS

STATES: Mapping[TemplateState, LazyString] = {
    TemplateState.PENDING: lazy_gettext("Menunggu persetujuan"),
    TemplateState.APPROVED: lazy_gettext("Disetujui"),
    TemplateState.PAUSED: lazy_gettext("Dihentikan sementara"),
    TemplateState.REJECTED: lazy_gettext("Ditolak penyedia"),
}
_FIELDS = ("language", "name", "content_id", "variables")
_SAMPLE = {"nama": "Siti", "nomor": "4821-9375"}


@bp.get("/admin/whatsapp-templates")
@requires(Action.REVIEW_TEXTS)
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
                content_id=typed["content_id"], variables=names, actor=who.actor, now=now,
            )
        )  # fmt: skip
    except (InvalidInput, Conflict) as refused:
        return _page(typed, _refusal(refused)), 422
    flash(_("Templat %(name)s dicatat.", name=typed["name"]), "success")
    return redirect(url_for(".whatsapp_templates"), 303)


@bp.post("/admin/whatsapp-templates/state")
@requires(Action.ADMINISTER)
def set_template_state() -> ResponseReturnValue:
    """Keep what a provider says of a template that cannot be asked."""
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
    except Conflict:
        flash(_("Keadaan templat ini dibaca sendiri dari penyedia."), "warning")
    except (NotFound, ValueError):
        flash(_("Templat ini tidak ada lagi."), "warning")
    return redirect(url_for(".whatsapp_templates"), 303)


@bp.post("/admin/whatsapp-templates/confirm")
@requires(Action.REVIEW_TEXTS)
def confirm_template() -> ResponseReturnValue:
    """The second person has read it: it may be sent."""
    who, now, form = viewer(), runtime().now(), request.form
    content_id, language, seen = (form.get(name, "") for name in ("content_id", "language", "seen"))
    try:
        runtime().write(
            lambda session: registry.confirm(
                session, content_id, language, seen=seen, actor=who.actor, now=now
            )
        )
        flash(_("Templat disetujui. Templat ini dipakai selama penyedia menyetujuinya."), "success")
    except Forbidden:
        flash(_("Orang kedua harus orang lain: Anda sendiri yang mengusulkannya."), "warning")
    except (Conflict, NotFound):
        flash(_("Templat ini berubah, atau belum dibaca dari penyedia. Periksa sekali lagi."), "warning")
    return redirect(url_for(".whatsapp_templates"), 303)


@bp.post("/admin/whatsapp-templates/withdraw")
@requires(Action.REVIEW_TEXTS)
def withdraw_template() -> ResponseReturnValue:
    """Send it no more."""
    who, now, form = viewer(), runtime().now(), request.form
    content_id, language = form.get("content_id", ""), form.get("language", "")
    try:
        runtime().write(
            lambda session: registry.withdraw(session, content_id, language, actor=who.actor, now=now)
        )
        flash(_("Templat tidak dipakai lagi sampai orang kedua menyetujuinya."), "success")
    except NotFound:
        flash(_("Templat ini tidak ada lagi."), "warning")
    return redirect(url_for(".whatsapp_templates"), 303)


def _unknown(typed: Mapping[str, str]) -> dict[str, str]:
    errors = {}
    if typed["language"] not in set(Language):
        errors["language"] = _("Pilih bahasa dari daftar.")
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


def _card(row: TemplateRow) -> dict[str, object]:
    """Return a template with what a reader of the page may do with it."""
    who, lender = viewer(), runtime().lender
    values = {**_SAMPLE, "merek": lender.brand, "telp": lender.phone}
    is_read = says_its_state(row.content_id)
    has_places = row.body is None or fits(row.body, row.variables)
    is_open = row.confirmed_at is None and row.state is not TemplateState.REJECTED
    return {
        "row": row,
        "preview": filled(row.body, row.variables, values) if row.body else "",
        "proposer": ACTORS.get(row.proposed_by, row.proposer) or "–",
        "is_read": is_read,
        "has_places": has_places,
        "seen": registry.seen_sign(row.content_id, row.variables, row.body),
        "waits": is_open,
        "may_confirm": is_open and has_places and row.proposed_by != who.actor and (row.body or not is_read),
    }


def _page(typed: Mapping[str, str], errors: Mapping[str, str]) -> str:
    rows = runtime().read(message_templates.templates)
    sent = {row.language for row in rows if row.is_sent and row.step == NEWS}
    return render_template(
        "admin/whatsapp_templates.html",
        cards=[_card(row) for row in rows],
        missing=[str(LANGUAGES[language]) for language in Language if language not in sent],
        languages=[(language.value, str(LANGUAGES[language])) for language in Language],
        states=[(state.value, str(words)) for state, words in STATES.items()],
        language_words=LANGUAGES,
        state_words={state.value: words for state, words in STATES.items()},
        may_edit=can(viewer(), Action.ADMINISTER),
        typed=typed,
        errors=errors,
        summary=list(errors.items()),
        zone=viewer().zone,
    )
