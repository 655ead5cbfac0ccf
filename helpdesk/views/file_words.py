"""What pages say of a file: its name, why it is not there, what to do, how long it takes."""

from collections.abc import Mapping

from flask_babel import LazyString, gettext, lazy_gettext

from helpdesk.domain.delivery import ERASED_MEANWHILE
from helpdesk.queries.conversation import AttachmentRow
from helpdesk.views.formatting import Zone, local_time, number


def _(message: str, /, **values: object) -> str:
    return str(gettext(message, **values))


_KINDS: Mapping[str, LazyString] = {
    "photo": lazy_gettext("Foto"),
    "voice": lazy_gettext("Pesan suara"),
    "audio": lazy_gettext("Suara"),
    "video": lazy_gettext("Video"),
    "document": lazy_gettext("Dokumen"),
    "contact": lazy_gettext("Kartu kontak"),
    "sticker": lazy_gettext("Stiker"),
}

_GONE = lazy_gettext("sudah tidak ada di penyedia. Minta Mitra kirim lagi.")
_REFUSED = lazy_gettext("ditolak penyedia. Beri tahu admin, lalu coba lagi.")
_NOT_THEIRS = lazy_gettext("tidak diambil: alamatnya bukan milik penyedia.")
_BROKEN = lazy_gettext("rusak dan tidak bisa dibuka. Minta Mitra kirim lagi.")
_SILENT = lazy_gettext("belum bisa diambil: penyedia tidak menjawab.")

_REASONS: Mapping[str, LazyString] = {
    "too_large": lazy_gettext("terlalu besar. Minta Mitra kirim lagi yang lebih kecil."),
    "too_many_pixels": lazy_gettext("terlalu besar untuk dibuka. Minta Mitra kirim lagi yang lebih kecil."),
    "file_type": lazy_gettext("jenisnya tidak bisa dibuka di sini. Minta Mitra kirim foto, suara, atau PDF."),
    "empty_file": lazy_gettext("kosong. Minta Mitra kirim lagi."),
    "broken": _BROKEN,
    "crashed": _BROKEN,
    "took_too_long": lazy_gettext("tidak selesai dibuka. Minta Mitra kirim lagi yang lebih kecil."),
    "too_long": lazy_gettext("lebih dari 30 menit."),
    "codec": lazy_gettext("direkam dengan cara yang tidak kami kenal."),
    "film_as_it_came": lazy_gettext("disimpan apa adanya: tempat dan waktu rekamannya tidak bisa dihapus."),
    "no_sound": lazy_gettext("tidak berisi suara."),
    "file_lost": lazy_gettext("hilang dari penyimpanan kami. Beri tahu admin."),
    "channel_off": lazy_gettext("belum diambil: kanalnya dimatikan. Beri tahu admin."),
    "http_404": _GONE,
    "http_410": _GONE,
    "bad_request": _GONE,
    "http_401": _REFUSED,
    "http_403": _REFUSED,
    "InvalidToken": _REFUSED,
    "foreign_address": _NOT_THEIRS,
    "foreign_redirect": _NOT_THEIRS,
    "private_address": _NOT_THEIRS,
    "too_many_redirects": _NOT_THEIRS,
    "internal_error": lazy_gettext("belum bisa diambil: ada salah di sistem kami. Beri tahu admin."),
    ERASED_MEANWHILE: lazy_gettext("sudah dihapus bersama data pribadi."),
}


def name(file: AttachmentRow) -> str:
    """Return what it is: photo, voice message…"""
    return str(_KINDS.get(file.kind, lazy_gettext("File")))


def size(file: AttachmentRow) -> str:
    """Return how large it is, empty where that is not known."""
    if not file.size_bytes:
        return ""
    if file.size_bytes >= 1024 * 1024:
        return f"{number(round(file.size_bytes / 1024 / 1024))} MB"
    return _("%(kb)s KB", kb=number(-(-file.size_bytes // 1024)))


def reason(file: AttachmentRow) -> str:
    """Return why it is not there or cannot be played, and what to do: a whole sentence."""
    code = file.error_code or ""
    what = f"{name(file)} ({size(file)})" if code == "too_large" and file.size_bytes else name(file)
    return f"{what} {_REASONS.get(code, _SILENT)}"


def waiting(file: AttachmentRow, zone: Zone) -> str:
    """Return how far a file is that will come."""
    if file.state == "stored":
        return _("%(name)s sedang disiapkan.", name=name(file))
    if not file.error_code or file.next_attempt_at is None:
        return _("%(name)s sedang diambil dari penyedia.", name=name(file))
    return _(
        "%(reason)s Kami coba lagi sendiri: %(time)s.",
        reason=reason(file),
        time=local_time(file.next_attempt_at, zone),
    )


def length(file: AttachmentRow) -> str:
    """Return how long it takes as minutes and seconds, empty where that is not known."""
    if not file.duration_seconds:
        return ""
    minutes, seconds = divmod(file.duration_seconds, 60)
    return f"{minutes}:{seconds:02}"
