"""What the audit trail calls its entries; kinds that are not known are shown as they are."""

from collections.abc import Iterator, Mapping

from flask_babel import LazyString, lazy_gettext, lazy_pgettext
from flask_babel import gettext as _

from helpdesk.views.labels import label

KINDS: Mapping[str, LazyString] = {
    "created": lazy_gettext("Tiket dibuat"),
    "rated": lazy_gettext("Tingkat dinilai"),
    "message_received": lazy_gettext("Pesan masuk"),
    "replied": lazy_gettext("Balasan ditulis"),
    "note_added": lazy_gettext("Catatan ditulis"),
    "receipt_queued": lazy_gettext("Tanda terima dikirim"),
    "text_queued": lazy_gettext("Pesan otomatis dikirim"),
    "number_told": lazy_gettext("Nomor diberitahukan"),
    "assigned": lazy_gettext("Ditugaskan"),
    "ownership_lost": lazy_gettext("Diambil dari petugas yang tidak bereaksi"),
    "returned_to_queue": lazy_gettext("Kembali ke antrean"),
    "break_begun": lazy_gettext("Istirahat dimulai"),
    "break_ended": lazy_gettext("Istirahat selesai"),
    "work_changed": lazy_gettext("Jam kerja dan keahlian diubah"),
    "team_changed": lazy_gettext("Tim diubah"),
    "status_changed": lazy_gettext("Status diubah"),
    "severity_changed": lazy_gettext("Tingkat diubah"),
    "category_changed": lazy_gettext("Kategori diubah"),
    "resolved": lazy_gettext("Diputuskan"),
    "answer_accepted": lazy_gettext("Jawaban diterima Mitra"),
    "answer_rejected": lazy_gettext("Mitra keberatan"),
    "rated_by_contact": lazy_gettext("Nilai dari Mitra"),
    "rating_commented": lazy_gettext("Alasan nilai dari Mitra"),
    "data_requested": lazy_gettext("Permintaan data pribadi"),
    "category_confirmed": lazy_gettext("Kategori dibenarkan Mitra"),
    "contact_confirmed": lazy_gettext("Mitra membenarkan namanya"),
    "contact_named": lazy_gettext("Mitra menyebut namanya"),
    "contact_changed": lazy_gettext("HP dipakai orang lain: Mitra lain"),
    "contact_united": lazy_gettext("Akun dan nomor HP ternyata milik Mitra yang sama"),
    "person_wanted": lazy_gettext("Mitra minta bicara dengan petugas"),
    "help_wanted": lazy_gettext("Mitra minta bantuan darurat"),
    "call_wanted": lazy_gettext("Mitra minta ditelepon"),
    "call_hour_told": lazy_gettext("Mitra menyebut jam aman ditelepon"),
    "set_aside": lazy_gettext("Tiket disisihkan"),
    "address_dropped": lazy_gettext("Nomor ternyata bukan milik Mitra"),
    "brought_back": lazy_gettext("Tiket dikembalikan ke antrean"),
    "voice_written_down": lazy_gettext("Isi suara ditulis"),
    "file_asked_again": lazy_gettext("File diminta lagi dari penyedia"),
    "message_moved_out": lazy_gettext("Pesan dipindah ke tiket lain"),
    "message_moved_in": lazy_gettext("Pesan dipindah dari tiket lain"),
    "merged_into": lazy_gettext("Tiket digabung ke tiket lain"),
    "merged_from": lazy_gettext("Tiket lain digabung ke sini"),
    "merge_undone": lazy_gettext("Tiket lain dipisahkan lagi"),
    "unmerged": lazy_gettext("Tiket dipisahkan lagi"),
    "read_back": lazy_gettext("Dibacakan dan dibenarkan"),
    "read_back_corrected": lazy_gettext("Diperbaiki setelah dibacakan"),
    "recording_added": lazy_gettext("Rekaman ditambahkan"),
    "recording_missing": lazy_gettext("Alasan tidak ada rekaman"),
    "became_about_staff": lazy_gettext("Mulai pesan ini tentang petugas: Point tidak melihatnya lagi"),
    "delivery_failed": lazy_gettext("Pesan gagal terkirim"),
    "delivery_recovered": lazy_gettext("Pesan ternyata sampai"),
    "send_again": lazy_gettext("Pesan dikirim ulang"),
    "next_channel": lazy_gettext("Pesan dicoba lewat kanal lain"),
    "address_followed": lazy_gettext("Percakapan lanjut di tempat Mitra menulis"),
    "contact_task_opened": lazy_gettext("Tugas menghubungi Mitra dibuat"),
    "contact_task_done": lazy_gettext("Tugas menghubungi Mitra selesai"),
    "arrival_confirmed": lazy_gettext("Petugas memastikan pesan sampai"),
    "message_held": lazy_gettext("Pesan menunggu Mitra menulis"),
    "sla_warning": lazy_gettext("Batas waktu dekat"),
    "sla_breached": lazy_gettext("Lewat batas"),
    "escalated": lazy_gettext("Eskalasi"),
    "escalation_acknowledged": lazy_gettext("Eskalasi ditanggapi"),
    "sla_paused": lazy_gettext("Jam dijeda"),
    "sla_resumed": lazy_gettext("Jam jalan lagi"),
    "sla_pause_voided": lazy_gettext("Jeda dibatalkan, pertanyaan tidak sampai"),
    "sla_restarted": lazy_gettext("Jam mulai lagi"),
    "sla_superseded": lazy_gettext("Batas waktu disesuaikan"),
    "sla_recomputed": lazy_gettext("Janji dihitung ulang"),
    "sla_unmet": lazy_gettext("Jam jalan lagi, pesan tidak sampai"),
    "sla_extended": lazy_gettext("Batas OJK diperpanjang"),
    "form_changed": lazy_gettext("Bentuk pengaduan diubah"),
    "documents_requested": lazy_gettext("Dokumen diminta"),
    "documents_complete": lazy_gettext("Dokumen lengkap"),
    "documents_refused": lazy_gettext("Dianggap ditarik, dokumen tidak dilengkapi"),
    "period_begun": lazy_gettext("Tenggat dicatat"),
    "period_extended": lazy_gettext("Tenggat ditambah"),
    "period_ended": lazy_gettext("Tenggat selesai"),
    "period_warning": lazy_gettext("Tenggat hampir habis"),
    "period_expired": lazy_gettext("Tenggat habis"),
    "improvement_linked": lazy_gettext("Dihubungkan ke perbaikan"),
    "phone_revealed": lazy_gettext("Nomor HP dibuka"),
    "contact_erased": lazy_gettext("Data Mitra dihapus"),
    "leftovers_erased": lazy_gettext("Penjelasan dan pindaian lama dihapus"),
    "personal_data_exported": lazy_gettext("Data pribadi disalin"),
    "personal_data_erased": lazy_gettext("Data pribadi dihapus"),
    "erasure_refused": lazy_gettext("Penghapusan ditolak"),
    "staff_complaint_stopped": lazy_gettext("Entri tentang petugas dihentikan"),
    "lwk_batch_opened": lazy_gettext("Bundel LWK dibuka"),
    "lwk_batch_closed": lazy_gettext("Bundel LWK ditutup"),
    "lwk_forms_printed": lazy_gettext("Form LWK dicetak"),
    "lwk_pages_added": lazy_gettext("Scan form LWK dikirim"),
    "lwk_page_read": lazy_gettext("Nomor form LWK di scan dibaca"),
    "lwk_page_moved": lazy_gettext("Halaman scan LWK diatur"),
    "lwk_close_asked": lazy_gettext("Menutup bundel LWK diminta"),
    "lwk_close_withdrawn": lazy_gettext("Permintaan menutup bundel LWK dibatalkan"),
    "lwk_form_sealed": lazy_gettext("Form LWK tentang petugas disegel"),
    "lwk_envelope_arrived": lazy_gettext("Amplop form LWK tiba"),
    "lwk_form_corrected": lazy_gettext("Form LWK diperbaiki"),
    "lwk_form_completed": lazy_gettext("Form LWK dilengkapi"),
    "lwk_amounts_keyed_again": lazy_gettext("Uang form LWK diketik ulang"),
    "lwk_amount_settled": lazy_gettext("Selisih uang form LWK dibereskan"),
    "explanation_recorded": lazy_gettext("Penjelasan cara mengadu dicatat"),
    "explanation_voided": lazy_gettext("Catatan penjelasan dibatalkan"),
    "explanations_exported": lazy_gettext("Catatan penjelasan disalin ke file"),
    "improvement_added": lazy_gettext("Perbaikan dibuat"),
    "improvement_moved": lazy_gettext("Perbaikan dipindah"),
    "signed_in": lazy_pgettext("sign in", "Masuk"),
    "sign_in_failed": lazy_gettext("Gagal masuk"),
    "sign_ins_stopped": lazy_gettext("Terlalu sering gagal masuk dari satu jaringan"),
    "user_added": lazy_gettext("Pengguna ditambah"),
    "user_changed": lazy_gettext("Pengguna diubah"),
    "user_notices_changed": lazy_gettext("Cara pemberitahuan pengguna diubah"),
    "user_disabled": lazy_gettext("Pengguna ditutup"),
    "password_changed": lazy_gettext("Kata sandi diganti"),
    "token_added": lazy_gettext("Token dibuat"),
    "token_revoked": lazy_gettext("Token dicabut"),
    "matrix_published": lazy_gettext("Matriks diterbitkan"),
    "calendar_published": lazy_gettext("Jam buka diubah"),
    "sla_policy_drafted": lazy_gettext("Rancangan aturan SLA dibuat"),
    "sla_policy_submitted": lazy_gettext("Persetujuan aturan SLA diminta"),
    "sla_policy_published": lazy_gettext("Aturan SLA diterbitkan"),
    "sla_policy_sent_back": lazy_gettext("Rancangan aturan SLA dikembalikan"),
    "sla_policy_discarded": lazy_gettext("Rancangan aturan SLA dibuang"),
    "text_drafted": lazy_gettext("Rancangan teks untuk Mitra dibuat"),
    "text_submitted": lazy_gettext("Persetujuan teks untuk Mitra diminta"),
    "text_published": lazy_gettext("Teks untuk Mitra diterbitkan"),
    "text_sent_back": lazy_gettext("Rancangan teks untuk Mitra dikembalikan"),
    "text_discarded": lazy_gettext("Rancangan teks untuk Mitra dibuang"),
    "holiday_added": lazy_gettext("Hari libur ditambah"),
    "holiday_cancelled": lazy_gettext("Hari libur dibatalkan"),
    "holiday_restored": lazy_gettext("Hari libur berlaku lagi"),
    "template_added": lazy_gettext("Templat WhatsApp dicatat"),
    "template_changed": lazy_gettext("Keadaan templat WhatsApp diubah"),
    "template_confirmed": lazy_gettext("Templat WhatsApp disetujui orang kedua"),
    "template_withdrawn": lazy_gettext("Templat WhatsApp tidak dipakai lagi"),
    "webhooks_replayed": lazy_gettext("Pesan masuk diproses ulang"),
    "audit_read": lazy_gettext("Jejak audit dibaca"),
    "audit_verified": lazy_gettext("Rantai audit diperiksa"),
    "sample_drawn": lazy_gettext("Contoh tiket diambil"),
}


