"""What must never be stored: redact(); masks for screens, logs and exports."""

import re
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from enum import StrEnum

from stdnum import damm, luhn

from helpdesk.domain import secret_patterns as patterns
from helpdesk.domain.folding import Folded, fold
from helpdesk.domain.names import HIDDEN_NAME, hide_names
from helpdesk.domain.phones import national_form
from helpdesk.domain.secret_patterns import HIDDEN, KEPT


class SecretKind(StrEnum):
    """What redact() hides. A family-card number (KK) has the shape of a NIK and is as dangerous."""

    PIN = "pin"
    OTP = "otp"
    PASSWORD = "password"  # noqa: S105  the word, not a secret
    NIK = "nik"
    KK = "kk"
    CARD = "card"
    ACCOUNT = "account"


MARKERS: dict[SecretKind, str] = {
    SecretKind.PIN: "[PIN ••••]",
    SecretKind.OTP: "[OTP ••••]",
    SecretKind.PASSWORD: "[kata sandi ••••]",
    SecretKind.NIK: "[NIK ••••]",
    SecretKind.KK: "[KK ••••]",
    SecretKind.CARD: "[kartu ••••]",
    SecretKind.ACCOUNT: "[rekening ••••]",
}
ERASED = "[dihapus]"
"""Stands where a text was that had to be forgotten (services/privacy.py)."""

