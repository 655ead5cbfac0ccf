"""What is wrong with a standing text, as one thing each, and how it is told in both languages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from helpdesk.domain import text_notes
from helpdesk.domain.wording import Language, TextForm


class Weight(StrEnum):
    """A fault refuses the text; advice is read and may stay."""

    FAULT = "fault"
    ADVICE = "advice"


ADVICE = frozenset({"long_mean", "hard_to_read", "not_offered", "stars"})


@dataclass(frozen=True, slots=True)
class TextFault:
    """One thing that is wrong; `kind` names its sentence in text_notes.yaml, `details` fill it."""

    kind: str
    step: str = ""
    form: TextForm | None = None
    language: Language | None = None
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def weight(self) -> Weight:
        return Weight.ADVICE if self.kind in ADVICE else Weight.FAULT


_FORMS = {
    TextForm.CHAT: {Language.ID: "Chat", Language.EN: "Chat"},
    TextForm.SMS: {Language.ID: "SMS", Language.EN: "SMS"},
    TextForm.OPTIONS: {Language.ID: "Tombol", Language.EN: "Buttons"},
}
_LANGUAGES = {
    Language.ID: {Language.ID: "Indonesia", Language.EN: "Indonesian"},
    Language.EN: {Language.ID: "Inggris", Language.EN: "English"},
}


def told(fault: TextFault, language: Language) -> str:
    """Return the fault in plain words."""
    named = [_FORMS[fault.form][language]] if fault.form else []
    named += [_LANGUAGES[fault.language][language]] if fault.language else []
    details = {name: _shown(value, language) for name, value in fault.details.items()}
    return text_notes.fault_words(fault.kind, language).format(where=" ".join(named), **details)


def refuses(faults: Iterable[TextFault]) -> bool:
    """Whether one of them may not stay."""
    return any(fault.weight is Weight.FAULT for fault in faults)


def _shown(value: object, language: Language) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.1f}" if language is Language.EN else f"{value:.1f}".replace(".", ",")
