"""Notices to whoever is signed in: escalations, and what else a person must hear of, in every role."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict
from helpdesk.queries import notifications
from helpdesk.queries.notifications import NoticeRow
from helpdesk.queries.visibility import Action
from helpdesk.services import acknowledgements, notices
from helpdesk.views.access import requires, runtime, signed_in, viewer
from helpdesk.views.input_texts import conflict_text

bp = Blueprint("notices", __name__)

_KINDS: Mapping[str, LazyString] = {
    "sla_warning": lazy_gettext("Batas waktu dekat:"),
    "sla_breached": lazy_gettext("Lewat batas:"),
    "escalated": lazy_gettext("Eskalasi:"),
    "ownership_lost": lazy_gettext("Kembali ke antrean: petugas tidak bereaksi"),
    "returned_to_queue": lazy_gettext("Kembali ke antrean: pekerjaan petugas yang tidak ada"),
    "sla_pause_capped": lazy_gettext("Terlalu lama menunggu Mitra: jam jalan lagi"),
    "merged_into": lazy_gettext("Tiket Anda digabung ke tiket lain:"),
    "unmerged": lazy_gettext("Tiket Anda dipisahkan lagi, dan kembali ke Anda:"),
    "low_rating": lazy_gettext("Nilai rendah dari Mitra"),
    "rating_commented": lazy_gettext("Mitra bilang apa yang kurang"),
    "notice_undelivered": lazy_gettext("Pemberitahuan tidak sampai, cetak suratnya:"),
    "period_warning": lazy_gettext("Tenggat hampir habis:"),
    "period_expired": lazy_gettext("Tenggat habis:"),
    "data_requested": lazy_gettext("Permintaan data pribadi"),
    "person_wanted": lazy_gettext("Mitra minta bicara dengan petugas:"),
    "help_wanted": lazy_gettext("Mitra minta bantuan darurat:"),
    "contact_task_opened": lazy_gettext("Hubungi Mitra, diminta atau pesan tidak sampai:"),
}


@bp.get("/notices")
@signed_in
def index() -> ResponseReturnValue:
    """What the person was told and has not marked as read, newest first."""
    who, now = viewer(), runtime().now()
    found = runtime().read(lambda session: notifications.unread(session, who))
    newest: dict[tuple[str, str], NoticeRow] = {}
    for notice in found:  # several clocks of a ticket say the same
        newest.setdefault((notice_text(notice), notice.number), notice)
    return render_template(
        "notices/index.html",
        notices=found,
        told=newest.values(),
        notice_text=notice_text,
        zone=who.zone,
        now=now,
    )


@bp.post("/notices/read")
@signed_in
def mark_read() -> ResponseReturnValue:
    """The person has read these notices."""
    user_id, now = viewer().user_id, runtime().now()
    ids = [
        int(value)
        for value in request.form.getlist("id")
        if value.isascii() and value.isdigit() and len(value) < 19
    ]
    if user_id is not None and ids:
        runtime().write(lambda session: notices.mark_read(session, user_id, ids, now=now))
    return redirect(url_for(".index"), 303)


@bp.post("/notices/acknowledge")
@requires(Action.ANSWER_ESCALATION)
def acknowledge() -> ResponseReturnValue:
    """The person has the escalated ticket, also where her role does not open it."""
    who, now, number = viewer(), runtime().now(), request.form.get("number", "")

    def act(session: Session) -> None:
        ticket_id = notifications.told_ticket_id(session, who, number)
        if who.user_id is not None:
            acknowledgements.acknowledge(session, ticket_id, user_id=who.user_id, actor=who.actor, now=now)

    try:
        runtime().write(act)
    except Conflict as refused:
        flash(conflict_text(refused), "warning")
    else:
        flash(_("Eskalasi sudah ditanggapi."), "success")
    return redirect(url_for(".index"), 303)


def notice_text(notice: NoticeRow) -> str:
    """Return what happened, in a few words; an unknown kind is shown as it is."""
    if notice.kind == "returned_to_queue" and notice.about:
        return str(_("Kembali ke antrean: pekerjaan %(person)s", person=notice.about))
    return f"{_KINDS.get(notice.kind, notice.kind)} {notice.level or ''}".rstrip()
