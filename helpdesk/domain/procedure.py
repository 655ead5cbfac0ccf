"""How to complain, in short: the words of the poster, of the leaflet, of the page about it and of the paper form."""

from collections.abc import Mapping
from typing import TypedDict, cast

from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.wording import Language


class _Pair(TypedDict):
    id: str
    en: str


# The shape of the shipped file is held by tests/domain/test_procedure.py, which is why it is trusted here.
_WORDS = cast(Mapping[str, _Pair], load_yaml("procedure.yaml"))
_FORM_WORDS = cast(Mapping[str, _Pair], load_yaml("lwk_form.yaml"))


def procedure(language: Language, values: Mapping[str, str]) -> Mapping[str, str]:
    """Return all words by key, with the {placeholders} that `values` names filled in."""
    return _said(_WORDS, language, values)


def paper_form(language: Language, values: Mapping[str, str]) -> Mapping[str, str]:
    """Return the words of the numbered paper form and its slip in the same way."""
    return _said(_FORM_WORDS, language, values)


def _said(words: Mapping[str, _Pair], language: Language, values: Mapping[str, str]) -> Mapping[str, str]:
    code = "en" if language is Language.EN else "id"
    return {key: _filled(cast(Mapping[str, str], pair)[code], values) for key, pair in words.items()}


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
