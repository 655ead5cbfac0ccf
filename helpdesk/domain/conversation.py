"""What a person means by a chat message, before anybody reads it: a command, a short answer, or a story."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import cast

from helpdesk.domain.folding import plain_digits
from helpdesk.domain.numbers import find_number, parse_number
from helpdesk.domain.options import offer_of
from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.wording import PROSE, SHIPPED, Language, TextBook


class UtteranceKind(StrEnum):
    """Only a whole message is a command or an answer; inside a sentence the same word is part of a story."""

    GREETING = "greeting"
    STATUS = "status"
    YES = "yes"
    NO = "no"
    DIGIT = "digit"
    THANKS = "thanks"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    WITHDRAW = "withdraw"
    URGENT = "urgent"
    DATA = "data"
    REPORT = "report"
    DONE = "done"
    SKIP = "skip"
    HUMAN = "human"
    SOLVED = "solved"
    NOT_SOLVED = "not_solved"
    EMPTY = "empty"
    STORY = "story"


@dataclass(frozen=True, slots=True)
class Utterance:
    """`choice`: the digit that was answered, 0 to 9. `number`: a ticket number named anywhere in the text."""

    kind: UtteranceKind
    choice: int | None
    number: str | None
    language: Language


TELLING_FACTS = frozenset({"latitude", "unsupported"})
"""Things said without words that are a story; her own number or a pressed button is none."""

_LONGEST_COMMAND = 120
_LETTER_RUN = re.compile(r"([^\W\d_])\1+")
_NOT_WORD = re.compile(r"[^\w]+|_+")
_CHOICE = re.compile(r"(?:(?:no|nomor|nomer|number|pilih|angka|opsi) )?(\d|[a-z]+)(?: (.+))?")


def _plain(text: str) -> str:
    """Lower case, digits of every script as 0-9, no signs, letter runs as one: `Haloooo!!` is `halo`."""
    folded = plain_digits(text).replace("'", "").replace("’", "").replace("`", "")
    return _LETTER_RUN.sub(r"\1", _NOT_WORD.sub(" ", folded)).strip()


def _phrases(text: str) -> frozenset[str]:
    return frozenset(_plain(phrase) for phrase in text.split(","))


_DOCUMENT = load_yaml("chat_words.yaml")


def _table(name: str) -> frozenset[str]:
    return _phrases(str(_DOCUMENT[name]))


_COMMANDS = cast(dict[str, str], _DOCUMENT["commands"])
# Where a phrase stands under two kinds, the first in the file holds.
_COMMAND_OF = {
    phrase: UtteranceKind(kind)
    for kind, phrases in reversed(_COMMANDS.items())
    for phrase in _phrases(phrases)
}
_DIGITS = (
    ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"),
    ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
)
_DIGIT_WORDS = {_plain(word): digit for words in _DIGITS for digit, word in enumerate(words)}
_SIGNS = {
    "👍": UtteranceKind.YES,
    "👌": UtteranceKind.YES,
    "🙏": UtteranceKind.THANKS,
    "👎": UtteranceKind.NO,
}
_PLAIN_YES = _table("plain_yes")
_CONTENT = _table("content")
_DISCONTENT = _table("discontent")
_ADDRESS = _table("address")
_GREETINGS = _table("greetings")
_NOT_ALONE_A_GREETING = _table("not_alone_a_greeting")
_STATUS_HEADS = _table("status_heads")
_MATTERS = _table("matters")
_ASKING = _table("asking")
_STATUS_WORDS = _STATUS_HEADS | _MATTERS | _ASKING | _table("status_fillers") | _ADDRESS
_OPTION = re.compile(r"(?<!\w)([1-9]) (?!angka|number)([^\d\n.?]+)")
_OTHER_WORDS = cast(dict[str, dict[int, str]], _DOCUMENT["menu_words"])
_NUMBERED = re.compile(r"([1-9]) (.+)")
_CHOSEN = re.compile(r"(?:(\d) )?(.+)")
_YES_OR_NO = frozenset({"T17b"})
_ANSWERS = {UtteranceKind.YES: 1, UtteranceKind.NO: 2}
_ENGLISH = frozenset(str(_DOCUMENT["english"]).split(", "))
_INDONESIAN = frozenset(str(_DOCUMENT["indonesian"]).split(", "))


def understand(text: str, *, language_hint: str | None = None) -> Utterance:
    """Say what the whole message is. `language_hint`: the contact's so far, if the text shows none."""
    language = guess_language(text, hint=language_hint)
    if not plain_digits(text).strip():
        return Utterance(UtteranceKind.EMPTY, choice=None, number=None, language=language)
    number = parse_number(text) or find_number(text)
    kind, choice = _meaning(text, number) if len(text) <= _LONGEST_COMMAND else (UtteranceKind.STORY, None)
    return Utterance(kind, choice, number=number, language=language)


