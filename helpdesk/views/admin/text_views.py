"""What the pages of the standing texts show: bubbles as on a phone, counters, and what differs word by word."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from helpdesk.domain import text_notes
from helpdesk.domain.errors import Conflict, InvalidInput
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.options import has_options, offer_of
from helpdesk.domain.segments import sms_size
from helpdesk.domain.text_checks import CHAT_LIMIT, SMS_LIMIT
from helpdesk.domain.text_document import MAX_TEXT, normalised
from helpdesk.domain.text_faults import TextFault, Weight, told
from helpdesk.domain.wording import PROSE, Language, Part, StepTexts, TextBook, TextForm, placeholders
from helpdesk.views.admin import policy_words, words
from helpdesk.views.formatting import language_of

PREVIEWED = (ChannelCode.WHATSAPP, ChannelCode.TELEGRAM, ChannelCode.SMS)
STATES: Mapping[str, LazyString] = {
    "own": lazy_gettext("diubah"),
    "shipped": lazy_gettext("bawaan"),
    "draft": lazy_gettext("ada rancangan"),
    "waiting": lazy_gettext("menunggu orang kedua"),
    "changed": lazy_gettext("bawaan berubah"),
}
_PARTS: Mapping[Part, LazyString] = {
    (TextForm.CHAT, Language.ID): lazy_gettext("Chat, Bahasa Indonesia"),
    (TextForm.CHAT, Language.EN): lazy_gettext("Chat, Inggris"),
    (TextForm.SMS, Language.ID): lazy_gettext("SMS, Bahasa Indonesia"),
    (TextForm.SMS, Language.EN): lazy_gettext("SMS, Inggris"),
    (TextForm.OPTIONS, Language.ID): lazy_gettext("Tombol, Bahasa Indonesia"),
    (TextForm.OPTIONS, Language.EN): lazy_gettext("Tombol, Inggris"),
}
_REFUSED: Mapping[str, LazyString] = {
    "draft_exists": lazy_gettext("Orang lain punya rancangan untuk teks ini."),
    "draft_changed": lazy_gettext("Teks ini berubah sejak Anda membukanya. Baca lagi, lalu putuskan."),
    "text_faults": lazy_gettext("Teksnya masih salah. Betulkan yang ditandai dulu."),
}


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as a phone shows it."""

    channel: ChannelCode
    language: Language
    text: str
    keys: tuple[str, ...]
    """What may be pressed under it."""
    list_title: str


@dataclass(frozen=True, slots=True)
class Box:
    """One text as it is edited."""

    name: str
    label: str
    language: Language
    text: str
    form: TextForm
    counted: str = ""
    is_over: bool = False
    longest: str = ""
    typical: str = ""
    """Values to fill in, as JSON, for the counter that runs along."""


def my_language() -> Language:
    """Return the language of the page."""
    return Language(language_of(None))


def part_name(part: Part) -> str:
    """Return what one of the texts of a step is called."""
    return str(_PARTS[part])


def refusal(error: InvalidInput | Conflict) -> str:
    """Return what to do about a refused text or decision."""
    found = _REFUSED.get(error.code)
    return str(found) if found is not None else policy_words.refusal(error)


def state_choices() -> list[tuple[str, str]]:
    """Return the states by which the list may be narrowed."""
    return [("", _("Semua")), *words.choices(STATES)]


def worded(faults: list[TextFault]) -> dict[str, list[str]]:
    """Return the findings in words by their weight."""
    said: dict[str, list[str]] = {weight.value: [] for weight in Weight}
    for fault in faults:
        said[fault.weight].append(told(fault, my_language()))
    return said


