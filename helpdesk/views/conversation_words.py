"""What a ticket's history says of its conversation: who writes, what she asks for, which message went where."""

from collections.abc import Callable, Mapping

from flask_babel import LazyString, gettext, lazy_gettext

from helpdesk.views.contact_task_words import KINDS, RESULTS
from helpdesk.views.formatting import ticket_number
from helpdesk.views.labels import label

Data = Mapping[str, object]
Teller = Callable[[Data, object], str]


def _moved(words: LazyString, place: str, unnamed: LazyString) -> Teller:
    """`unnamed`: what stands there where the other ticket is kept from the reader (queries/moves.py)."""

    def tell(data: Data, _names: object) -> str:
        number = str(data.get(place, ""))
        return f"{words} {ticket_number(number)}" if number else str(unnamed)

    return tell


def _fixed(words: LazyString) -> Teller:
    return lambda _data, _names: str(words)


def _unrecorded(data: Data, _names: object) -> str:
    return (
        f"{lazy_gettext('Telepon tanpa rekaman:')} {label(str(data.get('no_recording', '')), 'no_recording')}"
    )


def _set_aside(data: Data, _names: object) -> str:
    return f"{_ASIDE} {label(str(data.get('as', '')), 'set_aside')}"


_ASIDE = lazy_gettext("Disisihkan:")


def _held(data: Data, _names: object) -> str:
    if data.get("asked"):
        return str(gettext("Jendela 24 jam tutup: pesan menunggu, Mitra ditanya lewat templat"))
    return str(gettext("Jendela 24 jam tutup: pesan menunggu sampai Mitra menulis"))


def _next_channel(data: Data, _names: object) -> str:
    before, after = (label(str(data.get(side, "")), "channel") for side in ("from", "to"))
    if data.get("code") == "wrote":
        return str(gettext("Mitra menulis lewat %(after)s: pesan yang menunggu dikirim ke sana", after=after))
    return str(gettext("Tidak sampai lewat %(before)s, dicoba lewat %(after)s", before=before, after=after))


def _followed(data: Data, _names: object) -> str:
    channel = label(str(data.get("to", "")), "channel")
    return str(gettext("Mitra menulis lewat %(channel)s: percakapan lanjut di sana", channel=channel))


def _task_opened(data: Data, _names: object) -> str:
    kind = str(data.get("kind", ""))
    return str(gettext("Tugas dibuat: %(task)s", task=KINDS.get(kind, kind)))


def _task_done(data: Data, _names: object) -> str:
    kind, result = str(data.get("kind", "")), str(data.get("result", ""))
    return f"{KINDS.get(kind, kind)}: {RESULTS.get(result, result)}"


TELLERS: Mapping[str, Teller] = {
    "category_confirmed": _fixed(lazy_gettext("Mitra membenarkan kategorinya")),
    "contact_confirmed": _fixed(lazy_gettext("Mitra membenarkan namanya")),
    "contact_named": _fixed(lazy_gettext("Mitra menyebut namanya")),
    "contact_changed": _fixed(lazy_gettext("HP ini dipakai orang lain: Mitra lain yang menulis")),
    "contact_united": _fixed(lazy_gettext("Akun dan nomor HP ternyata milik Mitra yang sama")),
    "person_wanted": _fixed(lazy_gettext("Mitra minta bicara dengan petugas")),
    "help_wanted": _fixed(lazy_gettext("Mitra minta bantuan darurat")),
    "call_wanted": _fixed(lazy_gettext("Mitra minta ditelepon")),
    "call_hour_told": _fixed(lazy_gettext("Mitra menyebut jam aman ditelepon")),
    "read_back": _fixed(lazy_gettext("Dibacakan kepada Mitra: benar")),
    "read_back_corrected": _fixed(lazy_gettext("Mitra memperbaiki yang dibacakan")),
    "recording_added": _fixed(lazy_gettext("Rekaman telepon ditambahkan")),
    "recording_missing": _unrecorded,
    "set_aside": _set_aside,
    "address_dropped": _fixed(lazy_gettext("Nomor ternyata bukan milik Mitra, tidak dipakai lagi")),
    "brought_back": _fixed(lazy_gettext("Dikembalikan ke antrean")),
    "arrival_confirmed": _fixed(lazy_gettext("Petugas memastikan pesan sudah sampai")),
    "message_held": _held,
    "voice_written_down": _fixed(lazy_gettext("Isi suara ditulis")),
    "file_asked_again": _fixed(lazy_gettext("File diminta lagi dari penyedia")),
    "next_channel": _next_channel,
    "address_followed": _followed,
    "contact_task_opened": _task_opened,
    "contact_task_done": _task_done,
    "message_moved_out": _moved(
        lazy_gettext("Satu pesan dipindah ke"), "to", lazy_gettext("Satu pesan dipindah ke tiket lain")
    ),
    "message_moved_in": _moved(
        lazy_gettext("Satu pesan dipindah dari"), "from", lazy_gettext("Satu pesan dipindah dari tiket lain")
    ),
    "merged_into": _moved(
        lazy_gettext("Tiket ini digabung ke"), "to", lazy_gettext("Tiket ini digabung ke tiket lain")
    ),
    "merged_from": _moved(
        lazy_gettext("Digabung ke sini, dengan semua pesannya:"),
        "from",
        lazy_gettext("Tiket lain digabung ke sini, dengan semua pesannya"),
    ),
    "merge_undone": _moved(
        lazy_gettext("Dipisahkan lagi, dengan pesannya:"),
        "to",
        lazy_gettext("Tiket lain dipisahkan lagi, dengan pesannya"),
    ),
    "unmerged": _moved(
        lazy_gettext("Tiket ini dipisahkan lagi dari"), "from", lazy_gettext("Tiket ini dipisahkan lagi")
    ),
}
