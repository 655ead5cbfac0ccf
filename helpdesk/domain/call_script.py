"""What staff say and ask while a complaint is told to them, in the words of call_script.yaml."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.wording import Language, placeholders


class Way(StrEnum):
    """How it is told."""

    PHONE = "phone"
    OFFICE = "office"
    FIELD = "field"


class Moment(StrEnum):
    """When a line is said."""

    CALLER = "caller"
    STORY = "story"
    END = "end"
    """The number."""
    WORDS = "words"
    """Before her story is read to her."""
    FACTS = "facts"
    PROMISE = "promise"
    ASKED = "asked"
    """Only when she asks."""
    SENSITIVE = "sensitive"
    """In place of all questions, where there was violence or harassment (design.md T20)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence to say; `question` is what she asked before it."""

    text: str
    question: str = ""


_SCRIPT: Any = load_yaml("call_script.yaml")


def way_of(channel: ChannelCode, place: str | None) -> Way:
    """Return how it is told."""
    if channel is ChannelCode.PHONE:
        return Way.PHONE
    return Way.OFFICE if place == "office" else Way.FIELD


def lines(moment: Moment, way: Way, language: Language, values: Mapping[str, str | None]) -> Sequence[Line]:
    """Return what is said at that moment; a line that names a value which is empty is left out."""
    found = []
    for row in _SCRIPT["lines"]:
        if row["at"] != moment or way not in row.get("ways", tuple(Way)):
            continue
        text = row[language.value]
        if all(values.get(name) for name in placeholders(text)):
            said = text.format_map({name: value for name, value in values.items() if value})
            found.append(Line(said, row.get("ask", {}).get(language.value, "")))
    return found


def questions(choice: int, language: Language) -> Sequence[str]:
    """Return what has to be known of a complaint of that kind (taxonomy.MENU)."""
    asked: Sequence[str] = _SCRIPT["questions"][choice][language.value]
    return asked
