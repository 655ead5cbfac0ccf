"""Amounts as people write them."""

import pytest

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.rupiah import find_amounts, locate_amounts, parse_rupiah


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("50rb", [50_000]),
        ("50 ribu", [50_000]),
        ("1,5jt", [1_500_000]),
        ("1.5 juta", [1_500_000]),
        ("500k", [500_000]),
        ("Rp 134.000,-", [134_000]),
        ("Rp.250.000", [250_000]),
        ("rp. 250000", [250_000]),
        ("1.500", [1_500]),
        ("Rp1.500.000,00", [1_500_000]),
        ("1,500,000", [1_500_000]),
        ("bayar 134.000 lalu 100.000.", [134_000, 100_000]),
        ("50-100rb", [100_000]),
        ("500rban", [500_000]),
        ("1 juta 250 ribu", [1_250_000]),
        ("1 juta setengah", [1_500_000]),
        ("lima ratus ribu", [500_000]),
        ("seratus lima puluh ribu", [150_000]),
        ("dua juta lima ratus ribu", [2_500_000]),
        ("satu setengah juta", [1_500_000]),
        ("dua belas ribu", [12_000]),
        ("sejuta", [1_000_000]),
        ("sejuta setengah", [1_500_000]),
        ("cepek", [100_000]),
    ],
)
def test_an_amount_is_found(text: str, amounts: list[int]) -> None:
    assert list(find_amounts(text)) == amounts


@pytest.mark.parametrize(
    "text",
    [
        "081234567890", "jam 18.00", "12.03.2025", "23/11/2026", "tiga orang", "seratus orang", "pukul 7",
        "4821-9375",
        "8810 1234 5678 900", "3201.234.567.890.123", "ribu", "3 kali", "",
    ],
)  # fmt: skip
def test_other_numbers_are_no_amounts(text: str) -> None:
    assert find_amounts(text) == ()


def test_the_place_of_an_amount_is_known() -> None:
    assert locate_amounts("hilang 50rb") == ((7, 50_000),)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("1500000", 1_500_000), (" Rp 134.000,- ", 134_000), ("1,5jt", 1_500_000), ("1.500", 1_500), ("0", 0)],
)
def test_a_field_takes_bare_digits(typed: str, amount: int) -> None:
    assert parse_rupiah(typed) == amount


@pytest.mark.parametrize("typed", ["", "abc", "10rb 20rb", "-5", "9" * 18])
def test_a_field_refuses_what_is_not_one_amount(typed: str) -> None:
    with pytest.raises(InvalidInput):
        parse_rupiah(typed)
