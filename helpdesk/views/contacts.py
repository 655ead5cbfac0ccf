"""People outside: finding one, her page, and opening her number, which is kept in the audit trail."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from helpdesk.domain.phones import national_form
from helpdesk.queries import contacts
from helpdesk.queries.visibility import Action, can
from helpdesk.services import reveals
from helpdesk.views.access import requires, runtime, viewer

bp = Blueprint("contacts", __name__, url_prefix="/contacts")

MAX_QUERY = 100


@bp.get("")
@requires(Action.READ_CONTACTS)
def index() -> ResponseReturnValue:
    """Search by name, phone, ticket number or mitra id."""
    who, query = viewer(), request.args.get("q", "").strip()[:MAX_QUERY]
    found = runtime().read(lambda session: contacts.find(session, who, query))
    return render_template("contacts/index.html", query=query, found=found)


@bp.get("/<public_id>")
@requires(Action.READ_CONTACTS)
def contact(public_id: str) -> ResponseReturnValue:
    """One person: what is known, her addresses, and the tickets that the viewer may see."""
    return _page(public_id, phone="")


@bp.post("/<public_id>/phone")
@requires(Action.REVEAL_PERSONAL)
def reveal(public_id: str) -> ResponseReturnValue:
    """Show the whole number once."""
    rt, who = runtime(), viewer()
    rt.read(lambda session: contacts.contact_page(session, who, public_id))
    now = rt.now()
    phone = rt.write(
        lambda session: reveals.reveal_phone(
            session, public_id, user_id=who.user_id, point_id=who.point_id, actor=who.actor, now=now
        )
    )
    return _page(public_id, phone=national_form(phone))


def _page(public_id: str, *, phone: str) -> ResponseReturnValue:
    who = viewer()
    page = runtime().read(lambda session: contacts.contact_page(session, who, public_id))
    return render_template(
        "contacts/contact.html",
        contact=page.contact,
        handles=page.handles,
        tickets=page.tickets,
        phone=phone,
        may_reveal=can(who, Action.REVEAL_PERSONAL),
        may_enter=can(who, Action.ENTER_PHONE),
        zone=who.zone,
    )
