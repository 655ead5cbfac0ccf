"""Telephone numbers as people type them."""

import pytest

from helpdesk.domain.phones import last_four, national_form, normalise_phone


@pytest.mark.parametrize(
    "typed",
    [
        "081234567890",
        "81234567890",
        "6281234567890",
        "+6281234567890",
        " 0812 3456 7890 ",
        "0812-3456-7890",
        "0812.3456.7890",
        "(0812) 3456 7890",
        "+62 812-3456-7890",
        "+62 (0) 812 3456 7890",
        "+62 0812 3456 7890",
        "０８１２３４５６７８９０",
        "0812‑3456‑7890",
        "\u202a+62 812 3456 7890\u202c",
    ],
)
def test_every_usual_way_of_writing_gives_the_same_number(typed: str) -> None:
    assert normalise_phone(typed) == "+6281234567890"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-",
        "112",
        "157",
        "150170",
        "1500888",
        "0800 1 234567",
        "08123",
        "0812345678901234",
        "nomor saya 081234567890",
        "081234567890 ext 5",
        "0812x4567890",
        "PJ-16155940",
        "4821-9375x",
        "0" * 500,
        "+999123456789",
    ],
)
def test_what_is_not_one_persons_number_gives_none(typed: str) -> None:
    assert normalise_phone(typed) is None


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("021-5551234", "+62215551234"),
        ("+60 12-345 6789", "+60123456789"),
        ("081200000001", "+6281200000001"),
    ],
)
def test_landlines_and_foreign_numbers_are_numbers_too(typed: str, stored: str) -> None:
    assert normalise_phone(typed) == stored


def test_numbers_are_shown_as_people_here_write_them() -> None:
    assert national_form("+6281234567890") == "0812-3456-7890"
    assert national_form("+60123456789") == "+60 12-345 6789"
    assert national_form("tidak ada") == "tidak ada"


def test_the_last_four_digits() -> None:
    assert last_four("+6281234567890") == "7890"
    assert last_four("0812-3456-78 90") == "7890"
    assert last_four("12") == "12"
