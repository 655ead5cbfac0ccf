"""What happened to a ticket, in plain words; kinds that are not known are shown harmlessly."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from flask_babel import LazyString, gettext, lazy_gettext

from helpdesk.domain.complaints import (
    DISPOSITION_NAMES,
    REDRESS_NAMES,
    Disposition,
    RedressKind,
    root_cause,
)
from helpdesk.domain.errors import NotFound
from helpdesk.domain.taxonomy import CATEGORIES
from helpdesk.queries.conversation import EventRow
from helpdesk.queries.sla import ClockEventLine
from helpdesk.sla.escalation import StepAction
from helpdesk.views.formatting import language_of
from helpdesk.views.labels import label

Data = Mapping[str, object]


def _(message: str, /, **values: object) -> str:
    return str(gettext(message, **values))


TOLD_BY_MESSAGES = frozenset({"message_received", "replied", "note_added", "receipt_queued", "text_queued"})
"""Events that the conversation itself shows; only the history lists them."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value that an event replaced."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Names behind the codes of a ticket's events."""

    teams: Mapping[str, str]
    """By code."""
    people: Mapping[str, str]
    """By public id."""


def event_text(event: EventRow, names: KnownNames) -> str:
    """Return the event as a sentence; an unknown kind is its own word."""
    tell = _TELLERS.get(event.kind)
    return tell(event.data, names) if tell else event.kind


def changes_of(event: EventRow, names: KnownNames) -> tuple[Change, ...]:
    """Return what the event says it changed; a change of one value is told by event_text() already."""
    before, after = event.data.get("from"), event.data.get("to")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        pairs = [(str(key), before.get(key), after.get(key)) for key in after if key != "by"]
    elif isinstance(before, Mapping):
        pairs = [(str(key), before.get(key), event.data.get(str(key))) for key in before]
    else:
        pairs = []
    return tuple(
        Change(_name(key), _value(key, old, names), _value(key, new, names))
        for key, old, new in pairs
        if (old or "") != (new or "")
    )


_CHANGE_NAMES: Mapping[str, LazyString] = {
    "team": lazy_gettext("Tim"),
    "assignee": lazy_gettext("Petugas"),
    "status": lazy_gettext("Status"),
    "severity": lazy_gettext("Tingkat"),
    "impact": lazy_gettext("Dampak"),
    "urgency": lazy_gettext("Urgensi"),
    "category": lazy_gettext("Kategori"),
}


def _name(key: str) -> str:
    return str(_CHANGE_NAMES.get(key, key))


def _value(key: str, value: object, names: KnownNames) -> str:
    text = _text(value)
    if not text:
        return "–"
    match key:
        case "team":
            return names.teams.get(text, text)
        case "assignee":
            return names.people.get(text, text)
        case "status":
            return label(text, "status")
        case "category":
            return category_name(text)
    return text


