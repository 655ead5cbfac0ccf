"""The list of batches, the slip of a new one, and closing: by totals that agree, or by two persons."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, Forbidden, InvalidInput
from helpdesk.queries import paper, paper_entry, paper_packs
from helpdesk.queries.directory import UnitChoice, entry_units
from helpdesk.queries.paper_entry import Officer
from helpdesk.queries.paper_packs import PackRow
from helpdesk.queries.periods import local_date
from helpdesk.queries.visibility import Action, can
from helpdesk.services import idempotency, lwk, lwk_closing
from helpdesk.services.lwk_closing import Closer
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.fields import collect, field_text, parse_amount, parse_count, parse_day, short_field
from helpdesk.views.lwk.blueprint import Typed, bp, refusal_text
from helpdesk.views.lwk.sheets import batch_view

_SLIP = ("unit", "received_on", "officer", "form_count", "amount_total", "number_total", "pack")
_MOST_NUMBERS = 999_999_999
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip that was understood."""

    unit_id: int
    received_on: date
    form_count: int
    amount_total: int
    number_total: int
    officer_id: int | None
    pack_id: int | None


@dataclass(frozen=True, slots=True)
class Choices:
    """What a slip may name."""

    units: tuple[UnitChoice, ...] = ()
    officers: tuple[Officer, ...] = ()
    pack: PackRow | None = None
    """The one that the slip names."""


@bp.get("")
@requires(Action.READ_LWK)
def index() -> ResponseReturnValue:
    """The batches, and the slip of a new one."""
    return _list_page(Typed())


@bp.post("")
@requires(Action.ENTER_LWK)
def begin() -> ResponseReturnValue:
    """Begin a batch from its slip."""
    rt, who = runtime(), viewer()
    values = {name: short_field(name) for name in _SLIP}
    choices = rt.read(lambda session: _choices(session, values["pack"]))
    now, errors = rt.now(), dict[str, str]()
    slip = _slip(values, choices, errors=errors, now=now)
    if slip is None or who.user_id is None:
        return _list_page(Typed(values, errors))
    key, user_id = request.form.get("key", "")[:100], who.user_id
    try:
        batch_id = rt.write(
            lambda session: _open_once(session, slip, user_id=user_id, actor=who.actor, key=key, now=now)
        )
    except InvalidInput as error:
        return _list_page(Typed(values, {"": field_text(error)}))
    return redirect(url_for(".batch", batch_id=batch_id), code=303)


@bp.post("/<batch_id>/close")
@requires(Action.ENTER_LWK)
def close(batch_id: str) -> ResponseReturnValue:
    """Close a batch whose totals agree; otherwise give the reason and wait for a second person."""
    reason = request.form.get("reason", "")

    def act(session: Session, by: Closer, now: datetime) -> str:
        is_closed = lwk_closing.close_batch(session, batch_id, reason=reason, by=by, now=now)
        return str(_("Batch ditutup.") if is_closed else _("Alasan dicatat. Orang kedua harus menyetujui."))

    return _settle(batch_id, act, reason=reason)


@bp.post("/<batch_id>/agree")
@requires(Action.ENTER_LWK)
def agree(batch_id: str) -> ResponseReturnValue:
    """The second person agrees with the reason of the first: the batch is closed."""

    def act(session: Session, by: Closer, now: datetime) -> str:
        lwk_closing.agree_to_close(session, batch_id, by=by, now=now)
        return str(_("Batch ditutup."))

    return _settle(batch_id, act)


@bp.post("/<batch_id>/withdraw")
@requires(Action.ENTER_LWK)
def withdraw(batch_id: str) -> ResponseReturnValue:
    """Take back what was asked, or send it back: the batch stays open."""

    def act(session: Session, by: Closer, now: datetime) -> str:
        batch = lwk.batch_by_public_id(session, batch_id)
        lwk_closing.withdraw_request(session, batch, actor=by.actor, now=now)
        return str(_("Batch tetap terbuka."))

    return _settle(batch_id, act)


def _settle(
    batch_id: str, act: Callable[[Session, Closer, datetime], str], *, reason: str = ""
) -> ResponseReturnValue:
    """Do something about the end of a batch that this person may see, and say what came of it."""
    rt, who = runtime(), viewer()
    rt.read(lambda session: paper.batch_page(session, who, batch_id))
    now = rt.now()

    def settle(session: Session) -> str:
        lwk.batch_by_public_id(session, batch_id)  # locked: no form joins it after she has seen it
        page = paper.batch_page(session, who, batch_id)
        return act(session, Closer(who.user_id, who.actor, page.sealed_nos), now)

    try:
        told = rt.write(settle)
    except InvalidInput as error:
        return batch_view(batch_id, Typed({"reason": reason}, {"reason": field_text(error)}))
    except (Conflict, Forbidden) as error:
        flash(refusal_text(error), "warning")
    else:
        flash(told, "success")
    return redirect(url_for(".batch", batch_id=batch_id), code=303)


