"""After a call or a visit: her words are read back, the recording is kept, and what lacks either is listed."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge

from helpdesk.domain import conduct
from helpdesk.domain.call_script import way_of
from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.domain.messages import Purpose
from helpdesk.domain.talks import NoRecording
from helpdesk.queries import talks as found_talks
from helpdesk.queries.periods import local_date
from helpdesk.queries.public import PublicTicket, public_ticket
from helpdesk.queries.talks import Gap, ReadBack
from helpdesk.queries.ticket import ticket_id_of
from helpdesk.queries.visibility import Action, Viewer, can
from helpdesk.services import attachments, entry, talks
from helpdesk.services.talks import Correction, Recording
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.fields import collect, field_text, parse_amount, parse_day, short_field
from helpdesk.views.formatting import rupiah, ticket_number
from helpdesk.views.input_texts import conflict_text
from helpdesk.views.labels import label
from helpdesk.views.mitra import promised
from helpdesk.views.script import Script

bp = Blueprint("talks", __name__, url_prefix="/talks")

MAX_STORY = 10_000
MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed as a correction, and what is wrong on the page."""

    values: dict[str, str]
    errors: dict[str, str]


NOTHING = Typed({}, {})


@bp.get("")
@requires(Action.READ_TICKET)
def index() -> ResponseReturnValue:
    """Calls and visits that lack something."""
    rt, who = runtime(), viewer()
    asked = request.args.get("gap", "")
    gap = Gap(asked) if asked in set(Gap) else Gap.UNRECORDED
    after = request.args.get("after")

    def load(session: Session) -> dict[str, object]:
        return {
            "rows": found_talks.gaps(session, who, gap, after=after),
            "counts": found_talks.gap_counts(session, who),
            "reasons": found_talks.reason_counts(session, who),
        }

    return render_template(
        "talks/index.html",
        gap=gap,
        zone=who.zone,
        may_enter=can(who, Action.ENTER_PHONE),
        **rt.read(load),
    )


@bp.get("/<talk_id>")
@requires(Action.ENTER_PHONE)
def talk(talk_id: str) -> ResponseReturnValue:
    """One call or visit, to be read back."""
    number = _number(talk_id)
    return read_back_page(number, talk_id=talk_id)


@bp.post("/<talk_id>/read-back")
@requires(Action.ENTER_PHONE)
def read_back(talk_id: str) -> ResponseReturnValue:
    """She said that it is right."""
    rt, who = runtime(), viewer()
    _number(talk_id)
    now = rt.now()
    rt.write(lambda session: talks.read_back(session, talk_id, actor=who.actor, now=now))
    flash(_("Tercatat: sudah dibacakan dan benar."), "success")
    return _back(talk_id)


@bp.post("/<talk_id>/correction")
@requires(Action.ENTER_PHONE)
def correction(talk_id: str) -> ResponseReturnValue:
    """She said what is wrong: both versions are kept, and the new one is read to her."""
    rt, who = runtime(), viewer()
    number, now = _number(talk_id), rt.now()
    values = {name: short_field(name) for name in ("amount", "occurred_on")}
    values["text"] = request.form.get("text", "").replace("\0", "").strip()
    errors: dict[str, str] = {}
    if len(values["text"]) > MAX_STORY:
        errors["text"] = _("Terlalu panjang. Pendekkan dulu.")
    today = local_date(now, who.zone)
    changed = Correction(
        text=values["text"],
        amount=collect(errors, lambda: parse_amount(values["amount"], field="amount"), None),
        occurred_on=collect(
            errors, lambda: parse_day(values["occurred_on"], today=today, field="occurred_on"), None
        ),
    )
    if (
        not errors
        and who.is_at_point
        and conduct.is_about_staff(changed.text, category=None, menu_choice=None, has_subjects=False)
    ):
        rt.write(lambda session: entry.note_refused_entry(session, actor=who.actor, now=now))
        errors["text"] = _("Ini tentang petugas, jadi tidak dicatat di cabang. Minta Ibu menelepon pusat.")
    if errors:
        return read_back_page(number, talk_id=talk_id, typed=Typed(values, errors))
    try:
        rt.write(lambda session: talks.correct(session, talk_id, changed, actor=who.actor, now=now))
    except InvalidInput as error:
        return read_back_page(number, talk_id=talk_id, typed=Typed(values, {"text": _wrong(error)}))
    except Conflict as error:
        return read_back_page(number, talk_id=talk_id, typed=Typed(values, {"": conflict_text(error)}))
    if not rt.read(lambda session: _is_heard(session, who, talk_id)):
        flash(_("Tersimpan. Pengaduan ini sekarang hanya dibaca kantor pusat."), "success")
        return redirect(url_for("intake.index"), code=303)
    flash(_("Tersimpan. Bacakan lagi yang sudah diperbaiki."), "success")
    return _back(talk_id)


