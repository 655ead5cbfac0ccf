"""The line of a story in lists begins with the problem."""

import pytest

from helpdesk.domain.subjects import SUBJECT_LENGTH, subject_of


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Assalamualaikum bu, saya mau tanya angsuran", "saya mau tanya angsuran"),
        ("Assalamu'alaikum wr. wb.\nUang saya hilang", "Uang saya hilang"),
        ("selamat pagi bu saya sudah bayar", "saya sudah bayar"),
        ("Halooooo min\nangsuran saya dobel", "angsuran saya dobel"),
        ("Pagi ibu saya belum cair", "saya belum cair"),
        ("Permisi, mau tanya: kapan cair?", "kapan cair?"),
        ("Assalamualaikum 🙏🙏 angsuran dobel", "angsuran dobel"),
        ("Good morning, my loan is not paid out", "my loan is not paid out"),
        ("Mau lapor bu. Sudah bayar tapi belum masuk", "Sudah bayar tapi belum masuk"),
        ("Tabik, kemarin bayar 55rb", "kemarin bayar 55rb"),
        ("Nuwun sewu bu, ditelepon terus", "ditelepon terus"),
        ("bu, uang saya hilang", "uang saya hilang"),
        ("pagi pak, pak budi minta uang", "pak budi minta uang"),
    ],
)
def test_greetings_and_forms_of_address_are_left_out(text: str, subject: str) -> None:
    assert subject_of(text) == subject


@pytest.mark.parametrize(
    "text",
    [
        "pak budi minta uang rokok",
        "Bu RT ambil uang",
        "Pagi tadi uang saya dipotong",
        "malam jumat petugas datang",
        "siangnya petugas datang",
        "hibah belum cair",
        "[Foto]",
    ],
)
def test_a_word_that_belongs_to_the_problem_stays(text: str) -> None:
    assert subject_of(text) == text


@pytest.mark.parametrize("text", ["selamat pagi", "Bu?", "Assalamualaikum wr wb", "halo 🙏", ""])
def test_only_greetings_are_kept(text: str) -> None:
    assert subject_of(text) == text


def test_a_long_story_is_cut_at_a_word_and_a_flood_of_greetings_takes_no_time() -> None:
    assert subject_of("angsuran " * 50) == ("angsuran " * 10).strip() + "…"
    assert len(subject_of("halo " * 100_000 + "uang hilang")) <= SUBJECT_LENGTH + 1


def test_a_sign_that_turns_the_direction_stays_in_the_story_and_out_of_the_line() -> None:
    assert subject_of("\u202eUang saya\u2066 hilang") == "Uang saya hilang"
