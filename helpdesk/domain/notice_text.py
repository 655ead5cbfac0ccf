"""What a notice says outside the application: number, level, what happened, until when, where to look. No more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.numbers import format_number
from helpdesk.domain.severity import Severity
from helpdesk.domain.wording import Language, promise_date, short_promise, zone_label

# Other kinds would tell what the complaint is about.
_HAPPENED: Mapping[str, tuple[str, str]] = {
    "escalated": ("Eskalasi", "Escalation"),
    "sla_breached": ("Lewat batas waktu", "Past its time limit"),
    "sla_warning": ("Batas waktu dekat", "Time limit is near"),
}
_OTHER = ("Pemberitahuan", "Notice")
_LEVELS: Mapping[str, tuple[str, str]] = {
    "L1": ("tim tiket", "the ticket's team"),
    "L2": ("manajer area", "area manager"),
    "L3": ("manajer wilayah", "regional manager"),
    "L4": ("pelindungan konsumen di pusat", "consumer protection at head office"),
    "L5": ("komite", "committee"),
    "L6": ("direksi", "board of directors"),
}


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """All that leaves the application: never a name, a story or a category (a ticket may be restricted)."""

    number: str
    severity: Severity
    kind: str
    level: str | None
    due_at: datetime | None
    """Next time limit of the ticket."""
    answer_by: datetime | None
    """Until when somebody of the level must say that she has it; None where nobody must."""
    zone: str
    """Of the person who is told."""
    more: int = 0
    """Notices about the same ticket that this one stands for besides itself, the gravest."""


def subject_line(facts: NoticeFacts, *, brand: str) -> str:
    """Return `[Amanah] Eskalasi L3: tiket 4821-9375 (S2), dan 2 lagi`."""
    level = f" {facts.level}" if facts.level else ""
    ticket = f"tiket {format_number(facts.number)} ({facts.severity.value}){_and_more(facts)}"
    return f"[{brand}] {_happened(facts)[0]}{level}: {ticket}"


def long_text(facts: NoticeFacts, *, brand: str, link: str) -> str:
    """Return the text of an e-mail, Indonesian first, then English."""
    return "\n\n-- \n\n".join(
        _paragraph(facts, language, brand=brand, link=link) for language in (Language.ID, Language.EN)
    )


def short_text(facts: NoticeFacts, channel: ChannelCode, *, brand: str, link: str) -> str:
    """Return one message for a phone, in Indonesian."""
    if channel != ChannelCode.SMS:
        return _paragraph(facts, Language.ID, brand=brand, link=link)
    level = f" {facts.level}" if facts.level else ""
    until = facts.answer_by or facts.due_at
    limit = ""
    if until is not None:
        word = "tanggapi" if facts.answer_by else "batas"
        when = short_promise(until, zone=facts.zone, language=Language.ID)
        limit = f", {word} {when} {zone_label(facts.zone, at=until)}"
    ticket = f"tiket {format_number(facts.number)} ({facts.severity.value}){_and_more(facts)}"
    return f"{brand}: {_happened(facts)[0]}{level} {ticket}{limit}. {link}"


def _paragraph(facts: NoticeFacts, language: Language, *, brand: str, link: str) -> str:
    is_english = language is Language.EN
    number, severity = format_number(facts.number), facts.severity.value
    happened = _happened(facts)[is_english]
    lines = [
        f"{brand}: {happened}, ticket {number} ({severity})"
        if is_english
        else f"{brand}: {happened}, tiket {number} ({severity})"
    ]
    if facts.level:
        who = _LEVELS.get(facts.level, ("", ""))[is_english]
        lines.append(f"{'Level' if is_english else 'Jenjang'}: {facts.level}{', ' if who else ''}{who}")
    if facts.due_at is not None:
        due = promise_date(facts.due_at, zone=facts.zone, language=language)
        lines.append(f"{'Time limit' if is_english else 'Batas waktu'}: {due}")
    if facts.answer_by is not None:
        until = promise_date(facts.answer_by, zone=facts.zone, language=language)
        lines.append(
            f"Please say by {until} that you have it; otherwise the next level is told."
            if is_english
            else f"Tanggapi sampai {until}; kalau tidak, jenjang berikutnya diberi tahu."
        )
    if facts.more:
        lines.append(
            f"And {facts.more} more {'notice' if facts.more == 1 else 'notices'} about this ticket."
            if is_english
            else f"Dan {facts.more} pemberitahuan lagi tentang tiket ini."
        )
    lines.append(link)
    return "\n".join(lines)


def _and_more(facts: NoticeFacts) -> str:
    return f", dan {facts.more} lagi" if facts.more else ""


def _happened(facts: NoticeFacts) -> tuple[str, str]:
    return _HAPPENED.get(facts.kind, _OTHER)
