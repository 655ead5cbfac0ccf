"""The words of the regulator's time limits on screens: refusals, outcomes, and what events say of them."""

from collections.abc import Callable, Mapping
from datetime import datetime

from flask_babel import LazyString, gettext, lazy_gettext

from helpdesk.domain.errors import HelpdeskError
from helpdesk.sla.regulation import rule
from helpdesk.sla.standing import Refusal, Step
from helpdesk.views.formatting import deadline, language_of

Data = Mapping[str, object]

REFUSALS: Mapping[str, LazyString] = {
    Refusal.NOT_COMPLAINT: lazy_gettext("Hanya untuk pengaduan."),
    Refusal.FINISHED: lazy_gettext("Tiket sudah dijawab. Buka lagi dulu."),
    Refusal.OTHER_LAW: lazy_gettext("Waktunya dihitung per jam menurut UU PDP, tidak menurut aturan ini."),
    Refusal.FORM_SAME: lazy_gettext("Bentuknya memang sudah itu."),
    Refusal.FORM_FIXED: lazy_gettext(
        "Dokumen atau tambahan waktu sudah diminta. Bentuk tidak bisa diubah lagi."
    ),
    Refusal.NOT_VERBAL: lazy_gettext("Hanya untuk pengaduan lisan."),
    Refusal.NOT_WRITTEN: lazy_gettext("Hanya untuk pengaduan tertulis. Yang lisan diminta tertulis dulu."),
    Refusal.TIME_IS_UP: lazy_gettext(
        "Waktunya sudah habis. Ini harus diberitahukan sebelum batas itu lewat."
    ),
    Refusal.DOCUMENTS_ASKED: lazy_gettext("Dokumen sedang ditunggu dari Mitra."),
    Refusal.DOCUMENTS_COMPLETE: lazy_gettext("Dokumen sudah dinyatakan lengkap."),
    Refusal.NO_DOCUMENTS_ASKED: lazy_gettext("Tidak ada dokumen yang sedang diminta."),
    Refusal.EXTENDED_ALREADY: lazy_gettext("Sudah diperpanjang, hanya boleh sekali."),
    Refusal.NOT_EXTENDED_YET: lazy_gettext("Hanya sesudah perpanjangan pertama."),
    Refusal.TIME_LEFT: lazy_gettext("Waktu Mitra belum habis."),
    "period_open": lazy_gettext("Tenggat jenis ini sudah ada dan belum selesai."),
    "period_ended": lazy_gettext("Tenggat ini sudah selesai dicatat."),
    "not_extendable": lazy_gettext("Tenggat ini tidak bisa diperpanjang."),
}
STEPS: Mapping[Step, LazyString] = {
    Step.CHANGE_FORM: lazy_gettext("Ubah bentuk"),
    Step.CONVERT: lazy_gettext("Minta mengadu tertulis"),
    Step.REQUEST_DOCUMENTS: lazy_gettext("Minta dokumen"),
    Step.COMPLETE_DOCUMENTS: lazy_gettext("Dokumen lengkap"),
    Step.EXTEND_DOCUMENTS: lazy_gettext("Tambah waktu dokumen"),
    Step.REFUSE_INCOMPLETE: lazy_gettext("Anggap ditarik"),
    Step.EXTEND: lazy_gettext("Perpanjang waktu"),
    Step.EXTEND_FOR_PARTY: lazy_gettext("Perpanjang karena pihak lain"),
}
_ON_ITS_WAY: Mapping[str, LazyString] = {
    "delivery_failed": lazy_gettext("Pesan gagal terkirim"),
    "delivery_recovered": lazy_gettext("Pesan ternyata sampai"),
    "send_again": lazy_gettext("Pesan dikirim ulang"),
}
FORMS: Mapping[str, LazyString] = {
    "lisan": lazy_gettext("lisan"),
    "tertulis": lazy_gettext("tertulis"),
}
OUTCOMES: Mapping[str, LazyString] = {
    "complete": lazy_gettext("lengkap"),
    "withdrawn": lazy_gettext("dianggap ditarik"),
    "answered": lazy_gettext("sudah dijawab"),
    "undelivered": lazy_gettext("permintaan tidak sampai"),
    "accepted": lazy_gettext("setuju"),
    "objected": lazy_gettext("keberatan"),
    "refused": lazy_gettext("menolak"),
    "silent": lazy_gettext("tidak menjawab"),
}


