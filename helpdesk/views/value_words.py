"""Names of what a ticket carries, in the language of the reader: category, cause, outcome, failure, lateness."""

from collections.abc import Mapping
from typing import Protocol

from flask_babel import LazyString, gettext, lazy_gettext

from helpdesk.domain.complaints import (
    DISPOSITION_NAMES,
    REDRESS_NAMES,
    Disposition,
    RedressKind,
    late_reasons,
    root_cause,
)
from helpdesk.domain.errors import NotFound
from helpdesk.domain.taxonomy import CATEGORIES
from helpdesk.views.formatting import language_of


def _(message: str, /, **values: object) -> str:
    return str(gettext(message, **values))


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


def late_reason_name(code: str) -> str:
    """Return why an answer came late; an unknown code is shown as it is."""
    return next((in_language(each) for each in late_reasons() if each.code == code), code)


def redress_name(kind: RedressKind) -> str:
    """Return what is given, in words."""
    return in_language(REDRESS_NAMES[kind])


_DELIVERY_REASONS: Mapping[str, LazyString] = {
    "wrong_number": lazy_gettext("nomor ini bukan milik Mitra"),
    "address_blocked": lazy_gettext("Mitra memblokir atau berhenti menerima pesan di sini"),
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
    "unread": lazy_gettext("Mitra belum membuka pesannya"),
    "window": lazy_gettext("jendela 24 jam WhatsApp sudah tutup"),
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
