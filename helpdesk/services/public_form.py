"""The public form: its answers become one complaint, however often Kirim is pressed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict
from helpdesk.domain.lender import Lender
from helpdesk.domain.messages import ChannelCode
from helpdesk.services import attachments, drafts, limits, registration
from helpdesk.services.contacts import Person
from helpdesk.services.follow_up import follow_up_code, give_code, needs_code
from helpdesk.services.registration import Submission

PER_HOUR = 30
"""New complaints of one network address in an hour; many phones share one, so it is generous."""

MAX_FILES = 10
"""Of one complaint."""
UPLOADS_PER_HOUR = 60
"""Forms with files of one network address in an hour."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file whose bytes are on disk already."""

    content: bytes
    filename: str | None
    storage_key: str


def submit(
    session: Session, token: str, *, words: str, language: str, sender: str, lender: Lender, now: datetime
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
        if limits.is_over(session, "lapor", sender, allowed=PER_HOUR, window=timedelta(hours=1), now=now):
            raise Conflict("too many complaints from this address", code="too_many")
        if needs_code(answers.get("phone")):
            give_code(session, registered.number, follow_up_code(token))
    drafts.keep(session, token, {"number": registered.number}, now=now)
    return registered.number


def check_room(session: Session, token: str, count: int, *, sender: str, now: datetime) -> None:
    """Say whether so many files may be sent, before any is kept. Raises Conflict (`full`, `too_many`)."""
    _count_with(session, token, count)
    if limits.is_over(
        session, "lapor-files", sender, allowed=UPLOADS_PER_HOUR, window=timedelta(hours=1), now=now
    ):
        raise Conflict("too many files from this address", code="too_many")


def add_files(session: Session, token: str, number: str, files: tuple[Upload, ...], *, now: datetime) -> None:
    """Add uploaded files to the complaint of a draft. Raises Conflict (`full`, or `closed` when it is by now)."""
    registration.ticket_by_number(
        session, number
    )  # locked first: of two at once the second counts the first's
    count = _count_with(session, token, len(files))
    ids = tuple(
        attachments.save_upload(
            session,
            file.content,
            channel=ChannelCode.WEB,
            filename=file.filename,
            storage_key=file.storage_key,
            now=now,
        ).public_id
        for file in files
    )
    registration.add_to(session, number, "", channel=ChannelCode.WEB, attachment_ids=ids, now=now)
    drafts.keep(session, token, {"files": str(count)}, now=now)


def _count_with(session: Session, token: str, more: int) -> int:
    """Return how many files the draft has with those. Raises Conflict (`full`)."""
    answers = drafts.read(session, token) or {}
    count = int(answers.get("files", "0")) + more
    if count > MAX_FILES:
        raise Conflict("a complaint may not have so many files", code="full")
    return count


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