@bp.post("/<talk_id>/recording")
@requires(Action.ENTER_PHONE)
def recording(talk_id: str) -> ResponseReturnValue:
    """The recording, or why there is none."""
    rt, who = runtime(), viewer()
    number, now = _number(talk_id), rt.now()
    try:
        if name_and_bytes := _sent_file():
            name, content = name_and_bytes
            attachments.sniff(content)
            with rt.storage.keeping([content]) as [key]:
                kept = Recording(content, name, key)
                rt.write(
                    lambda session: talks.add_recording(session, talk_id, kept, actor=who.actor, now=now)
                )
            flash(_("Rekaman tersimpan."), "success")
        else:
            reason = _reason(request.form.get("no_recording", ""))
            rt.write(
                lambda session: talks.explain_no_recording(session, talk_id, reason, actor=who.actor, now=now)
            )
            flash(_("Alasan tersimpan. Rekaman masih bisa ditambahkan."), "success")
    except InvalidInput as error:
        return read_back_page(number, talk_id=talk_id, typed=Typed({}, {"recording": _wrong(error)}))
    except Conflict:
        flash(_("Rekaman sudah ada."), "info")
    return _back(talk_id)


@bp.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """A recording above the limit: the complaint is safe, and the page stays."""
    talk_id = (request.view_args or {}).get("talk_id", "")
    typed = Typed({}, {"recording": _too_large()})
    return read_back_page(_number(talk_id), talk_id=talk_id, typed=typed)


def read_back_page(number: str, *, talk_id: str = "", typed: Typed = NOTHING) -> ResponseReturnValue:
    """Show the number, the promises, her words, and what is still to be done."""
    rt, who = runtime(), viewer()

    def load(session: Session) -> tuple[ReadBack, bool, PublicTicket]:
        said = found_talks.read_back_of(session, who, number, talk_id=talk_id)
        return said, _may_open(session, who, number), public_ticket(session, said.talk.number)

    said, is_visible, ticket = rt.read(load)
    entered: dict[str, str] = cookie.get("entered", {})
    page = render_template(
        "talks/read_back.html",
        said=said,
        number=said.talk.number,
        code=entered.get(said.talk.number, ""),
        script=_script(said, ticket, code=entered.get(said.talk.number, "")),
        is_texted=any(each.purpose is Purpose.RECEIPT for each in ticket.messages),
        is_visible=is_visible and can(who, Action.READ_TICKET),
        values=typed.values,
        errors=typed.errors,
        reasons=[("", _("Pilih satu")), *((each.value, label(each, "no_recording")) for each in NoRecording)],
        largest=rt.settings.max_upload_mb,
        max_story=MAX_STORY,
        zone=ticket.status.zone,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if typed.errors else HTTPStatus.OK


def _script(said: ReadBack, ticket: PublicTicket, *, code: str) -> Script:
    """Return what is said at the end, with the dates that she is promised."""
    answer_by = promised(ticket.status.answer_by, ticket.status.zone)
    resolve_by = promised(ticket.status.resolve_by, ticket.status.zone)
    return Script(
        way_of(said.talk.channel, "office"),
        nomor=ticket_number(said.talk.number),
        kode=code,
        uang=None if said.amount is None else rupiah(said.amount),
        tanggal=said.occurred_on.strftime("%d/%m/%Y") if said.occurred_on else None,
        tgl_balas=answer_by,
        tgl_selesai=resolve_by if resolve_by != answer_by else None,
        jam_aman=said.talk.safe_hour,
    )


def _back(talk_id: str) -> ResponseReturnValue:
    return redirect(url_for(".talk", talk_id=talk_id), code=303)


def _number(talk_id: str) -> str:
    """Return the number of the ticket, for whoever heard it or may see it. Raises NotFound."""
    who = viewer()
    return runtime().read(lambda session: found_talks.number_of_talk(session, who, talk_id))


def _is_heard(session: Session, who: Viewer, talk_id: str) -> bool:
    try:
        found_talks.number_of_talk(session, who, talk_id)
    except NotFound:
        return False
    return True


def _may_open(session: Session, who: Viewer, number: str) -> bool:
    try:
        ticket_id_of(session, who, number)
    except NotFound:
        return False
    return True


def _sent_file() -> tuple[str, bytes] | None:
    """Return name and bytes of the recording, None where none was sent. Raises InvalidInput when it is too large."""
    file = request.files.get("recording")
    if file is None:
        return None
    name, content = file.filename, file.read()
    file.close()
    if not name:
        return None
    if len(content) > runtime().settings.max_upload_mb * 1024 * 1024:
        raise InvalidInput("the recording is too large", field="recording", code="too_large")
    return name[:MAX_NAME], content


def _reason(code: str) -> NoRecording:
    if code not in set(NoRecording):
        raise InvalidInput("neither a file nor a reason", field="recording", code="no_reason")
    return NoRecording(code)


def _too_large() -> str:
    largest = runtime().settings.max_upload_mb
    return str(_("Rekaman terlalu besar. Paling besar %(mb)s MB; simpan sebagai MP3 atau M4A.", mb=largest))


def _wrong(error: InvalidInput) -> str:
    texts = {
        "unchanged": _("Tidak ada yang berubah. Betulkan dulu, atau tekan Dibacakan dan benar."),
        "no_reason": _("Pilih file rekaman, atau alasan tidak ada rekaman."),
        "not_sound": _("Ini bukan rekaman suara atau video. Pilih file lain."),
        "file_type": _("Ini bukan rekaman suara atau video. Pilih file lain."),
        "empty_file": _("File ini kosong. Pilih file lain."),
        "too_large": _too_large(),
    }
    return str(texts.get(error.code) or field_text(error))
