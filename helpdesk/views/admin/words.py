"""What administrators' pages call roles, positions, units, calendars and scopes; the enums that forms offer."""

from collections.abc import Iterable, Mapping

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from helpdesk.domain.channel_faults import ChannelFault
from helpdesk.domain.delivery import NoticeWay
from helpdesk.domain.errors import Conflict, InvalidInput
from helpdesk.domain.taxonomy import CATEGORIES, groups
from helpdesk.queries.admin import Position, Role, TokenScope, UnitRow
from helpdesk.services.calendars import HolidayKind
from helpdesk.sla.policy import CalendarCode, Form
from helpdesk.views.formatting import language_of
from helpdesk.views.input_texts import input_text
from helpdesk.views.labels import label

__all__ = ["HolidayKind", "Position", "Role", "TokenScope"]

Choices = list[tuple[str, str]]

PROVINCE = "province:"
"""Begins the choice of a province where units may be chosen too; no code of a unit has a colon."""

POSITIONS: Mapping[str, LazyString] = {
    Position.BP: lazy_gettext("BP, petugas lapangan"),
    Position.BM: lazy_gettext("BM, kepala cabang"),
    Position.AM: lazy_gettext("AM, kepala area"),
    Position.RM: lazy_gettext("RM, kepala wilayah"),
    Position.HO: lazy_gettext("Kantor pusat"),
    Position.COMMITTEE: lazy_gettext("Komite"),
    Position.DIRECTOR: lazy_gettext("Direksi"),
}
NOTICE_WAYS: Mapping[str, LazyString] = {
    NoticeWay.EMAIL: lazy_gettext("Email"),
    NoticeWay.WHATSAPP: lazy_gettext("WhatsApp"),
    NoticeWay.SMS: lazy_gettext("SMS"),
}
CHANNEL_FAULTS: Mapping[str, LazyString] = {
    ChannelFault.AUTH: lazy_gettext(
        "Penyedia menolak token kami. Tidak ada pesan yang keluar sampai token di setelan diganti."
    ),
    ChannelFault.SENDER: lazy_gettext(
        "Pengirim di setelan bukan milik akun kami. Tidak ada pesan yang keluar sampai itu dibetulkan."
    ),
    ChannelFault.COUNTRY: lazy_gettext("Negara tujuan belum diizinkan di akun penyedia."),
    ChannelFault.TEMPLATE: lazy_gettext("Templat pesan tidak ada atau sedang dihentikan oleh WhatsApp."),
    ChannelFault.MEDIA: lazy_gettext("Penyedia tidak dapat mengambil berkas dari alamat publik kami."),
    ChannelFault.FILTERED: lazy_gettext("Operator menyaring pesan kami sebagai spam."),
    ChannelFault.SIGNATURE: lazy_gettext(
        "Permintaan yang masuk ditolak karena tanda tangannya tidak cocok, dan tidak ada yang cocok sejak itu."
        " Periksa token atau rahasia, dan PUBLIC_URL."
    ),
    ChannelFault.WEBHOOK: lazy_gettext(
        "Penyedia tidak mendapat jawaban yang benar dari alamat webhook kami. Periksa PUBLIC_URL, proxy, dan beban."
    ),
}
HOLIDAY_KINDS: Mapping[str, LazyString] = {
    HolidayKind.NATIONAL: lazy_gettext("Libur nasional"),
    HolidayKind.CUTI_BERSAMA: lazy_gettext("Cuti bersama"),
    HolidayKind.LOCAL: lazy_gettext("Libur daerah"),
    HolidayKind.COMPANY: lazy_gettext("Libur perusahaan"),
}
SCOPES: Mapping[str, LazyString] = {
    TokenScope.APP: lazy_gettext("app: aplikasi Mitra"),
    TokenScope.STAFF: lazy_gettext("staff: sistem dengan hak penyelia"),
    TokenScope.REPORTING: lazy_gettext("reporting: tren dan perbaikan saja"),
}
CALENDARS: Mapping[str, LazyString] = {
    CalendarCode.SERVICE: lazy_gettext("jam layanan"),
    CalendarCode.ALWAYS: lazy_gettext("setiap saat"),
    CalendarCode.REGULATORY: lazy_gettext("hari kerja OJK"),
    CalendarCode.STRICT: lazy_gettext("hari kerja OJK, cuti bersama dihitung"),
}
DAYS: Mapping[str, LazyString] = {
    "mon": lazy_gettext("Senin"),
    "tue": lazy_gettext("Selasa"),
    "wed": lazy_gettext("Rabu"),
    "thu": lazy_gettext("Kamis"),
    "fri": lazy_gettext("Jumat"),
    "sat": lazy_gettext("Sabtu"),
    "sun": lazy_gettext("Minggu"),
}
_FORMS: Mapping[str, LazyString] = {
    Form.LISAN: lazy_gettext("lisan"),
    Form.TERTULIS: lazy_gettext("tertulis"),
}
_REFUSED: Mapping[str, LazyString] = {
    "phone": lazy_gettext("Nomor HP belum benar. Contoh: 0812 3456 7890."),
    "phone_needed": lazy_gettext("WhatsApp dan SMS perlu nomor HP."),
    "email": lazy_gettext("Tulis email lengkap, contoh siti@contoh.id"),
    "email_taken": lazy_gettext("Email ini sudah punya akun."),
    "name_taken": lazy_gettext("Nama ini sudah dipakai token lain. Cabut dulu, atau pakai nama lain."),
    "unknown_unit": lazy_gettext("Pilih cabang dari daftar."),
    "nationwide": lazy_gettext(
        "Libur nasional dan cuti bersama berlaku di seluruh Indonesia. Untuk satu tempat, pilih libur daerah."
    ),
    "unknown_province": lazy_gettext("Pilih provinsi dari daftar."),
    "date": lazy_gettext("Tulis tanggal, contoh 2026-08-31."),
    "far_away": lazy_gettext("Tahun ini terlalu jauh. Periksa tanggalnya."),
    "holiday_exists": lazy_gettext("Hari ini sudah libur di sana."),
    "holiday_cancelled": lazy_gettext("Hari ini sudah menjadi hari kerja di sana."),
    "hours_format": lazy_gettext("Tulis jam seperti 08.00–12.00, 13.00–17.00. Kosong berarti tutup."),
    "hours_overlap": lazy_gettext("Jam ini bertumpuk. Tiap jam buka mulai sesudah yang sebelumnya selesai."),
    "hours_backwards": lazy_gettext(
        "Jam tutup harus sesudah jam buka. Buka lewat tengah malam: pecah di 24.00."
    ),
    "calendar_never_open": lazy_gettext(
        "Kalender ini tidak pernah buka. Isi jam untuk sedikitnya satu hari."
    ),
    "whole_days": lazy_gettext("Kalender ini menghitung hari penuh, bukan jam."),
    "working_week": lazy_gettext(
        "Senin sampai Jumat tetap hari kerja. Hari tutup dicatat sebagai hari libur."
    ),
    "days_needed": lazy_gettext("Tulis tanggal pertamanya."),
    "days_backwards": lazy_gettext("Tanggal akhir harus sama atau sesudah tanggal pertama."),
    "days_long": lazy_gettext("Rentang paling lama satu tahun. Pecah menjadi beberapa baris."),
    "days_closed": lazy_gettext("Tidak ada hari buka di rentang ini."),
    "days_twice": lazy_gettext("Ada tanggal yang tertulis dua kali."),
    "calendar_changed": lazy_gettext("Kalender ini baru saja diubah orang lain. Muat lagi halaman ini."),
    "calendar_unchanged": lazy_gettext("Tidak ada yang berubah."),
}


