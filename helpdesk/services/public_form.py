"""The public form: its answers become one complaint, however often Kirim is pressed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict
from helpdesk.domain.lender import Lender
from helpdesk.domain.messages import ChannelCode, Direction
from helpdesk.models.merges import end_of
from helpdesk.models.messages import Attachment, Message
from helpdesk.models.tickets import Ticket
from helpdesk.services import attachments, contact_tasks, drafts, idempotency, limits, registration
from helpdesk.services.contacts import Person
from helpdesk.services.follow_up import follow_up_code, give_code, needs_code
from helpdesk.services.limits import Sender
from helpdesk.services.registration import Submission

PER_HOUR = 30
"""New complaints of one device in an hour, which many women may share at a meeting."""

MAX_FILES = 10
"""Of one complaint."""
UPLOADS_PER_HOUR = 60
"""Forms with files of one device in an hour."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent, made small."""

    content: bytes
    filename: str | None
    digest: str
    """Of the bytes as they came, by which the same file is known again."""


@dataclass(frozen=True, slots=True)
class Addition:
    """What she adds to her complaint by one form; `key` is hidden in its page."""

    text: str = ""
    files: tuple[Upload, ...] = ()
    key: str = ""


def submit(
    session: Session, token: str, *, words: str, language: str, sender: Sender, lender: Lender, now: datetime
) -> str:
    """Make the complaint of a draft and return its number; the draft remembers it.

    `words` stands for the story where she skipped it. Raises Conflict (`forgotten`, `too_many`).
    """
    answers = drafts.read(session, token)
    if answers is None or "choice" not in answers:
        raise Conflict("the draft is unknown or was forgotten", code="forgotten")
    if "number" in answers:
        return answers["number"]
    registered = registration.register(
        session,
        _submission(answers, words=words, language=language, now=now),
        scope="web",
        key=token,
        lender=lender,
        now=now,
    )
    if not registered.is_repeat:
        if limits.is_too_much(session, "lapor", sender, allowed=PER_HOUR, window=timedelta(hours=1), now=now):
            raise Conflict("too many complaints from this address", code="too_many")
        if answers.get("call"):
            ticket = registration.ticket_by_number(session, registered.number)
            contact_tasks.wanted(session, ticket, reason="asked", now=now)
        if needs_code(answers.get("phone")):
            give_code(session, registered.number, follow_up_code(token))
    drafts.keep(session, token, {"number": registered.number}, now=now)
    return registered.number


def has_arrived(session: Session, number: str, addition: Addition) -> bool:
    """Say whether this very form was taken before: a button is pressed twice."""
    scope, key, content = _once(number, addition)
    return bool(key) and idempotency.earlier_result(session, scope, key, content) is not None


def check_room(session: Session, number: str, count: int, *, sender: Sender, now: datetime) -> None:
    """Say whether so many files may be added, before any is kept. Raises Conflict (`full`, `too_many`)."""
    _check_count(session, number, count)
    if count and limits.is_too_much(
        session, "lapor-files", sender, allowed=UPLOADS_PER_HOUR, window=timedelta(hours=1), now=now
    ):
        raise Conflict("too many files from this address", code="too_many")


def add(session: Session, number: str, addition: Addition, *, keys: Sequence[str], now: datetime) -> None:
    """Add her words and files, whose bytes lie under `keys`, to a complaint; the same form again changes nothing.

    Raises Conflict (`full`, or `closed` when it is by now), InvalidInput where there is nothing.
    """
    registration.ticket_by_number(
        session, number
    )  # locked first: of two at once the second counts the first's

    def act() -> dict[str, str]:
        _check_count(session, number, len(addition.files))
        ids = tuple(
            attachments.save_upload(
                session,
                file.content,
                channel=ChannelCode.WEB,
                filename=file.filename,
                storage_key=key,
                now=now,
            ).public_id
            for file, key in zip(addition.files, keys, strict=True)
        )
        registration.add_to(
            session, number, addition.text, channel=ChannelCode.WEB, attachment_ids=ids, now=now
        )
        return {}

    scope, key, content = _once(number, addition)
    idempotency.once(session, scope, key, content, act=act, now=now)


def file_count(session: Session, number: str) -> int:
    """Return how many files she has added to a complaint by these pages."""
    ticket_id = session.scalar(select(Ticket.id).where(Ticket.number == number))
    worked_on = None if ticket_id is None else end_of(session, ticket_id)
    found = session.scalar(
        select(func.count())
        .select_from(Attachment)
        .join(Message, Message.id == Attachment.message_id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Ticket.id == worked_on, Message.direction == Direction.IN, Message.channel == ChannelCode.WEB)
    )
    return found or 0


def _check_count(session: Session, number: str, more: int) -> None:
    if more and file_count(session, number) + more > MAX_FILES:
        raise Conflict("a complaint may not have so many files", code="full")


def _once(number: str, addition: Addition) -> tuple[str, str, str]:
    """Return scope, key and content for idempotency. Other words from a page gone back to are hers, too: they belong
    to the key, so that none is refused."""
    content = " ".join([addition.text, *(file.digest for file in addition.files)])
    return f"web:{number}:add", addition.key and f"{addition.key} {content}", content


def _submission(answers: dict[str, str], *, words: str, language: str, now: datetime) -> Submission:
    facts = {"shown": "notice"}
    if answers.get("call"):
        facts["wants"] = "call"
    return Submission(
        channel=ChannelCode.WEB,
        person=Person(
            name=answers.get("name") or None,
            phone=answers.get("phone") or None,
            village=answers.get("village") or None,
            language=language,
        ),
        text=answers.get("story", "").strip() or words,
        menu_choice=int(answers["choice"]),
        received_at=now,
        form_facts=facts,
    )
