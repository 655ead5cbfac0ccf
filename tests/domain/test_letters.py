"""Letters to a Mitra: complete in both languages, and never with a gap."""

import re

import pytest

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.letters import LETTERS, letter
from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.wording import Language

VALUES = dict.fromkeys(
    ("nomor", "tgl_terima", "tgl_lama", "tgl", "sebab", "alasan", "pihak", "pasal", "hal"), "XY"
)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("key", sorted(LETTERS))
def test_a_letter_is_whole(key: str, language: Language) -> None:
    found = letter(key, language=language, values=VALUES)
    assert found.title
    assert len(found.paragraphs) >= 3
    assert not re.search(r"[{}]", found.title + " ".join(found.paragraphs))


@pytest.mark.parametrize("key", sorted(LETTERS))
def test_both_languages_name_the_same_things(key: str) -> None:
    entry = load_yaml("letters.yaml")[key]
    assert isinstance(entry, dict)
    said = [
        set(re.findall(r"\{(\w+)\}", " ".join(entry["body"][each]))) - {"sapaan"} for each in ("id", "en")
    ]
    assert said[0] == said[1]


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(InvalidInput):
        letter("extension", language=Language.ID, values={"nomor": "1"})
