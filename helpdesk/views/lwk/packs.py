"""Printing numbered paper forms for a point, with the slip that comes back on top of them."""

import uuid
from http import HTTPStatus

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk import posters
from helpdesk.domain import taxonomy
from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.procedure import paper_form
from helpdesk.domain.wording import Language
from helpdesk.posters import FormFacts
from helpdesk.queries import paper_packs
from helpdesk.queries.directory import UnitChoice, entry_units
from helpdesk.queries.paper_packs import PackRow
from helpdesk.queries.visibility import Action
from helpdesk.services import idempotency, lwk_packs
from helpdesk.sla.policy import Form
from helpdesk.sla.regulation import rule_of_form
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.fields import collect, field_text, parse_count, short_field
from helpdesk.views.lwk.blueprint import Typed, bp
from helpdesk.views.poster_facts import pdf_answer

MOST_FORMS = 100
ICONS = {1: "money", 2: "bank", 3: "person", 4: "warn", 5: "mobile", 6: "question"}
"""Pictograms of the six problems, as the public form has them."""


@bp.get("/print")
@requires(Action.ENTER_LWK)
def packs() -> ResponseReturnValue:
    """Print new forms, and those of earlier packs again."""
    return _packs_view(Typed({"form_count": "40"}))


@bp.post("/print")
@requires(Action.ENTER_LWK)
def take() -> ResponseReturnValue:
    """Take the numbers of a pack; a form that is sent twice takes them once."""
    rt, who = runtime(), viewer()
    values = {name: short_field(name) for name in ("unit", "form_count")}
    units = rt.read(lambda session: entry_units(session, who))
    unit = next((each for each in units if each.code == values["unit"] or each.id == who.point_id), None)
    errors: dict[str, str] = {} if unit else {"unit": _("Pilih cabang dari daftar.")}
    count = collect(errors, lambda: parse_count(values["form_count"], field="form_count", most=MOST_FORMS), 0)
    if errors or unit is None or who.user_id is None:
        return _packs_view(Typed(values, errors))
    unit_id, user_id, key, now = unit.id, who.user_id, request.form.get("key", "")[:100], rt.now()

    def act(session: Session) -> str:
        def take_numbers() -> dict[str, str]:
            pack = lwk_packs.take_numbers(
                session, unit_id=unit_id, form_count=count, user_id=user_id, actor=who.actor, now=now
            )
            return {"pack": str(pack.id)}

        scope = f"lwk:pack:{user_id}"
        done = idempotency.once(session, scope, key, repr((unit_id, count)), act=take_numbers, now=now)
        return done["pack"]

    try:
        pack_id = rt.write(act)
    except InvalidInput as error:
        return _packs_view(Typed(values, {"": field_text(error)}))
    return redirect(url_for(".packs", made=pack_id), code=303)


@bp.get("/packs/<int:pack_id>.pdf")
@requires(Action.ENTER_LWK)
def printed(pack_id: int) -> ResponseReturnValue:
    """The slip and the forms of a pack; the same numbers each time."""
    who = viewer()
    pack = runtime().read(lambda session: paper_packs.pack(session, who, pack_id))
    language = Language.EN if request.args.get("lang_of") == "en" else Language.ID
    return pdf_answer(
        f"form-lwk-{pack.unit_code}-{pack.first_no}", posters.paper_forms(_facts(pack, language))
    )


def _facts(pack: PackRow, language: Language) -> FormFacts:
    lender = runtime().lender
    numbers = range(pack.first_no, pack.last_no + 1)
    values = {
        "merek": lender.brand,
        "telp": lender.phone,
        "hari": str(rule_of_form(Form.TERTULIS).days),
        "jumlah": str(sum(numbers)),
    }
    is_english = language is Language.EN
    return FormFacts(
        brand=lender.brand,
        language=language,
        words=paper_form(language, values),
        icons=current_app.jinja_env.get_template("macros/icons.html").module.PATHS,  # type: ignore[attr-defined]
        choices=[
            (each.number, each.name_en if is_english else each.name_id, ICONS[each.number])
            for each in taxonomy.MENU.values()
        ],
        office=pack.unit,
        office_code=pack.unit_code,
        pack_no=pack.id,
        first_no=pack.first_no,
        count=pack.form_count,
    )


def _packs_view(typed: Typed) -> ResponseReturnValue:
    who = viewer()

    def load(session: Session) -> tuple[tuple[PackRow, ...], tuple[UnitChoice, ...]]:
        return paper_packs.packs(session, who), entry_units(session, who)

    rows, units = runtime().read(load)
    made = next((row for row in rows if str(row.id) == request.args.get("made")), None)
    page = render_template(
        "lwk/print.html",
        rows=rows,
        units=units,
        unit_options=[("", _("Pilih cabang")), *((unit.code, unit.name) for unit in units)],
        made=made,
        values=typed.values,
        errors=typed.errors,
        is_at_point=who.is_at_point,
        most=MOST_FORMS,
        key=str(uuid.uuid4()),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if typed.errors else HTTPStatus.OK
