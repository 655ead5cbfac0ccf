"""What a person may press under a standing text, in the words of options.yaml (design.md 3)."""

from dataclasses import dataclass
from typing import Any

from helpdesk.domain.messages import Option
from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.wording import Language


@dataclass(frozen=True, slots=True)
class Offer:
    """The options of one text; `list_title` is empty where they are buttons."""

    options: tuple[Option, ...] = ()
    list_title: str = ""
    phone_label: str = ""
    """Name of the button that shares her own number; empty where it is not asked for."""


_OFFERS: Any = load_yaml("options.yaml")


def offer_of(step: str, language: Language) -> Offer:
    """Return what may be pressed under the text `step`; nothing for most of them."""
    known = _OFFERS.get(step)
    if known is None:
        return Offer()
    if "rows" in known:
        rows = tuple(Option(label, detail) for label, detail in known["rows"][language])
        return Offer(rows, list_title=known["title"][language])
    return Offer(
        tuple(Option(label) for label in known["buttons"][language]),
        phone_label=known.get("phone", {}).get(language, ""),
    )
