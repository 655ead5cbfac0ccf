"""Letters to a Mitra, in her language: what the law has us tell her at length or on paper."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict, cast

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.wording import Language


class _Title(TypedDict):
    id: str
    en: str


class _Body(TypedDict):
    id: list[str]
    en: list[str]


class _Entry(TypedDict):
    title: _Title
    body: _Body


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished letter."""

    title: str
    paragraphs: tuple[str, ...]


# The shape of the shipped file is held by tests/domain/test_letters.py, which is why it is trusted here.
_LETTERS = cast(Mapping[str, _Entry], load_yaml("letters.yaml"))
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
LETTERS = frozenset(_LETTERS)


def letter(key: str, *, language: Language, values: Mapping[str, str]) -> Letter:
    """Return the letter with its values. Raises InvalidInput where one is missing."""
    entry = _LETTERS[key]
    is_english = language is Language.EN
    title = entry["title"]["en"] if is_english else entry["title"]["id"]
    body = entry["body"]["en"] if is_english else entry["body"]["id"]
    known = {"sapaan": "Ibu"} | dict(values)
    return Letter(_filled(title, known), tuple(_filled(paragraph, known).strip() for paragraph in body))


def _filled(text: str, values: Mapping[str, str]) -> str:
    missing = sorted(set(_PLACEHOLDER.findall(text)) - set(values))
    if missing:
        raise InvalidInput(f"the letter lacks {', '.join(missing)}", field=missing[0], code="placeholder")
    return _PLACEHOLDER.sub(lambda match: values[match[1]], text)
