"""The checks of the standing texts: all that ship pass them, and each fault is found and told."""

import re

import pytest

from helpdesk.domain import text_notes
from helpdesk.domain.conversation import menu_choice
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.options import offer_of
from helpdesk.domain.readability import reading, sentences, syllables, together
from helpdesk.domain.segments import Encoding, sms_size
from helpdesk.domain.text_checks import (
    CHAT_LIMIT,
    SMS_LIMIT,
    check_all,
    check_step,
    check_together,
    choices,
)
from helpdesk.domain.text_faults import Weight, told
from helpdesk.domain.wording import PROSE, SHIPPED, Language, TextForm, placeholders, steps, template

ID, EN, CHAT, SMS, OPTIONS = Language.ID, Language.EN, *TextForm
CHANNELS = [ChannelCode.WHATSAPP, ChannelCode.TELEGRAM, ChannelCode.SMS]


def test_no_shipped_text_has_a_fault() -> None:
    found = check_all(SHIPPED)
    advice = {(fault.step, fault.form, fault.kind) for fault in found if fault.weight is Weight.ADVICE}
    assert [fault for fault in found if fault.weight is Weight.FAULT] == []
    assert advice == {("T05b", SMS, "hard_to_read"), ("T13c", CHAT, "hard_to_read")}


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("channel", CHANNELS)
def test_every_text_fits_with_the_longest_values(channel: ChannelCode, language: Language) -> None:
    """The limits once more, without the checks: what goes out by each channel is counted."""
    for step in steps():
        form = SMS if channel == ChannelCode.SMS else CHAT
        values = text_notes.values(step, form, language, is_longest=True)
        said = SHIPPED.say(step, language=language, channel=channel, values=values)
        if form is CHAT:
            assert len(said) <= CHAT_LIMIT
        else:
            size = sms_size(said)
            assert size.encoding is Encoding.GSM7
            assert size.units <= SMS_LIMIT or step == "T08c"
        assert not re.search(r"[{}]", said)


def test_the_indonesian_texts_read_easily() -> None:
    """Bar 12 of design.md section 6: all chat texts, all SMS, and all together."""
    chat, sms = (
        [texts[form, ID] for step in steps() if (form, ID) in (texts := SHIPPED.texts(step))]
        for form in PROSE
    )
    for texts in (chat, sms, chat + sms):
        found = together(texts)
        assert found.mean_words <= 8
        assert found.index <= 4.0
        assert max(len(sentence) for text in texts for sentence in sentences(text)) <= 14


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("pengaduan", 4),
        ("pakai", 2),
        ("pakainya", 3),
        ("kalau", 2),
        ("baik", 2),
        ("lain", 2),
        ("survei", 2),
        ("bagaimana", 5),
        ("PIN", 1),
        ("OTP", 3),
        ("HP", 2),
        ("SMS", 3),
        ("DARURAT", 3),
    ],
)
def test_syllables_are_counted_as_they_are_said(word: str, count: int) -> None:
    assert syllables(word) == count


def test_a_choice_is_a_line_of_its_own_and_a_value_one_word() -> None:
    assert sentences("Balas 1 angka: 1 Angsuran 2 Uang pinjaman") == [
        ["Balas"],
        ["angka"],
        ["Angsuran"],
        ["Uang", "pinjaman"],
    ]
    assert sentences("Kami balas {tgl_balas}. Terima kasih!") == [
        ["Kami", "balas", "kata"],
        ["Terima", "kasih"],
    ]
    assert (reading("").mean_words, reading("").index) == (0, 0)


