"""Texts that a Mitra reads: complete, short, plain, and right about dates."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.text_notes import values
from helpdesk.domain.wording import (
    SHIPPED,
    Language,
    TextBook,
    TextForm,
    clock_time,
    greeting,
    long_date,
    promise_date,
    say,
    short_promise,
    status_words,
    template,
    weekday,
    zone_label,
)

JAKARTA = ZoneInfo("Asia/Jakarta")
AT_FIVE = datetime(2026, 8, 4, 17, 0, tzinfo=JAKARTA)
LONGEST = values("T06", TextForm.CHAT, Language.ID, is_longest=True)


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(InvalidInput) as caught:
        say("T06", language=Language.ID, channel=ChannelCode.WHATSAPP, values={"nomor": "4821-9375"})
    assert caught.value.code == "placeholder"


def test_an_unknown_text_is_an_error() -> None:
    with pytest.raises(InvalidInput):
        say("T99", language=Language.ID, channel=ChannelCode.SMS, values={})


def test_braces_in_a_value_are_left_alone() -> None:
    said = say("T11", language=Language.ID, channel=ChannelCode.SMS, values={**LONGEST, "jawaban": "{nomor}"})
    assert "{nomor}" in said


def test_a_promise_without_a_date_is_not_made() -> None:
    said = say("T06", language=Language.ID, channel=ChannelCode.WHATSAPP, values={**LONGEST, "tgl_balas": ""})
    assert "Kami balas" not in said
    assert "Kami usahakan selesai" in said
    sms = say("T06", language=Language.EN, channel=ChannelCode.SMS, values={**LONGEST, "tglp": ""})
    assert "We reply by" not in sms
    assert "Never give your PIN" in sms


def test_a_man_is_called_bapak() -> None:
    assert say("T13c", language=Language.ID, channel=ChannelCode.WHATSAPP, values=LONGEST).startswith(
        "Terima kasih, Bapak"
    )
    assert say("T13c", language=Language.ID, channel=ChannelCode.WHATSAPP, values={}).startswith(
        "Terima kasih, Ibu"
    )


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


OWN_TEXT = "Terima kasih, {sapaan}. Salam dari {merek}."


def test_a_text_of_the_lender_takes_the_place_of_the_shipped_one() -> None:
    book = SHIPPED.put("T13c", {(TextForm.CHAT, Language.ID): OWN_TEXT})
    said = book.say("T13c", language=Language.ID, channel=ChannelCode.TELEGRAM, values={"merek": "Amanah"})
    assert said == "Terima kasih, Ibu. Salam dari Amanah."
    for language, channel in ((Language.EN, ChannelCode.TELEGRAM), (Language.ID, ChannelCode.SMS)):
        shipped = template("T13c", language=language, channel=channel)
        assert book.template("T13c", language=language, channel=channel) == shipped


def test_what_is_as_shipped_is_no_text_of_the_lender() -> None:
    book = SHIPPED.put("T13c", {(TextForm.CHAT, Language.ID): OWN_TEXT})
    assert book.put("T13c", SHIPPED.texts("T13c")) == SHIPPED
    with pytest.raises(InvalidInput):
        SHIPPED.put("T99", {})


def test_a_text_that_names_what_a_release_no_longer_tells_gives_way_to_the_shipped_one() -> None:
    book = TextBook({"T13c": {(TextForm.CHAT, Language.ID): "Halo {dulu}"}})
    said = book.say("T13c", language=Language.ID, channel=ChannelCode.TELEGRAM, values={})
    assert said == say("T13c", language=Language.ID, channel=ChannelCode.TELEGRAM, values={})
