"""Paper forms: batches with their slips, and quick entry of one sheet after the other."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain import taxonomy
from helpdesk.domain.errors import Conflict, Forbidden, InvalidInput
from helpdesk.domain.phones import normalise_phone
from helpdesk.queries import paper
from helpdesk.queries.directory import UnitChoice, entry_units
from helpdesk.queries.paper import BatchPage, Repeat
from helpdesk.queries.periods import local_date
from helpdesk.queries.visibility import Action, Viewer, can
from helpdesk.services import entry, idempotency, lwk
from helpdesk.services.lwk import PaperForm
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.fields import collect, field_text, parse_amount, parse_count, parse_day, short_field
from helpdesk.views.formatting import ticket_number
from helpdesk.views.intake import phone_text, sealed_text, typist
from helpdesk.views.mitra import menu_name

bp = Blueprint("lwk", __name__, url_prefix="/lwk")

MAX_LINE = 100
MAX_STORY = 10_000
MAX_FORM_NO = 99_999
_LINES = ("name", "phone", "mitra_id", "majelis")
_SHEET = ("form_no", *_LINES, "choice", "occurred_on", "amount", "text", "key")
_SLIP = ("unit", "received_on", "form_count", "amount_total")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into a form of the page, and what is wrong with it."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip that was understood."""

    unit_id: int
    received_on: date
    form_count: int
    amount_total: int


@bp.get("")
@requires(Action.ENTER_LWK)
def index() -> ResponseReturnValue:
    """The batches, and the slip of a new one."""
    return _list_page(Typed())


@bp.post("")
@requires(Action.ENTER_LWK)
def begin() -> ResponseReturnValue:
    """Begin a batch from its slip."""
    rt, who = runtime(), viewer()
    values = {name: short_field(name) for name in _SLIP}
    units = rt.read(lambda session: entry_units(session, who))
    unit = next((each for each in units if each.code == values["unit"] or each.id == _own(who)), None)
    errors: dict[str, str] = {} if unit else {"unit": _("Pilih cabang dari daftar.")}
    now = rt.now()
    today = local_date(now, unit.zone if unit else who.zone)
    day = collect(errors, lambda: _required_day(values["received_on"], today), None)
    count = collect(errors, lambda: parse_count(values["form_count"], field="form_count"), 0)
    total = collect(errors, lambda: parse_amount(values["amount_total"], field="amount_total"), None) or 0
    if errors or unit is None or day is None or who.user_id is None:
        return _list_page(Typed(values, errors))
    slip = Slip(unit.id, day, count, total)
    key, user_id = request.form.get("key", "")[:100], who.user_id
    try:
        batch_id = rt.write(
            lambda session: _open_once(session, slip, user_id=user_id, actor=who.actor, key=key, now=now)
        )
    except InvalidInput as error:
        return _list_page(Typed(values, {"": field_text(error)}))
    return redirect(url_for(".batch", batch_id=batch_id), code=303)


def _open_once(session: Session, slip: Slip, *, user_id: int, actor: str, key: str, now: datetime) -> str:
    """Begin a batch and return its id; a slip that is sent twice begins one."""

    def begin() -> dict[str, str]:
        batch = lwk.open_batch(session, **asdict(slip), user_id=user_id, actor=actor, now=now)
        return {"batch": batch.public_id}

    scope = f"lwk:slip:{user_id}"
    return idempotency.once(session, scope, key, repr(slip), act=begin, now=now)["batch"]


@bp.get("/<batch_id>")
@requires(Action.ENTER_LWK)
def batch(batch_id: str) -> ResponseReturnValue:
    """Entry of the next sheet, beside the running tally."""
    return _batch_page(batch_id, Typed())


@bp.post("/<batch_id>")
@requires(Action.ENTER_LWK)
def enter(batch_id: str) -> ResponseReturnValue:
    """Make one sheet a ticket, at once and for good."""
    rt, who = runtime(), viewer()
    page = rt.read(lambda session: paper.batch_page(session, who, batch_id))
    values = {name: short_field(name) for name in _SHEET}
    values["text"] = request.form.get("text", "").replace("\0", "").strip()
    errors: dict[str, str] = {}
    sheet = _sheet(values, page, errors)
    if errors:
        return _batch_page(batch_id, Typed(values, errors))
    now = rt.now()
    try:
        number = rt.write(
            lambda session: entry.enter_paper(
                session,
                batch_id,
                sheet,
                typist=typist(who),
                key=values["key"] or str(uuid.uuid4()),
                lender=rt.lender,
                now=now,
            )
        )
    except Forbidden:
        return _seal(batch_id, sheet.form_no, values)
    except InvalidInput as error:
        known = error.field if error.field in values else ""
        return _batch_page(batch_id, Typed(values, {known: field_text(error)}))
    except Conflict as error:
        return _batch_page(batch_id, Typed(values, {"form_no": _conflict(error)}))
    flash(
        _("Form %(form_no)s tersimpan: %(number)s", form_no=sheet.form_no, number=ticket_number(number)),
        "success",
    )
    return redirect(url_for(".batch", batch_id=batch_id, last=number), code=303)


