"""The draft of a standing text: written by an administrator, decided by a second person."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.domain.wording import SHIPPED, StepTexts, steps
from helpdesk.queries import texts
from helpdesk.queries.visibility import Action
from helpdesk.services import text_editions as editions
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.admin import text_views as shown
from helpdesk.views.admin.blueprint import bp
from helpdesk.views.admin.policy_draft import person_id
from helpdesk.views.admin.texts import step_page


@bp.post("/admin/texts/<step>")
@requires(Action.ADMINISTER)
def edit_text(step: str) -> ResponseReturnValue:
    """Look at what is typed without saving it, or save it as the draft."""
    if step not in steps():
        raise NotFound(f"no text {step}")
    typed = shown.typed_texts(request.form, SHIPPED.texts(step))
    errors = shown.too_long(typed)
    if errors or request.form.get("do") == "preview":
        return step_page(step, typed=typed, errors=errors)
    return _saved(step, typed)


@bp.post("/admin/texts/<step>/restore")
@requires(Action.ADMINISTER)
def restore_text(step: str) -> ResponseReturnValue:
    """Begin a draft with the shipped texts, or with those of an edition."""
    view = runtime().read(lambda session: texts.step_view(session, step))
    wanted = request.form.get("edition", "")
    found = next((row.texts for row in view.editions if str(row.version) == wanted), None)
    if wanted and found is None:
        raise NotFound(f"no edition {wanted} of {step}")
    return _saved(step, found or SHIPPED.texts(step))


@bp.post("/admin/texts/<step>/submit")
@requires(Action.ADMINISTER)
def submit_text(step: str) -> ResponseReturnValue:
    """The author asks for the second person."""
    who, now, given = viewer(), runtime().now(), request.form
    note = given.get("note", "")
    return _decided(
        step,
        lambda session: editions.submit(
            session,
            step,
            note,
            seen=given.get("seen", ""),
            author_id=person_id(who),
            has_read_advice=bool(given.get("read")),
            actor=who.actor,
            now=now,
        ),
        _("Persetujuan diminta. Orang kedua dapat membacanya di halaman ini."),
        note=note,
    )


@bp.post("/admin/texts/<step>/discard")
@requires(Action.ADMINISTER)
def discard_text(step: str) -> ResponseReturnValue:
    """The draft is thrown away."""
    who, now, seen = viewer(), runtime().now(), request.form.get("seen", "")
    return _decided(
        step,
        lambda session: editions.discard(
            session, step, seen=seen, user_id=person_id(who), actor=who.actor, now=now
        ),
        _("Rancangan dibuang. Teks yang berlaku tidak berubah."),
    )


@bp.post("/admin/texts/<step>/publish")
@requires(Action.REVIEW_TEXTS)
def publish_text(step: str) -> ResponseReturnValue:
    """The second person lets it be said."""
    who, now, given = viewer(), runtime().now(), request.form
    return _decided(
        step,
        lambda session: editions.publish(
            session,
            step,
            seen=given.get("seen", ""),
            user_id=person_id(who),
            has_read_advice=bool(given.get("read")),
            actor=who.actor,
            now=now,
        ),
        _("Teks ini berlaku mulai sekarang."),
    )


@bp.post("/admin/texts/<step>/send-back")
@requires(Action.REVIEW_TEXTS)
def send_back_text(step: str) -> ResponseReturnValue:
    """The second person gives it back with a reason."""
    who, now, given = viewer(), runtime().now(), request.form
    reason = given.get("reason", "")
    return _decided(
        step,
        lambda session: editions.send_back(
            session,
            step,
            reason,
            seen=given.get("seen", ""),
            user_id=person_id(who),
            actor=who.actor,
            now=now,
        ),
        _("Rancangan dikembalikan kepada penulisnya."),
        reason=reason,
    )


def _saved(step: str, found: StepTexts) -> ResponseReturnValue:
    who, now, seen = viewer(), runtime().now(), request.form.get("seen", "")
    try:
        runtime().write(
            lambda session: editions.save_draft(
                session, step, found, seen=seen, author_id=person_id(who), actor=who.actor, now=now
            )
        )
    except InvalidInput as refused:
        return step_page(step, typed=found, errors={"do": shown.refusal(refused)})
    except Conflict as refused:
        return step_page(step, typed=found, errors={"do": shown.refusal(refused)}, status=409)
    flash(_("Disimpan dalam rancangan. Belum berlaku."), "success")
    return redirect(url_for(".text_page", step=step), 303)


def _decided(
    step: str, use_case: Callable[[Session], object], told: str, *, note: str = "", reason: str = ""
) -> ResponseReturnValue:
    """Do it and say so; what is wrong with the request is said beside it."""
    try:
        runtime().write(use_case)
    except InvalidInput as refused:
        return step_page(step, errors={refused.field: shown.refusal(refused)}, note=note, reason=reason)
    except Conflict as refused:
        flash(shown.refusal(refused), "danger")
        return redirect(url_for(".text_page", step=step), 303)
    flash(told, "success")
    return redirect(url_for(".text_page", step=step), 303)