ACTORS: Mapping[str, LazyString] = {
    "system": lazy_gettext("Sistem"),
    "contact": lazy_gettext("Mitra"),
    "anonymous": lazy_gettext("Belum masuk"),
}
NAMES: Mapping[str, LazyString] = {
    "about_staff": lazy_gettext("tentang petugas"),
    "auto": lazy_gettext("otomatis"),
    "capacity": lazy_gettext("kapasitas"),
    "minutes": lazy_gettext("menit"),
    "shift": lazy_gettext("jam kerja"),
    "skills": lazy_gettext("keahlian"),
    "amount": lazy_gettext("uang"),
    "assignee": lazy_gettext("petugas"),
    "occurred_on": lazy_gettext("tanggal kejadian"),
    "no_recording": lazy_gettext("rekaman"),
    "corrects": lazy_gettext("memperbaiki"),
    "explanation": lazy_gettext("penjelasan"),
    "means": lazy_pgettext("means", "lewat"),
    "present_count": lazy_gettext("hadir"),
    "talk": lazy_gettext("telepon atau kunjungan"),
    "at": lazy_gettext("waktu"),
    "by": lazy_gettext("oleh"),
    "attachment": lazy_gettext("lampiran"),
    "transcript": lazy_gettext("isi suara"),
    "author": lazy_gettext("penulis"),
    "balanced": lazy_gettext("cocok"),
    "batch": lazy_gettext("bundel"),
    "broken": lazy_gettext("putus"),
    "calendar": lazy_gettext("kalender"),
    "category": lazy_gettext("kategori"),
    "changes": lazy_gettext("perubahan"),
    "channel": lazy_gettext("kanal"),
    "code": lazy_gettext("kode"),
    "count": lazy_gettext("ditemukan"),
    "converted": lazy_gettext("diminta tertulis"),
    "differing": lazy_gettext("berbeda"),
    "disposition": lazy_gettext("putusan"),
    "edition": lazy_gettext("edisi"),
    "due_after": lazy_gettext("batas baru"),
    "due_at": lazy_gettext("batas"),
    "due_before": lazy_gettext("batas lama"),
    "events": lazy_gettext("catatan"),
    "first": lazy_gettext("nomor pertama"),
    "fields": lazy_gettext("bagian"),
    "form": lazy_gettext("bentuk"),
    "form_no": lazy_gettext("No. form"),
    "forms": lazy_gettext("form"),
    "ground": lazy_gettext("dasar"),
    "impact": lazy_gettext("dampak"),
    "improvement": lazy_gettext("perbaikan"),
    "items": lazy_gettext("dokumen"),
    "kind": lazy_gettext("jenis"),
    "left": lazy_gettext("pesan"),
    "level": lazy_gettext("jenjang"),
    "matrix_version": lazy_gettext("versi matriks"),
    "message": lazy_gettext("pesan"),
    "metric": lazy_gettext("janji"),
    "metrics": lazy_gettext("janji"),
    "name": lazy_gettext("nama"),
    "note": lazy_gettext("alasan"),
    "number": lazy_gettext("nomor"),
    "numbers": lazy_gettext("jumlah nomor"),
    "actor": lazy_gettext("siapa"),
    "on": lazy_gettext("tanggal"),
    "page": lazy_gettext("halaman"),
    "pages": lazy_gettext("halaman"),
    "change": lazy_gettext("perubahan"),
    "pack": lazy_gettext("paket"),
    "outcome": lazy_gettext("hasil"),
    "overridden": lazy_gettext("ditetapkan orang"),
    "party": lazy_gettext("pihak lain"),
    "period": lazy_gettext("tenggat"),
    "policy": lazy_gettext("aturan SLA"),
    "province": lazy_gettext("provinsi"),
    "reason": lazy_gettext("alasan"),
    "restored": lazy_gettext("dipulihkan dari versi"),
    "role": lazy_gettext("peran"),
    "root_cause": lazy_gettext("sebab"),
    "rule": lazy_gettext("aturan"),
    "rules": lazy_gettext("aturan"),
    "scope": lazy_gettext("hak"),
    "score": lazy_gettext("nilai"),
    "seed": lazy_gettext("nomor acak"),
    "severity": lazy_gettext("tingkat"),
    "since": lazy_gettext("dari"),
    "size": lazy_gettext("jumlah"),
    "status": lazy_gettext("status"),
    "step": lazy_gettext("langkah"),
    "steps": lazy_gettext("langkah"),
    "team": lazy_gettext("tim"),
    "unit": lazy_gettext("cabang"),
    "until": lazy_pgettext("span of days", "sampai"),
    "urgency": lazy_gettext("urgensi"),
    "user": lazy_gettext("pengguna"),
    "version": lazy_gettext("versi"),
}
"""What details are called; those that are not known are shown as they are."""
UNSHOWN = frozenset({"seal", "sealed", "zone"})
"""Details for `helpdesk audit verify` only, and the zone of an instant beside it."""
TABLES: Mapping[str, str] = {
    "channel": "channel",
    "kind": "kind",
    "metric": "metric",
    "metrics": "metric",
    "means": "means",
    "no_recording": "no_recording",
    "role": "role",
    "status": "status",
}
"""Details whose values have words of their own (views/labels.py)."""


