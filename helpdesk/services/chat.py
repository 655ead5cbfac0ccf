"""What a Mitra says by chat, heard against the question that we asked her last."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.conversation import Utterance, UtteranceKind, menu_choice, tells_something, understand
from helpdesk.domain.dialogue import MENUS, NOT_UNDERSTOOD, PASSED_OVER
from helpdesk.domain.message_templates import NEWS
from helpdesk.domain.messages import Direction, InboundMessage, MediaKind
from helpdesk.domain.privacy import Redaction, redact
from helpdesk.models.contacts import Handle
from helpdesk.models.messages import Message
from helpdesk.models.texts import editions_of
from helpdesk.models.tickets import Ticket
from helpdesk.services import held

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
    facts: Mapping[str, str] = field(default_factory=dict)
    """What that text keeps for its answer: the numbers of a list, the message that it asks about."""
    said: frozenset[str] = frozenset()
    """Steps of the standing texts in the ticket so far."""


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
    def is_answer(self) -> bool:
        """Whether it answers the menu that was asked last, be it with a digit that has no line there."""
        return self.choice is not None or (self.kind == UtteranceKind.DIGIT and self.asked.step in MENUS)

    def afresh(self) -> "Said":
        """Return the message as the first of another ticket: what was asked before counts no more."""
        return replace(self, asked=Asked(), choice=None)

    @property
    def words(self) -> str:
        """Her words, or in the staff's own what a message without words holds."""
        kinds = sorted({_WORDLESS_FILES[file.kind] for file in self.message.attachments})
        facts = [words for fact, words in _WORDLESS_FACTS.items() if fact in self.message.facts]
        return self.clean.text or f"[{', '.join(kinds or facts) or 'Pesan tanpa teks'}]"


def hear(
    session: Session,
    message: InboundMessage,
    ticket: Ticket | None,
    *,
    handle: Handle,
    language: str,
    now: datetime,
) -> Said:
    """Redact and understand a message. `ticket`: where we talked last with this address, or of what it edits."""
    clean = redact(message.text)
    asked = _asked(session, ticket, handle) if ticket is not None else Asked()
    utterance = understand(clean.text, language_hint=language)
    if utterance.kind == UtteranceKind.YES and held.has_just_opened(session, handle, now=now):
        asked = Asked(NEWS)
    is_bare = not message.attachments and not message.facts
    choice = _choice(session, clean.text, asked) if is_bare and asked.step in MENUS else None
    return Said(message, clean, utterance, asked, choice)


def _choice(session: Session, text: str, asked: Asked) -> int | None:
    """Return the chosen line of a menu; of a list of her complaints by its digit."""
    if asked.step != "T08c":
        heard = (menu_choice(text, asked.step, book) for book in editions_of(session, asked.step))
        return next((choice for choice in heard if choice is not None), None)
    digit = understand(text).choice
    return digit if digit is not None and 1 <= digit <= len(asked.facts.get("numbers", "").split()) else None


def _asked(session: Session, ticket: Ticket, handle: Handle) -> Asked:
    """Return our last text, with what was said before it: of a long conversation the newest part counts."""
    if held.is_unread(session, ticket, handle):
        return Asked(NEWS, held.asked_at(session, handle))
    spoken = session.execute(
        select(Message.facts, Message.at)
        .where(Message.ticket_id == ticket.id, Message.direction == Direction.OUT)
        .order_by(Message.id.desc())
        .limit(50)
    ).all()
    texts = [(row.facts or {}, row.at) for row in spoken]
    steps = [facts.get("step", "") for facts, _at in texts]
    said = frozenset(filter(None, steps))
    place = next((place for place, step in enumerate(steps) if step not in PASSED_OVER), None)
    misses = steps[:place].count(NOT_UNDERSTOOD)
    if place is None:
        return Asked(misses=misses, said=said)
    return Asked(steps[place], texts[place][1], misses, texts[place][0], said)
