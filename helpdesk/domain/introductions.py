"""What a Mitra answers when she is asked for her name and village: `Siti Aminah, Sukamaju`."""

import re
from dataclasses import dataclass

from helpdesk.domain.names import could_be_name
from helpdesk.domain.privacy import redact


@dataclass(frozen=True, slots=True)
class Introduction:
    """A name and, where she said it, a village."""

    name: str
    village: str | None = None


_I_AM = (
    r"(?:nama\s*(?:lengkap\s*)?(?:saya|sy|aku|ku)?|saya|sy|aku|ini|perkenalkan|my name is|i am|i'm|this is)"
)
_OPENING = re.compile(rf"(?i)^(?:{_I_AM}\s*[:=]?\s+)+")
_DENIAL = re.compile(
    r"(?i)^(?:bukan|tidak|ndak|nggak|gak|no|not me|salah)(?:\s+(?:saya|bu|ibu|pak|kak))*\s*[,.;!]?\s+"
    rf"(?={_I_AM}\s)"
)
"""`Bukan, saya Wati`: a no that goes on with who it is."""
_ADDRESS = re.compile(r"(?i)[\s,]+(?:ibu|bu|bapak|pak|kak|kakak|mbak|mba|min|admin|ya|sir|madam)[.!]*$")
_LAUGHTER = re.compile(r"(?i)^(?:(?:ha|he|hi|ho|wk|xi)+[hkax]?|lol)$")
_TITLE = re.compile(r"(?i)^(?:ibu|bu|bpk|bapak|pak|mbak|mba|mas|mrs|mr)\.?\s+")
_PLACE = re.compile(
    r"(?i)\s*(?:[,;/\n]|\s-\s|\s(?:dari|dr|from|di|of)\s(?=\S)|\s(?=(?:desa|ds|dusun|dsn|kampung|kp|kel|kec|rt)\b))\s*"
)
_PLACE_WORD = re.compile(r"(?i)^(?:dari|dr|from|di|of)?\s*(?:(?:desa|ds|kampung|kp|kelurahan|kel)\b\.?)?\s*")
_WORD = re.compile(r"[^\W\d_][\w'’.\-]*")
_MOST_WORDS, _LONGEST = 5, 60


def introduction(text: str) -> Introduction | None:
    """Return the name and village that the text is, or None where it rather tells something.

    What has a comma or says `nama saya` is taken at its word; otherwise every word must be able to be a name, for
    what is no name must not become one: `belum masuk juga`.
    """
    if len(text) > 2 * _LONGEST or any(sign.isdigit() for sign in text.split(",")[0]) or redact(text).kinds:
        return None
    opened = _ADDRESS.sub("", _OPENING.sub("", _DENIAL.sub("", text.strip(), count=1), count=1), count=1)
    first, *rest = _PLACE.split(opened, maxsplit=1)
    name = _ADDRESS.sub("", _TITLE.sub("", first), count=1).strip(" .")
    words = name.split()
    if not 1 <= len(words) <= _MOST_WORDS or not all(_WORD.fullmatch(word) for word in words):
        return None
    if any(_LAUGHTER.match(word) for word in words):
        return None
    if len(name) > _LONGEST or max(map(len, words)) < 3 or not could_be_name(words):
        return None
    village = _PLACE_WORD.sub("", rest[0], count=1).strip(" .,") if rest else ""
    return Introduction(
        name.title() if name.islower() or name.isupper() else name, village[:_LONGEST] or None
    )


def names_herself(text: str) -> Introduction | None:
    """Return who she says that she is where nobody asked for a name: only after words such as `saya` or `ini`."""
    said = _DENIAL.sub("", text.strip(), count=1)
    return introduction(text) if _OPENING.match(said) else None