def _open_once(session: Session, slip: Slip, *, user_id: int, actor: str, key: str, now: datetime) -> str:
    """Begin a batch and return its id; a slip that is sent twice begins one."""

    def begin() -> dict[str, str]:
        batch = lwk.open_batch(session, **asdict(slip), user_id=user_id, actor=actor, now=now)
        return {"batch": batch.public_id}

    scope = f"lwk:slip:{user_id}"
    return idempotency.once(session, scope, key, repr(slip), act=begin, now=now)["batch"]


def _slip(
    values: dict[str, str],
    choices: Choices,
    *,
    errors: dict[str, str],
    now: datetime,
) -> Slip | None:
    """Read the slip; everything wrong joins `errors`."""
    who = viewer()
    pack = _pack(values["pack"], choices.pack, errors)
    own = pack.unit_id if pack and not values["unit"] else who.point_id
    unit = next((each for each in choices.units if each.code == values["unit"] or each.id == own), None)
    if pack and unit and pack.unit_id != unit.id:
        errors["pack"] = _("Paket ini milik %(unit)s.", unit=pack.unit)
    if unit is None:
        errors["unit"] = _("Pilih cabang dari daftar.")
    today = local_date(now, unit.zone if unit else who.zone)
    day = collect(errors, lambda: _required_day(values["received_on"], today), None)
    count = collect(errors, lambda: parse_count(values["form_count"], field="form_count"), 0)
    total = collect(errors, lambda: parse_amount(values["amount_total"], field="amount_total"), None) or 0
    numbers = collect(
        errors, lambda: parse_count(values["number_total"], field="number_total", most=_MOST_NUMBERS), 0
    )
    officer_id = _officer(values["officer"], choices.officers, unit, errors)
    if errors or unit is None or day is None:
        return None
    return Slip(unit.id, day, count, total, numbers, officer_id, pack.id if pack else None)


def _pack(typed: str, found: PackRow | None, errors: dict[str, str]) -> PackRow | None:
    """Return the printed pack that the slip names; None for forms that were not printed here."""
    if typed and found is None:
        errors["pack"] = _("Paket ini tidak ada. Lihat nomor di slip.")
    return found


def _officer(
    typed: str, officers: Sequence[Officer], unit: UnitChoice | None, errors: dict[str, str]
) -> int | None:
    """Return the member of staff of the point with that name, or the only one whose name holds what was typed."""
    if not typed or unit is None:
        return None
    wanted = typed.casefold()
    near = [each for each in officers if each.unit_id == unit.id]
    found = [each for each in near if each.name.casefold() == wanted] or [
        each for each in near if wanted in each.name.casefold()
    ]
    if len(found) == 1:
        return found[0].id
    errors["officer"] = _("Tulis nama petugas cabang ini: %(names)s.", names=", ".join(e.name for e in near))
    return None


def _required_day(text: str, today: date) -> date:
    found = parse_day(text, today=today, field="received_on")
    if found is None:
        raise InvalidInput("the day is required", field="received_on", code="date")
    return found


def _choices(session: Session, pack_no: str = "") -> Choices:
    who = viewer()
    if not can(who, Action.ENTER_LWK):
        return Choices()
    is_number = pack_no.isascii() and pack_no.isdecimal() and len(pack_no) <= _MOST_DIGITS
    pack = paper_packs.find(session, who, int(pack_no)) if is_number else None
    return Choices(entry_units(session, who), paper_entry.officers(session, who), pack)


def _list_page(typed: Typed) -> ResponseReturnValue:
    who = viewer()
    batches = runtime().read(lambda session: paper.batches(session, who))
    choices = runtime().read(_choices)
    page = render_template(
        "lwk/index.html",
        batches=batches,
        units=choices.units,
        officers=choices.officers,
        typed=typed,
        is_at_point=who.is_at_point,
        may_enter=can(who, Action.ENTER_LWK),
        may_read_sealed=can(who, Action.READ_SEALED),
        key=str(uuid.uuid4()),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if typed.errors else HTTPStatus.OK
