"""The script of calls and visits: complete in both languages and for each way, and never asks what we never ask."""

import re

import pytest

from helpdesk.domain import taxonomy
from helpdesk.domain.call_script import Moment, Way, lines, questions, way_of
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.wording import Language, placeholders

ALL = {
    name: name.upper()
    for name in (
        *("merek", "petugas", "telp", "telp_darurat", "nomor", "kode", "uang", "tanggal", "tgl_balas"),
        *("tgl_selesai", "jam_aman"),
    )
}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("moment", Moment)
def test_every_moment_has_something_to_say(moment: Moment, way: Way, language: Language) -> None:
    said = lines(moment, way, language, ALL)
    assert said
    assert not any("{" in line.text for line in said)
    assert all(len(line.text) <= 160 for line in said), "it is said in one breath"
    assert all(bool(line.question) == (moment is Moment.ASKED) for line in said)


def test_both_languages_name_the_same_values() -> None:
    for row in load_yaml("call_script.yaml")["lines"]:  # type: ignore[attr-defined]
        assert placeholders(row["id"]) == placeholders(row["en"]) <= set(ALL), row


def test_a_line_without_its_value_is_not_said() -> None:
    known = {**ALL, "kode": "", "uang": None}
    texts = [
        line.text for m in (Moment.END, Moment.FACTS) for line in lines(m, Way.PHONE, Language.ID, known)
    ]
    assert texts == [
        "Pengaduan Ibu sudah kami terima. Nomornya NOMOR.",
        "Kejadiannya tanggal TANGGAL. Betul?",
    ]


@pytest.mark.parametrize("language", Language)
def test_each_choice_of_a_mitra_has_its_questions_and_none_asks_for_a_secret(language: Language) -> None:
    for choice in taxonomy.MENU:
        asked = questions(choice, language)
        assert 2 <= len(asked) <= 4
        assert all(question.endswith("?") for question in asked)
        assert not any(re.search(r"\b(OTP|NIK|KTP|ibu kandung)\b|PIN(nya| berapa)", each) for each in asked)


def test_only_a_call_is_told_to_be_recorded() -> None:
    recorded = {
        way: any("rekam" in line.text for line in lines(Moment.CALLER, way, Language.ID, ALL)) for way in Way
    }
    assert recorded == {Way.PHONE: True, Way.OFFICE: False, Way.FIELD: False}


@pytest.mark.parametrize(
    ("channel", "place", "way"),
    [
        pytest.param(ChannelCode.PHONE, None, Way.PHONE, id="phone"),
        pytest.param(ChannelCode.VISIT, "office", Way.OFFICE, id="office"),
        pytest.param(ChannelCode.VISIT, "field", Way.FIELD, id="field"),
        pytest.param(ChannelCode.VISIT, None, Way.FIELD, id="nobody knows where"),
    ],
)
def test_the_way_follows_from_channel_and_place(channel: ChannelCode, place: str | None, way: Way) -> None:
    assert way_of(channel, place) is way