def tells_something(text: str, *, facts: Iterable[str] = (), has_files: bool = False) -> bool:
    """Whether a message tells what a reader wants to know: more than a command or a short answer."""
    return has_files or not TELLING_FACTS.isdisjoint(facts) or understand(text).kind == UtteranceKind.STORY


def menu_choice(text: str, step: str, book: TextBook = SHIPPED) -> int | None:
    """Return which line of the menu in text `step` the message chooses; None for none of them.

    By its digit, by its words as that text writes them in either language, or by both: `1 Sangat kecewa`. The words
    of the shipped text are heard beside those of the lender's own: she may answer what was said before a change.
    Where the first lines are yes and no, these words choose them too.
    """
    labels = _shipped_labels(step)
    if step in book.own:
        labels = {**_text_labels(step, book), **labels}
    said = understand(text)
    if said.kind in _ANSWERS and step in _YES_OR_NO:
        is_meant = said.kind is UtteranceKind.NO or _is_plain_yes(text)
        return _ANSWERS[said.kind] if is_meant else None
    if said.choice is not None:
        return said.choice if said.choice in labels.values() else None
    plain = _plain(text)
    for words in (plain, " ".join(word for word in plain.split() if word not in _ADDRESS)):
        match = _CHOSEN.fullmatch(words)
        choice = labels.get(match[2]) if match else None
        if match and choice is not None and match[1] in (None, str(choice)):
            return choice
    return None


def is_content(text: str) -> bool:
    """Whether words after our answer say that it is well: thanks or a good end, and nothing against it."""
    plain = f" {_plain(text)} "
    has_good = any(f" {phrase} " in plain for phrase in _CONTENT)
    return has_good and not any(f" {word} " in plain for word in _DISCONTENT)


def guess_language(text: str, *, hint: str | None = None) -> Language:
    """Return the language with more of its small words in the text; where equal the hint, else Indonesian."""
    words = re.findall(r"[^\W\d_]+", text.lower())[:300]
    english = sum(word in _ENGLISH for word in words)
    indonesian = sum(word in _INDONESIAN for word in words)
    if english != indonesian:
        return Language.EN if english > indonesian else Language.ID
    return Language.EN if hint == Language.EN else Language.ID


def _is_plain_yes(text: str) -> bool:
    """Whether it is a yes that can mean nothing else, with or without forms of address (`ya` is one of them, too)."""
    words = _plain(text).split()
    return " ".join(word for word in words if word == "ya" or word not in _ADDRESS) in _PLAIN_YES


def menu_lines(text: str) -> tuple[tuple[int, str], ...]:
    """Return the numbered lines of a text, as in `1 Angsuran 2 Uang pinjaman`, with their words as written."""
    return tuple((int(digit), words.strip()) for digit, words in _OPTION.findall(text))


@cache
def _shipped_labels(step: str) -> Mapping[str, int]:
    others = {
        _plain(word): line for line, words in _OTHER_WORDS.get(step, {}).items() for word in words.split(",")
    }
    return others | _text_labels(step, SHIPPED)


