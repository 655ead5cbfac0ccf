"""What is wrong with the standing texts: limits, plain words, placeholders, and that what we offer is understood."""

import re
from collections.abc import Iterator

from helpdesk.domain import text_notes
from helpdesk.domain.asking import asks_secret
from helpdesk.domain.conversation import UtteranceKind, menu_choice, menu_lines, understand
from helpdesk.domain.dialogue import MENUS
from helpdesk.domain.message_templates import STEPS as TEMPLATE_STEPS
from helpdesk.domain.option_checks import option_faults
from helpdesk.domain.privacy import redact
from helpdesk.domain.readability import reading, sentences, together
from helpdesk.domain.segments import beyond_plain, sms_size
from helpdesk.domain.text_faults import TextFault
from helpdesk.domain.wording import PROSE, SHIPPED, Language, Part, TextBook, TextForm, placeholders, steps

CHAT_LIMIT, SMS_LIMIT = 300, 160
SENTENCE_LIMIT, MEAN_LIMIT, INDEX_LIMIT = 14, 8.0, 4.0
ENDLESS = frozenset({"T08c"})
"""The list of her complaints has as many lines as she has complaints: more than one SMS."""

_OFFERED = re.compile(r"(?:[Kk]etik|[Bb]alas|[Tt]ype|[Rr]eply) \*?([A-Z]{2,}(?: [A-Z]{2,})*)\b")
# `Balas 1 angka` says how many.
_CHOICE = re.compile(r"(?<![\w.,:/-])\*?(\d)\*?(?![\w:/-]|[.,]\d| (?:angka|number)\b)([^\d\n.?]*)")
_ASKED_FOR = re.compile(r"(?m)(?:^|[Kk]etik |[Bb]alas |[Tt]ype |[Rr]eply )\*?\d(?!\d| (?:angka|number)\b)")
_AROUND = re.compile(r"\W+")
_POSITIVE = frozenset({UtteranceKind.YES, UtteranceKind.SOLVED})
_NEGATIVE = frozenset({UtteranceKind.NO, UtteranceKind.NOT_SOLVED})


def check_step(book: TextBook, step: str) -> list[TextFault]:
    """Return what is wrong with the texts of a step, in the order in which an editor reads them."""
    texts = book.texts(step)
    found = [TextFault("registered", step)] if step in TEMPLATE_STEPS and step in book.own else []
    for form in PROSE:
        for language in Language:
            text = texts.get((form, language))
            if text is None and form is TextForm.SMS and (form, _other(language)) not in texts:
                continue
            found += [_at(fault, step, (form, language)) for fault in _of_text(book, step, (form, language))]
        found += [_at(fault, step, (form, None)) for fault in _of_pair(book, step, form)]
    for language in Language:
        part = (TextForm.OPTIONS, language)
        found += [_at(fault, step, part) for fault in option_faults(book, step, language)]
        found += [_at(fault, step, part) for fault in _wording_faults(texts.get(part, ""), language)]
    return found


def check_together(book: TextBook) -> list[TextFault]:
    """Return what is wrong with the Indonesian texts as a whole (bar 12 of design.md 6)."""
    texts = [
        text
        for step in steps()
        for (_, language), text in book.texts(step).items()
        if language is Language.ID
    ]
    found = together(texts)
    if found.mean_words <= MEAN_LIMIT and found.index <= INDEX_LIMIT:
        return []
    details = {"mean": found.mean_words, "index": found.index, "most": 8, "limit": 4}
    return [TextFault("hard_together", details=details)]


def check_all(book: TextBook) -> list[TextFault]:
    """Return what is wrong with all texts."""
    return [fault for step in sorted(steps()) for fault in check_step(book, step)] + check_together(book)


def offered_words(text: str) -> list[str]:
    """Return the words that a text asks her to send: STATUS, TIDAK ADA."""
    return list(dict.fromkeys(_OFFERED.findall(text)))


def choices(text: str) -> list[tuple[int, str]]:
    """Return the digits that a text offers, in their order, each with the words that follow it."""
    return [(int(digit), _AROUND.sub(" ", words).strip()) for digit, words in _CHOICE.findall(text)]


def _of_text(book: TextBook, step: str, part: Part) -> Iterator[TextFault]:
    text = book.texts(step).get(part, "")
    if not text.strip():
        yield TextFault("missing")
        return
    named = list(_placeholder_faults(step, part, text))
    yield from named
    if not named:
        yield from _length_faults(book, step, part)
    if part[1] is Language.ID:
        yield from _reading_faults(text)
    yield from _wording_faults(text, part[1])
    yield from _offer_faults(step, part, text)
    yield from _line_faults(book, step, part, text)


def _placeholder_faults(step: str, part: Part, text: str) -> Iterator[TextFault]:
    named, may = placeholders(text), text_notes.allowed(step)
    if unknown := named - may:
        yield TextFault("unknown_placeholder", details={"names": _braced(unknown), "allowed": _braced(may)})
    if set("{}") & set(re.sub(r"\{\w+\}", "", text)):
        yield TextFault("braces")
    if gone := text_notes.required(step, *part) - named:
        yield TextFault("missing_placeholder", details={"names": _braced(gone)})


