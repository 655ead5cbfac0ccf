"""Why a message did not arrive, in plain words and with the provider's code for support."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

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
        return str(_("sebab tidak diketahui"))
    words = _DELIVERY_REASONS.get(code)
    return f"{words} ({code})" if words else str(_("kode %(code)s", code=code))
