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


def add_files(session: Session, token: str, number: str, files: tuple[Upload, ...], *, now: datetime) -> None:
    """Add uploaded files to the complaint of a draft. Raises Conflict when it is closed by now."""
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
    answers = drafts.read(session, token) or {}
    drafts.keep(session, token, {"files": str(int(answers.get("files", "0")) + len(files))}, now=now)


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
