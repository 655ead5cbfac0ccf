"""The standing texts to read: all of them with when each is said, and one with its preview, checks and past."""

from collections.abc import Mapping

from flask import render_template, request
from flask.typing import ResponseReturnValue

from helpdesk.domain.message_templates import STEPS as TEMPLATE_STEPS
from helpdesk.domain.readability import together
from helpdesk.domain.text_checks import INDEX_LIMIT, MEAN_LIMIT, check_step, check_together
from helpdesk.domain.text_notes import note_of
from helpdesk.domain.wording import SHIPPED, Language, StepTexts, TextBook, steps
from helpdesk.queries import texts
from helpdesk.queries.texts import StepRow, StepView
from helpdesk.queries.visibility import Action, can
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.admin import text_views as shown
from helpdesk.views.admin.blueprint import bp


@bp.get("/admin/texts")
@requires(Action.REVIEW_TEXTS)
def texts_page() -> ResponseReturnValue:
    """All texts, narrowed by words and by how they stand."""
    who = viewer()
    rows, book = runtime().read(lambda session: (texts.overview(session), texts.book(session)))
    q, state = request.args.get("q", "").strip(), request.args.get("state", "")
    found = [row for row in rows if _fits(row, state) and _has_words(book, row.step, q)]
    reading = together(
        text for step in steps() for part, text in book.texts(step).items() if part[1] is Language.ID
    )
    return render_template(
        "admin/texts.html",
        rows=[(row, note_of(row.step), book.texts(row.step)) for row in found],
        count=len(rows),
        q=q,
        state=state,
        states=shown.state_choices(),
        state_words=shown.STATES,
        changed=[row.step for row in rows if row.is_shipped_changed],
        waiting=[row.step for row in rows if row.is_submitted],
        reading=reading,
        limits=(MEAN_LIMIT, INDEX_LIMIT),
        language=shown.my_language(),
        may_edit=can(who, Action.ADMINISTER),
    )


@bp.get("/admin/texts/<step>")
@requires(Action.REVIEW_TEXTS)
def text_page(step: str) -> ResponseReturnValue:
    """One step: what is said, what somebody would like to say, and what was said before."""
    return step_page(step)


def step_page(
    step: str,
    *,
    typed: StepTexts | None = None,
    errors: Mapping[str, str] | None = None,
    note: str = "",
    reason: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    """Show a step. `typed`: what stands in the form and is not saved."""
    who = viewer()
    view = runtime().read(lambda session: texts.step_view(session, step))
    draft = view.draft
    standing = view.book
    book = _shown_book(view, typed)
    faults = check_step(book, step) + check_together(book)
    findings = shown.worded(faults)
    is_author = draft is not None and draft.author_id == who.user_id
    body = render_template(
        "admin/text.html",
        step=step,
        note_of_step=note_of(step),
        language=shown.my_language(),
        view=view,
        draft=draft,
        is_typed=typed is not None,
        is_author=is_author,
        may_edit=can(who, Action.ADMINISTER) and (draft is None or is_author),
        is_template=step in TEMPLATE_STEPS,
        may_discard=can(who, Action.ADMINISTER),
        may_decide=draft is not None and draft.is_submitted and not is_author,
        boxes=shown.boxes(book, step),
        placeholders=shown.placeholder_help(step),
        typical=[shown.bubbles(book, step, language) for language in Language],
        longest=[shown.bubbles(book, step, language, is_longest=True) for language in Language],
        findings=findings,
        has_faults=bool(findings["fault"]),
        has_advice=bool(findings["advice"]),
        changes=shown.differences(standing.texts(step), book.texts(step)),
        from_shipped=shown.differences(SHIPPED.texts(step), book.texts(step)),
        shipped_change=shown.differences(view.shipped_before, SHIPPED.texts(step))
        if view.shipped_before
        else [],
        history=_history(view),
        errors=dict(errors or {}),
        note=note or (draft.note if draft is not None else ""),
        reason=reason,
        zone=who.zone,
    )
    return body, 422 if errors and status == 200 else status


def _shown_book(view: StepView, typed: StepTexts | None) -> TextBook:
    """Return the texts with those on the page: what is typed, else the draft, else what is in force."""
    if typed is not None:
        return view.book.put(view.step, typed)
    return view.book if view.draft is None else view.book.put(view.step, view.draft.own)


def _history(view: StepView) -> list[tuple[texts.EditionRow, list[tuple[str, list[tuple[str, str]]]]]]:
    """Return the editions with what each changed against the one before; the first against what shipped."""
    before = [row.texts for row in view.editions[1:]] + [SHIPPED.texts(view.step)]
    return [(row, shown.differences(old, row.texts)) for row, old in zip(view.editions, before, strict=False)]


def _fits(row: StepRow, state: str) -> bool:
    holds = {
        "own": row.is_own,
        "shipped": not row.is_own,
        "draft": row.draft_author is not None,
        "waiting": row.is_submitted,
        "changed": row.is_shipped_changed,
    }
    return holds.get(state, True)


def _has_words(book: TextBook, step: str, q: str) -> bool:
    note = note_of(step)
    said = [step, *note.name.values(), *note.when.values(), *book.texts(step).values()]
    everything = " ".join(said).casefold()
    return all(word in everything for word in q.casefold().split())