def _length_faults(book: TextBook, step: str, part: Part) -> Iterator[TextFault]:
    """A step without an SMS text says its chat text there: then that has to fit, too."""
    form, language = part
    if form is TextForm.CHAT:
        length = len(text_notes.sample(book, step, form, language, is_longest=True))
        if length > CHAT_LIMIT:
            yield TextFault("chat_too_long", details={"length": length, "limit": CHAT_LIMIT})
        if (TextForm.SMS, language) in book.texts(step):
            return
    said = text_notes.sample(book, step, TextForm.SMS, language, is_longest=True)
    if signs := beyond_plain(said):
        yield TextFault("not_plain", details={"signs": " ".join(signs)})
    elif (units := sms_size(said).units) > SMS_LIMIT and step not in ENDLESS:
        yield TextFault("sms_too_long", details={"length": units, "limit": SMS_LIMIT})


def _reading_faults(text: str) -> Iterator[TextFault]:
    longest = max(sentences(text), key=len, default=[])
    if len(longest) > SENTENCE_LIMIT:
        said = {"count": len(longest), "sentence": " ".join(longest), "limit": SENTENCE_LIMIT}
        yield TextFault("long_sentence", details=said)
    found = reading(text)
    if found.mean_words > MEAN_LIMIT:
        yield TextFault("long_mean", details={"mean": found.mean_words, "limit": 8})
    elif found.index > INDEX_LIMIT:
        yield TextFault("hard_to_read", details={"index": found.index, "limit": 4})


def _wording_faults(text: str, language: Language) -> Iterator[TextFault]:
    if language is Language.ID:
        for word, instead in text_notes.avoided().items():
            if match := re.search(rf"(?i)\b(?:di|me(?:m|ng)?|ter)?{word}(?:kan|nya)?\b", text):
                kind = "avoided" if instead else "avoided_alone"
                yield TextFault(kind, details={"word": match[0], "instead": instead})
    if asks_secret(text):
        yield TextFault("asks_secret")
    if redact(text).kinds:
        yield TextFault("holds_secret")
    if text.count("*") % 2:
        yield TextFault("stars")


def _offer_faults(step: str, part: Part, text: str) -> Iterator[TextFault]:
    """What we ask her to send must be understood, and mean what it means in the shipped text."""
    offered, shipped = offered_words(text), offered_words(_shipped(step, part))
    known = {understand(word).kind for word in shipped}
    new = [word for word in offered if word not in shipped]
    if unheard := [word for word in new if understand(word).kind is UtteranceKind.STORY]:
        yield TextFault("unheard", details={"words": ", ".join(unheard)})
    in_turn = _POSITIVE | _NEGATIVE | {UtteranceKind.DONE, UtteranceKind.SKIP}
    if other := [word for word in new if understand(word).kind in in_turn - known]:
        yield TextFault("other_meaning", details={"words": ", ".join(other)})
    kinds = {understand(word).kind for word in offered}
    if gone := [word for word in shipped if word not in offered and understand(word).kind not in kinds]:
        yield TextFault("not_offered", details={"words": ", ".join(gone)})


def _line_faults(book: TextBook, step: str, part: Part, text: str) -> Iterator[TextFault]:
    """The digits stay as shipped; the words of a line may change, but not to those of another line."""
    own, shipped = choices(text), choices(_shipped(step, part))
    if not shipped and not _ASKED_FOR.search(text):
        return  # a number that is no choice: 5 menit
    if [digit for digit, _ in own] != [digit for digit, _ in shipped]:
        details = {"shipped": _listed(shipped), "found": _listed(own)}
        yield TextFault("digits", details=details)
        return
    for (digit, words), (_, before) in zip(own, shipped, strict=True):
        if words != before and _is_turned(step, digit, words, before):
            yield TextFault("turned", details={"digit": digit, "words": words, "shipped": before})
    lines = menu_lines(text) if step in MENUS else ()
    if lost := [words for digit, words in lines if menu_choice(words, step, book) != digit]:
        yield TextFault("unheard", details={"words": ", ".join(lost)})


def _is_turned(step: str, digit: int, words: str, before: str) -> bool:
    if step in MENUS and menu_choice(words, step) not in (None, digit):
        return True
    now, was = _sides(words), _sides(before)
    return bool(now and was and not now & was)


def _sides(words: str) -> set[bool]:
    """Return whether words say yes (True) or no (False): `kalau sudah` says yes."""
    meant = {understand(words).kind} | {understand(word).kind for word in words.split()}
    sides = {True} if meant & _POSITIVE else set()
    return sides | ({False} if meant & _NEGATIVE else set())


def _of_pair(book: TextBook, step: str, form: TextForm) -> Iterator[TextFault]:
    texts = book.texts(step)
    pair = [texts[form, language] for language in Language if (form, language) in texts]
    if len(pair) < len(Language):
        return
    free = {"sapaan", "nama"}
    indonesian, english = (placeholders(text) - free for text in pair)
    if indonesian != english:
        yield TextFault("unlike", details={"names": _braced(indonesian ^ english)})


def _shipped(step: str, part: Part) -> str:
    texts = SHIPPED.texts(step)
    return texts.get(part) or texts[TextForm.CHAT, part[1]]


def _at(fault: TextFault, step: str, where: tuple[TextForm, Language | None]) -> TextFault:
    return TextFault(fault.kind, step, *where, fault.details)


def _other(language: Language) -> Language:
    return Language.EN if language is Language.ID else Language.ID


def _braced(names: frozenset[str] | set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


def _listed(found: list[tuple[int, str]]) -> str:
    return ", ".join(str(digit) for digit, _ in found) or "–"
