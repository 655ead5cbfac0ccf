"""The draft of the SLA policies: made and changed by an administrator, decided by a second person."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from helpdesk.queries import policies
from helpdesk.queries.policies import DraftRow, Policies
from helpdesk.queries.visibility import Action, Viewer, can
from helpdesk.services import policy_editions as editions
from helpdesk.sla import policy_edits
from helpdesk.sla.policy_changes import compare, is_same
from helpdesk.sla.policy_checks import Weight, check_policies
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.admin import policy_words as say
from helpdesk.views.admin import words
from helpdesk.views.admin.blueprint import bp
from helpdesk.views.admin.policies import sides, worded

_HERE = ".policy_draft"


@bp.get("/admin/policies/draft")
@requires(Action.REVIEW_POLICIES)
def policy_draft() -> ResponseReturnValue:
    """What would change, what is wrong with it, and what this person may do about it."""
    return _page({})


@bp.post("/admin/policies/draft")
@requires(Action.ADMINISTER)
def open_policy_draft() -> ResponseReturnValue:
    """Begin a draft, from what is in force, from an edition, or from what this release ships; or go on with mine."""
    who, now, source = viewer(), runtime().now(), request.form.get("source", "")
    edition = int(source) if source.isascii() and source.isdigit() and len(source) < 10 else None
    return _done(
        lambda session: editions.open_draft(
            session,
            author_id=person_id(who),
            edition=edition,
            is_shipped=source == "shipped",
            actor=who.actor,
            now=now,
        ),
        "",
    )


@bp.post("/admin/policies/draft/submit")
@requires(Action.ADMINISTER)
def submit_policy_draft() -> ResponseReturnValue:
    """The author asks for the second person."""
    who, now, given = viewer(), runtime().now(), request.form
    note = given.get("note", "")
    try:
        runtime().write(
            lambda session: editions.submit(
                session,
                note,
                seen=given.get("seen", ""),
                author_id=person_id(who),
                has_read_warnings=bool(given.get("read")),
                actor=who.actor,
                now=now,
            )
        )
    except InvalidInput as refused:
        return _page({refused.field: say.refusal(refused)}, note=note)
    except Conflict as refused:
        flash(say.refusal(refused), "danger")
        return redirect(url_for(_HERE), 303)
    flash(_("Persetujuan diminta. Orang kedua dapat membacanya di halaman ini."), "success")
    return redirect(url_for(_HERE), 303)


@bp.post("/admin/policies/draft/discard")
@requires(Action.ADMINISTER)
def discard_policy_draft() -> ResponseReturnValue:
    """The draft is thrown away."""
    who, now, seen = viewer(), runtime().now(), request.form.get("seen", "")
    return _done(
        lambda session: editions.discard(
            session, seen=seen, user_id=person_id(who), actor=who.actor, now=now
        ),
        _("Rancangan dibuang. Aturan yang berlaku tidak berubah."),
    )


@bp.post("/admin/policies/draft/publish")
@requires(Action.REVIEW_POLICIES)
def publish_policy_draft() -> ResponseReturnValue:
    """The second person puts it in force."""
    who, now, given = viewer(), runtime().now(), request.form
    try:
        version = runtime().write(
            lambda session: editions.publish(
                session,
                seen=given.get("seen", ""),
                user_id=person_id(who),
                has_read_warnings=bool(given.get("read")),
                actor=who.actor,
                now=now,
            )
        )
    except InvalidInput as refused:
        return _page({refused.field: say.refusal(refused)})
    except Conflict as refused:
        flash(say.refusal(refused), "danger")
        return redirect(url_for(_HERE), 303)
    flash(_("Edisi %(version)s berlaku untuk tiket yang masuk mulai sekarang.", version=version), "success")
    return redirect(url_for(".policies_page"), 303)


@bp.post("/admin/policies/draft/send-back")
@requires(Action.REVIEW_POLICIES)
def send_back_policy_draft() -> ResponseReturnValue:
    """The second person gives it back with a reason."""
    who, now, given = viewer(), runtime().now(), request.form
    reason = given.get("reason", "")
    try:
        runtime().write(
            lambda session: editions.send_back(
                session, reason, seen=given.get("seen", ""), user_id=person_id(who), actor=who.actor, now=now
            )
        )
    except InvalidInput as refused:
        return _page({refused.field: say.refusal(refused)}, reason=reason)
    except Conflict as refused:
        flash(say.refusal(refused), "danger")
        return redirect(url_for(_HERE), 303)
    flash(_("Rancangan dikembalikan kepada penulisnya."), "success")
    return redirect(url_for(_HERE), 303)


@bp.post("/admin/policies/draft/policies/<code>/move")
@requires(Action.ADMINISTER)
def move_policy(code: str) -> ResponseReturnValue:
    """Try one policy of the draft a place earlier or later."""
    is_up = request.form.get("to") == "up"
    return change_draft(lambda before: policy_edits.moved(before, code, is_up=is_up), "")


@bp.post("/admin/policies/draft/policies/<code>/retire")
@requires(Action.ADMINISTER)
def retire_policy(code: str) -> ResponseReturnValue:
    """Take one policy out of the draft."""
    return change_draft(
        lambda before: policy_edits.without(before, code), _("Aturan dikeluarkan dari rancangan.")
    )


def change_draft(edit: Callable[[Policies], Policies], told: str) -> ResponseReturnValue:
    """Change the draft that the form has seen and go back to it."""
    who, now, seen = viewer(), runtime().now(), request.form.get("seen", "")
    return _done(
        lambda session: editions.change_draft(session, edit, seen=seen, author_id=person_id(who), now=now),
        told,
    )


def own_draft() -> DraftRow:
    """Return the draft of who is signed in. Raises NotFound without one, Forbidden where it is another's."""
    found = runtime().read(policies.draft)
    if found is None:
        raise NotFound("there is no draft")
    if found.author_id != viewer().user_id:
        raise Forbidden("only the author changes a draft")
    return found


def person_id(who: Viewer) -> int:
    """Return the id of who is signed in."""
    if who.user_id is None:
        raise Forbidden("a person decides, not a token")
    return who.user_id


def _done(use_case: Callable[[Session], None], told: str) -> ResponseReturnValue:
    """Do it, say so, and show the draft; what is refused is said there too."""
    try:
        runtime().write(use_case)
        if told:
            flash(told, "success")
    except (InvalidInput, Conflict) as refused:
        flash(say.refusal(refused), "danger")
    has_draft = runtime().read(policies.draft) is not None
    return redirect(url_for(_HERE if has_draft else ".policies_page"), 303)


def _page(errors: dict[str, str], *, note: str = "", reason: str = "") -> ResponseReturnValue:
    who = viewer()
    current, draft = runtime().read(lambda session: (policies.current(session), policies.draft(session)))
    if draft is None:
        return redirect(url_for(".policies_page"), 303)
    changes = compare(current, draft.policies)
    findings = worded(check_policies(draft.policies), draft.policies)
    body = render_template(
        "admin/policy_draft.html",
        draft=draft,
        is_author=draft.author_id == who.user_id,
        may_edit=can(who, Action.ADMINISTER),
        changes=sides(changes),
        is_same=is_same(changes),
        change_words=say.CHANGES,
        findings=findings,
        has_errors=bool(findings[Weight.ERROR]),
        has_warnings=bool(findings[Weight.WARNING]),
        policies=[(policy, say.sentence(policy)) for policy in draft.policies],
        in_language=words.in_language,
        errors=errors,
        note=note or draft.note,
        reason=reason,
        zone=who.zone,
    )
    return body, 422 if errors else 200
