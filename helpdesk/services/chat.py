"""What a Mitra says by chat, heard against the question that we asked her last."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.conversation import Utterance, UtteranceKind, menu_choice, tells_something, understand
from helpdesk.domain.messages import Direction, InboundMessage, MediaKind
from helpdesk.domain.privacy import Redaction, redact
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket

MENUS = frozenset({"T04", "T13", "T17b", "T23"})
"""Texts that ask for one of their lines; a digit counts for the last of them only (design.md 3)."""

NOT_UNDERSTOOD = "T18"
CODE_WARNING = "T14"
ANOTHER = "T05b"
"""What LAPOR gets from us beside a complaint that she has told already."""
_PASSED_OVER = frozenset({NOT_UNDERSTOOD, CODE_WARNING})
"""Texts after which the question before them still stands."""

_WORDLESS_FILES = {
    MediaKind.PHOTO: "Foto",
    MediaKind.VOICE: "Pesan suara",
    MediaKind.AUDIO: "Suara",
    MediaKind.VIDEO: "Video",
    MediaKind.DOCUMENT: "Dokumen",
    MediaKind.CONTACT: "Kontak",
    MediaKind.STICKER: "Stiker",
}
_WORDLESS_FACTS = {"latitude": "Lokasi", "contact_phone": "Nomor HP"}


@dataclass(frozen=True, slots=True)
class Asked:
    """The last text of ours in a ticket; `step` is empty where a person wrote it, or nobody did."""

    step: str = ""
    at: datetime | None = None
    misses: int = 0
    """How often we have said since then that we did not understand."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message with what was understood of it."""

    message: InboundMessage
    clean: Redaction
    utterance: Utterance
    asked: Asked
    choice: int | None
    """Line of the menu that was asked last."""

    @property
    def kind(self) -> UtteranceKind:
        return self.utterance.kind

    @property
    def is_story(self) -> bool:
        """Whether it tells something: words that answer no menu, a file or a place."""
        message = self.message
        is_told = tells_something(self.clean.text, facts=message.facts, has_files=bool(message.attachments))
        return is_told and self.choice is None

    @property
    def is_miss(self) -> bool:
        """A digit where the menu that was asked last has no such line."""
        return self.kind == UtteranceKind.DIGIT and self.asked.step in MENUS and self.choice is None

    def afresh(self) -> "Said":
        """Return the message as the first of another ticket: what was asked before counts no more."""
        return replace(self, asked=Asked(), choice=None)

    @property
    def words(self) -> str:
        """Her words, or in the staff's own what a message without words holds."""
        kinds = sorted({_WORDLESS_FILES[file.kind] for file in self.message.attachments})
        facts = [words for fact, words in _WORDLESS_FACTS.items() if fact in self.message.facts]
        return self.clean.text or f"[{', '.join(kinds or facts) or 'Pesan tanpa teks'}]"


def hear(session: Session, message: InboundMessage, ticket: Ticket | None, *, language: str) -> Said:
    """Redact and understand a message. `ticket`: where we talked last with this address, or of what it edits."""
    clean = redact(message.text)
    asked = _asked(session, ticket) if ticket is not None else Asked()
    is_bare = not message.attachments and not message.facts
    choice = menu_choice(clean.text, asked.step) if is_bare and asked.step in MENUS else None
    return Said(message, clean, understand(clean.text, language_hint=language), asked, choice)


def _asked(session: Session, ticket: Ticket) -> Asked:
    spoken = session.scalars(
        select(Message)
        .where(Message.ticket_id == ticket.id, Message.direction == Direction.OUT)
        .order_by(Message.id.desc())
        .limit(6)
    )
    misses = 0
    for message in spoken:
        step = (message.facts or {}).get("step", "")
        if step not in _PASSED_OVER:
            return Asked(step, message.at, misses)
        misses += step == NOT_UNDERSTOOD
    return Asked(misses=misses)
