"""Sets a ticket aside that is no complaint, and brings it back; takes a number from a contact whose it is not."""

from datetime import datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.lifecycle import SetAside
from helpdesk.queries.visibility import Action, Viewer, can
from helpdesk.services import setting_aside, wrong_address
from helpdesk.views.access import requires
from helpdesk.views.tickets import act_on

bp = Blueprint("setting_aside", __name__)


@bp.post("/tickets/<number>/set-aside")
@requires(Action.CLASSIFY)
def set_aside(number: str) -> ResponseReturnValue:
    """Close it without an answer as spam or a wrong number."""
    reason = request.form.get("as", "")

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        if reason not in set(SetAside):
            raise InvalidInput(f"no reason {reason!r}", field="as", code="choice")
        setting_aside.set_aside(
            session, ticket_id, SetAside(reason), is_leader=can(who, Action.SEVERITY), actor=who.actor, now=now
        )  # fmt: skip

    return act_on(
        number, "set_aside", act, done=_("Tiket disisihkan. Ada di tampilan Disisihkan, bisa dikembalikan.")
    )


@bp.post("/tickets/<number>/bring-back")
@requires(Action.CLASSIFY)
def bring_back(number: str) -> ResponseReturnValue:
    """Undo it, at any time."""

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        setting_aside.bring_back(session, ticket_id, actor=who.actor, now=now)

    return act_on(number, "bring_back", act, done=_("Tiket kembali di antrean."))


@bp.post("/tickets/<number>/not-hers")
@requires(Action.CLASSIFY)
def not_hers(number: str) -> ResponseReturnValue:
    """The number belongs to somebody else: nothing of hers goes there any more."""

    def act(session: Session, ticket_id: int, who: Viewer, now: datetime) -> None:
        wrong_address.not_hers(session, ticket_id, actor=who.actor, now=now)

    return act_on(
        number,
        "not_hers",
        act,
        done=_("Nomor dilepas dari Mitra. Lihat tugas surat atau kunjungan di tiket ini."),
    )
