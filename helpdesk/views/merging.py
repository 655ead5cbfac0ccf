"""Merges a ticket into another of the same person, and takes it out again."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, NotFound
from helpdesk.queries.ticket import ticket_id_of, worked_on_number
from helpdesk.queries.visibility import Action
from helpdesk.services import merging
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.formatting import ticket_number
from helpdesk.views.tickets import FormState, back, refuse, show, typed_fields

bp = Blueprint("merging", __name__)


@bp.post("/tickets/<number>/merge")
@requires(Action.CLASSIFY)
def merge(number: str) -> ResponseReturnValue:
    """Let another ticket stand for this one: one of the list, or by its number. Both must be seen."""
    into = request.form.get("number", "").strip()[:40] or request.form.get("into", "")
    who, now = viewer(), runtime().now()

    def act(session: Session) -> str:
        source_id = ticket_id_of(session, who, number)
        target_id = ticket_id_of(session, who, into)
        return merging.merge(session, source_id, target_id=target_id, actor=who.actor, now=now).number

    try:
        target = runtime().write(act)
    except NotFound:
        runtime().read(lambda session: ticket_id_of(session, who, number))  # else this very one is gone
        errors = {"number": _("Tiket ini tidak ada, atau tidak untuk Anda.")}
        return show(number, FormState("merge", typed_fields(), errors)), 422
    except Conflict as error:
        return refuse(number, "merge", error)
    flash(
        _("%(number)s digabung ke tiket ini. Bisa dipisahkan lagi.", number=ticket_number(number)), "success"
    )
    return redirect(url_for("tickets.ticket", number=target), 303)


@bp.post("/tickets/<number>/unmerge")
@requires(Action.CLASSIFY)
def unmerge(number: str) -> ResponseReturnValue:
    """Undo the merge of this ticket, at any time; the one that loses its messages must be seen, too."""
    who, now = viewer(), runtime().now()

    def act(session: Session) -> None:
        worked_on_number(session, who, number)
        merging.unmerge(session, ticket_id_of(session, who, number), actor=who.actor, now=now)

    try:
        runtime().write(act)
    except Conflict as error:
        return refuse(number, "unmerge", error)
    flash(_("Tiket ini berdiri sendiri lagi, seperti sebelum digabung."), "success")
    return back(number)