CODE_KINDS = frozenset({SecretKind.PIN, SecretKind.OTP, SecretKind.PASSWORD})
"""Kinds after which the person is told to change the code (design.md T14)."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """A text that may be stored, and what was taken out of it."""

    text: str
    kinds: frozenset[SecretKind]


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    kind: SecretKind


_Finder = Callable[[str], Iterator[_Hit]]

_MARKER = re.compile("|".join(re.escape(marker.lower()) for marker in MARKERS.values()))
_MOST_PASSES = 8


def redact(text: str) -> Redaction:
    """Replace secrets by a mark. Doing it twice changes nothing more; amounts, phones, dates, loan ids stay.

    The rule of domain.md 1.9 and 6.3: identity numbers and codes are never kept in free text.
    """
    kinds: set[SecretKind] = set()
    for _ in range(_MOST_PASSES):  # hiding one thing may bring another into view; two passes are usual
        folded = fold(text)
        hits = _find(folded.text)
        if not hits:
            break
        kinds.update(hit.kind for hit in hits)
        text = _replace(text, folded, hits)
    return Redaction(text, frozenset(kinds))


def _find(text: str) -> list[_Hit]:
    text = _blank(text, [match.span() for match in _MARKER.finditer(text)], HIDDEN)
    hits: list[_Hit] = []
    text = _hide(text, hits, _passwords)
    text = _blank(text, list(_kept_spans(text)), KEPT)
    for finder in _FINDERS:
        text = _hide(text, hits, finder)
    return sorted(hits, key=lambda hit: hit.start)


def _hide(text: str, hits: list[_Hit], finder: _Finder) -> str:
    found = list(finder(text))
    hits.extend(found)
    return _blank(text, [(hit.start, hit.end) for hit in found], HIDDEN)


def _blank(text: str, spans: list[tuple[int, int]], sign: str) -> str:
    if not spans:
        return text
    pieces: list[str] = []
    position = 0
    for start, end in sorted(spans):
        if start < position:
            continue
        pieces += [text[position:start], sign * (end - start)]
        position = end
    return "".join([*pieces, text[position:]])


def _replace(text: str, folded: Folded, hits: list[_Hit]) -> str:
    pieces: list[str] = []
    position = 0
    for hit in hits:
        start, end = folded.span(hit.start, hit.end)
        if start < position:
            continue
        pieces += [text[position:start], MARKERS[hit.kind]]
        position = end
    return "".join([*pieces, text[position:]])


def _kept_spans(text: str) -> Iterator[tuple[int, int]]:
    for pattern in patterns.KEEP:
        for match in pattern.finditer(text):
            yield match.span("value")
    for match in patterns.TICKET.finditer(text):
        if damm.is_valid(_digits(match["value"])):
            yield match.span("value")


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _is_round(value: str) -> bool:
    """Tell whether bare digits are more likely an amount of rupiah than an identifier."""
    return value.isdigit() and not value.startswith("0") and value.endswith("000") and len(value) <= 9


def _plain_hits(pattern: re.Pattern[str], kind: SecretKind) -> _Finder:
    def find(text: str) -> Iterator[_Hit]:
        for match in pattern.finditer(text):
            yield _Hit(*match.span("value"), kind)

    return find


def _passwords(text: str) -> Iterator[_Hit]:
    for pattern in (patterns.PASSWORD_NAMED, patterns.PASSWORD_NEXT):
        for match in pattern.finditer(text):
            value = match["value"].rstrip(".,;:!?)]}\"'") or match["value"]
            start = match.start("value")
            if not patterns.NOT_A_PASSWORD.fullmatch(value) and not _is_amount_or_phone(value):
                yield _Hit(start, start + len(value), SecretKind.PASSWORD)


def _is_amount_or_phone(value: str) -> bool:
    return _is_round(value) or value.startswith("rp") or bool(patterns.PHONE_SHAPE.fullmatch(value))


def _codes(pattern: re.Pattern[str], kind: SecretKind) -> _Finder:
    """Codes right after their word, and further ones after "atau", "dan"."""

    def find(text: str) -> Iterator[_Hit]:
        for match in pattern.finditer(text):
            found: re.Match[str] | None = match
            while found is not None and _may_be_code(found["value"]):
                yield _Hit(*found.span("value"), kind)
                found = patterns.MORE_CODES.match(text, found.end("value"))

    return find


def _may_be_code(value: str) -> bool:
    digits = _digits(value)
    return not digits or len(digits) >= 4


def _far_codes(pattern: re.Pattern[str], kind: SecretKind) -> _Finder:
    """Six digits later in the sentence, unless the words between speak of money, a date or a phone."""

    def find(text: str) -> Iterator[_Hit]:
        for match in pattern.finditer(text):
            if not _is_round(match["value"]) and not patterns.NOT_A_CODE_AFTER.search(match["between"]):
                yield _Hit(*match.span("value"), kind)

    return find


def _niks_by_shape(text: str) -> Iterator[_Hit]:
    position = 0
    for match in patterns.ANY_NIK.finditer(text):
        value, digits = match["value"], _digits(match["value"])
        is_even = len(set(re.sub(r"\d", "", value))) <= 1
        is_nik = (is_even and patterns.NIK_SHAPE.fullmatch(digits)) or (
            patterns.NIK_IN_FOURS.fullmatch(value) and not _is_card(digits)
        )
        if match.start() >= position and is_nik:
            position = match.end("value")
            yield _Hit(match.start("value"), position, SecretKind.NIK)


def _cards_by_checksum(text: str) -> Iterator[_Hit]:
    for match in patterns.ANY_CARD.finditer(text):
        digits = _digits(match["value"])
        if not patterns.PHONE_SHAPE.fullmatch(digits) and _is_card(digits):
            yield _Hit(*match.span("value"), SecretKind.CARD)


def _is_card(digits: str) -> bool:
    is_long_enough = 13 <= len(digits) <= 19
    return bool(is_long_enough and patterns.CARD_PREFIX.match(digits) and luhn.is_valid(digits))


def _accounts(text: str) -> Iterator[_Hit]:
    for match in patterns.ACCOUNT.finditer(text):
        digits = _digits(match["value"])
        if 7 <= len(digits) <= 18 and not _is_round(match["value"]):
            yield _Hit(*match.span("value"), SecretKind.ACCOUNT)


def _accounts_by_bank(pattern: re.Pattern[str]) -> _Finder:
    """Weaker signs of an account: a number that may be a phone is left alone."""

    def find(text: str) -> Iterator[_Hit]:
        for match in pattern.finditer(text):
            between = match.groupdict().get("between") or ""
            is_phone = patterns.PHONE_SHAPE.fullmatch(_digits(match["value"])) or patterns.PHONE_WORDS.search(
                between
            )
            if not is_phone:
                yield _Hit(*match.span("value"), SecretKind.ACCOUNT)

    return find


_FINDERS: tuple[_Finder, ...] = (
    _codes(patterns.OTP, SecretKind.OTP),
    _codes(patterns.PIN, SecretKind.PIN),
    _plain_hits(patterns.OTP_BEHIND, SecretKind.OTP),
    _plain_hits(patterns.PIN_BEHIND, SecretKind.PIN),
    _plain_hits(patterns.BARE_CODE, SecretKind.OTP),
    _plain_hits(patterns.CVV, SecretKind.CARD),
    _plain_hits(patterns.KK, SecretKind.KK),
    _plain_hits(patterns.NIK, SecretKind.NIK),
    _plain_hits(patterns.CARD, SecretKind.CARD),
    _accounts,
    _niks_by_shape,
    _cards_by_checksum,
    _far_codes(patterns.FAR_OTP, SecretKind.OTP),
    _far_codes(patterns.FAR_PIN, SecretKind.PIN),
    _accounts_by_bank(patterns.BANK_THEN_NUMBER),
    _accounts_by_bank(patterns.ACCOUNT_FAR),
    _accounts_by_bank(patterns.ACCOUNT_BEHIND),
)


def mask_phone(phone: str) -> str:
    """Return `0812-****-7890` for `+6281234567890`; anything too short to hide in is hidden whole."""
    shown = national_form(phone)
    digits = _digits(shown)
    if len(digits) < 9:
        return "****"
    head = f"{shown.split(' ')[0]} " if shown.startswith("+") else f"{digits[:4]}-"
    return f"{head}****-{digits[-4:]}"


def mask_name(name: str) -> str:
    """Return `Siti A.` for `Siti Aminah`."""
    first, *others = name.split() or [""]
    return " ".join([first, *(f"{other[0]}." for other in others[-1:])])


_EMAIL = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,4}")
_TELEPHONE = re.compile(r"(?<![\w+])(?:\+\d{1,3}|62|0)[ .\-()]{0,3}\d(?:[ .\-()]{0,2}\d){6,12}(?!\w)")
_NPWP = re.compile(r"(?<!\d)\d{2}\.\d{3}\.\d{3}\.\d-?\d{3}\.\d{3}(?!\d)")
_BIRTH = re.compile(r"(?i)(\b(?:lahir|born|ttl)\b[^\d\n]{0,30})\d{1,4}[\s./\-]\w{1,9}[\s./\-]\d{2,4}\b")
_ADDRESS = re.compile(
    r"(?i)\b(?:jl|jln|jalan|gg|gang|kp|kampung|dusun|perum)\b[^,;\n\d]{1,50}\bno\b\.?\s?\d{1,4}\w?"
    r"(?:\s{0,2}rt\b[.\s]{0,2}\d{1,3}\s?/?\s?(?:rw\b[.\s]{0,2})?\d{0,3})?"
)
_FOR = r"(?:atas nama\b|a\.n\.?|a/n\b)"
_UP_TO_NAME = r"[\s:]{1,3}(?!(?:saya|sy|aku|suami|istri|orang)\b)(?:(?:bpk|bapak|pak|ibu|bu|sdri?)\b\.?\s)?+"
_SAID_FOR = re.compile(
    rf"((?i:\b{_FOR}{_UP_TO_NAME}))(?:[A-Z][a-z']{{0,2}}\.\s?|[A-Z][a-z']{{1,30}}\s?){{1,4}}(?<!\s)(?!\w)"
)
"""Names that begin with capitals, also where they are words ("a.n. Bagus Utama"); hide_names() has the others."""
_SAID_NAME = re.compile(
    rf"((?i:\b(?:(?:nama(?: saya| sy| aku)?|perkenalkan(?: saya)?|my name is)\b|{_FOR}){_UP_TO_NAME}))"
    r"(?:[A-Z][\w'.]{1,30}\s?){1,4}(?<!\s)"
)


def strip_personal(text: str, names: Iterable[str] = (), known: Set[str] = frozenset()) -> str:
    """Return the text for product staff: secrets, phones, addresses and names replaced by a word.

    `names` are those of the person who tells it, `known` the name_words() of everybody else we know of.
    """
    text = redact(text).text
    text = _EMAIL.sub("[email]", text)
    text = _NPWP.sub("[NPWP]", text)
    text = _BIRTH.sub(r"\1[tanggal lahir]", text)
    text = _ADDRESS.sub("[alamat]", text)
    text = _TELEPHONE.sub("[telepon]", text)
    text = hide_names(_SAID_FOR.sub(rf"\1{HIDDEN_NAME}", text), names, known)
    return _SAID_NAME.sub(rf"\1{HIDDEN_NAME}", text)