def refusal_text(refusal: str) -> str:
    """Return why a step may not be taken."""
    return str(REFUSALS.get(refusal, refusal))


def step_text(step: Step) -> str:
    """Return what a step is called."""
    return str(STEPS[step])


def reason_text(reason: object) -> str:
    """Return the reason that a person wrote, or what happened to the request on its way."""
    return str(_ON_ITS_WAY.get(str(reason), reason))


def form_text(form: object) -> str:
    """Return lisan or tertulis in the language of the request."""
    return str(FORMS.get(str(form), str(form)))


def outcome_text(outcome: str | None) -> str:
    """Return how a period ended."""
    return str(OUTCOMES.get(outcome or "", outcome or ""))


def rule_name(code: object) -> str:
    """Return the name of a rule; an unknown code is shown as it is."""
    try:
        found = rule(str(code))
    except HelpdeskError:
        return str(code)
    return found.name_en if language_of(None) == "en" else found.name_id


def _(message: str, /, **values: object) -> str:
    return str(gettext(message, **values))


def _until(data: Data, key: str = "due_at") -> str:
    """Return a deadline of an event in the zone that it holds in."""
    try:
        return deadline(datetime.fromisoformat(str(data.get(key))), str(data.get("zone") or "UTC"), "full")
    except ValueError:
        return "–"


def _reasoned(text: str, data: Data) -> str:
    reason = reason_text(data.get("reason") or "")
    return _("%(text)s. Alasan: %(reason)s", text=text, reason=reason) if reason else text


def _form_changed(data: Data, _names: object) -> str:
    before, after = data.get("from"), data.get("to")
    old = form_text(before.get("form")) if isinstance(before, Mapping) else ""
    new = form_text(after.get("form")) if isinstance(after, Mapping) else ""
    return _reasoned(_("Bentuk pengaduan: %(old)s → %(new)s", old=old, new=new), data)


def _requested(data: Data, _names: object) -> str:
    return _("Dokumen diminta dari Mitra, sampai %(until)s", until=_until(data))


def _complete(data: Data, _names: object) -> str:
    if not data.get("due_at"):
        return _("Dokumen lengkap")
    return _("Dokumen lengkap, batas OJK %(until)s", until=_until(data))


def _refused(_data: Data, _names: object) -> str:
    return _("Dokumen tidak dilengkapi, pengaduan dianggap ditarik (Ps. 76)")


def _begun(data: Data, _names: object) -> str:
    return _("%(name)s: sampai %(until)s", name=rule_name(data.get("period")), until=_until(data))


def _extended(data: Data, _names: object) -> str:
    text = _("%(name)s: ditambah sampai %(until)s", name=rule_name(data.get("period")), until=_until(data))
    return _reasoned(text, data)


def _ended(data: Data, _names: object) -> str:
    outcome = outcome_text(str(data.get("outcome") or ""))
    return f"{rule_name(data.get('period'))}: {outcome}"


def _warned(data: Data, _names: object) -> str:
    return _("%(name)s: waktunya hampir habis", name=rule_name(data.get("period")))


def _expired(data: Data, _names: object) -> str:
    return _("%(name)s: waktunya habis", name=rule_name(data.get("period")))


def _prolonged(data: Data, _names: object) -> str:
    party = str(data.get("party") or "")
    until = _until(data, "due_after")
    if party:
        text = _("Batas OJK diperpanjang sampai %(until)s, menunggu %(party)s", until=until, party=party)
    else:
        text = _("Batas OJK diperpanjang sampai %(until)s", until=until)
    return _reasoned(text, data)


TELLERS: Mapping[str, Callable[[Data, object], str]] = {
    "form_changed": _form_changed,
    "documents_requested": _requested,
    "documents_complete": _complete,
    "documents_refused": _refused,
    "period_begun": _begun,
    "period_extended": _extended,
    "period_ended": _ended,
    "period_warning": _warned,
    "period_expired": _expired,
    "sla_extended": _prolonged,
}