def refusal(error: InvalidInput | Conflict) -> str:
    """Return what to do about a refused value."""
    words = _REFUSED.get(error.code)
    if words is not None:
        return str(words)
    return input_text(error) if isinstance(error, InvalidInput) else str(_("Sudah diubah. Periksa lagi."))


def choices(words: Mapping[str, LazyString]) -> Choices:
    """Return the options of a select."""
    return [(str(code), str(name)) for code, name in words.items()]


def role_choices() -> Choices:
    """Return the roles with their words."""
    return [(role.value, label(role, "role")) for role in Role]


def unit_choices(units: Iterable[UnitRow]) -> Choices:
    """Return the units by name."""
    return [(unit.code, f"{unit.name} ({unit.code})") for unit in units]


def place_choices(units: Iterable[UnitRow], provinces: Iterable[str]) -> Choices:
    """Return where a holiday may hold: everywhere, in a province, at a unit and those below it."""
    named = [(PROVINCE + name, str(_("Provinsi %(name)s", name=name))) for name in provinces]
    below = unit_choices(unit for unit in units if unit.parent_id is not None)
    return [("", str(_("Semua cabang"))), *named, *below]


def read_place(value: str) -> tuple[str | None, str | None]:
    """Return the unit's code or the province that was chosen; neither is everywhere."""
    if value.startswith(PROVINCE):
        return None, value.removeprefix(PROVINCE)
    return value or None, None


def in_language(name_id: str, name_en: str) -> str:
    """Return the one of two names that the reader's language wants."""
    return name_en if language_of(None) == "en" else name_id


def form_name(form: Form) -> str:
    """Return what the regulator's form is called."""
    return str(_FORMS[form])


def category_names(codes: Iterable[object]) -> str:
    """Return categories and groups by name; unknown ones as they are."""
    known = {code: in_language(each.name_id, each.name_en) for code, each in CATEGORIES.items()}
    known |= {group.code: in_language(group.name_id, group.name_en) for group in groups()}
    known["none"] = str(_("belum berkategori"))
    return ", ".join(known.get(str(code), str(code)) for code in codes)


def conditions_text(conditions: Mapping[str, object]) -> str:
    """Return the conditions of a policy or a routing rule as words; none fits every ticket."""
    parts: list[str] = []
    for key, value in conditions.items():
        words = [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]
        match key:
            case "kinds":
                parts.append(", ".join(label(word, "kind") for word in words))
            case "severities":
                parts.append(str(_("tingkat %(levels)s", levels=", ".join(words))))
            case "forms":
                parts.append(", ".join(str(_FORMS.get(word, word)) for word in words))
            case "categories":
                parts.append(str(_("kategori %(names)s", names=category_names(words))))
            case "units":
                parts.append(str(_("cabang %(codes)s", codes=", ".join(words))))
            case "team_unit":
                parts.append(str(_("tim di %(code)s", code=", ".join(words))))
            case _:
                parts.append(f"{key} {', '.join(words)}")
    return "; ".join(parts) or str(_("semua tiket lain"))