def _text(value: object) -> str:
    """Return a value of an event for the screen; lists are joined, None is empty."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(_text(each) for each in value)
    return str(value)


class Named(Protocol):
    """Whatever has a name in both languages."""

    @property
    def name_id(self) -> str: ...

    @property
    def name_en(self) -> str: ...


def in_language(names: Named) -> str:
    """Return the name in the language of the request."""
    return names.name_en if language_of(None) == "en" else names.name_id


def category_name(code: str | None) -> str:
    """Return the name of a category; an unknown code is shown as it is."""
    known = CATEGORIES.get((code or "").upper())
    return in_language(known) if known else (code or _("Belum ada kategori"))


def cause_name(code: str) -> str:
    """Return the name of a root cause; an unknown code is shown as it is."""
    try:
        found = root_cause(code)
    except NotFound:
        return code
    return in_language(found)


def disposition_name(code: str) -> str:
    """Return the name of a disposition; an unknown code is shown as it is."""
    return in_language(DISPOSITION_NAMES[Disposition(code)]) if code in set(Disposition) else code


def redress_name(kind: RedressKind) -> str:
    """Return what is given, in words."""
    return in_language(REDRESS_NAMES[kind])


_DELIVERY_REASONS: Mapping[str, LazyString] = {
    "unknown_outcome": lazy_gettext("tidak pasti sampai; tanya Mitra dulu sebelum kirim ulang"),
    "timeout": lazy_gettext("tidak pasti sampai; tanya Mitra dulu sebelum kirim ulang"),
    "network": lazy_gettext("tidak pasti sampai; tanya Mitra dulu sebelum kirim ulang"),
    "bad_response": lazy_gettext("tidak pasti sampai; tanya Mitra dulu sebelum kirim ulang"),
    "not_connected": lazy_gettext("penyedia tidak terhubung"),
    "too_many_requests": lazy_gettext("penyedia terlalu sibuk"),
    "forbidden": lazy_gettext("Mitra memblokir bot"),
    "chat_not_found": lazy_gettext("alamat Telegram tidak ada"),
    "bad_request": lazy_gettext("penyedia menolak isi pesan"),
    "63016": lazy_gettext("jendela 24 jam WhatsApp sudah tutup; telepon, atau tunggu Mitra menulis"),
    "21211": lazy_gettext("nomor tidak bisa dihubungi"),
    "21612": lazy_gettext("nomor tidak bisa dihubungi"),
    "21614": lazy_gettext("nomor tidak bisa dihubungi"),
    "30003": lazy_gettext("HP sedang mati atau di luar jangkauan"),
    "30005": lazy_gettext("nomor tidak dikenal"),
    "30006": lazy_gettext("nomor telepon rumah, tidak bisa menerima SMS"),
    "63003": lazy_gettext("nomor tidak punya WhatsApp"),
    "63024": lazy_gettext("nomor tidak punya WhatsApp"),
    "21610": lazy_gettext("Mitra minta berhenti menerima pesan"),
    "63014": lazy_gettext("Mitra memblokir nomor kita"),
    "63033": lazy_gettext("Mitra memblokir nomor kita"),
}


def delivery_reason(code: str | None) -> str:
    """Return why a message did not arrive, and the provider's code for support."""
    if not code:
        return _("sebab tidak diketahui")
    words = _DELIVERY_REASONS.get(code)
    return f"{words} ({code})" if words else _("kode %(code)s", code=code)


_PAUSES: Mapping[str, LazyString] = {"waiting_for_contact": lazy_gettext("menunggu Mitra")}


def pause_reason(code: str) -> str:
    """Return why a clock stands still."""
    return str(_PAUSES.get(code, code))


def step_text(step: ClockEventLine) -> str:
    """Return a warning, breach or escalation of a clock in words."""
    words = {
        StepAction.SLA_WARNING: _("peringatan"),
        StepAction.SLA_BREACHED: _("terlewat"),
        StepAction.ESCALATED: _("eskalasi"),
    }
    return f"{words[step.action]} {step.level or ''}".rstrip()


def _created(data: Data, _names: KnownNames) -> str:
    return _(
        "Tiket dibuat lewat %(channel)s: %(category)s, %(severity)s (aturan %(rules)s, matriks v%(version)s)",
        channel=label(_text(data.get("channel")), "channel"),
        category=category_name(_text(data.get("category"))),
        severity=_text(data.get("severity")),
        rules=_text(data.get("rules")) or "–",
        version=_text(data.get("matrix_version")) or "–",
    )


def _rated(data: Data, _names: KnownNames) -> str:
    return _(
        "Dinilai lagi: %(category)s, %(severity)s (aturan %(rules)s)",
        category=category_name(_text(data.get("category"))),
        severity=_text(data.get("severity")),
        rules=_text(data.get("rules")) or "–",
    )


def _assigned(data: Data, names: KnownNames) -> str:
    after = data.get("to")
    after = after if isinstance(after, Mapping) else {}
    if after.get("by") == "reply":
        return _("Diambil karena membalas")
    team, person = _value("team", after.get("team"), names), _value("assignee", after.get("assignee"), names)
    if person == "–":
        return _("Tim %(team)s, belum ada petugas", team=team)
    return _("Tim %(team)s, petugas %(person)s", team=team, person=person)


def _with_reason(text: str, data: Data) -> str:
    reason = _text(data.get("reason"))
    return _("%(text)s. Alasan: %(reason)s", text=text, reason=reason) if reason else text


def _status(data: Data, names: KnownNames) -> str:
    before, after = _value("status", data.get("from"), names), _value("status", data.get("to"), names)
    text = f"{before} → {after}"
    if data.get("reason") == "delivery_failed":
        return _("%(text)s, karena pesan gagal terkirim", text=text)
    return _with_reason(text, data)


