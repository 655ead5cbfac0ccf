"""How to complain, in short: the words of the poster, of the leaflet and of the page about it."""

from collections.abc import Mapping
from typing import TypedDict, cast

from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.wording import Language


class _Pair(TypedDict):
    id: str
    en: str


# The shape of the shipped file is held by tests/domain/test_procedure.py, which is why it is trusted here.
_WORDS = cast(Mapping[str, _Pair], load_yaml("procedure.yaml"))


def procedure(language: Language, values: Mapping[str, str]) -> Mapping[str, str]:
    """Return all words by key, with the {placeholders} that `values` names filled in."""
    code = "en" if language is Language.EN else "id"
    return {key: _filled(cast(Mapping[str, str], pair)[code], values) for key, pair in _WORDS.items()}


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
