"""Two lists of paper that somebody must act on: forms to call about, and sealed envelopes at head office."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.domain.errors import NotFound
from helpdesk.queries import paper_lists
from helpdesk.queries.visibility import Action, can
from helpdesk.services import lwk
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.lwk.blueprint import bp, unreadable_names


@bp.get("/held")
@requires(Action.ENTER_LWK)
def held() -> ResponseReturnValue:
    """The forms on which something could not be read."""
    who = viewer()
    rows = runtime().read(lambda session: paper_lists.held_forms(session, who))
    return render_template(
        "lwk/held.html", rows=rows, unreadable_names=unreadable_names, may_open=can(who, Action.READ_TICKET)
    )


@bp.get("/sealed")
@requires(Action.READ_SEALED)
def sealed() -> ResponseReturnValue:
    """The envelopes that points have sent, those on their way first."""
    who = viewer()
    rows = runtime().read(lambda session: paper_lists.sealed_forms(session, who))
    return render_template("lwk/sealed.html", rows=rows, may_receive=can(who, Action.RECEIVE_SEALED))


@bp.post("/sealed/<batch_id>/<int:form_no>")
@requires(Action.RECEIVE_SEALED)
def arrived(batch_id: str, form_no: int) -> ResponseReturnValue:
    """Note that an envelope has arrived."""
    rt, who = runtime(), viewer()
    if not rt.read(lambda session: paper_lists.is_sealed(session, who, batch_id, form_no)):
        raise NotFound("no such envelope")
    now = rt.now()
    rt.write(lambda session: lwk.note_arrival(session, batch_id, form_no, actor=who.actor, now=now))
    flash(_("Amplop form %(form_no)s sudah tiba.", form_no=form_no), "success")
    return redirect(url_for(".sealed"), code=303)
