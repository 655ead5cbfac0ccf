"""Names in stories: what follows a title or a role is hidden, known names anywhere, and ordinary words stay."""

import pytest

from helpdesk.domain.names import hide_names, name_words
from helpdesk.domain.privacy import strip_personal

STAFF = name_words(
    [
        "Asep Saepudin",
        "Zulkarnain",
        "Iwan Darmawan",
        "Rahmat Tahir",
        "Saeful Bahri",
        "Hari Indah",
        "Lalu Hamdan",
    ]
)

HIDDEN = [
    ("Dibentak oleh petugas Zulkarnain", "Dibentak oleh petugas [nama]"),
    ("ptgs Asep minta uang", "ptgs [nama] minta uang"),
    ("bp iwan datang malam", "bp [nama] datang malam"),
    ("petugas Rahmat kasar", "petugas [nama] kasar"),
    ("BP Saeful marah marah", "BP [nama] marah marah"),
    ("ketua majelis bu tati pinjam nama", "ketua majelis bu [nama] pinjam nama"),
    ("bu tini nagih saya", "bu [nama] nagih saya"),
    ("PAK BUDI KASAR SEKALI", "PAK [nama] KASAR SEKALI"),
    ("Pak Budi Santoso Hadi datang", "Pak [nama] datang"),
    ("bp. iwan sama bpk.joko bentak2 sy", "bp. [nama] sama bpk.[nama] bentak2 sy"),
    ("bapak petugas lapangan yayat", "bapak petugas lapangan [nama]"),
    ("petugas yang bernama dudung", "petugas yang bernama [nama]"),
    ("petugas namanya dudung", "petugas namanya [nama]"),
    ("ketua kelompok onah", "ketua kelompok [nama]"),
    ("ketua onah sumiati nyuruh saya", "ketua [nama] nyuruh saya"),
    ("Bu Haji Onah", "Bu Haji [nama]"),
    ("mbak wulan ga sopan", "mbak [nama] ga sopan"),
    ("bu indah tdk jelas", "bu [nama] tdk jelas"),
    ("Pak Hari bohong", "Pak [nama] bohong"),
    ("manajer titin, BM Dadang, sdri euis", "manajer [nama], BM [nama], sdri [nama]"),
    ("Mr zul shouted at me, mrs Tati too", "Mr [nama] shouted at me, mrs [nama] too"),
    ("The officer Dudung came at night", "The officer [nama] came at night"),
    ("petugas (dudung)", "petugas ([nama])"),
]
KNOWN = [
    ("asep bentak saya", "[nama] bentak saya"),
    ("ZULKARNAIN DATANG", "[nama] DATANG"),
    ("yang nagih iwan darmawan lagi", "yang nagih [nama] lagi"),
    ("asepnya marah", "[nama]nya marah"),
    ("bp indah datang", "bp [nama] datang"),
]
LEFT = [
    "petugas datang",
    "bp minta uang",
    "bu saya sudah bayar",
    "Bu Saya sudah bayar",
    "BU SAYA SUDAH BAYAR",
    "petugas lapangan kasar",
    "petugas yang bentak saya tidak sopan",
    "petugasnya itu marah",
    "bp suka bentak bentak",
    "pak tolong dicek",
    "ibu mertua saya ditagih",
    "ibu-ibu majelis takut",
    "ketua majelis tidak mau tanggung renteng",
    "ketua kelompok pakai nama saya",
    "petugas hari minggu datang",
    "bu bunga pinjaman naik",
    "pak rt marah ke saya",
    "mas kawin saya diambil petugas",
    "petugas ga dtg tp nyuruh trnsfer",
    "petugas 2 orang datang jam 9 malam",
    "Saya dimarahi petugas. Angsuran belum dicatat",
    "hari minggu indah lalu pulang",
    "manajer belum jawab",
    "The officer came and asked for money",
]


@pytest.mark.parametrize(("told", "shown"), HIDDEN, ids=[told for told, _ in HIDDEN])
def test_what_follows_a_title_or_a_role_is_hidden_though_nobody_knows_it(told: str, shown: str) -> None:
    assert hide_names(told) == shown


@pytest.mark.parametrize(("told", "shown"), KNOWN, ids=[told for told, _ in KNOWN])
def test_a_name_of_staff_is_hidden_wherever_it_stands(told: str, shown: str) -> None:
    assert hide_names(told, known=STAFF) == shown


@pytest.mark.parametrize("told", LEFT)
def test_an_ordinary_word_stays(told: str) -> None:
    assert hide_names(told) == told


@pytest.mark.parametrize("told", [told for told in LEFT if "hari minggu datang" not in told])
def test_an_ordinary_word_that_is_a_name_of_staff_stays_without_a_title(told: str) -> None:
    assert hide_names(told, known=STAFF) == told


def test_a_name_that_was_hidden_once_is_not_hidden_again() -> None:
    once = strip_personal("Pak Budi dan ptgs asep saepudin, nama saya Siti Aminah", ["Siti Aminah"], STAFF)
    assert once == "Pak [nama] dan ptgs [nama], nama saya [nama]"
    assert strip_personal(once, (), STAFF) == once


def test_titles_and_scraps_of_names_are_no_names() -> None:
    assert name_words(["Staf 3", "Bu Produk", "H. Asep de Sa'id"]) == {"produk", "asep", "sa'id"}


def test_a_long_story_with_many_staff_is_read_in_moments() -> None:
    staff = name_words(f"Nama{chr(97 + each % 26)}x{each}" for each in range(20_000))
    assert hide_names("petugas " * 2000 + "asep", known=staff).endswith("petugas [nama]")
