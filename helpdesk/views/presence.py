"""Whether somebody is at work: her requests are signs of life, and a button begins and ends her break."""

import logging

from flask import Blueprint, Flask, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from helpdesk.queries.visibility import Action, Viewer
from helpdesk.runtime import DATABASE_AWAY
from helpdesk.services import presence
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.auth import local_address, start_page

logger = logging.getLogger(__name__)

bp = Blueprint("presence", __name__)

_WATCHED = frozenset({"dashboard.wall"})
"""Pages that reload themselves on a screen before which nobody need sit."""


def init_presence(app: Flask) -> None:
    """Note who is there, after it is known that she may be: at most one write a minute for each person."""

    @app.before_request
    def note() -> None:
        if not current_user.is_authenticated or request.endpoint in _WATCHED or _is_by_itself():
            return
        who = viewer()
        if who.user_id is not None and presence.is_news(
            who.seen_at, is_away=who.is_away, now=runtime().now()
        ):
            _note(who, who.user_id)


def _is_by_itself() -> bool:
    """Whether a page asks for its live rows on its own.

    That alone says only that a screen is on. The script adds a mark while somebody moves or types before it.
    """
    return request.headers.get("X-Requested-With") == "fetch" and "X-Present" not in request.headers


def _note(who: Viewer, user_id: int) -> None:
    now = runtime().now()
    try:
        runtime().write(lambda session: presence.note_seen(session, user_id, now=now))
    except DATABASE_AWAY:
        # A page that only reads is shown all the same; the next request notes it.
        logger.warning("a sign of life of %s could not be kept", who.public_id)


@bp.post("/presence")
@requires(Action.ASSIGN)
def change() -> ResponseReturnValue:
    """Begin or end one's own break."""
    who, now = viewer(), runtime().now()
    is_away = request.form.get("away") == "1"
    if who.user_id is not None:
        user_id = who.user_id
        runtime().write(lambda session: presence.set_away(session, user_id, is_away=is_away, now=now))
    if is_away:
        flash(_("Anda sedang istirahat. Tiket baru tidak diberikan kepada Anda."), "info")
    else:
        flash(_("Selamat bekerja kembali."), "success")
    return redirect(local_address(request.form.get("next")) or start_page(who), 303)
