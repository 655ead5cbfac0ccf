"""What the pages call tasks of reaching a contact: kinds, reasons, results; and the words of the printed letter."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import LazyString, lazy_gettext

from helpdesk.domain.lender import Lender
from helpdesk.domain.numbers import format_number
from helpdesk.domain.outreach import TaskKind, TaskResult, on_paper
from helpdesk.domain.wording import Language, long_date
from helpdesk.posters.letter import LetterWords
from helpdesk.queries.contact_tasks import LetterFacts

KINDS: Mapping[str, LazyString] = {
    TaskKind.CALL: lazy_gettext("Telepon Mitra"),
    TaskKind.LETTER: lazy_gettext("Kirim surat"),
    TaskKind.MEET: lazy_gettext("Temui Mitra"),
}
REASONS: Mapping[str, LazyString] = {
    "not_arrived": lazy_gettext("Pesan ini wajib sampai, dan tidak bisa dikirim lewat kanal mana pun."),
    "no_proof": lazy_gettext("Pesan ini wajib sampai, dan belum ada bukti sampai."),
    "not_reached": lazy_gettext("Mitra tidak bisa ditelepon atau ditemui."),
    "asked": lazy_gettext("Mitra minta ditelepon."),
    "safe_hour": lazy_gettext(
        "Mitra menyebut jam aman ditelepon. Baca pesannya, telepon hanya pada jam itu."
    ),
    "by_hand": lazy_gettext("Dibuat oleh petugas."),
}
RESULTS: Mapping[str, LazyString] = {
    TaskResult.REACHED: lazy_gettext("Mitra sudah tahu"),
    TaskResult.NOT_REACHED: lazy_gettext("Tidak terhubung, kirim surat"),
    TaskResult.SENT: lazy_gettext("Surat sudah dikirim"),
    TaskResult.NEEDLESS: lazy_gettext("Tidak perlu lagi"),
}
FITTING: Mapping[str, tuple[TaskResult, ...]] = {
    TaskKind.CALL: (TaskResult.REACHED, TaskResult.NOT_REACHED, TaskResult.NEEDLESS),
    TaskKind.MEET: (TaskResult.REACHED, TaskResult.NOT_REACHED, TaskResult.NEEDLESS),
    TaskKind.LETTER: (TaskResult.SENT, TaskResult.NEEDLESS),
}


_ASKED_ID = (
    "Apakah masalah Ibu sudah selesai? Beri tanda, lalu berikan surat ini ke petugas atau kantor kami.",
    "[    ]  Sudah selesai          [    ]  Belum selesai",
    "",
    "Atau telepon kami, atau datang ke kantor kami.",
)
_ASKED_EN = (
    "Is your problem solved? Tick a box, and give this letter to our officer or our office.",
    "[    ]  Solved          [    ]  Not solved yet",
    "",
    "Or call us, or come to our office.",
)
"""How a decision on paper is answered."""


def letter_words(facts: LetterFacts, *, lender: Lender, now: datetime) -> LetterWords:
    """Return the letter in her language; of the text only what paper can show."""
    number, text = format_number(facts.number), on_paper(facts.text)
    receiver = tuple(filter(None, (facts.name or "Mitra", facts.village)))
    language = Language(facts.language)
    dated = long_date(now, zone=facts.zone, language=language)
    if language is Language.EN:
        return LetterWords(
            language,
            (lender.brand, f"Phone: {lender.phone}", f"Open: {lender.hours}"),
            ("To", *receiver),
            dated,
            f"Your complaint number {number}",
            text,
            (*(_ASKED_EN if facts.is_answer else ()), f"Call {lender.phone}, it is free.", "", lender.brand),
        )
    return LetterWords(
        language,
        (lender.brand, f"Telepon: {lender.phone}", f"Buka: {lender.hours}"),
        ("Kepada", *receiver),
        dated,
        f"Pengaduan Ibu nomor {number}",
        text,
        (*(_ASKED_ID if facts.is_answer else ()), f"Telepon {lender.phone}, gratis.", "", lender.brand),
    )
