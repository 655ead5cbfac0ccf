"""The words that screens show for codes; Bahasa Indonesia here, English in the catalogue."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext, lazy_pgettext

_Labels = Mapping[str, LazyString]

CHANNELS: _Labels = {
    "whatsapp": lazy_gettext("WhatsApp"),
    "sms": lazy_gettext("SMS"),
    "telegram": lazy_gettext("Telegram"),
    "web": lazy_gettext("Web"),
    "app": lazy_gettext("Aplikasi"),
    "phone": lazy_gettext("Telepon"),
    "lwk": lazy_gettext("LWK"),
    "visit": lazy_gettext("Kunjungan"),
}
STATUSES: _Labels = {
    "new": lazy_gettext("Baru"),
    "open": lazy_gettext("Dikerjakan"),
    "pending": lazy_gettext("Menunggu Mitra"),
    "on_hold": lazy_gettext("Menunggu pihak lain"),
    "resolved": lazy_gettext("Sudah dijawab"),
    "closed": lazy_pgettext("status", "Selesai"),
}
KINDS: _Labels = {
    "complaint": lazy_pgettext("kind", "Pengaduan"),
    "enquiry": lazy_gettext("Pertanyaan"),
    "request": lazy_gettext("Permintaan"),
}
SEVERITIES: _Labels = {
    "S1": lazy_gettext("S1, gawat"),
    "S2": lazy_gettext("S2, berat"),
    "S3": lazy_gettext("S3, sedang"),
    "S4": lazy_gettext("S4, ringan"),
}
METRICS: _Labels = {
    "acknowledgement": lazy_gettext("Diterima petugas"),
    "first_response": lazy_gettext("Balas pertama"),
    "next_response": lazy_gettext("Balas berikut"),
    "resolution": lazy_gettext("Penyelesaian"),
    "regulatory": lazy_gettext("Batas OJK"),
}
DELIVERIES: _Labels = {
    "queued": lazy_gettext("menunggu dikirim"),
    "sending": lazy_gettext("sedang dikirim"),
    "sent": lazy_gettext("terkirim"),
    "delivered": lazy_gettext("sampai"),
    "read": lazy_gettext("dibaca"),
    "failed": lazy_gettext("gagal terkirim"),
}
SPEAKERS: _Labels = {
    "self": lazy_gettext("Mitra sendiri"),
    "husband": lazy_gettext("Suami"),
    "child": lazy_gettext("Anak"),
    "relative": lazy_gettext("Keluarga lain"),
    "neighbour": lazy_gettext("Teman majelis atau tetangga"),
    "attorney": lazy_gettext("Wakil dengan surat kuasa"),
    "other": lazy_gettext("Orang lain"),
}
MEANS: _Labels = {
    "verbal": lazy_gettext("Lisan"),
    "lwk": lazy_gettext("Dokumen LWK"),
    "app": lazy_gettext("Aplikasi"),
}
POINTS: _Labels = {
    "how": lazy_gettext("Cara mengadu"),
    "free": lazy_gettext("Gratis"),
    "deadlines": lazy_gettext("Batas waktu"),
    "external": lazy_gettext("OJK dan LAPS"),
    "privacy": lazy_gettext("Data pribadi"),
}
TONGUES: _Labels = {
    "id": lazy_gettext("Bahasa Indonesia"),
    "jv": lazy_gettext("Bahasa Jawa"),
    "su": lazy_gettext("Bahasa Sunda"),
    "local": lazy_gettext("Bahasa daerah lain"),
    "en": lazy_gettext("Bahasa Inggris"),
}
NO_RECORDINGS: _Labels = {
    "refused": lazy_gettext("Mitra tidak mau direkam"),
    "no_equipment": lazy_gettext("Tidak ada alat rekam"),
    "failed": lazy_gettext("Alat rekam gagal"),
    "own_phone": lazy_gettext("Lewat HP yang tidak boleh merekam"),
    "cut_short": lazy_gettext("Telepon terputus"),
}
ROLES: _Labels = {
    "agent": lazy_gettext("Petugas"),
    "supervisor": lazy_gettext("Penyelia"),
    "field": lazy_gettext("Lapangan"),
    "product": lazy_gettext("Produk"),
    "compliance": lazy_gettext("Kepatuhan"),
    "auditor": lazy_gettext("Auditor"),
    "admin": lazy_gettext("Admin"),
}
LEVELS: _Labels = {
    "L1": lazy_gettext("L1, tim tiket"),
    "L2": lazy_gettext("L2, manajer area"),
    "L3": lazy_gettext("L3, manajer wilayah"),
    "L4": lazy_gettext("L4, pelindungan konsumen di pusat"),
    "L5": lazy_gettext("L5, komite"),
    "L6": lazy_gettext("L6, direksi"),
}
SET_ASIDE: _Labels = {
    "spam": lazy_gettext("Spam atau iklan"),
    "wrong_number": lazy_gettext("Salah sambung"),
}
_TABLES: Mapping[str, _Labels] = {
    "speaker": SPEAKERS,
    "no_recording": NO_RECORDINGS,
    "means": MEANS,
    "point": POINTS,
    "tongue": TONGUES,
    "channel": CHANNELS,
    "status": STATUSES,
    "kind": KINDS,
    "severity": SEVERITIES,
    "metric": METRICS,
    "delivery": DELIVERIES,
    "role": ROLES,
    "level": LEVELS,
    "set_aside": SET_ASIDE,
}


def label(code: str, table: str) -> str:
    """Return the words for `code` in the language of the request; an unknown code is shown as it is."""
    words = _TABLES[table].get(str(code))
    return str(code) if words is None else str(words)
