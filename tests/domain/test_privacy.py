"""What redact() hides and what it must leave; masks; texts for product staff."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.domain.privacy import (
    MARKERS,
    SecretKind,
    mask_name,
    mask_phone,
    redact,
    strip_personal,
)

SECRETS = [
    ("pin saya 123456", "123456", "pin"),
    ("PINnya 1 2 3 4 5 6", "1 2 3 4 5 6", "pin"),
    ("pin sy: 4455", "4455", "pin"),
    ("pin123456", "123456", "pin"),
    ("PIN ATM saya yang lama adalah 908172", "908172", "pin"),
    ("PIN 6 digit saya 908172", "908172", "pin"),
    ("my PIN is 4821", "4821", "pin"),
    ("123456 itu pin saya", "123456", "pin"),
    ("pin saya satu dua tiga empat lima enam", "satu dua tiga empat lima enam", "pin"),
    ("petugas minta PIN saya lalu saya kasih 482913", "482913", "pin"),
    ("PIN saya 123456 atau 654321", "654321", "pin"),
    ("pin saya 12\u200b34\u200d56", "12\u200b34\u200d56", "pin"),
    ("ＰＩＮ ｓａｙａ １２３４５６", "１２３４５６", "pin"),
    ("pin saya ١٢٣٤٥٦", "١٢٣٤٥٦", "pin"),
    ("pin 1️⃣2️⃣3️⃣4️⃣", "1️⃣2️⃣3️⃣4️⃣", "pin"),
    ("pin\nsaya\n445566", "445566", "pin"),
    ("P.I.N 123456", "123456", "pin"),
    ("p i n saya 123456", "123456", "pin"),
    ("p-i-n: 1 2 3 4 5 6", "1 2 3 4 5 6", "pin"),
    ("O.T.P. 482913", "482913", "otp"),
    ("m-PIN: 12-34-56", "12-34-56", "pin"),
    ("p\u00adin saya 7788", "7788", "pin"),
    ("kode otp 8812", "8812", "otp"),
    ("otp: 12 34 56", "12 34 56", "otp"),
    ("Kode verifikasi (OTP) Anda 482913. JANGAN berikan", "482913", "otp"),
    ("482913 adalah kode OTP Anda", "482913", "otp"),
    ("G-482913 is your verification code", "482913", "otp"),
    ("Your one-time code is 48 29 13", "48 29 13", "otp"),
    ("Kode OTP untuk transaksi Rp1.000.000 ialah 482913", "482913", "otp"),
    ("kodenya 482913 bu", "482913", "otp"),
    ("kata sandi rahasia123", "rahasia123", "password"),
    ("password: x", " x", "password"),
    ("Password saya adalah kucing", "kucing", "password"),
    ("kata sandi=Amin@h!", "Amin@h!", "password"),
    ("pass: abc", "abc", "password"),
    ("NIK 3529544104790029", "3529544104790029", "nik"),
    ("ini 3529544104790029 ya", "3529544104790029", "nik"),
    ("KTP: 721074-300560-0039", "721074-300560-0039", "nik"),
    ("nik sy 317159.180676.0052", "317159.180676.0052", "nik"),
    ("no ktp 9601 6817 0795 0050", "9601 6817 0795 0050", "nik"),
    ("hp 0812 7777 1234 9601 6817 0795 0050", "9601 6817 0795 0050", "nik"),
    ("data saya 3175.2345.6789.0123 tolong", "3175.2345.6789.0123", "nik"),
    ("3175-2345-6789-0123", "3175-2345-6789-0123", "nik"),
    ("3175 2345 6789 0123 itu punya ibu", "3175 2345 6789 0123", "nik"),
    ("nik saya 352954410479002", "352954410479002", "nik"),
    ("no KK 7203550511100088", "7203550511100088", "kk"),
    ("kartu keluarga 1234567890123456", "1234567890123456", "kk"),
    ("saya pakai 4111 1111 1111 1111 kemarin", "4111 1111 1111 1111", "card"),
    ("5555555555554444", "5555555555554444", "card"),
    ("saya pakai 5204 7400 0000 1002 kemarin", "5204 7400 0000 1002", "card"),
    ("kartu debit saya 6013012345678901", "6013012345678901", "card"),
    ("cvv 123", "123", "card"),
    ("rek BSI 0835030564", "0835030564", "account"),
    ("rekening Mandiri 0238 8496 96532", "0238 8496 96532", "account"),
    ("norek: 0484-65648236629", "0484-65648236629", "account"),
    ("transfer ke BCA 1234567890", "1234567890", "account"),
    ("1234567890 (BCA)", "1234567890", "account"),
    ("kirim ke rekening Pak Joko Susilo 1234567890", "1234567890", "account"),
    ("1234567890 a.n. Siti", "1234567890", "account"),
    ("my bank account is 1234567890", "1234567890", "account"),
]

SURVIVORS = [
    "petugas minta PIN saya",
    "petugas minta PIN dan OTP, saya takut",
    "Petugas minta PIN saya 2 kali jam 10.30",
    "minta PIN tanggal 12-03-2026 di rumah",
    "PIN saya diminta, lalu uang 750000 hilang",
    "lupa password, tidak bisa masuk 3 kali",
    "password saya salah terus",
    "Pak Sandi 081234567890 kasar",
    "no pinjaman PJ-16155940",
    "no pinjaman 3175.2345.6789.0123",
    "va 3175 2345 6789 0123",
    "stop i n 123456",
    "no pinjaman LN313678377701, nama Siti",
    "no pinjaman 985435346247 a.n. Siti",
    "va 70014103413164752",
    "bayar ke virtual account BCA 8077667010651333",
    "BRIVA 88079911838425 sudah dibayar",
    "kode bayar 8077 6670 1065 1333",
    "sebesar Rp 6.532.000; kurang",
    "saldo rekening saya 1.500.000 hilang",
    "rekening saya dipotong 15000000",
    "hp 081234567890",
    "wa +62 853 0000 9024",
    "agen BRI 0812-3456-7890",
    "dihubungi nomor 6285600001988 terus",
    "pengaduan 4821-9375 bagaimana?",
    "nomor 48219375",
    "lahir 29-07-1975 di Garut",
    "tanggal 2026-08-04 jam 17.00",
    "pinjaman saya 5000000 sudah lunas",
    "kode pos 40111",
    "kode kabar 482913",
    "kk, saya mau tanya soal 081234567890",
    "",
]


@pytest.mark.parametrize(("text", "secret", "kind"), SECRETS, ids=[case[0] for case in SECRETS])
def test_a_secret_is_hidden_and_named(text: str, secret: str, kind: str) -> None:
    redaction = redact(text)
    assert secret not in redaction.text
    assert MARKERS[SecretKind(kind)] in redaction.text
    assert kind in redaction.kinds


@pytest.mark.parametrize("text", SURVIVORS)
def test_what_is_no_secret_survives_unchanged(text: str) -> None:
    assert redact(text).text == text
    assert redact(text).kinds == frozenset()


def test_only_the_value_is_replaced() -> None:
    assert (
        redact("Bu, pin saya 123456 ya. Hp 081234567890").text
        == "Bu, pin saya [PIN ••••] ya. Hp 081234567890"
    )


def test_several_secrets_of_one_text_are_all_hidden() -> None:
    redaction = redact("NIK 3529544104790029, rek BNI 0301031051, PIN 1234, va 88079911838425, Rp 500.000")
    assert (
        redaction.text
        == "NIK [NIK ••••], rek BNI [rekening ••••], PIN [PIN ••••], va 88079911838425, Rp 500.000"
    )
    assert redaction.kinds == {"nik", "account", "pin"}


@pytest.mark.parametrize("text", [case[0] for case in SECRETS])
def test_redacting_twice_changes_nothing_and_finds_nothing(text: str) -> None:
    once = redact(text)
    assert redact(once.text).text == once.text
    assert redact(once.text).kinds == frozenset()


_WORDS = [
    "pin",
    "PIN",
    "otp",
    "kode",
    "password:",
    "sandi",
    "nik",
    "kk",
    "ktp",
    "rek",
    "BCA",
    "va",
    "kartu",
    "saya",
]
_LINKS = ["adalah", "atau", "dan", "Rp", ",", ".", "-", "\u200b", "[PIN ••••]"]
_NUMBERS = [
    "123456",
    "4455",
    "1",
    "2",
    "12-34",
    "3529544104790029",
    "0812",
    "3456",
    "7890",
    "4111111111111111",
]
_OTHER_NUMBERS = ["4821-9375", "1.500.000", "a1b2c3", "١٢٣٤"]
_PIECES = st.sampled_from([*_WORDS, *_LINKS, *_NUMBERS, *_OTHER_NUMBERS])


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=14).map(" ".join))
def test_redaction_is_a_fixed_point(text: str) -> None:
    once = redact(text)
    assert redact(once.text).text == once.text


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text_at_all_is_accepted(text: str) -> None:
    assert redact(redact(text).text).kinds == frozenset()


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "unit",
    [
        "pin ",
        "pin saya ",
        "1 ",
        "1",
        "1-",
        "rek bca ",
        "password ",
        "a",
        "     ",
        "12 34 56 ",
        "kode otp adalah ",
        "[PIN ",
        "0",
    ],
)
def test_a_huge_text_takes_time_in_proportion_to_its_length(unit: str) -> None:
    text = (unit * 100_000)[:100_000]
    assert len(redact(text).text) > 0


def test_plausible_identity_numbers_are_found_without_their_word() -> None:
    chance = random.Random(7)
    for _ in range(50):
        day = chance.randint(1, 28) + chance.choice((0, 40))
        nik = f"3204{chance.randint(10, 39)}{day:02}{chance.randint(1, 12):02}{chance.randint(0, 99):02}0007"
        assert nik not in redact(f"saya {nik} mau lapor").text


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("+6281234567890", "0812-****-7890"),
        ("+62215551234", "0215-****-1234"),
        ("+60123456789", "+60 ****-6789"),
        ("", "****"),
        ("abc", "****"),
        ("12345", "****"),
    ],
)
def test_a_phone_shows_its_head_and_last_four(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("name", "masked"),
    [("Siti Aminah", "Siti A."), ("Kartini", "Kartini"), ("Siti Nur Aminah", "Siti A."), ("", "")],
)
def test_a_name_shows_the_first_part_and_an_initial(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def test_product_staff_see_no_personal_data() -> None:
    text = (
        "Saya Siti Aminah, hp 0812-3456-7890, email siti@example.com, NIK 3529544104790029, "
        "lahir 29-07-1975, rumah di Jl. Melati No. 5 RT 01/RW 02. "
        "Pak Budi kasar, siti takut. Angsuran Rp 150.000."
    )
    assert strip_personal(text, ["Siti Aminah"]) == (
        "Saya [nama], hp [telepon], email [email], NIK [NIK ••••], lahir [tanggal lahir], "
        "rumah di [alamat]. Pak [nama] kasar, [nama] takut. Angsuran Rp 150.000."
    )


def test_a_name_inside_another_word_stays() -> None:
    assert strip_personal("Anisa bayar di pusat", ["Nisa", "usa"]) == "Anisa bayar di pusat"