def bubbles(book: TextBook, step: str, language: Language, *, is_longest: bool = False) -> list[Bubble]:
    """Return a text as each channel shows it; a placeholder that nobody knows stands there as it is."""
    offer = offer_of(step, language, book)
    shown: list[Bubble] = []
    for channel in PREVIEWED:
        form = TextForm.SMS if channel is ChannelCode.SMS else TextForm.CHAT
        text = filled(book, step, (form, language), channel, is_longest=is_longest)
        keys = () if form is TextForm.SMS else tuple(option.label for option in offer.options)
        shown.append(Bubble(channel, language, text, keys, offer.list_title if keys else ""))
    return shown


def boxes(book: TextBook, step: str) -> list[Box]:
    """Return the texts of a step as fields; an SMS that is not there says the chat text."""
    forms = [*PROSE, TextForm.OPTIONS] if has_options(step) else PROSE
    return [_box(book, step, (form, language)) for form in forms for language in Language]


def filled(book: TextBook, step: str, part: Part, channel: ChannelCode, *, is_longest: bool) -> str:
    """Return a text with its values in it, as the channel takes it."""
    form, language = part
    template = book.template(step, language=language, channel=channel)
    unknown = {name: f"{{{name}}}" for name in placeholders(template)}
    values = unknown | dict(text_notes.values(step, form, language, is_longest=is_longest))
    return book.say(step, language=language, channel=channel, values=values)


def typed_texts(form: Mapping[str, str], shipped: StepTexts) -> dict[Part, str]:
    """Return the texts of a sent form. An empty SMS of a step that ships none is none."""
    typed = {part: normalised(form.get(_name(part), "")) for part in _PARTS}
    return {part: text for part, text in typed.items() if text or part in shipped}


def too_long(found: StepTexts) -> dict[str, str]:
    """Return what is wrong with the fields that are longer than anything we say."""
    refused = InvalidInput(f"longer than {MAX_TEXT} characters", field="", code="too_long")
    return {_name(part): refusal(refused) for part, text in found.items() if len(text) > MAX_TEXT}


def differences(old: StepTexts, new: StepTexts) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return each text that differs with its words as (`same`, `del` or `ins`, words)."""
    return [
        (part_name(part), word_diff(old.get(part, ""), new.get(part, "")))
        for part in _PARTS
        if old.get(part, "") != new.get(part, "")
    ]


def word_diff(old: str, new: str) -> list[tuple[str, str]]:
    """Return what was taken out of a text and put into it."""
    before, after = (re.findall(r"\S+\s*|\s+", text) for text in (old, new))
    parts: list[tuple[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(("same", "".join(before[a:b])))
            continue
        parts += [
            (mark, text)
            for mark, text in (("del", "".join(before[a:b])), ("ins", "".join(after[c:d])))
            if text
        ]
    return parts


def placeholder_help(step: str) -> list[tuple[str, str]]:
    """Return what a text of the step may name, with what stands there."""
    return [
        (f"{{{name}}}", text_notes.meaning(name, my_language())) for name in sorted(text_notes.allowed(step))
    ]


def _name(part: Part) -> str:
    return f"{part[0]}-{part[1]}"


def _box(book: TextBook, step: str, part: Part) -> Box:
    form, language = part
    text = book.texts(step).get(part, "")
    if form is TextForm.OPTIONS:
        return Box(_name(part), part_name(part), language, text, form)
    is_sms = form is TextForm.SMS
    channel = ChannelCode.SMS if is_sms else ChannelCode.WHATSAPP  # its stars count
    counted, is_over = _count(filled(book, step, part, channel, is_longest=True), is_sms=is_sms)
    longest, typical = (
        json.dumps(dict(text_notes.values(step, form, language, is_longest=kind)), ensure_ascii=False)
        for kind in (True, False)
    )
    return Box(_name(part), part_name(part), language, text, form, counted, is_over, longest, typical)


def _count(text: str, *, is_sms: bool) -> tuple[str, bool]:
    if not is_sms:
        return f"{len(text)}/{CHAT_LIMIT}", len(text) > CHAT_LIMIT
    size = sms_size(text)
    return f"{size.units}/{SMS_LIMIT} · {size.segments} SMS", size.segments > 1
