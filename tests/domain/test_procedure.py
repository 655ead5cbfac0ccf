"""The words of poster, leaflet and the page about complaining: complete, plain, alike in both languages."""

import re

import pytest

from helpdesk.domain import text_checks, text_notes
from helpdesk.domain.procedure import procedure
from helpdesk.domain.readability import sentences, together
from helpdesk.domain.wording import Language

WORDS = procedure(Language.ID, {})


def test_both_languages_name_the_same_things() -> None:
    def named(language: Language) -> dict[str, set[str]]:
        return {key: set(re.findall(r"\{\w+\}", text)) for key, text in procedure(language, {}).items()}

    assert named(Language.ID) == named(Language.EN)
    assert all(text.strip() for language in Language for text in procedure(language, {}).values())


@pytest.mark.parametrize("key", WORDS)
def test_words_are_plain_and_sentences_short(key: str) -> None:
    assert [word for word in text_notes.avoided() if re.search(rf"(?i)\b{word}", WORDS[key])] == []
    assert max(map(len, sentences(WORDS[key]))) <= text_checks.SENTENCE_LIMIT


def test_the_words_read_easily_together() -> None:
    """Bar 12 of design.md section 6."""
    found = together(WORDS.values())
    assert found.mean_words <= text_checks.MEAN_LIMIT
    assert found.index <= text_checks.INDEX_LIMIT
