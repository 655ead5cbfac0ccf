"""Plain words for refusals on the staff pages: what was wrong, and what to do."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

from helpdesk.domain.errors import Conflict, Forbidden, HelpdeskError, InvalidInput, NotFound
from helpdesk.views import regulation_words

_INPUT: Mapping[str, LazyString] = {
    "required": lazy_gettext("Isi dulu bagian ini."),
    "too_short": lazy_gettext("Tulis sedikitnya beberapa kata, supaya orang lain mengerti sebabnya."),
    "too_long": lazy_gettext("Teks terlalu panjang. Pendekkan dulu."),
    "placeholder": lazy_gettext("Masih ada {isian} yang kosong. Ganti dengan kata yang benar."),
    "secret": lazy_gettext("Teks berisi PIN, OTP, NIK, nomor kartu, atau nomor rekening. Hapus dulu."),
    "asks_secret": lazy_gettext("Jangan minta PIN, OTP, atau kata sandi. Ubah kalimatnya."),
    "key_reused": lazy_gettext(
        "Formulir ini sudah terkirim. Periksa percakapan, lalu kirim lagi bila perlu."
    ),
    "conflict_of_interest": lazy_gettext(
        "Orang ini diadukan, atau dari cabang yang diadukan. Pilih orang lain."
    ),
    "not_assignable": lazy_gettext("Orang ini tidak di tim tiket ini. Pilih orang lain."),
    "unknown_team": lazy_gettext("Pilih tim dari daftar."),
    "unknown_category": lazy_gettext("Pilih kategori dari daftar."),
    "unknown_status": lazy_gettext("Pilih status dari daftar."),
    "needs_resolution": lazy_gettext("Selesaikan tiket lewat formulir Selesaikan."),
    "unknown_root_cause": lazy_gettext("Pilih sebab dari daftar."),
    "unknown_late_reason": lazy_gettext("Pilih alasan dari daftar."),
    "never_refused": lazy_gettext("Pengaduan ini wajib diperiksa. Pilih putusan lain."),
    "amount": lazy_gettext("Tulis jumlah uang, contoh 150000."),
    "choice": lazy_gettext("Pilih satu."),
    "ground": lazy_gettext("Pilih dasar perpanjangan."),
    "on_record": lazy_gettext("Data ini sudah ada di catatan kami. Jangan minta ke Mitra."),
    "future": lazy_gettext("Tanggal ini belum tiba."),
    "before_receipt": lazy_gettext("Tanggal ini sebelum pengaduan diterima."),
    "future_date": lazy_gettext("Tanggal ini belum tiba."),
    "date": lazy_gettext("Tulis tanggal, contoh 16/11/2026."),
    "filter_value": lazy_gettext(
        "Saringan ini tidak dikenal. Contoh: kanal:wa sev:1 cabang:Bogor status:baru lewat"
    ),
    "bad_cursor": lazy_gettext("Halaman ini sudah berubah. Mulai lagi dari halaman pertama."),
}
_CONFLICT: Mapping[str, LazyString] = {
    "taken": lazy_gettext("Tiket ini sudah diambil orang lain."),
    "newer": lazy_gettext("Ada pesan baru. Baca dulu."),
    "closed": lazy_gettext("Tiket sudah selesai. Buka lagi dulu."),
    "transition": lazy_gettext("Status tiket sudah berubah. Periksa dulu."),
    "nothing_to_acknowledge": lazy_gettext("Tidak ada eskalasi yang menunggu tanggapan Anda."),
    "moved": lazy_gettext("Pesan ini sudah di tiket lain. Muat ulang dan baca dulu."),
    "no_address": lazy_gettext("Tiket ini tidak punya nomor untuk pesan."),
    "wrote": lazy_gettext("Mitra sendiri menulis dari nomor ini."),
    "grave": lazy_gettext("Tiket ini berat atau tentang petugas. Minta penyelia memutuskan."),
    "not_in_doubt": lazy_gettext("Nasib pesan ini sudah jelas. Muat ulang halaman."),
    "task_done": lazy_gettext("Tugas ini sudah diselesaikan orang lain."),
    "same_officer": lazy_gettext(
        "Mitra keberatan atas jawaban orang ini. Petugas lain harus memeriksa ulang."
    ),
    "same_ticket": lazy_gettext("Pesan ini sudah ada di tiket itu."),
    "only_message": lazy_gettext("Ini satu-satunya pesan Mitra di tiket ini. Tidak bisa dipindah."),
    "other_person": lazy_gettext("Tiket itu milik orang lain. Pesan tidak bisa dipindah ke sana."),
    "unheard": lazy_gettext("Ada pesan suara yang belum didengar. Dengarkan, lalu tulis isinya di tiket."),
    "file_settled": lazy_gettext("File ini sudah ada, atau meminta lagi tidak membantu."),
    "merge_same": lazy_gettext("Ini tiket yang sama. Pilih tiket lain."),
    "merge_cycle": lazy_gettext(
        "Tiket itu sudah termuat di tiket ini. Tidak bisa digabung ke arah sebaliknya."
    ),
    "merge_closed": lazy_gettext(
        "Hanya tiket yang sedang dikerjakan bisa digabung. Buka lagi dulu yang selesai."
    ),
    "merge_person": lazy_gettext("Tiket itu milik orang lain. Hanya tiket dari satu Mitra yang digabung."),
    "merge_kind": lazy_gettext("Jenis kedua tiket berbeda. Pengaduan hanya digabung ke pengaduan."),
    "merge_periods": lazy_gettext(
        "Di tiket ini masih ada dokumen, pihak lain, atau OJK yang ditunggu. Gabung tiket lain itu ke sini."
    ),
    "merge_documents": lazy_gettext("Tiket itu masih menunggu dokumen dari Mitra. Selesaikan dulu di sana."),
    "merge_erased": lazy_gettext("Isi tiket ini sudah dihapus. Tidak bisa dipisahkan lagi."),
    "merged": lazy_gettext("Tiket ini digabung ke tiket lain. Pisahkan dulu."),
    "not_merged": lazy_gettext("Tiket ini tidak digabung, atau baru saja berubah. Muat ulang halaman."),
    "set_aside": lazy_gettext("Tiket ini disisihkan. Kembalikan dulu ke antrean."),
    "wrong_number": lazy_gettext("Nomor ini bukan milik Mitra. Sampaikan lewat surat atau telepon."),
    "not_failed": lazy_gettext("Pesan ini tidak gagal terkirim, atau sudah dikirim ulang."),
}


def input_text(error: InvalidInput) -> str:
    """Return what a form says about a value."""
    return str(_INPUT.get(error.code) or lazy_gettext("Isian belum benar. Periksa lagi."))


def conflict_text(error: HelpdeskError) -> str:
    """Return why an action was not done."""
    if isinstance(error, NotFound):
        return str(lazy_gettext("Tiket tidak ada, atau tidak untuk Anda."))
    if isinstance(error, Forbidden):
        return str(lazy_gettext("Anda tidak boleh melakukan ini."))
    code = error.code if isinstance(error, Conflict) else ""
    return str(
        _CONFLICT.get(code)
        or regulation_words.REFUSALS.get(code)
        or lazy_gettext("Orang lain sudah mengubah ini. Muat ulang dan baca dulu.")
    )
