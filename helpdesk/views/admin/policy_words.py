"""SLA policies in words: one sentence each, what differs between two, and what the checks found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from helpdesk.domain.errors import Conflict, InvalidInput
from helpdesk.queries.sla_explain import in_words
from helpdesk.sla.policy import SlaPolicy, SlaTarget
from helpdesk.sla.policy_changes import CONDITIONS, NAME, ChangeKind, PolicyChange
from helpdesk.sla.policy_checks import OTHER, Finding, FindingKind, Limit
from helpdesk.views.admin import words
from helpdesk.views.labels import label

CHANGES: Mapping[str, LazyString] = {
    ChangeKind.ADDED: lazy_gettext("baru"),
    ChangeKind.CHANGED: lazy_gettext("diubah"),
    ChangeKind.MOVED: lazy_gettext("pindah urutan"),
    ChangeKind.REMOVED: lazy_gettext("dihentikan"),
    ChangeKind.SAME: lazy_gettext("tetap"),
}
UNITS: Mapping[str, LazyString] = {
    "m": lazy_gettext("menit"),
    "h": lazy_gettext("jam"),
    "wd": lazy_gettext("hari kerja (8 jam layanan)"),
    "d": lazy_gettext("hari kerja penuh"),
}
_FINDINGS: Mapping[FindingKind, LazyString] = {
    FindingKind.NO_POLICY: lazy_gettext("Tidak ada aturan untuk %(where)s."),
    FindingKind.LEFT_TO_FALLBACK: lazy_gettext("Hanya aturan terakhir yang menangkap %(where)s."),
    FindingKind.NEVER_REACHED: lazy_gettext(
        "%(policy)s tidak pernah terpakai: aturan di atasnya mengambil semua tiketnya."
    ),
    FindingKind.UNKNOWN_CATEGORY: lazy_gettext(
        "%(policy)s menyebut kategori yang tidak dikenal: %(others)s."
    ),
    FindingKind.NO_LEGAL_PROMISE: lazy_gettext(
        "%(policy)s tanpa batas OJK, padahal hukum memberi %(limit)s untuk %(where)s."
    ),
    FindingKind.LATER_THAN_LAW: lazy_gettext(
        "Batas OJK di %(policy)s lebih lama dari hukum: %(limit)s untuk %(where)s."
    ),
    FindingKind.OUT_OF_ORDER: lazy_gettext("%(policy)s: %(metric)s lebih lama dari %(than)s."),
    FindingKind.GRAVER_IS_SLOWER: lazy_gettext(
        "%(policy)s lebih lambat dari %(others)s yang lebih ringan: %(metric)s."
    ),
    FindingKind.PAUSE_WITHOUT_CAP: lazy_gettext("%(policy)s: jeda %(metric)s tanpa batas."),
    FindingKind.OVERLAP: lazy_gettext("%(policy)s didahulukan dari: %(others)s."),
}
_REFUSED: Mapping[str, LazyString] = {
    "draft_exists": lazy_gettext("Sudah ada rancangan. Selesaikan atau buang dulu."),
    "no_draft": lazy_gettext("Rancangan sudah tidak ada. Orang lain sudah memutuskan."),
    "draft_changed": lazy_gettext("Rancangan berubah sejak Anda membukanya. Baca lagi, lalu putuskan."),
    "submitted": lazy_gettext("Persetujuan sudah diminta."),
    "not_submitted": lazy_gettext("Penulis menarik permintaannya. Tunggu sampai diminta lagi."),
    "no_change": lazy_gettext("Rancangan ini tidak mengubah apa-apa."),
    "policy_faults": lazy_gettext("Rancangan masih salah. Betulkan yang ditandai dulu."),
    "warnings_unread": lazy_gettext("Baca peringatannya, lalu centang."),
    "code_taken": lazy_gettext("Kode ini sudah pernah dipakai. Pilih kode lain."),
    "twice": lazy_gettext("Kode ini sudah pernah dipakai. Pilih kode lain."),
    "fallback": lazy_gettext(
        "Aturan terakhir menangkap semua tiket lain, jadi tetap ada dan tetap terakhir. Aturan lain harus punya syarat."
    ),
    "unit": lazy_gettext("Satuan ini tidak cocok dengan kalendernya."),
    "duration": lazy_gettext("Tulis angka bulat mulai 1."),
    "regulator_pauses": lazy_gettext("Batas OJK tidak pernah dijeda."),
    "cap_alone": lazy_gettext("Batas jeda hanya untuk janji yang boleh dijeda."),
    "no_promise": lazy_gettext("Isi paling sedikit satu janji."),
    "complaint_promises": lazy_gettext("Berlaku untuk pengaduan, jadi perlu janji selesai dan batas OJK."),
    "code": lazy_gettext("Huruf kecil, angka, dan tanda -, contoh pengaduan-vip"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a policy's sentence; `is_changed` where the other side says something else."""

    text: str
    is_changed: bool


