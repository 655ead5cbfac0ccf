"""English stories get the category and the severity of their Indonesian twins; all sentences are invented."""

import pytest

from helpdesk.domain.severity import Severity, default_matrix
from helpdesk.domain.triage import best_guess, normalise

TWINS = [
    ("PNG-KERAS", "The officer hit me and pushed my husband", "Petugas pukul saya dan dorong suami saya"),
    (
        "PNG-KERAS",
        "I am 7 months pregnant and the officer pushed me",
        "saya hamil 7 bulan, petugas dorong saya",
    ),
    ("PNG-KERAS", "I was slapped by the collector", "saya ditampar petugas"),
    ("PNG-KERAS", "The officer touched my breast", "petugas pegang dada saya"),
    ("PNG-ANCAM", "The officer threatened me", "petugas ancam saya"),
    ("PNG-ANCAM", "My family is being harassed", "keluarga saya diteror"),
    ("PNG-ANCAM", "They will kill me if I do not pay", "mereka mau bunuh saya kalau tidak bayar"),
    ("PNG-ANCAM", "They will call the police", "saya akan dilaporkan polisi"),
    ("PNG-JAM", "The officer came at 10 pm", "petugas datang jam 10 malam"),
    ("FRD-GELAP", "The officer took my money", "petugas ambil uang saya"),
    ("PNG-BARANG", "they took my motorcycle from my house", "motor saya diambil paksa"),
    ("PNG-BARANG", "my tv was seized", "tv saya disita"),
    (
        "PNG-MALU",
        "The officer shouted at me in front of my neighbours",
        "petugas bentak saya di depan tetangga",
    ),
    ("PNG-KASAR", "The officer shouted at me", "petugas bentak saya"),
    ("PNG-KASAR", "The officer was rude", "petugas kasar"),
    ("DAT-BOCOR", "My data was leaked", "data saya bocor"),
    ("DAT-HAK", "I want to see my data", "saya mau lihat data saya"),
    ("DAT-HAK", "I want to delete my data", "saya mau hapus data saya"),
    ("FRD-NAMA", "My name was used for a loan I never took", "nama saya dipakai, saya tidak pernah pinjam"),
    ("FRD-PUNGLI", "officer asked for money", "petugas minta uang"),
    ("FRD-TTD", "The officer asked for my OTP", "petugas minta kode OTP saya"),
    ("TRP-DENDA", "I was charged a late fee", "saya kena denda karena telat"),
    (
        "BYR-TUNAI",
        "my cash payment to the officer was not recorded",
        "sudah bayar tunai ke petugas tapi tidak tercatat",
    ),
    (
        "BYR-POST",
        "I paid but my payment is not recorded",
        "saya sudah transfer tapi pembayaran belum masuk",
    ),
    ("BYR-POST", "my transfer wasn't posted", "transfer saya belum masuk"),
    ("PRD-LAMBAT", "My loan has not been disbursed", "pinjaman saya belum cair"),
    ("DIG-AKSES", "OTP", "kode OTP"),
    ("DIG-AKSES", "I can't log in", "tidak bisa login"),
    ("BEB-MUSIB", "My house was flooded", "rumah saya kebanjiran"),
    ("BEB-MUSIB", "My husband died last week", "suami saya meninggal minggu lalu"),
    (None, "I want to end my life", "saya mau mati saja"),
]


@pytest.mark.parametrize(("code", "english", "indonesian"), TWINS, ids=[english for _, english, _ in TWINS])
def test_an_english_story_is_judged_as_its_twin(code: str | None, english: str, indonesian: str) -> None:
    found = [(best_guess(text), _level(text)) for text in (english, indonesian)]
    assert found == [(code, _level(indonesian))] * 2


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("he has a knife", "M-14"),
        ("he beat my son", "M-15"),
        ("I was groped", "M-16"),
        ("I want to die", "M-61"),
        ("they took my tv", "M-19"),
        ("I will report this to OJK", "M-22"),
        ("I am pregnant", "M-62"),
        ("I am 70 years old", "M-63"),
        ("an earthquake", "M-65"),
        ("he calls every day", "M-66"),
        ("the officer is outside my house", "M-67"),
    ],
)
def test_english_words_of_gravity_are_known_without_a_category(text: str, rule: str) -> None:
    assert rule in [reason.rule for reason in default_matrix().assess(None, text=text).reasons]


@pytest.mark.parametrize(
    "text",
    [
        "The officer did not hit me",
        "The officer didn't threaten me",
        "I was never threatened",
        "I have not been harassed",
        "I took my motorcycle to the office",
        "The officer pushed me to take another loan",
        "I am not pregnant",
        "I do not want to die",
        "How do I apply for a loan",
        "everything is fine",
        "I paid, thank you",
        "The officer was kind and helpful, thanks",
        "Good morning, how are you",
    ],
)
def test_denied_or_harmless_english_is_no_complaint(text: str) -> None:
    assert best_guess(text) is None
    assert _level(text) is Severity.S4


@pytest.mark.parametrize("written", ["wasn't", "wasn\u2019t", "wasnt"])
def test_a_short_english_not_is_a_not(written: str) -> None:
    assert normalise(written).endswith("not")


def _level(text: str) -> Severity:
    return default_matrix().assess(best_guess(text), text=text).level