def _severity(data: Data, _names: KnownNames) -> str:
    before, after = data.get("from"), data.get("to")
    old = _text(before.get("severity")) if isinstance(before, Mapping) else ""
    new = _text(after.get("severity")) if isinstance(after, Mapping) else ""
    return _with_reason(_("Tingkat diubah: %(old)s → %(new)s", old=old, new=new), data)


def _category(data: Data, _names: KnownNames) -> str:
    after = data.get("to")
    after = after if isinstance(after, Mapping) else {}
    return _(
        "Kategori diubah: %(category)s, %(severity)s",
        category=category_name(_text(after.get("category"))),
        severity=_text(after.get("severity")),
    )


def _resolved(data: Data, _names: KnownNames) -> str:
    return _(
        "Putusan: %(disposition)s. Sebab: %(cause)s",
        disposition=disposition_name(_text(data.get("disposition"))),
        cause=cause_name(_text(data.get("root_cause"))),
    )


def _failed(data: Data, _names: KnownNames) -> str:
    return _("Pesan gagal terkirim: %(reason)s", reason=delivery_reason(_text(data.get("code"))))


def _metric(data: Data) -> str:
    return label(_text(data.get("metric")), "metric")


def _metrics(data: Data) -> str:
    return ", ".join(label(code, "metric") for code in _text(data.get("metrics")).split(", ") if code)


def _warned(data: Data, _names: KnownNames) -> str:
    percent = _text(data.get("step")).removeprefix("warning_")
    if percent.isdecimal():
        return _("%(metric)s: %(percent)s %% waktu terpakai", metric=_metric(data), percent=percent)
    return _("%(metric)s: batas sudah dekat", metric=_metric(data))


def _escalated(data: Data, names: KnownNames) -> str:
    text = _(
        "Eskalasi ke %(level)s (%(metric)s)", level=_text(data.get("level")) or "–", metric=_metric(data)
    )
    team = _text(data.get("team_to"))
    return (
        _("%(text)s. Pindah ke tim %(team)s", text=text, team=_value("team", team, names)) if team else text
    )


def _fixed(words: LazyString) -> Callable[[Data, KnownNames], str]:
    return lambda _data, _names: str(words)


def _about_clocks(words: LazyString) -> Callable[[Data, KnownNames], str]:
    return lambda data, _names: f"{words}: {_metrics(data) or '–'}"


_TELLERS: Mapping[str, Callable[[Data, KnownNames], str]] = {
    "created": _created,
    "rated": _rated,
    "message_received": _fixed(lazy_gettext("Pesan masuk")),
    "replied": _fixed(lazy_gettext("Balasan ditulis")),
    "note_added": _fixed(lazy_gettext("Catatan ditulis")),
    "receipt_queued": _fixed(lazy_gettext("Tanda terima dengan nomor dan janji dikirim")),
    "number_told": _fixed(lazy_gettext("Nomor pengaduan diberitahukan")),
    "assigned": _assigned,
    "status_changed": _status,
    "severity_changed": _severity,
    "category_changed": _category,
    "resolved": _resolved,
    "answer_accepted": _fixed(lazy_gettext("Mitra menerima jawaban")),
    "answer_rejected": _fixed(lazy_gettext("Mitra keberatan dengan jawaban")),
    "rated_by_contact": lambda data, _names: _(
        "Mitra memberi nilai %(score)s dari 5", score=_text(data.get("score"))
    ),
    "delivery_failed": _failed,
    "delivery_recovered": _fixed(lazy_gettext("Pesan ternyata sampai")),
    "send_again": _fixed(lazy_gettext("Pesan dikirim ulang")),
    "sla_warning": _warned,
    "sla_breached": lambda data, _names: _("%(metric)s: batas terlewat", metric=_metric(data)),
    "escalated": _escalated,
    "sla_paused": _about_clocks(lazy_gettext("Jam dijeda")),
    "sla_resumed": _about_clocks(lazy_gettext("Jam jalan lagi")),
    "sla_restarted": _about_clocks(lazy_gettext("Jam mulai lagi")),
    "sla_superseded": _about_clocks(lazy_gettext("Batas waktu disesuaikan")),
    "sla_unmet": _about_clocks(lazy_gettext("Jam jalan lagi karena pesan tidak sampai")),
    "improvement_linked": _fixed(lazy_gettext("Dihubungkan ke perbaikan produk")),
    "phone_revealed": _fixed(lazy_gettext("Nomor HP dibuka")),
}
    "text_queued": _fixed(lazy_gettext("Pesan otomatis dikirim")),