def _text_labels(step: str, book: TextBook) -> dict[str, int]:
    """Return the words of a menu with their digits, in both languages, of chat, of SMS and of what is pressed."""
    said = (text for (form, _), text in book.texts(step).items() if form in PROSE)
    labels = {_plain(words): digit for text in said for digit, words in menu_lines(text)}
    pressed = (option.label for language in Language for option in offer_of(step, language, book).options)
    numbered = (match for label in pressed if (match := _NUMBERED.fullmatch(_plain(label))))
    return labels | {match[2]: int(match[1]) for match in numbered}


def _meaning(text: str, number: str | None) -> tuple[UtteranceKind, int | None]:
    if text.strip().lower().startswith("/start"):
        return UtteranceKind.GREETING, None  # Telegram sends it when a chat begins
    plain = _plain(text)
    if not plain:
        return _of_signs(text), None
    if number is not None and _only_names_it(text, plain):
        return UtteranceKind.STATUS, None
    return _of_words(plain)


def _only_names_it(text: str, plain: str) -> bool:
    """`4821-9375`, and what our form puts into her mouth: `Nomor pengaduan saya 4821-9375`."""
    words = plain.split()
    return parse_number(text) is not None or all(word in _STATUS_WORDS or word.isdigit() for word in words)


def _of_signs(text: str) -> UtteranceKind:
    meant = {_SIGNS[sign] for sign in text if sign in _SIGNS}
    return meant.pop() if len(meant) == 1 else UtteranceKind.STORY


def _of_words(plain: str) -> tuple[UtteranceKind, int | None]:
    command = _command(plain)
    if command is not None:
        return command, 0 if plain in ("0", "nol") else None
    chosen = _choice(plain)
    if chosen is not None:
        return chosen
    words = plain.split()
    if _is_greeting(words):
        return UtteranceKind.GREETING, None
    if _asks_status(words):
        return UtteranceKind.STATUS, None
    return UtteranceKind.STORY, None


def _command(plain: str) -> UtteranceKind | None:
    """The phrase itself, or what is left of it without forms of address: `sudah bu`, `ya bu`, `tolong batal ya`."""
    words = plain.split()
    bare = " ".join(word for word in words if word not in _ADDRESS)
    # `ya` is both an answer and a filler: it counts where nothing else is left.
    fillers = " ".join(dict.fromkeys(word for word in words if word in _COMMAND_OF))
    for phrase in (plain, bare, "" if bare else fillers):
        if phrase in _COMMAND_OF:
            return _COMMAND_OF[phrase]
    for thanks in ("terima kasih", "makasih", "thank you", "thanks"):
        if bare.endswith(f" {thanks}") and bare.removesuffix(f" {thanks}") in _COMMAND_OF:
            return _COMMAND_OF[bare.removesuffix(f" {thanks}")]
    return None


def _choice(plain: str) -> tuple[UtteranceKind, int] | None:
    """`1`, `satu`, `no 1`, `1 SUDAH`: the digit, with the meaning of the word after it."""
    match = _CHOICE.fullmatch(" ".join(word for word in plain.split() if word not in _ADDRESS) or plain)
    if match is None:
        return None
    first, rest = match[1], match[2]
    digit = int(first) if first.isdigit() else _DIGIT_WORDS.get(first)
    if digit is None:
        return None
    if rest is None:
        return (UtteranceKind.HUMAN if digit == 0 else UtteranceKind.DIGIT), digit
    said = _COMMAND_OF.get(rest)
    return (said, digit) if said is not None else None


def _is_greeting(words: list[str]) -> bool:
    kept = [word for word in words if word not in _ADDRESS]
    if not kept:
        return True  # "Bu?" calls us and says nothing yet
    is_polite = all(word in _GREETINGS for word in kept)
    return is_polite and (len(kept) > 1 or kept[0] not in _NOT_ALONE_A_GREETING)


def _asks_status(words: list[str]) -> bool:
    if not all(word in _STATUS_WORDS or word.isdigit() for word in words):
        return False
    has_matter = any(word in _MATTERS for word in words)
    return any(word in _STATUS_HEADS for word in words) or (
        has_matter and any(word in _ASKING for word in words)
    )
