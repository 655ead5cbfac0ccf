"""Whether a text of ours asks for what we never ask for: a PIN, OTP or password."""

import re

_ASKS_SECRET = re.compile(
    r"\b(kirim|kirimkan|sebut|sebutkan|tulis|tuliskan|beri|berikan|kasih|minta|share|send|tell|give)\b"
    r"[^.?!\n]{0,40}\b(pin|otp|kata sandi|password)\b",
    re.IGNORECASE,
)
_ASKS_WHICH = re.compile(
    r"\b(pin|otp|password|kata sandi)(nya|-nya)?\b[^.?!\n]{0,20}\b(berapa|apa)\b"
    r"|\b(berapa|apa|what is)\b[^.?!\n]{0,20}\b(pin|otp|password|kata sandi)(nya)?\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"\b(jangan|tidak|tak|never|don't|do not|not|bukan)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.?!\n]+[.?!\n]*")


def asks_secret(text: str) -> bool:
    """Whether a sentence asks for a secret; one that warns of it (`jangan kirim PIN`) does not."""
    return any(_asks(sentence) for sentence in _SENTENCE.findall(text))


def _asks(sentence: str) -> bool:
    asked = _ASKS_SECRET.search(sentence) or _ASKS_WHICH.search(sentence)
    return asked is not None and not _NEGATED.search(sentence[: asked.end()])
