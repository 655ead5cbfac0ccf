"""Printing posters and leaflets with the name, phone and hours of a point, for every member of staff."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk import posters
from helpdesk.domain.wording import Language
from helpdesk.queries.directory import UnitChoice, entry_units
from helpdesk.views.access import runtime, signed_in, viewer
from helpdesk.views.mitra import language
from helpdesk.views.poster_facts import facts_of, pdf_answer

bp = Blueprint("posters", __name__, url_prefix="/posters")

LONGEST = 40
_FIELDS = ("paper", "lang_of", "unit", "phone", "hours")
PAPERS = ("poster", "poster-a3", "leaflet")


@bp.get("")
@signed_in
def index() -> ResponseReturnValue:
    """Choose what to print."""
    who = viewer()
    own = "" if who.unit_id is None else str(who.unit_id)
    units = runtime().read(lambda session: entry_units(session, who))
    typed = {"paper": PAPERS[0], "lang_of": language().value, "hours": runtime().lender.hours}
    typed["unit"] = next((unit.code for unit in units if str(unit.id) == own), "")
    return _page(units, typed, {})


@bp.get("/print.pdf")
@signed_in
def printed() -> ResponseReturnValue:
    """The paper as chosen. What is typed stands on it, so it is open to staff alone."""
    typed = {name: request.args.get(name, "").strip() for name in _FIELDS}
    who = viewer()
    units = runtime().read(lambda session: entry_units(session, who))
    errors = {
        name: _("Terlalu panjang. Tulis lebih pendek.") for name in _FIELDS if len(typed[name]) > LONGEST
    }
    if errors:
        return _page(units, typed, errors), HTTPStatus.UNPROCESSABLE_ENTITY
    facts = facts_of(
        Language.EN if typed["lang_of"] == "en" else Language.ID,
        office=next((unit.name for unit in units if unit.code == typed["unit"]), ""),
        office_phone=typed["phone"],
        office_hours=typed["hours"],
    )
    if typed["paper"] == "leaflet":
        return pdf_answer("selebaran", posters.leaflet(facts))
    scale = posters.A3_SCALE if typed["paper"] == "poster-a3" else 1
    return pdf_answer("poster", posters.poster(facts, scale=scale))


def _page(units: Sequence[UnitChoice], typed: Mapping[str, str], errors: Mapping[str, str]) -> str:
    options = [("", _("tanpa cabang")), *((unit.code, unit.name) for unit in units)]
    return render_template(
        "posters/index.html", unit_options=options, typed=typed, longest=LONGEST, errors=errors
    )
