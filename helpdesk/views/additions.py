"""Somebody calls or comes again about a complaint that is there: what she says now goes into it."""

import uuid
from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain.call_script import Way
from helpdesk.domain.errors import Conflict, Forbidden, InvalidInput
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.talks import Speaker
from helpdesk.queries.public import PublicStatus, public_ticket
from helpdesk.queries.ticket import ticket_id_of
from helpdesk.queries.visibility import Action
from helpdesk.services import entry
from helpdesk.services.entry import Addition
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.fields import field_text, short_field
from helpdesk.views.intake import MAX_LINE, MAX_STORY, stopped_text, told, typist
from helpdesk.views.labels import label
from helpdesk.views.mitra import promised
from helpdesk.views.script import Script

bp = Blueprint("additions", __name__, url_prefix="/intake/add")

_FIELDS = ("speaker", "speaker_name", "is_phone_shared", "safe_hour", "way", "key")


@bp.get("/<number>")
@requires(Action.ENTER_PHONE)
def add(number: str) -> ResponseReturnValue:
    """The form of an addition, with what the complaint is about."""
    return _page(number, {"way": request.args.get("way", ""), "key": str(uuid.uuid4())}, {})


@bp.post("/<number>")
@requires(Action.ENTER_PHONE)
def save(number: str) -> ResponseReturnValue:
    """Keep what she says now, then read it back."""
    rt, who = runtime(), viewer()
    complaint = _complaint(number)
    typed = {name: short_field(name) for name in _FIELDS}
    typed["text"] = request.form.get("text", "").replace("\0", "").strip()
    errors = _errors(typed)
    if errors:
        return _page(number, typed, errors)
    now = rt.now()
    channel = ChannelCode.PHONE if typed["way"] == Way.PHONE else ChannelCode.VISIT
    addition = Addition(typed["text"], channel, told(typed))
    try:
        talk_id = rt.write(
            lambda session: entry.add_for_contact(
                session, complaint.number, addition, typist=typist(who), key=typed["key"], now=now
            )
        )
    except Forbidden:
        rt.write(lambda session: entry.note_refused_entry(session, actor=who.actor, now=now))
        return _page(number, {"way": typed["way"], "key": str(uuid.uuid4())}, {}, notice=stopped_text())
    except InvalidInput as error:
        return _page(number, typed, {error.field if error.field == "text" else "": field_text(error)})
    except Conflict:
        closed = _("Pengaduan ini sudah selesai. Buat pengaduan baru.")
        return _page(number, typed, {"": closed})
    return redirect(url_for("talks.talk", talk_id=talk_id), code=303)


def _complaint(number: str) -> PublicStatus:
    """Return what a complaint is known by. Raises NotFound for one that is not for this viewer."""
    who = viewer()

    def load(session: Session) -> PublicStatus:
        ticket_id_of(session, who, number)
        return public_ticket(session, number).status

    return runtime().read(load)


def _errors(typed: Mapping[str, str]) -> dict[str, str]:
    too_long: str = _("Terlalu panjang. Pendekkan dulu.")
    errors = {name: too_long for name in ("speaker_name", "safe_hour") if len(typed[name]) > MAX_LINE}
    if not typed["text"]:
        errors["text"] = _("Tulis cerita Mitra.")
    elif len(typed["text"]) > MAX_STORY:
        errors["text"] = too_long
    if typed["way"] not in set(Way):
        errors["way"] = _("Pilih telepon atau datang.")
    return errors


def _page(
    number: str, typed: Mapping[str, str], errors: Mapping[str, str], *, notice: str = ""
) -> ResponseReturnValue:
    status = _complaint(number)
    code = typed.get("way", "")
    page = render_template(
        "intake/add.html",
        complaint=status,
        resolve_by=promised(status.resolve_by, status.zone),
        typed=typed,
        errors=errors,
        stopped=notice,
        script=Script(Way(code) if code in set(Way) else Way.PHONE),
        ways=[each.value for each in Way],
        speakers=[(each.value, label(each, "speaker")) for each in Speaker],
        max_story=MAX_STORY,
    )
    if notice:
        return page, HTTPStatus.FORBIDDEN
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
