"""What a whole message means, and that words inside a story mean nothing by themselves."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.domain.conversation import (
    Utterance,
    UtteranceKind,
    guess_language,
    menu_choice,
    tells_something,
    understand,
)
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.wording import Language, template

K = UtteranceKind
MEANINGS = [
    ("assalamualaikum", K.GREETING),
    ("Assalamu'alaikum wr. wb.", K.GREETING),
    ("pagi bu", K.GREETING),
    ("Selamat siang, Pak", K.GREETING),
    ("halooooo", K.GREETING),
    ("P", K.GREETING),
    ("pp", K.GREETING),
    ("test", K.GREETING),
    ("Bu?", K.GREETING),
    ("apa kabar bu", K.GREETING),
    ("Good morning", K.GREETING),
    ("/start", K.GREETING),
    ("/start abc", K.GREETING),
    ("halo 👋", K.GREETING),
    ("STATUS", K.STATUS),
    ("/status", K.STATUS),
    ("status 4821-9375", K.STATUS),
    ("4821-9375", K.STATUS),
    ("48219375", K.STATUS),
    ("Nomor pengaduan saya 4821-9375", K.STATUS),
    ("My complaint number is 4821-9375", K.STATUS),
    ("nomor 4821-9375 uang saya belum kembali", K.STORY),
    ("kabar pengaduan saya", K.STATUS),
    ("gimana kabar laporan", K.STATUS),
    ("bagaimana laporan saya bu?", K.STATUS),
    ("cek status nomor 4821-9375", K.STATUS),
    ("any news on my complaint?", K.STATUS),
    ("what is the status of my report", K.STATUS),
    ("ya", K.YES),
    ("Iyaaa", K.YES),
    ("ya bu", K.YES),
    ("Ya pak ya", K.YES),
    ("oke bu", K.YES),
    ("Ya, lanjut", K.YES),
    ("betul", K.YES),
    ("nggih", K.YES),
    ("👍", K.YES),
    ("tidak", K.NO),
    ("gak", K.NO),
    ("nggak usah bu", K.NO),
    ("no", K.NO),
    ("bukan saya", K.NO),
    ("terima kasih bu", K.THANKS),
    ("makasih", K.THANKS),
    ("ok makasih", K.THANKS),
    ("Thank you!", K.THANKS),
    ("🙏🙏", K.THANKS),
    ("BERHENTI", K.OPT_OUT),
    ("stop", K.OPT_OUT),
    ("Unsub.", K.OPT_OUT),
    ("MULAI", K.OPT_IN),
    ("START", K.OPT_IN),
    ("BATAL", K.WITHDRAW),
    ("withdraw", K.WITHDRAW),
    ("batalkan pengaduan", K.WITHDRAW),
    ("petugas", K.STORY),
    ("DARURAT!!!", K.URGENT),
    ("urgent", K.URGENT),
    ("DATA", K.DATA),
    ("my data", K.DATA),
    ("LAPOR", K.REPORT),
    ("Saya mau cerita.", K.REPORT),
    ("I want to tell you about a problem.", K.REPORT),
    ("saya mau cerita soal petugas", K.STORY),
    ("report", K.REPORT),
    ("SELESAI", K.DONE),
    ("done", K.DONE),
    ("LEWAT", K.SKIP),
    ("skip", K.SKIP),
    ("0", K.HUMAN),
    ("bicara petugas", K.HUMAN),
    ("Mau bicara dengan petugas", K.HUMAN),
    ("talk to a person", K.HUMAN),
    ("SUDAH", K.SOLVED),
    ("sudah selesai bu", K.SOLVED),
    ("sudah bu, terima kasih", K.SOLVED),
    ("belum", K.NOT_SOLVED),
    ("belum selesai", K.NOT_SOLVED),
    ("not yet", K.NOT_SOLVED),
    ("", K.EMPTY),
    ("  \n ", K.EMPTY),
    ("\u200b", K.EMPTY),
    ("mesin berhenti", K.STORY),
    ("petugas berhenti menagih tapi saya takut", K.STORY),
    ("saya sudah bayar tapi belum dicatat", K.STORY),
    ("Selamat pagi bu, saya mau tanya soal angsuran", K.STORY),
    ("data saya dipakai orang", K.STORY),
    ("status pinjaman saya salah, sudah lunas", K.STORY),
    ("saya mau lapor petugas kasar", K.STORY),
    ("tidak ada yang datang", K.STORY),
    ("uang saya 1 juta hilang", K.STORY),
    ("😡", K.STORY),
    ("1 petugas memukul saya", K.STORY),
    ("batal cair terus", K.STORY),
]


@pytest.mark.parametrize(("text", "kind"), MEANINGS)
def test_a_message_has_one_meaning(text: str, kind: UtteranceKind) -> None:
    assert understand(text).kind == kind


@pytest.mark.parametrize(
    ("text", "kind", "choice"),
    [
        ("1", K.DIGIT, 1),
        ("1.", K.DIGIT, 1),
        (" 1) ", K.DIGIT, 1),
        ("satu", K.DIGIT, 1),
        ("Tiga", K.DIGIT, 3),
        ("three", K.DIGIT, 3),
        ("1️⃣", K.DIGIT, 1),
        ("５", K.DIGIT, 5),
        ("٢", K.DIGIT, 2),
        ("nomor 4", K.DIGIT, 4),
        ("pilih 6 bu", K.DIGIT, 6),
        ("0", K.HUMAN, 0),
        ("1 SUDAH", K.SOLVED, 1),
        ("2. belum", K.NOT_SOLVED, 2),
        ("12", K.STORY, None),
        ("1 2", K.STORY, None),
    ],
)
def test_a_digit_is_a_choice_however_it_is_written(
    text: str, kind: UtteranceKind, choice: int | None
) -> None:
    understood = understand(text)
    assert (understood.kind, understood.choice) == (kind, choice)


@pytest.mark.parametrize(
    ("step", "text", "choice"),
    [
        ("T13", "5", 5),
        ("T13", "1 Sangat kecewa!!", 1),
        ("T13", "😀 Sangat puas", 5),
        ("T13", "puas bu", 4),
        ("T13", "Very bad", 1),
        ("T13", "2 Puas", None),
        ("T13", "7", None),
        ("T13", "kecewa sekali", 1),
        ("T13", "Bagus bu", 4),
        ("T13", "luar biasa", None),
        ("T21", "baru", 2),
        ("T21a", "yang lama ya", 1),
        ("T04", "petugas", 3),
        ("T04", "4 Penipuan, uang hilang", 4),
        ("T04", "Loan money", 2),
        ("T04", "0", None),
        ("T17b", "ya bu", 1),
        ("T17b", "Tidak, lanjutkan", 2),
        ("T17b", "Yes, cancel it", 1),
        ("T23", "3. Hapus", 3),
        ("T23", "see", 1),
        ("T23", "ya", None),
    ],
)
def test_a_line_of_a_menu_is_chosen_by_its_digit_or_its_words(
    step: str, text: str, choice: int | None
) -> None:
    assert menu_choice(text, step) == choice


SAID = [
    "T01",
    "T04",
    "T05",
    "T06",
    "T07",
    "T08b",
    "T08d",
    "T09d",
    "T13",
    "T13d",
    "T15",
    "T16",
    "T17",
    "T17b",
    "T18",
    "T23",
]
_OFFERED = re.compile(r"(?:Ketik|[Bb]alas|[Tt]ype|[Rr]eply) ([A-Z]{2,}|\d)\b")
_LINE = re.compile(r"(?m)^([1-9]) \W*(.+)$")


@pytest.mark.parametrize("step", SAID)
@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("channel", [ChannelCode.WHATSAPP, ChannelCode.SMS])
def test_every_word_that_a_text_of_ours_offers_is_understood(
    step: str, language: Language, channel: ChannelCode
) -> None:
    text = template(step, language=language, channel=channel)
    unknown = [word for word in _OFFERED.findall(text) if understand(word).kind == K.STORY]
    lines = {words: int(digit) for digit, words in _LINE.findall(text)}
    assert unknown == []
    assert {words: menu_choice(words, step) for words in lines} == lines


def test_a_command_or_a_short_answer_tells_nothing() -> None:
    assert not any(tells_something(text) for text in ("STATUS", "stop", "4821-9375", "2", "ya bu", ""))
    assert tells_something("uang saya hilang")
    assert tells_something("", has_files=True)
    assert tells_something("", facts=["latitude", "longitude"])
    assert not tells_something("STATUS", facts=["choice"])


def test_a_ticket_number_is_found_in_commands_and_stories() -> None:
    assert understand("status 4821-9375").number == "48219375"
    assert understand("48219375").number == "48219375"
    assert understand("pengaduan 4821-9375 belum dijawab juga oleh petugas").number == "48219375"
    assert understand("hp saya 081234567890").number is None


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("My money is gone and the officer did not come", None, Language.EN),
        ("Uang saya hilang", None, Language.ID),
        ("status", None, Language.ID),
        ("status", "en", Language.EN),
        ("Uang saya hilang", "en", Language.ID),
        ("done", None, Language.EN),
        ("", "en", Language.EN),
        ("1", None, Language.ID),
    ],
)
def test_the_language_is_that_of_the_small_words(text: str, hint: str | None, language: Language) -> None:
    assert understand(text, language_hint=hint).language == language
    assert guess_language(text, hint=hint) == language


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_understood_as_something(text: str) -> None:
    assert isinstance(understand(text), Utterance)


def test_a_very_long_message_is_a_story() -> None:
    assert understand("ya " * 50_000).kind == K.STORY
