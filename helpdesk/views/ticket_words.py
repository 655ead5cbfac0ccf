"""What happened to a ticket, in plain words; kinds that are not known are shown harmlessly."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask_babel import LazyString, gettext, lazy_gettext

from helpdesk.queries.conversation import EventRow
from helpdesk.queries.notifications import Told, ToldPeople
from helpdesk.sla.escalation import StepAction, Trigger, shipped_rules, unanswered_below
from helpdesk.views import conversation_words, regulation_words
from helpdesk.views.assignment_words import RETURN_REASONS
from helpdesk.views.labels import label
from helpdesk.views.value_words import (
    category_name,
    cause_name,
    delivery_reason,
    disposition_name,
    late_reason_name,
)

Data = Mapping[str, object]


def _(message: str, /, **values: object) -> str:
    return str(gettext(message, **values))


TOLD_BY_MESSAGES = frozenset({"message_received", "replied", "note_added", "receipt_queued", "text_queued"})
"""Events that the conversation itself shows; only the history lists them."""

_FROM_THE_START = frozenset(rule.code for rule in shipped_rules() if rule.trigger is Trigger.START)


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
    told: Told
    """Who was told of escalations."""


def event_text(event: EventRow, names: KnownNames) -> str:
    """Return the event as a sentence; an unknown kind is its own word."""
    if event.kind == StepAction.ESCALATED:
        return _escalated(event, names)
    if event.kind == "escalation_acknowledged":
        return _acknowledged(event)
    elsewhere = {**conversation_words.TELLERS, **regulation_words.TELLERS}
    tell = _TELLERS.get(event.kind) or elsewhere.get(event.kind)
    return tell(event.data, names) if tell else event.kind


def is_plan_only(event: EventRow, names: KnownNames) -> bool:
    """Tell whether this is the ladder's standing rule for the severity: nobody was told, nothing was moved."""
    is_rule = event.kind == StepAction.ESCALATED and event.data.get("step") in _FROM_THE_START
    return is_rule and not event.data.get("team_to") and _told(event, names) is None


def _told(event: EventRow, names: KnownNames) -> ToldPeople | None:
    return names.told.get((_text(event.data.get("level")), event.at))


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
    "about_staff": lazy_gettext("Tentang petugas"),
    "form": lazy_gettext("Bentuk"),
    "amount": lazy_gettext("Uang"),
    "occurred_on": lazy_gettext("Tanggal kejadian"),
    "transcript": lazy_gettext("Isi suara"),
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
        case "about_staff":
            return _("ya")
        case "form":
            return regulation_words.form_text(text)
    return text


