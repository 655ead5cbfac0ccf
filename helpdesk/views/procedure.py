"""How to complain, for everybody: the page, the poster and the leaflet."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from helpdesk import posters
from helpdesk.views.access import public
from helpdesk.views.mitra import language
from helpdesk.views.poster_facts import facts_of, pdf_answer, procedure_words

bp = Blueprint("procedure", __name__)


@bp.get("/cara-mengadu")
@public
def page() -> ResponseReturnValue:
    """The procedure in short, with the papers to print."""
    return render_template("public/procedure.html", words=procedure_words(language()))


@bp.get("/poster.pdf")
@public
def poster() -> Response:
    """The poster in the language of `lang`; `size=a3` for the larger one."""
    scale = posters.A3_SCALE if request.args.get("size") == "a3" else 1
    return pdf_answer("poster", posters.poster(facts_of(language()), scale=scale))


@bp.get("/selebaran.pdf")
@public
def leaflet() -> Response:
    """The leaflet in the language of `lang`."""
    return pdf_answer("selebaran", posters.leaflet(facts_of(language())))