def refusal(error: InvalidInput | Conflict) -> str:
    """Return what to do about a refused value or decision."""
    found = _REFUSED.get(error.code)
    return str(found) if found is not None else words.refusal(error)


def sentence(policy: SlaPolicy) -> str:
    """Return a policy as one sentence: for what, then each promise with its time."""
    return f"{_for_whom(policy)}: {'; '.join(map(promise, policy.targets))}."


def parts(policy: SlaPolicy | None, change: PolicyChange) -> list[Part]:
    """Return one side of a change piece by piece, with a mark on those that differ."""
    if policy is None:
        return []
    is_whole = change.kind in (ChangeKind.ADDED, ChangeKind.REMOVED)
    told = [Part(_for_whom(policy), is_whole or CONDITIONS in change.parts)]
    if NAME in change.parts:
        told.insert(0, Part(f"“{words.in_language(policy.name_id, policy.name_en)}”", True))
    told += [Part(promise(target), is_whole or target.metric in change.parts) for target in policy.targets]
    missing = {part for part in change.parts if part not in (NAME, CONDITIONS)}
    missing -= {target.metric.value for target in policy.targets}
    told += [
        Part(str(_("tanpa janji %(name)s", name=_small(label(metric, "metric")))), True)
        for metric in sorted(missing)
    ]
    return told


def promise(target: SlaTarget) -> str:
    """Return a promise in words: how long, on which calendar, and whether it stands still."""
    span = words.in_language(*in_words(int(target.duration.total_seconds()), target.calendar))
    notes = [str(words.CALENDARS[target.calendar])]
    if target.is_pausable:
        notes.append(str(_("jeda saat Menunggu Mitra")))
    if target.pause_cap is not None:
        cap = words.in_language(*in_words(int(target.pause_cap.total_seconds()), target.calendar))
        notes.append(str(_("paling lama %(span)s", span=cap)))
    return f"{_small(label(target.metric, 'metric'))} {span} ({', '.join(notes)})"


def finding_text(finding: Finding, names: Mapping[str, str]) -> str:
    """Return a finding as a sentence; `names` are those of the policies by code."""
    return str(_FINDINGS[finding.kind]) % {
        "policy": names.get(finding.policy, finding.policy),
        "metric": _small(label(finding.metric, "metric")) if finding.metric else "",
        "than": _small(label(finding.than, "metric")) if finding.than else "",
        "others": ", ".join(names.get(code, code) for code in finding.others),
        "where": _where(finding.where),
        "limit": _limit(finding.limit),
    }


def names_of(*sets: Sequence[SlaPolicy]) -> dict[str, str]:
    """Return what policies are called, by code; later sets win."""
    return {each.code: words.in_language(each.name_id, each.name_en) for one in sets for each in one}


def _for_whom(policy: SlaPolicy) -> str:
    text = words.conditions_text(policy.conditions())
    return f"{text[:1].upper()}{text[1:]}"


def _where(where: Mapping[str, list[str]]) -> str:
    if not where:
        return str(_("semua tiket"))
    rest = str(_("kategori lain atau belum berkategori"))
    named = {**where, "categories": [code for code in where.get("categories", []) if code != OTHER]}
    told = (
        [words.conditions_text({key: value for key, value in named.items() if value})]
        if any(named.values())
        else []
    )
    return "; ".join([*told, *([rest] if OTHER in where.get("categories", []) else [])])


def _limit(limit: Limit | None) -> str:
    if limit is None:
        return ""
    return words.in_language(*in_words(int(limit.duration.total_seconds()), limit.calendar))


def _small(text: str) -> str:
    # "Batas OJK" keeps its capitals, only the first letter goes down; "OJK deadline" begins with a name and stays.
    if text[1:2].isupper():
        return text
    return text[:1].lower() + text[1:]
