"""What a person may press under a standing text, in the words of options.yaml (design.md 3)."""

from dataclasses import dataclass
from typing import Any

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


def _option(line: str) -> Option:
    label, _, detail = line.partition("|")
    return Option(label.strip(), detail.strip())
