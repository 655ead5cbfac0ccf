"""What a person may press under a standing text, in the words of options.yaml (design.md 3)."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from helpdesk.domain.messages import Option
from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.wording import SHIPPED, Language, TextBook, TextForm


@dataclass(frozen=True, slots=True)
class Offer:
    """The options of one text; `list_title` is empty where they are buttons."""

    options: tuple[Option, ...] = ()
    list_title: str = ""
    phone_label: str = ""
    """Name of the button that shares her own number; empty where it is not asked for."""


@dataclass(frozen=True, slots=True)
class ButtonSet:
    """What may be pressed under a text, as a provider keeps it that sends only what it keeps (Twilio's Content)."""

    language: str
    options: tuple[Option, ...]
    list_title: str = ""

    @property
    def name(self) -> str:
        """Name at the provider: other words have another one, texts that offer the same share it."""
        said = [self.language, self.list_title, *([each.label, each.detail] for each in self.options)]
        digest = hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
        return f"helpdesk-{self.language}-{digest[:20]}"


MAX_UNDER_BUTTONS: Final = 1024
"""Characters of a WhatsApp text that has buttons or a list under it; a longer one goes without them."""

_PRESSED: Any = load_yaml("options.yaml")


def offer_of(step: str, language: Language, book: TextBook = SHIPPED) -> Offer:
    """Return what may be pressed under the text `step`; nothing for most of them."""
    if step not in _PRESSED:
        return Offer()
    first, *rest = book.texts(step)[TextForm.OPTIONS, language].split("\n")
    phone_label = _PRESSED[step].get("phone", {}).get(language, "")
    if not first.endswith(":"):
        return Offer(tuple(map(_option, [first, *rest])), phone_label=phone_label)
    return Offer(tuple(map(_option, rest)), first.removesuffix(":"), phone_label)


def has_options(step: str) -> bool:
    """Whether something may be pressed under a text."""
    return step in _PRESSED


def button_sets(book: TextBook) -> Iterator[tuple[str, ButtonSet]]:
    """Yield each text under which something may be pressed, with its set, in both languages."""
    for step in sorted(_PRESSED):
        for language in Language:
            offer = offer_of(step, language, book)
            yield step, ButtonSet(language, offer.options, offer.list_title)


def _option(line: str) -> Option:
    label, _, detail = line.partition("|")
    return Option(label.strip(), detail.strip())
