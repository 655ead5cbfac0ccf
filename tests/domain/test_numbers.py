"""Ticket numbers: hard to guess, safe to read aloud, found in a chat text."""

import random

import pytest

from helpdesk.domain.numbers import find_number, format_number, new_number, parse_number


@pytest.mark.parametrize("length", [8, 9, 12])
def test_a_new_number_has_its_length_and_reads_back(length: int) -> None:
    chance = random.Random(1)
    for _ in range(200):
        number = new_number(chance.randrange, length=length)
        assert len(number) == length
        assert not number.startswith("0")
        assert parse_number(number) == number
        assert parse_number(format_number(number)) == number


def test_the_whole_range_is_used() -> None:
    assert new_number(lambda _: 0).startswith("1000000")
    assert new_number(lambda below: below - 1).startswith("9999999")


def test_a_number_shorter_than_eight_digits_is_refused() -> None:
    with pytest.raises(ValueError, match="8 to 18"):
        new_number(lambda _: 0, length=7)


@pytest.mark.parametrize(
    "typed",
    [
        "48219375",
        "4821-9375",
        " 4821 9375 ",
        "4821.9375",
        "4 8 2 1 9 3 7 5",
        "#4821-9375",
        "４８２１－９３７５",
        "4821–9375",
        "4821\u200b9375",
    ],
)
def test_a_number_is_read_however_it_is_typed(typed: str) -> None:
    assert parse_number(typed) == "48219375"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "48219376",
        "84219375",
        "4821937",
        "nomor 48219375",
        "04821937",
        "4821-9375a",
        "'; drop",
        "9" * 5000,
    ],
)
def test_what_is_no_number_gives_none(typed: str) -> None:
    assert parse_number(typed) is None


def test_one_wrong_digit_or_two_swapped_neighbours_never_pass() -> None:
    number = "48219375"
    for place in range(8):
        for digit in set("0123456789") - {number[place]}:
            assert parse_number(number[:place] + digit + number[place + 1 :]) is None
    for place in range(7):
        swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        assert swapped == number or parse_number(swapped) is None


def test_long_numbers_keep_four_digits_behind_the_dash() -> None:
    assert format_number("48219375") == "4821-9375"
    assert format_number("123456789") == "12345-6789"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("pengaduan 4821-9375 gimana bu", "48219375"),
        ("nomor:48219375.", "48219375"),
        ("nomor 4821 9375, belum selesai", "48219375"),
        ("hp 081234567890 nomor 4821-9375", "48219375"),
        ("48219375", "48219375"),
        ("(4821-9375)", "48219375"),
        ("hp saya 0812-4821-9375", None),
        ("4821-9375-11", None),
        ("+4821-9375", None),
        ("PJ-48219375", None),
        ("Rp 48219375", None),
        ("Rp48219375", None),
        ("rp.48219375", None),
        ("48219375 rupiah", None),
        ("va 70014103413164752", None),
        ("48219376", None),
        ("tidak ada nomor", None),
        ("1.482.193,75", None),
    ],
)
def test_a_number_is_found_in_a_text_but_not_inside_others(text: str, number: str | None) -> None:
    assert find_number(text) == number


def test_a_phone_without_its_zero_is_not_taken_for_a_long_number() -> None:
    chance = random.Random(3)
    phones = (f"81{chance.randrange(10**8, 10**9)}" for _ in range(300))
    assert not any(find_number(f"hubungi {phone}") for phone in phones)
