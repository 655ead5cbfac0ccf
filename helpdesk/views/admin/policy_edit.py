"""One policy of the draft, edited by the parts of its sentence, with a preview worked out on the calendar."""

from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.domain.errors import Conflict, InvalidInput
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.taxonomy import Severity, groups
from helpdesk.queries import admin, policies
from helpdesk.queries.policies import DraftRow
from helpdesk.queries.visibility import Action
from helpdesk.services import policy_editions as editions
from helpdesk.sla import policy_edits
from helpdesk.sla.policy import Form, Metric, SlaPolicy
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.admin import policy_words as say
from helpdesk.views.admin import words
from helpdesk.views.admin.blueprint import bp
from helpdesk.views.admin.policies import example_words, worked_out
from helpdesk.views.admin.policy_draft import own_draft, person_id
from helpdesk.views.admin.policy_form import PolicyForm, empty_form, form_of, read_form, typed_form
from helpdesk.views.labels import label


@bp.get("/admin/policies/draft/add")
@requires(Action.ADMINISTER)
def new_policy() -> ResponseReturnValue:
    """An empty form."""
    return _page(own_draft(), None, empty_form(), errors={}, shown=None)


@bp.post("/admin/policies/draft/add")
@requires(Action.ADMINISTER)
def add_policy() -> ResponseReturnValue:
    """A policy more, tried before all others."""
    return _save(own_draft(), None)


@bp.get("/admin/policies/draft/policies/<code>")
@requires(Action.ADMINISTER)
def edit_policy(code: str) -> ResponseReturnValue:
    """One policy as a form."""
    draft = own_draft()
    policy = policy_edits.find(draft.policies, code)
    return _page(draft, policy, form_of(policy), errors={}, shown=policy)


@bp.post("/admin/policies/draft/policies/<code>")
@requires(Action.ADMINISTER)
def save_policy(code: str) -> ResponseReturnValue:
    """Keep what was typed in the draft, or show what it would say."""
    draft = own_draft()
    return _save(draft, policy_edits.find(draft.policies, code))


def _save(draft: DraftRow, policy: SlaPolicy | None) -> ResponseReturnValue:
    who, now, seen = viewer(), runtime().now(), request.form.get("seen", "")
    form = typed_form(policy.code if policy else None)
    if policy is not None and policy.is_fallback:
        form = replace(form, chosen={})
    found, errors = read_form(form, version=policy.version if policy else 1)
    if found is None:
        return _page(draft, policy, form, errors=errors, shown=None), 422
    if request.form.get("do") == "preview":
        return _page(draft, policy, form, errors={}, shown=found)
    kept, change = found, policy_edits.replaced if policy else policy_edits.added
    try:
        runtime().write(
            lambda session: editions.change_draft(
                session, lambda before: change(before, kept), seen=seen, author_id=person_id(who), now=now
            )
        )
    except InvalidInput as refused:
        # A code that is taken, or a policy without any condition.
        field = "kinds" if refused.code == "fallback" else "code"
        return _page(draft, policy, form, errors={field: say.refusal(refused)}, shown=None), 422
    except Conflict as refused:
        return _page(draft, policy, form, errors={"": say.refusal(refused)}, shown=found), 409
    flash(_("Disimpan dalam rancangan. Belum berlaku."), "success")
    return redirect(url_for(".policy_draft", _anchor=found.code), 303)


def _page(
    draft: DraftRow,
    policy: SlaPolicy | None,
    form: PolicyForm,
    *,
    errors: dict[str, str],
    shown: SlaPolicy | None,
) -> str:
    """Render the form; `shown` is the policy whose sentence and example stand beside it."""
    who, now = viewer(), runtime().now()
    current, units = runtime().read(lambda session: (policies.current(session), admin.units(session)))
    standing = next((each for each in current if each.code == form.code), None)
    arrival, sides, place = runtime().read(
        lambda session: worked_out(
            session, {"current": standing, "draft": shown}, who, now=now, given=request.values
        )
    )
    return render_template(
        "admin/policy_form.html",
        draft=draft,
        policy=policy,
        form=form,
        errors=errors,
        summary=list(errors.items()),
        shown=shown,
        standing=standing,
        arrival=arrival,
        place=place,
        sides=sides if shown is not None else [],
        units=words.unit_choices(units),
        axes=_axes(),
        groups=groups(),
        metrics=[(metric.value, label(metric, "metric"), form.promises[metric]) for metric in Metric],
        regulatory=Metric.REGULATORY.value,
        unit_choices=words.choices(say.UNITS),
        calendar_choices=words.choices(words.CALENDARS),
        in_language=words.in_language,
        **example_words(),
    )


def _axes() -> list[tuple[str, str, words.Choices]]:
    return [
        ("kinds", _("Jenis"), [(kind.value, label(kind, "kind")) for kind in TicketKind]),
        ("severities", _("Tingkat"), [(each.value, label(each, "severity")) for each in Severity]),
        ("forms", _("Bentuk"), [(each.value, words.form_name(each)) for each in Form]),
    ]
