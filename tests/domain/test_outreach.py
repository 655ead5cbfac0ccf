"""The ways of a message that must arrive, as shipped, and a chat text without what paper and SMS cannot show."""

import re
from datetime import timedelta

import pytest

from helpdesk.domain.messages import ChannelCode, Purpose
from helpdesk.domain.outreach import ladder, on_paper, plain
from helpdesk.domain.wording import SHIPPED, steps


def test_the_shipped_ways_are_known_and_by_sms_only_what_is_short() -> None:
    ways = ladder()
    assert set(ways.channels) == {ChannelCode.TELEGRAM, ChannelCode.WHATSAPP, ChannelCode.SMS}
    assert Purpose.ANSWER in ways.purposes
    assert Purpose.CHAT not in ways.purposes
    assert ways.unread_after >= timedelta(hours=1)
    assert ways.takes(ChannelCode.SMS, "a" * 306)
    assert not ways.takes(ChannelCode.SMS, "a" * 307)
    assert ways.takes(ChannelCode.TELEGRAM, "a" * 307)


def test_plain_words_keep_what_they_say() -> None:
    assert plain("✅ Nomor: *4821-9375*\n“Rp 5.000” – lunas… 🙏") == (
        'Nomor: 4821-9375\n"Rp 5.000" - lunas...'
    )
    assert plain("2 + 2 = 4, <5") == "2 + 2 = 4, <5"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        pytest.param(
            "Ibu Siti, ini jawaban untuk nomor *4821-9375*:\nSudah kami betulkan.\n"
            "Apakah masalah Ibu sudah selesai? Balas *1* kalau sudah, *2* kalau belum.",
            "Ibu Siti, ini jawaban untuk nomor 4821-9375:\nSudah kami betulkan.",
            id="a decision",
        ),
        pytest.param(
            "Number 4821-9375: We mended it. Is it solved? Reply 1 YES or 2 NO. Amanah",
            "Number 4821-9375: We mended it. Amanah",
            id="a decision as SMS",
        ),
        pytest.param(
            "Untuk nomor 4821-9375 kami perlu: foto. Balas sebelum 3 Mei. Tidak punya? Balas TIDAK ADA. Amanah",
            "Untuk nomor 4821-9375 kami perlu: foto. Jawab sebelum 3 Mei. Amanah",
            id="a request keeps its day",
        ),
        pytest.param("Kami balas paling lambat 3 Mei.", "Kami balas paling lambat 3 Mei.", id="a promise"),
    ],
)
def test_a_letter_does_not_ask_for_what_paper_cannot_do(text: str, printed: str) -> None:
    assert on_paper(text) == printed


def test_no_shipped_text_asks_on_paper_for_a_word_in_the_chat() -> None:
    printed = [on_paper(text) for step in steps() for text in SHIPPED.texts(step).values()]
    assert [
        text for text in printed if re.search(r"[Bb]alas (\d|[A-Z]{2})|[Rr]eply (\d|[A-Z]{2})", text)
    ] == []
