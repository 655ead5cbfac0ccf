"""What the audit trail calls its entries; kinds that are not known are shown as they are."""

from collections.abc import Iterator, Mapping

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

KINDS: Mapping[str, LazyString] = {
    "created": lazy_gettext("Tiket dibuat"),
    "rated": lazy_gettext("Tingkat dinilai"),
    "message_received": lazy_gettext("Pesan masuk"),
    "replied": lazy_gettext("Balasan ditulis"),
    "note_added": lazy_gettext("Catatan ditulis"),
    "receipt_queued": lazy_gettext("Tanda terima dikirim"),
    "number_told": lazy_gettext("Nomor diberitahukan"),
    "assigned": lazy_gettext("Ditugaskan"),
    "status_changed": lazy_gettext("Status diubah"),
    "severity_changed": lazy_gettext("Tingkat diubah"),
    "category_changed": lazy_gettext("Kategori diubah"),
    "resolved": lazy_gettext("Diputuskan"),
    "answer_accepted": lazy_gettext("Jawaban diterima Mitra"),
    "answer_rejected": lazy_gettext("Mitra keberatan"),
    "rated_by_contact": lazy_gettext("Nilai dari Mitra"),
    "delivery_failed": lazy_gettext("Pesan gagal terkirim"),
    "delivery_recovered": lazy_gettext("Pesan ternyata sampai"),
    "send_again": lazy_gettext("Pesan dikirim ulang"),
    "sla_warning": lazy_gettext("Batas waktu dekat"),
    "sla_breached": lazy_gettext("Lewat batas"),
    "escalated": lazy_gettext("Eskalasi"),
    "sla_paused": lazy_gettext("Jam dijeda"),
    "sla_resumed": lazy_gettext("Jam jalan lagi"),
    "sla_restarted": lazy_gettext("Jam mulai lagi"),
    "sla_superseded": lazy_gettext("Batas waktu disesuaikan"),
    "sla_unmet": lazy_gettext("Jam jalan lagi, pesan tidak sampai"),
    "improvement_linked": lazy_gettext("Dihubungkan ke perbaikan"),
    "phone_revealed": lazy_gettext("Nomor HP dibuka"),
    "contact_erased": lazy_gettext("Data Mitra dihapus"),
    "personal_data_exported": lazy_gettext("Data pribadi disalin"),
    "personal_data_erased": lazy_gettext("Data pribadi dihapus"),
    "erasure_refused": lazy_gettext("Penghapusan ditolak"),
    "staff_complaint_stopped": lazy_gettext("Entri tentang petugas dihentikan"),
    "lwk_batch_opened": lazy_gettext("Bundel LWK dibuka"),
    "lwk_batch_closed": lazy_gettext("Bundel LWK ditutup"),
    "improvement_added": lazy_gettext("Perbaikan dibuat"),
    "improvement_moved": lazy_gettext("Perbaikan dipindah"),
    "signed_in": lazy_gettext("Masuk"),
    "sign_in_failed": lazy_gettext("Gagal masuk"),
    "user_added": lazy_gettext("Pengguna ditambah"),
    "user_changed": lazy_gettext("Pengguna diubah"),
    "user_disabled": lazy_gettext("Pengguna ditutup"),
    "password_changed": lazy_gettext("Kata sandi diganti"),
    "token_added": lazy_gettext("Token dibuat"),
    "token_revoked": lazy_gettext("Token dicabut"),
    "matrix_published": lazy_gettext("Matriks diterbitkan"),
    "holiday_added": lazy_gettext("Hari libur ditambah"),
    "holiday_cancelled": lazy_gettext("Hari libur dibatalkan"),
    "holiday_restored": lazy_gettext("Hari libur berlaku lagi"),
    "webhooks_replayed": lazy_gettext("Pesan masuk diproses ulang"),
    "audit_read": lazy_gettext("Jejak audit dibaca"),
    "audit_verified": lazy_gettext("Rantai audit diperiksa"),
}


def kind_text(kind: str) -> str:
    """Return what a kind of entry is called."""
    return str(KINDS.get(kind, kind))


def kind_choices(chosen: str) -> list[tuple[str, str]]:
    """Return the known kinds by name; an unknown one stays chosen."""
    choices = sorted(((code, str(words)) for code, words in KINDS.items()), key=lambda choice: choice[1])
    if chosen and chosen not in KINDS:
        choices.append((chosen, chosen))
    return [("", _("Semua")), *choices]


def pairs(data: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return an entry's details as (name, words); what replaced something reads `old → new`."""
    before, after = data.get("from"), data.get("to")
    told = list(_changes(before, after)) if "from" in data and "to" in data else []
    skipped = {"from", "to"} if told else set()
    return told + [(name, _words(value)) for name, value in data.items() if name not in skipped]


def _changes(before: object, after: object) -> Iterator[tuple[str, str]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in {**before, **after}:
            if before.get(name) != after.get(name):
                yield str(name), f"{_words(before.get(name))} → {_words(after.get(name))}"
    else:
        yield str(_("perubahan")), f"{_words(before)} → {_words(after)}"


def _words(value: object) -> str:
    match value:
        case None | "" | [] | {}:
            return "–"
        case Mapping():
            return ", ".join(f"{name}: {_words(each)}" for name, each in value.items())
        case list() | tuple():
            return ", ".join(_words(each) for each in value)
        case _:
            return str(value)
