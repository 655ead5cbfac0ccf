"""Files of messages: looked at, listened to, downloaded, asked for again, written down."""

from datetime import datetime
from io import BytesIO

from flask import Blueprint, Response, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain.errors import NotFound
from helpdesk.queries.files import StoredFile, file_of
from helpdesk.queries.visibility import Action, Viewer
from helpdesk.services import attachments, transcripts
from helpdesk.services.attachments import ALLOWED
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.tickets import act_on

bp = Blueprint("files", __name__)

_INLINE = ("image/", "video/")
"""What is shown where it is asked for; all else is downloaded: of a sound its copy is played."""


@bp.get("/attachments/<public_id>")
@requires(Action.READ_TICKET)
def file(public_id: str) -> ResponseReturnValue:
    """The file: the clean copy of a picture, of all else what came. Nothing in it runs."""
    found = _found(public_id)
    media_type = found.row.media_type or ""
    if media_type not in ALLOWED:
        raise NotFound("this file is not there")
    return _sent(
        found.storage_key,
        media_type,
        name=_file_name(found.row.filename, public_id),
        is_inline=media_type.startswith(_INLINE),
    )


@bp.get("/attachments/<public_id>/small")
@requires(Action.READ_TICKET)
def small(public_id: str) -> ResponseReturnValue:
    """The small copy of a picture."""
    return _sent(_found(public_id).thumb_key, "image/jpeg", name=f"{public_id}.jpg", is_inline=True)


@bp.get("/attachments/<public_id>/sound")
@requires(Action.READ_TICKET)
def sound(public_id: str) -> ResponseReturnValue:
    """The copy of a sound that every browser plays."""
    return _sent(_found(public_id).playable_key, "audio/mpeg", name=f"{public_id}.mp3", is_inline=True)


@bp.get("/attachments/<public_id>/view")
@requires(Action.READ_TICKET)
def view(public_id: str) -> ResponseReturnValue:
    """A picture in full, with the way to those beside it."""
    who = viewer()
    found = runtime().read(lambda session: file_of(session, who, public_id, has_neighbours=True))
    if not found.row.is_picture:
        raise NotFound("no picture")
    return render_template("tickets/picture.html", found=found, file=found.row)


@bp.post("/tickets/<number>/files/<public_id>/again")
@requires(Action.NOTE)
def again(number: str, public_id: str) -> ResponseReturnValue:
    """Ask the provider once more for a file that did not come."""

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        attachments.fetch_again(session, ticket_id, public_id, actor=who.actor, now=now)

    return act_on(number, "file", act, done=_("File diminta lagi dari penyedia."), anchor=f"f{public_id}")


@bp.post("/tickets/<number>/files/<public_id>/transcript")
@requires(Action.NOTE)
def transcript(number: str, public_id: str) -> ResponseReturnValue:
    """Keep what is said in a voice message."""
    text = request.form.get("transcript", "")

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        transcripts.write_down(session, ticket_id, public_id, text, actor=who.actor, now=now)

    done = _("Isi suara disimpan.")
    return act_on(number, f"transcript-{public_id}", act, done=done, anchor=f"f{public_id}")


def _found(public_id: str) -> StoredFile:
    who = viewer()
    return runtime().read(lambda session: file_of(session, who, public_id))


def _sent(key: str | None, media_type: str, *, name: str, is_inline: bool) -> Response:
    if key is None:
        raise NotFound("this file is not there")
    answer: Response = send_file(
        BytesIO(runtime().storage.get(key)),
        mimetype=media_type,
        as_attachment=not is_inline,
        download_name=name,
        conditional=True,
        etag=key,
        max_age=0,
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _file_name(given: str | None, public_id: str) -> str:
    """Return a name that no header and no folder can be broken with."""
    plain = "".join(sign for sign in (given or "") if sign.isalnum() or sign in "._- ")[-80:].strip(". ")
    return plain or public_id