def kind_text(kind: str) -> str:
    """Return what a kind of entry is called."""
    return str(KINDS.get(kind, kind))


def kind_choices(chosen: str) -> list[tuple[str, str]]:
    """Return the known kinds by name; an unknown one stays chosen."""
    choices = sorted(((code, str(words)) for code, words in KINDS.items()), key=lambda choice: choice[1])
    if chosen and chosen not in KINDS:
        choices.append((chosen, chosen))
    return [("", _("Semua")), *choices]


def actor_text(actor: str, name: str) -> str:
    """Return who acted: a member of staff by name, the others by what they are."""
    return str(ACTORS.get(actor, name))


def pairs(data: Mapping[str, object], people: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return an entry's details as (name, words); what replaced something reads `old → new`.

    `people`: names by public id.
    """
    lines: list[tuple[str, str]] = []
    rest = {name: value for name, value in data.items() if name not in UNSHOWN}
    if "from" in data and "to" in data:
        for name, before, after in _changes(rest.pop("from"), rest.pop("to")):
            change = f"{_words(name, before, people)} → {_words(name, after, people)}"
            lines.append((_name(name), change))
    return lines + [(_name(name), _words(name, value, people)) for name, value in rest.items()]


def _changes(before: object, after: object) -> Iterator[tuple[str, object, object]]:
    """Yield what differs; a bare value is a status, the only thing that is recorded so."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in {**before, **after}:
            if before.get(name) != after.get(name):
                yield str(name), before.get(name), after.get(name)
    else:
        yield "status", before, after


def _name(name: str) -> str:
    return str(NAMES.get(name, name))


def _words(name: str, value: object, people: Mapping[str, str]) -> str:
    match value:
        case None | "" | [] | {}:
            return "–"
        case bool():
            return str(_("ya") if value else _("tidak"))
        case Mapping():
            return ", ".join(
                f"{_name(str(key))}: {_words(str(key), each, people)}" for key, each in value.items()
            )
        case list() | tuple():
            return ", ".join(_words(name, each, people) for each in value)
    text = str(value)
    if name in TABLES:
        return ", ".join(label(each, TABLES[name]) for each in text.split(", "))
    return people.get(text, text)
