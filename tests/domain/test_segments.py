"""Lengths of texts as networks and providers count them, and where a long one is cut."""

import random
import re

import pytest

from helpdesk.domain.segments import Encoding, TextLimit, TextUnit, numbered, sms_size, split

GSM, UCS = Encoding.GSM7, Encoding.UCS2
FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
FLAG = "\U0001f1ee\U0001f1e9"
THUMB = "\U0001f44d\U0001f3fd"
KEYCAP = "1\ufe0f\u20e3"
ACCENT = "e\u0301"


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        pytest.param("a" * 160, GSM, 160, 1, id="one full"),
        pytest.param("a" * 161, GSM, 161, 2, id="one more"),
        pytest.param("a" * 306, GSM, 306, 2, id="two full"),
        pytest.param("a" * 307, GSM, 307, 3, id="two and one"),
        pytest.param("a" * 158 + "€", GSM, 160, 1, id="euro counts two"),
        pytest.param("a" * 159 + "€", GSM, 161, 2, id="euro too many"),
        pytest.param("a" * 152 + "€" + "a" * 151, GSM, 305, 2, id="euro moves on whole"),
        pytest.param("a" * 152 + "€" + "a" * 152, GSM, 306, 3, id="and leaves a gap"),
        pytest.param("“" + "a" * 69, UCS, 70, 1, id="curly quote"),
        pytest.param("a" * 70 + "…", UCS, 71, 2, id="ellipsis"),
        pytest.param("ê", UCS, 1, 1, id="e with a roof"),
        pytest.param("\u00a0", UCS, 1, 1, id="hard space"),
        pytest.param("é à ñ Ü", GSM, 7, 1, id="accents that fit"),
        pytest.param("a" * 66 + "🙏" + "a" * 3, UCS, 71, 2, id="emoji moves on whole"),
        pytest.param("", GSM, 0, 1, id="nothing"),
    ],
)
def test_an_sms_is_counted_as_the_network_counts_it(
    text: str, encoding: Encoding, units: int, segments: int
) -> None:
    size = sms_size(text)
    assert (size.encoding, size.units, size.segments) == (encoding, units, segments)


@pytest.mark.parametrize("unit", TextUnit)
def test_what_fits_is_one_part_without_a_number(unit: TextUnit) -> None:
    text = "a" * 1600
    assert split(text, TextLimit(1600, unit)) == ((0, 1600),)
    assert numbered(text, 1, 1) == text
    assert len(split("🙏" * 800, TextLimit(1600, unit))) == 1
    assert len(split("🙏" * 801, TextLimit(1600, unit))) == (2 if unit is TextUnit.UTF16 else 1)


def test_a_text_is_cut_where_a_reader_would_pause() -> None:
    checked, paid = " ".join(["Kami sudah cek."] * 6), " ".join(["Uang kembali besok."] * 4)
    text = f"{checked}\n\n{paid}"
    assert [text[start:end] for start, end in split(text, TextLimit(110))] == [checked, paid]
    words = "satu dua tiga empat lima enam tujuh"
    assert [words[a:b] for a, b in split(words, TextLimit(26))] == [
        "satu dua tiga",
        "empat lima enam",
        "tujuh",
    ]


@pytest.mark.parametrize("unit", TextUnit)
def test_no_part_is_too_long_no_sign_is_torn_and_nothing_is_lost(unit: TextUnit) -> None:
    dice = random.Random(7)
    signs = ["a", "b", " ", "\n", ". ", "é", "🙏", FAMILY, FLAG, THUMB, KEYCAP, ACCENT, "漢"]
    whole = re.compile("|".join(map(re.escape, (FAMILY, FLAG, THUMB, KEYCAP, ACCENT))))
    for _ in range(150):
        text = "".join(dice.choices(signs, k=dice.randint(1, 400)))
        limit = TextLimit(dice.randint(30, 80), unit)
        spans = split(text, limit)
        parts = [
            numbered(text[start:end], place, len(spans)) for place, (start, end) in enumerate(spans, start=1)
        ]
        assert all(limit.length(part) <= limit.size for part in parts)
        inside = {at for match in whole.finditer(text) for at in range(match.start() + 1, match.end())}
        assert inside.isdisjoint(end for _start, end in spans)
        ends = [0, *(end for _start, end in spans)]
        starts = [*(start for start, _end in spans), len(text)]
        assert not "".join(text[end:start] for end, start in zip(ends, starts, strict=True)).strip()
