"""Editions of the standing texts: of each step one draft at a time, published by a second person; all are kept."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.db import one_by_one
from helpdesk.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from helpdesk.domain.text_checks import check_step, check_together
from helpdesk.domain.text_document import fingerprint, from_document, to_document
from helpdesk.domain.text_faults import TextFault, Weight, refuses
from helpdesk.domain.wording import SHIPPED, StepTexts, TextBook, differing, steps
from helpdesk.models.people import User
from helpdesk.models.texts import TextEdition, text_book
from helpdesk.services.trail import audit

MAX_NOTE = 1000


def save_draft(
    session: Session, step: str, texts: StepTexts, *, seen: str, author_id: int, actor: str, now: datetime
) -> None:
    """Keep what the author wrote for a step; a request for the second person is withdrawn with a change.

    Faults may stay in a draft. Raises Conflict where another's draft or another state was seen, InvalidInput where
    there is nothing to draft.
    """
    own = to_document(differing(step, texts))
    draft = _locked_draft(session, step)
    if _sign(session, step, draft) != seen:
        raise Conflict("the texts have changed since they were looked at", code="draft_changed")
    if draft is not None and draft.author_id != author_id:
        raise Conflict("another person has a draft of this step", code="draft_exists")
    if draft is None:
        if own == to_document(text_book(session, step).own.get(step, {})):
            raise InvalidInput("the texts in force are the same", field="do", code="no_change")
        session.add(_row(step, own, note="", author_id=author_id, now=now))
        session.flush()
        audit(session, "text_drafted", actor=actor, at=now, data={"step": step})
    elif draft.own != own:
        draft.own, draft.shipped = own, to_document(SHIPPED.texts(step))
        draft.updated_at, draft.submitted_at = now, None
        session.flush()


def submit(
    session: Session,
    step: str,
    note: str,
    *,
    seen: str,
    author_id: int,
    has_read_advice: bool,
    actor: str,
    now: datetime,
) -> None:
    """Ask for the second person. Raises InvalidInput without a reason, without a change, or with a fault in it."""
    draft = _seen_draft(session, step, seen)
    if draft.author_id != author_id:
        raise Forbidden("only the author asks for her draft")
    if draft.submitted_at is not None:
        raise Conflict("it waits for the second person already", code="submitted")
    reason = _text(note, "note")
    before = text_book(session)
    changes = _changes(before, step, draft)
    if not changes:
        raise InvalidInput("the draft changes nothing", field="note", code="no_change")
    _require_sound(before.put(step, _texts(draft)), step, has_read_advice=has_read_advice)
    draft.note, draft.submitted_at, draft.updated_at = reason, now, now
    draft.sent_back_reason = None
    session.flush()
    data = {"step": step, "note": reason, "changes": changes}
    audit(session, "text_submitted", actor=actor, at=now, data=data)


def discard(session: Session, step: str, *, seen: str, user_id: int, actor: str, now: datetime) -> None:
    """Throw the draft away; it is kept with who did it. Any administrator may: authors leave."""
    draft = _seen_draft(session, step, seen)
    draft.discarded_at, draft.updated_at, draft.decided_by_id = now, now, user_id
    session.flush()
    data = {"step": step, "author": _public_id(session, draft.author_id)}
    audit(session, "text_discarded", actor=actor, at=now, data=data)


def send_back(
    session: Session, step: str, reason: str, *, seen: str, user_id: int, actor: str, now: datetime
) -> None:
    """Give the draft back to its author. Raises Forbidden for the author, InvalidInput without a reason."""
    draft = _submitted_draft(session, step, seen, user_id)
    draft.sent_back_reason = _text(reason, "reason")
    draft.submitted_at, draft.updated_at, draft.decided_by_id = None, now, user_id
    session.flush()
    author = _public_id(session, draft.author_id)
    data = {"step": step, "reason": draft.sent_back_reason, "author": author}
    audit(session, "text_sent_back", actor=actor, at=now, data=data)


def publish(
    session: Session, step: str, *, seen: str, user_id: int, has_read_advice: bool, actor: str, now: datetime
) -> int:
    """Let the draft be said from now on and return the number of its edition.

    Raises Conflict without a draft that waits or where another was seen, Forbidden for the author, InvalidInput with
    a fault in it or advice that was not read.
    """
    draft = _submitted_draft(session, step, seen, user_id)
    before = text_book(session)
    _require_sound(before.put(step, _texts(draft)), step, has_read_advice=has_read_advice)
    changes = _changes(before, step, draft)
    draft.version, draft.published_at = _next_version(session, step), now
    draft.updated_at, draft.decided_by_id = now, user_id
    session.flush()
    data = {
        "step": step,
        "version": draft.version,
        "author": _public_id(session, draft.author_id),
        "note": draft.note,
        "changes": changes,
    }
    audit(session, "text_published", actor=actor, at=now, data=data)
    return draft.version


def propose_all(
    session: Session, texts: Mapping[str, StepTexts], note: str, *, author_id: int, actor: str, now: datetime
) -> list[str]:
    """Ask for the second person for what differs from the texts in force, and return the steps.

    All of them or none; its advice was read. Raises InvalidInput without a reason or with a fault in them, Conflict
    where somebody has a draft of one.
    """
    reason = _text(note, "note")
    for step in sorted(texts):
        _lock(session, step)
    before = after = text_book(session)
    for step, given in texts.items():
        after = after.put(step, {**before.texts(step), **given})
    changed = [step for step in sorted(texts) if after.texts(step) != before.texts(step)]
    faults = [fault for step in changed for fault in check_step(after, step)] + check_together(after)
    if refuses(faults):
        raise InvalidInput("the texts have faults", field="document", code="text_faults")
    for step in changed:
        if _draft(session, step) is not None:
            raise Conflict(
                f"somebody has a draft of {step}: publish or discard it first", code="draft_exists"
            )
        row = _row(step, to_document(after.own.get(step, {})), note=reason, author_id=author_id, now=now)
        row.submitted_at = now
        session.add(row)
    session.flush()
    author = _public_id(session, author_id)
    for step in changed:
        changes = told(before, before.put(step, after.texts(step)), step)
        data = {"step": step, "author": author, "note": reason, "changes": changes}
        audit(session, "text_submitted", actor=actor, at=now, data=data)
    return changed


def told(before: TextBook, after: TextBook, step: str) -> list[str]:
    """Return what is said otherwise as lines for the audit trail: `T13c chat id: Terima kasih → Makasih`."""
    old, new = before.texts(step), after.texts(step)
    return [
        f"{step} {form} {language}: {old.get((form, language), '–')} → {new.get((form, language), '–')}"
        for form, language in sorted({*old, *new})
        if old.get((form, language)) != new.get((form, language))
    ]


def sign_of(row: TextEdition | None, version: int | None) -> str:
    """Return the sign of what somebody saw of a step: its draft, and the edition that is in force."""
    seen = (row.id, row.own, row.note) if row is not None else ()
    return fingerprint((version, *seen))


def advice(faults: Sequence[TextFault]) -> list[TextFault]:
    """Return what should be read before such texts are published."""
    return [fault for fault in faults if fault.weight is Weight.ADVICE]


def _sign(session: Session, step: str, draft: TextEdition | None) -> str:
    return sign_of(draft, _version(session, step))


def _row(
    step: str, own: dict[str, dict[str, str]], *, note: str, author_id: int | None, now: datetime
) -> TextEdition:
    return TextEdition(
        step=step,
        own=own,
        shipped=to_document(SHIPPED.texts(step)),
        note=note,
        author_id=author_id,
        created_at=now,
        updated_at=now,
    )


def _lock(session: Session, step: str) -> None:
    """Put all who change a step in line; it may have no row yet."""
    if step not in steps():
        raise NotFound(f"no text {step}")
    one_by_one(session, hashlib.sha256(f"text {step}".encode()).digest())


def _locked_draft(session: Session, step: str) -> TextEdition | None:
    _lock(session, step)
    return _draft(session, step)


def _draft(session: Session, step: str) -> TextEdition | None:
    return session.scalars(
        select(TextEdition)
        .where(TextEdition.step == step, TextEdition.version.is_(None), TextEdition.discarded_at.is_(None))
        .execution_options(populate_existing=True)
    ).one_or_none()


def _seen_draft(session: Session, step: str, seen: str) -> TextEdition:
    draft = _locked_draft(session, step)
    if draft is None:
        raise Conflict("there is no draft any more", code="no_draft")
    if _sign(session, step, draft) != seen:
        raise Conflict("the draft has changed since it was looked at", code="draft_changed")
    return draft


def _submitted_draft(session: Session, step: str, seen: str, user_id: int) -> TextEdition:
    standing = _locked_draft(session, step)
    if standing is not None and standing.author_id == user_id:  # before whether she saw its last change
        raise Forbidden("an author is not the second person")
    draft = _seen_draft(session, step, seen)
    if draft.submitted_at is None:
        raise Conflict("the author has not asked for the second person", code="not_submitted")
    return draft


def _require_sound(book: TextBook, step: str, *, has_read_advice: bool) -> None:
    faults = check_step(book, step) + check_together(book)
    if refuses(faults):
        raise InvalidInput("the texts have faults", field="note", code="text_faults")
    if advice(faults) and not has_read_advice:
        raise InvalidInput("its advice has not been read", field="read", code="warnings_unread")


def _texts(draft: TextEdition) -> StepTexts:
    return from_document(draft.own)


def _changes(before: TextBook, step: str, draft: TextEdition) -> list[str]:
    return told(before, before.put(step, _texts(draft)), step)


def _version(session: Session, step: str) -> int | None:
    return session.scalar(select(func.max(TextEdition.version)).where(TextEdition.step == step))


def _next_version(session: Session, step: str) -> int:
    return (_version(session, step) or 0) + 1


def _text(text: str, field: str) -> str:
    if not text.strip():
        raise InvalidInput("a reason is required", field=field, code="required")
    if len(text.strip()) > MAX_NOTE:
        raise InvalidInput(f"at most {MAX_NOTE} characters", field=field, code="too_long")
    return text.strip()


def _public_id(session: Session, user_id: int | None) -> str:
    return session.scalar(select(User.public_id).where(User.id == user_id)) or ""
