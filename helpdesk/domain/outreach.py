"""How a message that must arrive reaches her: the ways in their order, then a person (data/outreach.yaml)."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from functools import cache
from typing import TypedDict, cast

from helpdesk.domain.messages import ChannelCode, Purpose
from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.quiet_hours import QuietHours
from helpdesk.domain.segments import sms_size
from helpdesk.domain.taxonomy import Severity


class TaskKind(StrEnum):
    """What a person does to reach her."""

    CALL = "call"
    LETTER = "letter"
    MEET = "meet"


class TaskResult(StrEnum):
    """What came of it."""

    REACHED = "reached"  # she knows now
    NOT_REACHED = "not_reached"
    SENT = "sent"  # the letter is on its way
    NEEDLESS = "needless"  # she was reached by other means


TOLD = frozenset({TaskResult.REACHED, TaskResult.SENT})
"""Results that count as given to her."""


class _Ladder(TypedDict):
    channels: list[str]
    purposes: list[str]
    sms_segments: int
    unread_hours: int
    task_hours: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """The ways in which a message is tried."""

    channels: tuple[ChannelCode, ...]
    purposes: frozenset[Purpose]
    sms_segments: int
    unread_after: timedelta
    task_due: timedelta
    """Service time."""

    def takes(self, channel: ChannelCode, text: str) -> bool:
        """Whether a text fits the channel: by SMS only what is short."""
        return channel != ChannelCode.SMS or sms_size(plain(text)).segments <= self.sms_segments


class _Quiet(TypedDict):
    until: str
    despite: list[str]
    purposes: list[str]


@dataclass(frozen=True, slots=True)
class Unasked:
    """When she may be written to without having asked."""

    hours: QuietHours
    despite: frozenset[Severity]
    purposes: frozenset[Purpose]


@cache
def unasked() -> Unasked:
    """Return what data/outreach.yaml says of the night."""
    entry = load_yaml("outreach.yaml")["quiet"]
    words = cast(_Quiet, entry)
    begin = cast(Mapping[str, str], entry)["from"]
    return Unasked(
        QuietHours(time.fromisoformat(begin), time.fromisoformat(words["until"])),
        frozenset(Severity(level) for level in words["despite"]),
        frozenset(Purpose(purpose) for purpose in words["purposes"]),
    )


@cache
def ladder() -> Ladder:
    """Return what data/outreach.yaml says."""
    # The shape of the shipped file is held by tests/domain/test_outreach.py, which is why it is trusted here.
    entry = cast(_Ladder, load_yaml("outreach.yaml")["ladder"])
    return Ladder(
        channels=tuple(ChannelCode(code) for code in entry["channels"]),
        purposes=frozenset(Purpose(purpose) for purpose in entry["purposes"]),
        sms_segments=entry["sms_segments"],
        unread_after=timedelta(hours=entry["unread_hours"]),
        task_due=timedelta(hours=entry["task_hours"]),
    )


_TYPED = str.maketrans(
    {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "\u00a0": " "}
)


_SIGNS = frozenset("+<=>$")


def plain(text: str) -> str:
    """Return a text of a chat without emphasis, pictures and typographic signs: for SMS and for paper."""
    typed = text.translate(_TYPED).replace("*", "")
    kept = "".join(
        sign for sign in typed if sign == "\n" or sign in _SIGNS or unicodedata.category(sign)[0] not in "CS"
    )
    return "\n".join(" ".join(line.split()) for line in kept.split("\n")).strip()


_SENTENCE = re.compile(r"(?<=[.?!])[ ]+")
_BY_WHEN = re.compile(r"\b(?:[Bb]alas(?: di sini)?(?= sebelum )|[Rr]eply(?: here)?(?= before ))")
_BY_CHAT = re.compile(
    r"\b(?:[Bb]alas|[Kk]etik|[Rr]eply|[Tt]ype)(?: with)? (?:\d|[A-Z]{2}|satu angka|one number|kapan saja|any time)"
)
"""What asks for a word or a number in a chat; "Kami balas paling lambat …" does not."""


def on_paper(text: str) -> str:
    """Return a text of a chat as a letter says it: nobody can press 1 on paper, so what asks for it stays away.

    A question goes with the sentence that says how to answer it; a day by which we want her answer stays.
    """
    lines = []
    for line in plain(text).split("\n"):
        dated = _BY_WHEN.sub(lambda found: "Jawab" if found[0][0] in "Bb" else "Answer", line)
        kept: list[str] = []
        for sentence in _SENTENCE.split(dated):
            if not _BY_CHAT.search(sentence):
                kept.append(sentence)
            elif kept and kept[-1].endswith("?"):
                kept.pop()
        if kept or not line:
            lines.append(" ".join(kept))
    return "\n".join(lines).strip()
