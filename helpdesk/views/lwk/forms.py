"""One entered form: looking back at it, putting its amount and day right, and calling about what is unreadable."""

from datetime import date
from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain import conduct
from helpdesk.domain.errors import Conflict, Forbidden, HelpdeskError, InvalidInput, NotFound
from helpdesk.queries import paper, paper_scans
from helpdesk.queries.paper import FormPage
from helpdesk.queries.paper_scans import PageRow
from helpdesk.queries.visibility import Action, can
from helpdesk.services import entry, lwk, lwk_closing
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.fields import collect, parse_amount, parse_day, short_field
from helpdesk.views.lwk.blueprint import Typed, bp, refusal_text, unreadable_names

MAX_SAID = 10_000


@bp.get("/<batch_id>/forms/<int:form_no>")
@requires(Action.READ_LWK)
def form(batch_id: str, form_no: int) -> ResponseReturnValue:
    """One entered form, between the one before and the one after it."""
    return _form_view(batch_id, form_no, Typed())


@bp.post("/<batch_id>/forms/<int:form_no>")
@requires(Action.ENTER_LWK)
def correct(batch_id: str, form_no: int) -> ResponseReturnValue:
    """Put the amount and the day right while the batch is open."""
    rt, who = runtime(), viewer()
    page = _entered(batch_id, form_no)
    values, errors = _values(), dict[str, str]()
    amount, day = _amount_and_day(values, page, errors)
    if errors:
        return _form_view(batch_id, form_no, Typed(values, errors))
    now = rt.now()

    def act(session: Session) -> None:
        batch = lwk.batch_by_public_id(session, batch_id)
        row = lwk.form_of(session, batch, form_no)
        if row is None:
            raise NotFound("no such form")
        lwk.correct_form(
            session, batch, row, amount=amount, occurred_on=day, user_id=who.user_id, actor=who.actor, now=now
        )
        lwk_closing.withdraw_request(session, batch, actor=who.actor, now=now)

    try:
        rt.write(act)
    except (Conflict, Forbidden, InvalidInput) as error:
        return _form_view(batch_id, form_no, Typed(values, {"": refusal_text(error)}))
    flash(_("Form %(form_no)s diperbaiki.", form_no=form_no), "success")
    return redirect(url_for(".form", batch_id=batch_id, form_no=form_no), code=303)


@bp.post("/<batch_id>/forms/<int:form_no>/called")
@requires(Action.ENTER_LWK)
def called(batch_id: str, form_no: int) -> ResponseReturnValue:
    """Keep what the Mitra said when she was called."""
    rt, who = runtime(), viewer()
    page = _entered(batch_id, form_no)
    values, errors = _values(), dict[str, str]()
    values["said"] = request.form.get("said", "").replace("\0", "").strip()
    amount, day = _amount_and_day(values, page, errors)
    if len(values["said"]) > MAX_SAID:
        errors["said"] = _("Terlalu panjang. Pendekkan dulu.")
    now = rt.now()
    if (
        not errors
        and who.is_at_point
        and conduct.is_about_staff(values["said"], category=None, menu_choice=None, has_subjects=False)
    ):
        rt.write(lambda session: entry.note_refused_entry(session, actor=who.actor, now=now))
        errors["said"] = _("Ini tentang petugas, jadi tidak dicatat di cabang. Minta Ibu menelepon pusat.")
    if errors:
        return _form_view(batch_id, form_no, Typed(values, errors))
    try:
        rt.write(
            lambda session: lwk.complete_form(
                session,
                batch_id,
                form_no,
                values["said"],
                amount=amount,
                occurred_on=day,
                user_id=who.user_id,
                actor=who.actor,
                now=now,
            )
        )
    except HelpdeskError as error:
        known = error.field if isinstance(error, InvalidInput) and error.field in values else ""
        return _form_view(batch_id, form_no, Typed(values, {known: refusal_text(error)}))
    flash(_("Form %(form_no)s lengkap.", form_no=form_no), "success")
    return redirect(url_for(".held"), code=303)


def _values() -> dict[str, str]:
    return {name: short_field(name) for name in ("amount", "occurred_on")}


def _amount_and_day(
    values: dict[str, str], page: FormPage, errors: dict[str, str]
) -> tuple[int | None, date | None]:
    amount = collect(errors, lambda: parse_amount(values["amount"], field="amount"), None)
    received_on = page.batch.received_on
    day = collect(
        errors, lambda: parse_day(values["occurred_on"], today=received_on, field="occurred_on"), None
    )
    return amount, day


def _entered(batch_id: str, form_no: int) -> FormPage:
    """Return a form that this person may read. Raises NotFound for one that is sealed for her."""
    who = viewer()
    page = runtime().read(lambda session: paper.form_page(session, who, batch_id, form_no))
    if page.number is None:
        raise NotFound("no such form")
    return page


def _form_view(batch_id: str, form_no: int, typed: Typed) -> ResponseReturnValue:
    who = viewer()
    is_typist = can(who, Action.ENTER_LWK)

    def load(session: Session) -> tuple[FormPage, tuple[PageRow, ...]]:
        found = paper.form_page(session, who, batch_id, form_no)
        return found, paper_scans.pages(session, who, batch_id)[1] if is_typist else ()

    page, scanned = runtime().read(load)
    values = {
        "amount": "" if page.amount is None else str(page.amount),
        "occurred_on": page.occurred_on.strftime("%d/%m/%Y") if page.occurred_on else "",
        "said": "",
    } | dict(typed.values)
    html = render_template(
        "lwk/form.html",
        form=page,
        batch=page.batch,
        values=values,
        errors=typed.errors,
        unreadable_names=unreadable_names,
        may_enter=is_typist,
        scan_rows=[row for row in paper_scans.with_picture(scanned) if row.form_no == form_no],
        may_open=can(who, Action.READ_TICKET),
    )
    return html, HTTPStatus.UNPROCESSABLE_ENTITY if typed.errors else HTTPStatus.OK
