"""The second keying of amounts by another person, and the settling of what differs."""

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, Forbidden, NotFound
from helpdesk.queries import paper_scans, paper_second
from helpdesk.queries.paper_scans import PageRow
from helpdesk.queries.paper_second import SecondPage
from helpdesk.queries.visibility import Action
from helpdesk.services import lwk_second
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.fields import collect, parse_amount, short_field
from helpdesk.views.lwk.blueprint import Typed, bp, refusal_text


@bp.get("/<batch_id>/second")
@requires(Action.ENTER_LWK)
def second(batch_id: str) -> ResponseReturnValue:
    """The forms whose amounts this person may key again, and the differences."""
    return _second_view(batch_id, Typed())


@bp.post("/<batch_id>/second")
@requires(Action.ENTER_LWK)
def key_again(batch_id: str) -> ResponseReturnValue:
    """Keep the amounts that were keyed; empty fields are left for later."""
    rt, who = runtime(), viewer()
    page = rt.read(lambda session: paper_second.second_page(session, who, batch_id))
    values = {f"amount-{number}": short_field(f"amount-{number}") for number in page.to_key}
    errors: dict[str, str] = {}
    amounts = {
        number: collect(errors, lambda name=name: parse_amount(values[name], field=name), None)  # type: ignore[misc]
        for number in page.to_key
        if values[name := f"amount-{number}"]
    }
    if errors or who.user_id is None:
        return _second_view(batch_id, Typed(values, errors))
    now, user_id = rt.now(), who.user_id
    try:
        differing = rt.write(
            lambda session: lwk_second.key_amounts(
                session, batch_id, amounts, user_id=user_id, actor=who.actor, now=now
            )
        )
    except (Conflict, Forbidden) as error:
        return _second_view(batch_id, Typed(values, {"": refusal_text(error)}))
    told = _("%(count)s uang diketik ulang, %(differing)s berbeda.", count=len(amounts), differing=differing)
    flash(told, "warning" if differing else "success")
    return redirect(url_for(".second", batch_id=batch_id), code=303)


@bp.post("/<batch_id>/second/<int:form_no>")
@requires(Action.ENTER_LWK)
def settle(batch_id: str, form_no: int) -> ResponseReturnValue:
    """Say what the paper says: what the first read, what the second read, or a third amount."""
    rt, who = runtime(), viewer()
    page = rt.read(lambda session: paper_second.second_page(session, who, batch_id))
    row = next((each for each in page.differences if each.form_no == form_no), None)
    if row is None:
        raise NotFound("no such difference")
    name = f"right-{form_no}"
    values, errors = {name: short_field(name)}, dict[str, str]()
    answer = request.form.get("answer", "")
    amount = {"first": row.first, "second": row.second}.get(answer)
    if answer not in ("first", "second"):
        amount = collect(errors, lambda: parse_amount(values[name], field=name), None)
        if not values[name]:
            errors[name] = _("Tulis jumlah uang, contoh 150000 atau 1,5 juta.")
    if errors:
        return _second_view(batch_id, Typed(values, errors))
    now = rt.now()
    try:
        rt.write(
            lambda session: lwk_second.settle(
                session, batch_id, form_no, amount=amount, user_id=who.user_id, actor=who.actor, now=now
            )
        )
    except Forbidden:
        return _second_view(
            batch_id, Typed({}, {"": _("Itu bacaan Anda sendiri. Orang lain yang memutuskan.")})
        )
    except Conflict as error:
        return _second_view(batch_id, Typed({}, {"": refusal_text(error)}))
    flash(_("Selisih form %(form_no)s dibereskan.", form_no=form_no), "success")
    return redirect(url_for(".second", batch_id=batch_id), code=303)


def _second_view(batch_id: str, typed: Typed) -> ResponseReturnValue:
    who = viewer()

    def load(session: Session) -> tuple[SecondPage, dict[int, PageRow]]:
        found = paper_second.second_page(session, who, batch_id)
        rows = paper_scans.pages(session, who, batch_id)[1]
        return found, {row.form_no: row for row in reversed(rows) if row.form_no and row.storage_key}

    page, scanned = runtime().read(load)
    html = render_template(
        "lwk/second.html",
        page=page,
        batch=page.batch,
        scanned=scanned,
        values=typed.values,
        errors=typed.errors,
    )
    return html, HTTPStatus.UNPROCESSABLE_ENTITY if typed.errors else HTTPStatus.OK
