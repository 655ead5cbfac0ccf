"""Moves a message of the contact to the complaint where it belongs, and back (the undo of the same form)."""

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, NotFound
from helpdesk.queries.ticket import ticket_id_of
from helpdesk.queries.visibility import Action
from helpdesk.services import moving
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.formatting import ticket_number
from helpdesk.views.tickets import back, refuse

bp = Blueprint("moving", __name__)

NEW = "new"
"""Instead of a number: a complaint of its own."""


@bp.post("/tickets/<number>/messages/<public_id>/move")
@requires(Action.CLASSIFY)
def move(number: str, public_id: str) -> ResponseReturnValue:
    """Give the message to another complaint of the same person, or make it a complaint of its own."""
    wanted, who, now, lender = request.form.get("to", ""), viewer(), runtime().now(), runtime().lender

    def move_it(session: Session) -> str:
        source_id = ticket_id_of(session, who, number)
        if wanted == NEW:
            target = moving.split(session, source_id, public_id, lender=lender, actor=who.actor, now=now)
            return target.number
        target_id = ticket_id_of(session, who, wanted)
        moving.into_ticket(session, source_id, public_id, target_id=target_id, actor=who.actor, now=now)
        return wanted

    try:
        target = runtime().write(move_it)
    except NotFound:
        return refuse(number, "move", Conflict("it lies elsewhere by now", code="moved"))
    except Conflict as error:
        return refuse(number, "move", error)
    flash(_("Pesan dipindah ke %(number)s. Bisa dikembalikan.", number=ticket_number(target)), "success")
    return back(number, "percakapan")