T04 = SHIPPED.texts("T04")[OPTIONS, ID]
T06 = SHIPPED.texts("T06")[CHAT, ID]
T07 = SHIPPED.texts("T07")[CHAT, ID]
FAULTS: dict[str, tuple[str, TextForm, Language, str, str]] = {
    "empty": ("T07", CHAT, ID, "  ", "missing"),
    "unknown": ("T07", CHAT, ID, f"{T07} {{utang}}", "unknown_placeholder"),
    "of another step": ("T07", CHAT, ID, f"{T07} {{tgl_balas}}", "unknown_placeholder"),
    "brace": ("T07", CHAT, ID, f"{T07} {{nomor", "braces"),
    "double braces": ("T22", CHAT, ID, "Ada kabar {{1}} {nomor}. Balas YA.", "unknown_placeholder"),
    "number gone": ("T06", CHAT, ID, T06.replace("{nomor}", ""), "missing_placeholder"),
    "promise gone": ("T06", CHAT, ID, T06.replace("{tgl_balas}", ""), "missing_placeholder"),
    "long": ("T07", CHAT, ID, f"{T07} {'Hati-hati. ' * 14}", "chat_too_long"),
    "long once filled": ("T06", CHAT, ID, f"{T06}\n{'Ya, Bu. ' * 12}", "chat_too_long"),
    "long sms": ("T07", SMS, ID, f"{SHIPPED.texts('T07')[SMS, ID]} {'ya ' * 20}", "sms_too_long"),
    "no plain sign": ("T07", SMS, ID, "Ingat “PIN” rahasia. Balas LAPOR", "not_plain"),
    "chat text as sms": ("T17d", CHAT, ID, "Baik, {sapaan} 🙏 Kami kirim survei lagi.", "not_plain"),
    "long sentence": ("T13c", CHAT, ID, f"Terima kasih {'dan semoga usaha lancar ' * 4}", "long_sentence"),
    "mean": ("T13c", CHAT, ID, "Terima kasih, Ibu, dan semoga usaha Ibu tetap lancar.", "long_mean"),
    "hard": ("T13c", CHAT, ID, "Pengaduan diberitahukan.", "hard_to_read"),
    "avoided": ("T13c", CHAT, ID, "Terima kasih. Transaksi Ibu aman.", "avoided"),
    "avoided inside": ("T13c", CHAT, ID, "Terima kasih. Kami mengonfirmasi. Sudah dikonfirmasi.", "avoided"),
    "left out": ("T13c", CHAT, ID, "Mohon sabar, Ibu.", "avoided_alone"),
    "asks": ("T13c", CHAT, ID, "Terima kasih. Kirim PIN Ibu.", "asks_secret"),
    "asks, en": ("T13c", CHAT, EN, "Thank you. Please tell us your OTP.", "asks_secret"),
    "secret": ("T13c", CHAT, ID, "Terima kasih. PIN saya 123456.", "holds_secret"),
    "unheard": ("T06", CHAT, ID, T06.replace("STATUS", "KABARI"), "unheard"),
    "turn": ("T06", CHAT, ID, T06.replace("STATUS", "YA"), "other_meaning"),
    "not offered": ("T06", CHAT, ID, T06.replace(" Ketik STATUS.", ""), "not_offered"),
    "stars": ("T06", CHAT, ID, T06.replace("*{nomor}*", "*{nomor}"), "stars"),
    "line gone": ("T02b", CHAT, ID, "Mau kami telepon?\n1 Ya, telepon saya", "digits"),
    "line more": ("T02b", CHAT, ID, "Mau ditelepon?\n1 Ya\n2 Tidak\n3 Nanti", "digits"),
    "lines turned": ("T17b", CHAT, ID, "Batalkan {nomor}?\n1 Tidak, lanjutkan\n2 Ya, batalkan", "turned"),
    "ratings turned": (
        "T13",
        SMS,
        ID,
        "Nilai? 1 Sangat puas 2 Puas 3 Biasa 4 Kecewa 5 Sangat kecewa",
        "turned",
    ),
    "answers turned": (
        "T11",
        SMS,
        ID,
        "{nomor}: {jawaban} Sudah selesai? Balas 1 BELUM atau 2 SUDAH",
        "turned",
    ),
    "a choice where none is": ("T07", CHAT, ID, f"{T07} Balas 1.", "digits"),
    "registered": ("T22", CHAT, ID, "Halo {nama}, ada kabar nomor {nomor}. Balas YA.", "registered"),
    "nothing to press": ("T06", OPTIONS, ID, "Ya", "no_options"),
    "button too long": (
        "T02",
        OPTIONS,
        ID,
        "Ya, lanjutkan saja sekarang\nTidak\nBicara petugas",
        "label_too_long",
    ),
    "second line too long": ("T04", OPTIONS, ID, T04.replace("denda", "denda " * 9), "label_too_long"),
    "second line of a button": ("T11", OPTIONS, ID, "Sudah | beres\nBelum", "label_too_long"),
    "bytes": ("T04", OPTIONS, ID, T04.replace("Lainnya", "🙏" * 17), "label_too_long"),
    "button gone": ("T11", OPTIONS, ID, "Sudah", "option_count"),
    "none": ("T03b", OPTIONS, ID, "", "same_label"),
    "same": ("T11", OPTIONS, ID, "Sudah\nSudah", "same_label"),
    "buttons turned": ("T11", OPTIONS, ID, "Belum\nSudah", "option_meaning"),
    "rows turned": (
        "T13",
        OPTIONS,
        EN,
        "Choose:\n1. Good\n2. Bad\n3. OK\n4. Very bad\n5. Very good",
        "option_meaning",
    ),
    "not heard": ("T02", OPTIONS, ID, "Gaskeun\nTidak\nBicara petugas", "option_meaning"),
    "title gone": ("T04", OPTIONS, ID, T04.replace("Pilih masalah:\n", ""), "title"),
    "title of buttons": ("T11", OPTIONS, ID, "Pilih:\nSudah\nBelum", "no_title"),
    "brace in a button": ("T11", OPTIONS, ID, "Sudah {nama}\nBelum", "braces"),
    "avoided on a button": ("T04", OPTIONS, ID, T04.replace("Masalah lain", "Kendala lain"), "avoided"),
    "unlike": ("T13c", CHAT, EN, "Thank you for {nomor}.", "unlike"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_found_and_told_in_both_languages(case: str) -> None:
    step, form, language, text, kind = FAULTS[case]
    found = check_step(SHIPPED.put(step, {(form, language): text}), step)
    fault = next((fault for fault in found if fault.kind == kind), None)
    assert fault is not None, [fault.kind for fault in found]
    assert (fault.step, fault.form) == (step, form if kind != "registered" else None)
    sentences_told = {told(fault, each) for each in Language}
    assert len(sentences_told) == len(Language)
    assert not any("{where}" in sentence for sentence in sentences_told)


SOUND: dict[str, tuple[str, Language, str]] = {
    "another command": ("T13c", ID, "Terima kasih, {sapaan} 🙏 Ada masalah lain? Ketik LAPOR."),
    "other words of a line": ("T02b", ID, "Mau kami telepon?\n1 Ya, telepon saya\n2 Tidak usah telepon"),
    "a number that is no choice": ("T13c", ID, "Terima kasih, {sapaan}. Kami baca dalam 5 menit."),
    "a warning": ("T13c", ID, "Terima kasih. Jangan pernah kirim PIN."),
}


@pytest.mark.parametrize("case", SOUND)
def test_what_is_sound_may_be_said(case: str) -> None:
    step, language, text = SOUND[case]
    found = check_step(SHIPPED.put(step, {(CHAT, language): text}), step)
    assert [fault.kind for fault in found if fault.weight is Weight.FAULT] == []


def test_the_new_words_of_a_line_are_heard_beside_the_old_ones() -> None:
    words = SHIPPED.texts("T04")[CHAT, ID].replace("Angsuran atau bayaran", "Cicilan")
    book = SHIPPED.put("T04", {(CHAT, ID): words})
    assert [fault.kind for fault in check_step(book, "T04")] == []
    assert menu_choice("cicilan", "T04") is None
    assert [menu_choice(said, "T04", book) for said in ("cicilan", "1 Cicilan", "angsuran", "2")] == [
        1,
        1,
        1,
        2,
    ]


def test_what_is_pressed_may_be_said_otherwise_and_is_heard() -> None:
    rows = T04.replace("Pilih masalah:", "Pilih:").replace("1. Angsuran", "1. Cicilan")
    book = SHIPPED.put("T04", {(OPTIONS, ID): rows}).put("T02", {(OPTIONS, ID): "Ya\nTidak\nBicara petugas"})
    assert check_step(book, "T04") + check_step(book, "T02") == []
    offer = offer_of("T04", ID, book)
    assert (offer.list_title, offer.options[0].label) == ("Pilih", "1. Cicilan")
    assert offer.options[0].detail == "Bayaran belum dicatat, salah jumlah, denda"
    assert [menu_choice(said, "T04", book) for said in ("1. Cicilan", "1. Angsuran")] == [1, 1]
    assert offer_of("T02", EN, book) == offer_of("T02", EN)


def test_all_texts_together_must_read_easily() -> None:
    hard = "Pemberitahuan mengenai pengaduan disampaikan kepada pelanggan."
    book = SHIPPED
    for step in steps():
        book = book.put(step, {(CHAT, ID): hard, (SMS, ID): hard})
    assert [fault.kind for fault in check_together(book)] == ["hard_together"]
    assert "indeks baca" in told(check_together(book)[0], ID)


def test_every_step_has_a_note_and_every_placeholder_a_meaning() -> None:
    for language in Language:
        for step in steps():
            note = text_notes.note_of(step)
            assert note.name[language]
            assert note.when[language]
            for form in PROSE:
                named = placeholders(template(step, language=language, channel=ChannelCode.WHATSAPP))
                assert named <= text_notes.allowed(step)
                assert text_notes.required(step, form, language) <= text_notes.allowed(step)
    assert {text_notes.meaning("tglp", language) for language in Language} == {
        "tanggal janji, pendek",
        "promised date, short",
    }


def test_a_digit_with_its_words_is_a_choice() -> None:
    assert choices("Balas 1 angka: 1 Ya 2 Tidak. Telepon 157, 17.00, 4821-9375.") == [(1, "Ya"), (2, "Tidak")]
