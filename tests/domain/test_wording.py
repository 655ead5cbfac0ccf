"""Texts that a Mitra reads: complete, short, plain, and right about dates."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.wording import (
    Language,
    clock_time,
    greeting,
    long_date,
    promise_date,
    say,
    short_promise,
    status_words,
    steps,
    template,
    weekday,
    zone_label,
)

JAKARTA = ZoneInfo("Asia/Jakarta")
AT_FIVE = datetime(2026, 8, 4, 17, 0, tzinfo=JAKARTA)
CHAT = (ChannelCode.WHATSAPP, ChannelCode.TELEGRAM)
TEXTS = [(key, language) for key in sorted(steps()) for language in Language]

GSM7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
LONGEST = {
    "merek": "M" * 14,
    "nomor": "48219-3754",
    "tgl": "30 Sep 24.00",
    "tglp": "30 Sep 24.00",
    "tgl_terima": "Rabu, 30 September 2026",
    "tgl_balas": "Kamis, 30 September, jam 24.00 WITA",
    "tgl_selesai": "Kamis, 30 September, jam 24.00 WITA",
    "telp": "0812-3456-78901",
    "telp_darurat": "0812-3456-78901",
    "status": "Menunggu jawaban Ibu",
    "ikon": "🔧",
    "salam": "Selamat malam",
    "nama": "Siti Nurhaliza",
    "nama_awal": "Nurhaliza",
    "jawaban": "J" * 60,
    "kategori": "Data, HP, aplikasi",
    "sebab": "menunggu jawaban bank",
    "hal": "foto struk bayaran",
    "hari": "Kamis",
    "jam": "08.00",
    "menit": "15",
    "petugas": "Nurhaliza",
    "daftar": "\n".join(f"{n} 48219-3754 Data, HP, aplikasi" for n in range(1, 6)),
}
AVOIDED = re.compile(
    r"(?i)\b(verifikasi|konfirmasi|dokumen|berkas|lampiran|transaksi|kendala|permasalahan|tiket|unggah|tautan|mohon|"
    r"eskalasi|hari kerja)\b"
)


@pytest.mark.parametrize("person", ["Ibu", "Bapak"])
@pytest.mark.parametrize(("key", "language"), TEXTS)
def test_an_sms_fits_one_part_of_the_plain_alphabet(key: str, language: Language, person: str) -> None:
    said = say(key, language=language, channel=ChannelCode.SMS, values=LONGEST | {"sapaan": person})
    assert not set(said) - GSM7
    if key != "T08c":  # the list of her complaints has as many lines as she has complaints
        assert len(said) <= 160, (len(said), said)


@pytest.mark.parametrize("channel", CHAT)
@pytest.mark.parametrize(("key", "language"), TEXTS)
def test_a_chat_text_is_at_most_300_signs(key: str, language: Language, channel: ChannelCode) -> None:
    values = LONGEST | {"sapaan": "Bapak"}
    assert len(say(key, language=language, channel=channel, values=values)) <= 300


@pytest.mark.parametrize("key", sorted(steps()))
@pytest.mark.parametrize("channel", [ChannelCode.SMS, ChannelCode.WHATSAPP])
def test_both_languages_name_the_same_things(key: str, channel: ChannelCode) -> None:
    texts = (template(key, language=language, channel=channel) for language in (Language.ID, Language.EN))
    indonesian, english = (set(re.findall(r"\{(\w+)\}", text)) - {"sapaan"} for text in texts)
    assert english <= indonesian | {"nama"}
    assert indonesian <= set(LONGEST)


@pytest.mark.parametrize("key", sorted(steps()))
@pytest.mark.parametrize("channel", [ChannelCode.SMS, ChannelCode.WHATSAPP])
def test_no_word_to_avoid_is_said(key: str, channel: ChannelCode) -> None:
    assert not AVOIDED.search(template(key, language=Language.ID, channel=channel))


def _sentences(text: str) -> list[list[str]]:
    parts = re.split(r"[.?!:\n]+", text)
    return [words for part in parts if (words := re.findall(r"[A-Za-z]+", re.sub(r"\{\w+\}", "kata", part)))]


def test_the_indonesian_texts_read_easily() -> None:
    """Bar 12 of design.md section 6."""
    texts = [template(key, language=Language.ID, channel=CHAT[0]) for key in steps()]
    sentences = [sentence for text in texts for sentence in _sentences(text)]
    words = [word for sentence in sentences for word in sentence]
    syllables = sum(max(1, len(re.findall(r"(?i)ai(?![a-z])|au(?![a-z])|[aeiou]", word))) for word in words)
    mean = len(words) / len(sentences)
    assert mean <= 8
    assert max(len(sentence) for sentence in sentences) <= 14
    assert 0.39 * mean + 7.08 * syllables / len(words) - 15.59 <= 4.0


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(InvalidInput) as caught:
        say("T06", language=Language.ID, channel=ChannelCode.WHATSAPP, values={"nomor": "4821-9375"})
    assert caught.value.code == "placeholder"


def test_an_unknown_text_is_an_error() -> None:
    with pytest.raises(InvalidInput):
        say("T99", language=Language.ID, channel=ChannelCode.SMS, values={})


def test_braces_in_a_value_are_left_alone() -> None:
    said = say("T11", language=Language.ID, channel=ChannelCode.SMS, values=LONGEST | {"jawaban": "{nomor}"})
    assert "{nomor}" in said


def test_a_promise_without_a_date_is_not_made() -> None:
    said = say("T06", language=Language.ID, channel=CHAT[0], values=LONGEST | {"tgl_balas": ""})
    assert "Kami balas" not in said
    assert "Kami usahakan selesai" in said
    sms = say("T06", language=Language.EN, channel=ChannelCode.SMS, values=LONGEST | {"tglp": ""})
    assert "We reply by" not in sms
    assert "Never give your PIN" in sms


def test_a_man_is_called_bapak() -> None:
    values = LONGEST | {"sapaan": "Bapak"}
    assert say("T13c", language=Language.ID, channel=CHAT[0], values=values).startswith("Terima kasih, Bapak")
    assert say("T13c", language=Language.ID, channel=CHAT[0], values={}).startswith("Terima kasih, Ibu")


@pytest.mark.parametrize(
    ("zone", "language", "said"),
    [
        ("Asia/Jakarta", Language.ID, "Selasa, 4 Agustus, jam 17.00 WIB"),
        ("Asia/Makassar", Language.ID, "Selasa, 4 Agustus, jam 18.00 WITA"),
        ("Asia/Jayapura", Language.EN, "Tuesday 4 August, 7.00 pm WIT"),
        ("Asia/Jakarta", Language.EN, "Tuesday 4 August, 5.00 pm WIB"),
    ],
)
def test_a_promise_names_day_hour_and_zone(zone: str, language: Language, said: str) -> None:
    assert promise_date(AT_FIVE, zone=zone, language=language) == said


def test_midnight_belongs_to_the_day_it_ends() -> None:
    midnight = datetime(2026, 8, 5, 0, 0, tzinfo=JAKARTA)
    assert promise_date(midnight, zone=JAKARTA, language=Language.ID) == "Selasa, 4 Agustus, jam 24.00 WIB"
    assert promise_date(midnight, zone=JAKARTA, language=Language.EN) == "Tuesday 4 August, midnight WIB"
    assert short_promise(midnight, zone=JAKARTA, language=Language.ID) == "4 Agu 24.00"
    new_year = datetime(2027, 1, 1, 0, 0, tzinfo=JAKARTA)
    assert short_promise(new_year, zone=JAKARTA, language=Language.ID) == "31 Des 24.00"


def test_short_and_long_dates() -> None:
    assert short_promise(AT_FIVE, zone=JAKARTA, language=Language.ID) == "4 Agu 17.00"
    assert short_promise(AT_FIVE, zone=JAKARTA, language=Language.EN) == "4 Aug 17.00"
    assert long_date(AT_FIVE, zone=JAKARTA, language=Language.ID) == "Selasa, 4 Agustus 2026"
    assert weekday(AT_FIVE, zone=JAKARTA, language=Language.ID) == "Selasa"
    assert clock_time(AT_FIVE, zone="Asia/Makassar") == "18.00"


def test_a_zone_elsewhere_has_its_own_label() -> None:
    assert zone_label("Europe/Berlin", at=AT_FIVE) == "CEST"
    assert zone_label("UTC", at=AT_FIVE) == "UTC"


@pytest.mark.parametrize(
    ("hour", "indonesian", "english"),
    [
        (3, "Selamat malam", "Good evening"),
        (4, "Selamat pagi", "Good morning"),
        (10, "Selamat pagi", "Good morning"),
        (11, "Selamat siang", "Good morning"),
        (14, "Selamat siang", "Good afternoon"),
        (15, "Selamat sore", "Good afternoon"),
        (18, "Selamat malam", "Good evening"),
        (23, "Selamat malam", "Good evening"),
    ],
)
def test_the_greeting_follows_the_hour(hour: int, indonesian: str, english: str) -> None:
    assert greeting(hour, Language.ID) == indonesian
    assert greeting(hour, Language.EN) == english


def test_every_status_has_words() -> None:
    for status in TicketStatus:
        for language in Language:
            assert all(status_words(status, language))
    assert status_words(TicketStatus.NEW, Language.ID, is_read=True) == ("👀", "Dibaca petugas")
    assert status_words(TicketStatus.OPEN, Language.ID, is_read=True) == ("🔧", "Sedang dikerjakan")


def test_only_whatsapp_gets_the_stars_of_bold_words() -> None:
    assert "*{nomor}*" in template("T06", language=Language.ID, channel=ChannelCode.WHATSAPP)
    assert "*" not in template("T06", language=Language.ID, channel=ChannelCode.TELEGRAM)
