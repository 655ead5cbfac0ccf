"""The standing texts for those who edit and decide them: in force, as drafts, and in every edition there was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from helpdesk.domain.errors import NotFound
from helpdesk.domain.text_document import fingerprint, from_document, to_document
from helpdesk.domain.wording import SHIPPED, StepTexts, TextBook, steps
from helpdesk.models.people import User
from helpdesk.models.texts import TextEdition, text_book


@dataclass(frozen=True, slots=True)
class EditionRow:
    """A published edition of a step; without an author it was published on the server."""

    version: int
    texts: StepTexts
    note: str
    author: str | None
    decided_by: str | None
    published_at: datetime
    is_as_shipped: bool
    """Put the shipped texts in force again."""


@dataclass(frozen=True, slots=True)
class DraftRow:
    """What somebody would like to say."""

    own: StepTexts
    note: str
    author_id: int | None
    author: str
    updated_at: datetime
    submitted_at: datetime | None
    sent_back_reason: str | None
    decided_by: str | None
    """Who sent it back."""

    @property
    def is_submitted(self) -> bool:
        """Whether it waits for the second person."""
        return self.submitted_at is not None


@dataclass(frozen=True, slots=True)
class StepRow:
    """How a step stands."""

    step: str
    is_own: bool
    version: int | None
    draft_author: str | None
    is_submitted: bool
    is_shipped_changed: bool
    """The lender's own text was written over another shipped text than this release has."""


@dataclass(frozen=True, slots=True)
class StepView:
    """All about one step."""

    step: str
    book: TextBook
    """All texts in force: some checks look at them together."""
    version: int | None
    draft: DraftRow | None
    editions: Sequence[EditionRow]
    shipped_before: StepTexts | None
    """The shipped texts that the own ones were written over, where this release has others."""
    seen: str
    """What a decision on it names, so that it holds for nothing else."""


def overview(session: Session) -> list[StepRow]:
    """Return all steps in their order, in one statement."""
    found = session.execute(
        select(TextEdition, User.name)
        .outerjoin(User, User.id == TextEdition.author_id)
        .where(TextEdition.discarded_at.is_(None))
        .order_by(TextEdition.step, TextEdition.version)
    ).all()
    newest = {row.step: row for row, _ in found if row.version is not None}
    drafts = {row.step: (row, name) for row, name in found if row.version is None}
    return [_step_row(step, newest.get(step), drafts.get(step)) for step in sorted(steps())]


def book(session: Session) -> TextBook:
    """Return the texts in force."""
    return text_book(session)


def step_view(session: Session, step: str) -> StepView:
    """Return a step with its draft and its past. Raises NotFound."""
    if step not in steps():
        raise NotFound(f"no text {step}")
    author, decider = aliased(User), aliased(User)
    found = session.execute(
        select(TextEdition, author.name, decider.name)
        .outerjoin(author, author.id == TextEdition.author_id)
        .outerjoin(decider, decider.id == TextEdition.decided_by_id)
        .where(TextEdition.step == step, TextEdition.discarded_at.is_(None))
        .order_by(TextEdition.version.desc())
    ).all()
    published = [each for each in found if each[0].version is not None]
    waiting = next((each for each in found if each[0].version is None), None)
    newest = published[0][0] if published else None
    version = newest.version if newest is not None else None
    draft = waiting[0] if waiting is not None else None
    seen = (draft.id, draft.own, draft.note) if draft is not None else ()
    return StepView(
        step=step,
        book=text_book(session),
        version=version,
        draft=_draft_row(*waiting) if waiting is not None else None,
        editions=[_edition_row(row, by, second) for row, by, second in published],
        shipped_before=from_document(newest.shipped) if newest is not None and _is_stale(newest) else None,
        seen=fingerprint((version, *seen)),
    )


def changed_under(session: Session) -> list[str]:
    """Return the steps whose own texts were written over shipped ones that this release changed."""
    return [row.step for row in overview(session) if row.is_shipped_changed]


def waits_for(session: Session, user_id: int | None) -> int:
    """Return how many drafts of others wait for the second person."""
    authors = session.scalars(
        select(TextEdition.author_id).where(
            TextEdition.version.is_(None),
            TextEdition.discarded_at.is_(None),
            TextEdition.submitted_at.is_not(None),
        )
    )
    return sum(author_id != user_id for author_id in authors)


def _step_row(
    step: str, newest: TextEdition | None, waiting: tuple[TextEdition, str | None] | None
) -> StepRow:
    draft, author = waiting if waiting is not None else (None, None)
    return StepRow(
        step=step,
        is_own=newest is not None and bool(newest.own),
        version=newest.version if newest is not None else None,
        draft_author=(author or "") if draft is not None else None,
        is_submitted=draft is not None and draft.submitted_at is not None,
        is_shipped_changed=newest is not None and _is_stale(newest),
    )


def _is_stale(row: TextEdition) -> bool:
    """Only where a form has a text of our own does it matter that its shipped texts, in either language, changed."""
    now: Mapping[str, Mapping[str, str]] = to_document(SHIPPED.texts(row.step))
    return any(row.shipped.get(form) != now.get(form) for form in row.own)


def _draft_row(row: TextEdition, author: str | None, decider: str | None) -> DraftRow:
    return DraftRow(
        own=from_document(row.own),
        note=row.note,
        author_id=row.author_id,
        author=author or "",
        updated_at=row.updated_at,
        submitted_at=row.submitted_at,
        sent_back_reason=row.sent_back_reason,
        decided_by=decider,
    )


def _edition_row(row: TextEdition, author: str | None, decider: str | None) -> EditionRow:
    texts = {**from_document(row.shipped), **from_document(row.own)}
    published_at, version = row.published_at, row.version
    if published_at is None or version is None:
        raise NotFound(f"no edition of {row.step}")
    return EditionRow(version, texts, row.note, author, decider, published_at, is_as_shipped=not row.own)