def _text(value: object) -> str:
    """Return a value of an event for the screen; lists are joined, None is empty."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(_text(each) for each in value)
    return str(value)


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
    if data.get("auto"):
        return _("Diberikan otomatis kepada %(person)s", person=person)
    return _("Tim %(team)s, petugas %(person)s", team=team, person=person)


def _had_it(data: Data, names: KnownNames) -> str:
    before = data.get("from")
    return _value("assignee", before.get("assignee") if isinstance(before, Mapping) else None, names)


def _lost(data: Data, names: KnownNames) -> str:
    return _(
        "Kembali ke antrean: %(person)s belum berbuat apa-apa dalam %(minutes)s menit",
        person=_had_it(data, names),
        minutes=_text(data.get("minutes")) or "–",
    )


def _returned(data: Data, names: KnownNames) -> str:
    words = RETURN_REASONS.get(_text(data.get("reason")))
    reason = str(words) % {"person": _had_it(data, names)} if words else _text(data.get("reason"))
    return _("Kembali ke antrean: %(reason)s", reason=reason)


def _with_reason(text: str, data: Data) -> str:
    reason = _text(data.get("reason"))
    return _("%(text)s. Alasan: %(reason)s", text=text, reason=reason) if reason else text


def _status(data: Data, names: KnownNames) -> str:
    before, after = _value("status", data.get("from"), names), _value("status", data.get("to"), names)
    text = f"{before} → {after}"
    match data.get("reason"):
        case "delivery_failed":
            return _("%(text)s, karena pesan gagal terkirim", text=text)
        case "delivery_recovered":
            return _("%(text)s, karena pesan ternyata sampai", text=text)
        case "send_again":
            return _("%(text)s, karena pesan dikirim ulang", text=text)
        case "no_reply_in_time":
            return _("%(text)s, karena Mitra tidak keberatan sampai batas waktu", text=text)
        case "asked_for_person":
            return _("%(text)s, karena Mitra minta bicara dengan petugas", text=text)
        case "message_came_back":
            return _("%(text)s, karena pesannya dikembalikan ke sini", text=text)
        case "merged":
            return _("%(text)s, karena digabung ke tiket lain", text=text)
        case "unmerged":
            return _("%(text)s, karena dipisahkan lagi", text=text)
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
    text = _(
        "Putusan: %(disposition)s. Sebab: %(cause)s",
        disposition=disposition_name(_text(data.get("disposition"))),
        cause=cause_name(_text(data.get("root_cause"))),
    )
    code = _text(data.get("late_reason"))
    return (
        _("%(text)s. Terlambat karena: %(reason)s", text=text, reason=late_reason_name(code))
        if code
        else text
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


def _escalated(event: EventRow, names: KnownNames) -> str:
    data = event.data
    level = label(_text(data.get("level")) or "–", "level")
    if data.get("step") in _FROM_THE_START:
        text = _("Sejak awal tanggung jawab %(level)s", level=level)
    elif below := unanswered_below(_text(data.get("step"))):
        text = _(
            "Eskalasi ke %(level)s karena %(below)s tidak menanggapi: %(metric)s",
            level=level, below=below.value, metric=_metric(data),
        )  # fmt: skip
    else:
        text = _("Eskalasi ke %(level)s: %(metric)s", level=level, metric=_metric(data))
    if team := _text(data.get("team_to")):
        text = _("%(text)s. Pindah ke tim %(team)s", text=text, team=_value("team", team, names))
    told = _told(event, names)
    if told is None:
        return text
    people = ", ".join(told.names)
    if told.are_stand_ins:
        return _(
            "%(text)s. Tidak ada orang di jenjang itu, jadi diberi tahu: %(people)s", text=text, people=people
        )
    return _("%(text)s. Diberi tahu: %(people)s", text=text, people=people)


def _acknowledged(event: EventRow) -> str:
    name = event.actor_name
    if event.data.get("how") == "acting":
        return _("Eskalasi ditanggapi oleh %(name)s dengan mengerjakan tiket", name=name)
    return _("Eskalasi ditanggapi oleh %(name)s", name=name)


_DATA_WISHES: Mapping[str, LazyString] = {
    "see": lazy_gettext("Mitra minta melihat data pribadinya"),
    "change": lazy_gettext("Mitra minta data pribadinya diubah"),
    "delete": lazy_gettext("Mitra minta data pribadinya dihapus"),
}


def _data_requested(data: Data, _names: KnownNames) -> str:
    return str(_DATA_WISHES.get(_text(data.get("wish")), lazy_gettext("Mitra bertanya soal data pribadinya")))


def _fixed(words: LazyString) -> Callable[[Data, KnownNames], str]:
    return lambda _data, _names: str(words)


def _about_clocks(words: LazyString) -> Callable[[Data, KnownNames], str]:
    return lambda data, _names: f"{words}: {_metrics(data) or '–'}"


def _recomputed(data: Data, _names: KnownNames) -> str:
    return _with_reason(_("Janji dihitung ulang: %(metrics)s", metrics=_metrics(data)), data)


_TELLERS: Mapping[str, Callable[[Data, KnownNames], str]] = {
    "created": _created,
    "rated": _rated,
    "message_received": _fixed(lazy_gettext("Pesan masuk")),
    "replied": _fixed(lazy_gettext("Balasan ditulis")),
    "note_added": _fixed(lazy_gettext("Catatan ditulis")),
    "receipt_queued": _fixed(lazy_gettext("Tanda terima dengan nomor dan janji dikirim")),
    "text_queued": _fixed(lazy_gettext("Pesan otomatis dikirim")),
    "lwk_form_corrected": _fixed(lazy_gettext("Isian form LWK diperbaiki")),
    "lwk_amount_settled": _fixed(lazy_gettext("Selisih uang form LWK dibereskan")),
    "lwk_form_completed": _fixed(lazy_gettext("Mitra ditelepon tentang bagian form yang tidak terbaca")),
    "number_told": _fixed(lazy_gettext("Nomor pengaduan diberitahukan")),
    "assigned": _assigned,
    "ownership_lost": _lost,
    "returned_to_queue": _returned,
    "status_changed": _status,
    "severity_changed": _severity,
    "category_changed": _category,
    "resolved": _resolved,
    "answer_accepted": _fixed(lazy_gettext("Mitra menerima jawaban")),
    "answer_rejected": _fixed(lazy_gettext("Mitra keberatan dengan jawaban")),
    "rated_by_contact": lambda data, _names: _(
        "Mitra memberi nilai %(score)s dari 5", score=_text(data.get("score"))
    ),
    "rating_commented": _fixed(lazy_gettext("Mitra bilang apa yang kurang")),
    "data_requested": _data_requested,
    "became_about_staff": _fixed(
        lazy_gettext("Mulai pesan ini tentang petugas: Point tidak melihatnya lagi")
    ),
    "delivery_failed": _failed,
    "delivery_recovered": _fixed(lazy_gettext("Pesan ternyata sampai")),
    "send_again": _fixed(lazy_gettext("Pesan dikirim ulang")),
    "sla_warning": _warned,
    "sla_breached": lambda data, _names: _("%(metric)s: batas terlewat", metric=_metric(data)),
    "sla_paused": _about_clocks(lazy_gettext("Jam dijeda")),
    "sla_resumed": _about_clocks(lazy_gettext("Jam jalan lagi")),
    "sla_pause_voided": _about_clocks(lazy_gettext("Jeda dibatalkan, pertanyaan tidak sampai")),
    "sla_restarted": _about_clocks(lazy_gettext("Jam mulai lagi")),
    "sla_superseded": _about_clocks(lazy_gettext("Batas waktu disesuaikan")),
    "sla_recomputed": _recomputed,
    "sla_unmet": _about_clocks(lazy_gettext("Jam jalan lagi karena pesan tidak sampai")),
    "improvement_linked": _fixed(lazy_gettext("Dihubungkan ke perbaikan produk")),
    "phone_revealed": _fixed(lazy_gettext("Nomor HP dibuka")),
}
