"""How to complain, for everybody: the page, the poster and the leaflet."""

from collections.abc import Callable

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from helpdesk import posters
from helpdesk.posters import Facts
from helpdesk.views.access import public
from helpdesk.views.mitra import language
from helpdesk.views.poster_facts import facts_of, pdf_answer, procedure_words, telegram_name

bp = Blueprint("procedure", __name__)


@bp.get("/cara-mengadu")
@public
def page() -> ResponseReturnValue:
    """The procedure in short, with the papers to print."""
    return render_template(
        "public/procedure.html", words=procedure_words(language()), telegram=telegram_name()
    )


@bp.get("/poster.pdf")
@public
def poster() -> Response:
    """The poster in the language of `lang`; `size=a3` for the larger one."""
    scale = posters.A3_SCALE if request.args.get("size") == "a3" else 1
    return _kept("poster", lambda facts: posters.poster(facts, scale=scale), scale=scale)


@bp.get("/selebaran.pdf")
@public
def leaflet() -> Response:
    """The leaflet in the language of `lang`."""
    return _kept("selebaran", posters.leaflet)


def _kept(name: str, draw: Callable[[Facts], bytes], *, scale: float = 1) -> Response:
    """Answer a paper that is drawn once in the life of a process: whatever it says comes from the settings."""
    drawn: dict[tuple[str, str, float], bytes] = current_app.extensions.setdefault("helpdesk_papers", {})
    key = (name, language().value, scale)
    if key not in drawn:
        drawn[key] = draw(facts_of(language()))
    return pdf_answer(name, drawn[key])