def _seal(batch_id: str, form_no: int, values: Mapping[str, str]) -> ResponseReturnValue:
    """Keep the number of a sheet about staff, and nothing that it says."""
    rt, who = runtime(), viewer()
    now = rt.now()
    try:
        rt.write(lambda session: lwk.seal_form(session, batch_id, form_no, actor=who.actor, now=now))
    except Conflict as error:  # closed by another since it was looked at
        return _batch_page(batch_id, Typed({"form_no": values["form_no"]}, {"form_no": _conflict(error)}))
    flash(sealed_text(), "warning")
    return redirect(url_for(".batch", batch_id=batch_id), code=303)


def _conflict(error: Conflict) -> str:
    is_taken = error.code == "form_no"
    return str(_("Nomor form ini sudah ada di batch.") if is_taken else _("Batch sudah ditutup."))


@bp.post("/<batch_id>/close")
@requires(Action.ENTER_LWK)
def close(batch_id: str) -> ResponseReturnValue:
    """Close a batch whose totals agree, or with a reason."""
    rt, who = runtime(), viewer()
    page = rt.read(lambda session: paper.batch_page(session, who, batch_id))
    reason, now = request.form.get("reason", ""), rt.now()
    if page.batch.closed_at is None:
        try:
            rt.write(
                lambda session: lwk.close_batch(
                    session,
                    batch_id,
                    reason=reason,
                    user_id=who.user_id,
                    point_id=who.point_id,
                    actor=who.actor,
                    now=now,
                )
            )
        except InvalidInput as error:
            return _batch_page(batch_id, Typed({"reason": reason}, {"reason": field_text(error)}))
        except Conflict:
            pass  # another closed it since it was looked at, with the totals and the reason of that moment
        flash(_("Batch ditutup."), "success")
    return redirect(url_for(".batch", batch_id=batch_id), code=303)


def _sheet(values: Mapping[str, str], page: BatchPage, errors: dict[str, str]) -> PaperForm:
    """Read one sheet; everything wrong joins `errors`. It cannot tell of what happened after it was handed in."""
    for name in _LINES:
        if len(values[name]) > MAX_LINE:
            errors[name] = _("Terlalu panjang. Pendekkan dulu.")
    if len(values["text"]) > MAX_STORY:
        errors["text"] = _("Terlalu panjang. Pendekkan dulu.")
    is_new_phone = short_field("phone_seen") != values["phone"]
    if (
        "phone" not in errors
        and values["phone"]
        and is_new_phone
        and normalise_phone(values["phone"]) is None
    ):
        errors["phone"] = phone_text()
    received_on = page.batch.received_on
    return PaperForm(
        form_no=collect(errors, lambda: parse_count(values["form_no"], field="form_no", most=MAX_FORM_NO), 0),
        name=values["name"],
        phone=values["phone"],
        mitra_id=values["mitra_id"],
        majelis=values["majelis"],
        menu_choice=collect(errors, lambda: _menu_choice(values["choice"]), 0),
        occurred_on=collect(
            errors, lambda: parse_day(values["occurred_on"], today=received_on, field="occurred_on"), None
        ),
        amount=collect(errors, lambda: parse_amount(values["amount"], field="amount"), None),
        text=values["text"],
    )


def _menu_choice(text: str) -> int:
    try:
        return parse_count(text, field="choice", most=max(taxonomy.MENU))
    except InvalidInput as error:
        raise InvalidInput(str(error), field="choice", code="menu_choice") from None


def _required_day(text: str, today: date) -> date:
    found = parse_day(text, today=today, field="received_on")
    if found is None:
        raise InvalidInput("the day is required", field="received_on", code="date")
    return found


def _own(who: Viewer) -> int | None:
    return who.unit_id if who.is_at_point else None


def _list_page(typed: Typed) -> ResponseReturnValue:
    who = viewer()

    def load(session: Session) -> tuple[tuple[paper.BatchRow, ...], tuple[UnitChoice, ...]]:
        return paper.batches(session, who), entry_units(session, who)

    batches, units = runtime().read(load)
    page = render_template(
        "lwk/index.html",
        batches=batches,
        units=units,
        typed=typed,
        is_at_point=who.is_at_point,
        key=str(uuid.uuid4()),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if typed.errors else HTTPStatus.OK


def _batch_page(batch_id: str, typed: Typed) -> ResponseReturnValue:
    rt, who = runtime(), viewer()
    last = request.args.get("last", "")

    def load(session: Session) -> tuple[BatchPage, tuple[Repeat, ...]]:
        found = paper.batch_page(session, who, batch_id)
        is_own = last in {form.number for form in found.forms}
        return found, paper.may_repeat(session, who, last) if is_own else ()

    page, repeats = rt.read(load)
    values = {"form_no": str(page.next_form_no), "key": str(uuid.uuid4())} | dict(typed.values)
    html = render_template(
        "lwk/batch.html",
        batch=page.batch,
        forms=page.forms,
        gaps=page.gaps,
        repeats=repeats,
        values=values,
        errors=typed.errors,
        choices=", ".join(f"{each.number} {menu_name(each)}" for each in taxonomy.MENU.values()),
        may_open=can(who, Action.READ_TICKET),
    )
    return html, HTTPStatus.UNPROCESSABLE_ENTITY if typed.errors else HTTPStatus.OK
