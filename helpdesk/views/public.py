"""The Mitra's first page and the privacy notice; the form, the status look-up and the procedure hang below."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.views import procedure, public_form, public_status
from helpdesk.views.access import public, runtime
from helpdesk.views.mitra import link, whatsapp_link

bp = Blueprint("public", __name__)
bp.register_blueprint(procedure.bp)
bp.register_blueprint(public_form.bp)
bp.register_blueprint(public_status.bp)


@bp.app_context_processor
def links() -> dict[str, object]:
    """Give the Mitra's pages `link`."""
    return {"link": link}


@bp.get("/")
@public
def start() -> ResponseReturnValue:
    """What this is, and the ways to reach us."""
    return render_template("public/start.html", whatsapp=whatsapp_link(_("Saya mau cerita.")))


@bp.get("/privasi")
@public
def privacy() -> ResponseReturnValue:
    """How we keep what she tells, and her rights (UU PDP 27/2022; domain.md 1.5, 1.10, 2)."""
    return render_template("public/privacy.html", urgent_phone=runtime().settings.urgent_phone)
