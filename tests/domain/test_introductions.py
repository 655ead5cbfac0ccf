"""A name and a village are taken as such, and a story never is."""

import pytest

from helpdesk.domain.introductions import Introduction, introduction, names_herself


@pytest.mark.parametrize(
    ("text", "name", "village"),
    [
        ("Siti Aminah, Sukamaju", "Siti Aminah", "Sukamaju"),
        ("siti aminah", "Siti Aminah", None),
        ("SITI AMINAH DESA SUKAMAJU", "Siti Aminah", "SUKAMAJU"),
        ("Nama saya Kartini dari desa Cibatu", "Kartini", "Cibatu"),
        ("saya bu Nurhayati, kp. Babakan rt 3", "Nurhayati", "Babakan rt 3"),
        ("Ibu Wati\nCiwidey", "Wati", "Ciwidey"),
        ("my name is Aminah from Sukamaju", "Aminah", "Sukamaju"),
        ("R. Ajeng Sri", "R. Ajeng Sri", None),
        ("saya wati bu", "Wati", None),
        ("saya wati bu dari Sukamaju", "Wati", "Sukamaju"),
        ("Bukan, saya Wati", "Wati", None),
        ("not me, I am Kartini from Cibatu", "Kartini", "Cibatu"),
        ("bukan bu, ini Nurhayati dari Sukamaju ya", "Nurhayati", "Sukamaju"),
    ],
)
def test_it_is_a_name(text: str, name: str, village: str | None) -> None:
    assert introduction(text) == Introduction(name, village)


@pytest.mark.parametrize(
    "text",
    [
        "belum masuk juga",
        "saya sudah bayar",
        "uang saya hilang, tolong",
        "petugas marah marah",
        "kenapa harus nama",
        "3273012345678901",
        "0812 3456 7890",
        "Saya bayar tanggal 3 Juli ke pak Budi tapi sampai sekarang belum dicatat di buku",
        "😡",
        "",
        "tidak tahu",
        "hahaha",
        "wkwkwk",
        "bukan saya yang bayar",
    ],
)
def test_it_is_none(text: str) -> None:
    assert introduction(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("bukan, saya Wati", "Wati"),
        ("saya Siti Aminah", "Siti Aminah"),
        ("ini wati bu", "Wati"),
        ("Siti", None),
        ("bukan", None),
        ("saya belum bayar", None),
    ],
)
def test_unasked_a_name_needs_words_that_introduce_it(text: str, name: str | None) -> None:
    told = names_herself(text)
    assert (told.name if told else None) == name
