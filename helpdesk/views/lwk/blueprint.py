"""The blueprint that all pages of paper forms hang on, and what they share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import Blueprint
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from helpdesk.domain.errors import Conflict, HelpdeskError, InvalidInput
from helpdesk.views.fields import field_text

bp = Blueprint("lwk", __name__, url_prefix="/lwk")

MAX_FORM_NO = 99_999

FIELD_NAMES: Mapping[str, LazyString] = {
    "mitra": lazy_gettext("Mitra"),
    "choice": lazy_gettext("Masalah"),
    "occurred_on": lazy_gettext("Tanggal kejadian"),
    "amount": lazy_gettext("Uang (Rp)"),
    "signature": lazy_gettext("Tanda tangan"),
    "text": lazy_gettext("Uraian"),
}
"""What may be unreadable on a form, as the page calls it."""

_REFUSALS: Mapping[str, LazyString] = {
    "closed": lazy_gettext("Batch sudah ditutup."),
    "form_no": lazy_gettext("Nomor form ini sudah ada di batch."),
    "form_no_elsewhere": lazy_gettext("Nomor form ini sudah ada di batch lain dari paket ini."),
    "not_asked": lazy_gettext("Permintaan menutup sudah dibatalkan. Periksa lagi."),
    "not_held": lazy_gettext("Form ini tidak ditahan lagi."),
    "page_read": lazy_gettext(
        "Ini melepas scan lain yang nomornya sudah dicocokkan. Batalkan nomor itu dulu."
    ),
    "not_different": lazy_gettext("Selisih ini sudah dibereskan."),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into a form of the page, and what is wrong with it."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()


def refusal_text(error: HelpdeskError) -> str:
    """Return why something was not done."""
    if isinstance(error, InvalidInput):
        return field_text(error)
    if isinstance(error, Conflict) and error.code in _REFUSALS:
        return str(_REFUSALS[error.code])
    return str(_("Anda tidak boleh melakukan ini."))


def unreadable_names(codes: Sequence[str]) -> str:
    """Return what could not be read, in words."""
    return ", ".join(str(FIELD_NAMES.get(code, code)) for code in codes)
