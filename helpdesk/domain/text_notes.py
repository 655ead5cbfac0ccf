"""What is known about the standing texts besides their words: when each is said, and what its placeholders hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.wording import SHIPPED, Language, TextBook, TextForm, placeholders

_NOTES: Any = load_yaml("text_notes.yaml")
_EVERYWHERE = frozenset({"sapaan", "merek", "telp", "telp_darurat", "nomor"})
"""What services/replies.py fills in for every text."""
_LONG_DATES = frozenset(_NOTES["long_dates"])


@dataclass(frozen=True, slots=True)
class StepNote:
    """What a text is about, and what makes us say it."""

    name: Mapping[Language, str]
    when: Mapping[Language, str]


def note_of(step: str) -> StepNote:
    """Return what an editor should know of a step."""
    found = _NOTES["steps"][step]
    return StepNote(_pair(found["name"]), _pair(found["when"]))


def meaning(placeholder: str, language: Language) -> str:
    """Return in words what stands in the place of it."""
    return str(_NOTES["placeholders"][placeholder]["means"][language.value])


def allowed(step: str) -> frozenset[str]:
    """Return what a text of this step may name: what any shipped one of it does, and what is known everywhere."""
    named = frozenset[str]().union(*(placeholders(text) for text in SHIPPED.texts(step).values()))
    return named | _EVERYWHERE


def required(step: str, form: TextForm, language: Language) -> frozenset[str]:
    """Return what the text must go on naming: the facts and promises of the shipped one."""
    texts = SHIPPED.texts(step)
    text = texts.get((form, language)) or texts[TextForm.CHAT, language]
    return frozenset(name for name in placeholders(text) if not _NOTES["placeholders"][name].get("optional"))


def values(step: str, form: TextForm, language: Language, *, is_longest: bool) -> Mapping[str, str]:
    """Return what to fill in: as it usually is, or the longest there is."""
    kind = "longest" if is_longest else "typical"
    is_short = form is TextForm.SMS and step not in _LONG_DATES
    return {
        name: _of(each[kind], language, is_short=is_short) for name, each in _NOTES["placeholders"].items()
    }


def sample(book: TextBook, step: str, form: TextForm, language: Language, *, is_longest: bool) -> str:
    """Return the text of a step as it goes out by this form, filled in; with the stars of WhatsApp."""
    channel = ChannelCode.SMS if form is TextForm.SMS else ChannelCode.WHATSAPP
    return book.say(
        step, language=language, channel=channel, values=values(step, form, language, is_longest=is_longest)
    )


def avoided() -> Mapping[str, str]:
    """Return the words that a Mitra does not use, with what we say instead; empty where we just leave it out."""
    return {str(word): str(instead) for word, instead in _NOTES["avoid"].items()}


def fault_words(kind: str, language: Language) -> str:
    """Return the sentence that tells a fault, with its {placeholders}."""
    return str(_NOTES["faults"][kind][language.value])


def _pair(found: Mapping[str, str]) -> Mapping[Language, str]:
    return {Language(language): text for language, text in found.items()}


def _of(value: Any, language: Language, *, is_short: bool) -> str:
    if not isinstance(value, dict):
        return str(value)
    return str(value["sms"] if is_short and "sms" in value else value[language.value])
