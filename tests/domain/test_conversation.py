"""What a whole message means, and that words inside a story mean nothing by themselves."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.domain.conversation import Utterance, UtteranceKind, guess_language, understand
from helpdesk.domain.wording import Language

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
    ("kabar pengaduan saya", K.STATUS),
    ("gimana kabar laporan", K.STATUS),
    ("bagaimana laporan saya bu?", K.STATUS),
    ("cek status nomor 4821-9375", K.STATUS),
    ("any news on my complaint?", K.STATUS),
    ("what is the status of my report", K.STATUS),
    ("ya", K.YES),
    ("Iyaaa", K.YES),
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
