"""What providers keep of ours, as administrators see it: templates, and sets of buttons."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.message_templates import TemplateState
from helpdesk.domain.options import button_sets
from helpdesk.models.message_templates import KeptButtons, MessageTemplate
from helpdesk.models.texts import text_book
from helpdesk.queries.conversation import actor_names


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """One language of a text as the provider keeps it."""

    step: str
    language: str
    name: str
    content_id: str
    variables: tuple[str, ...]
    state: TemplateState
    changed_at: datetime
    proposed_by: str
    """Actor."""
    proposer: str
    confirmer: str
    """Her name; empty while nobody has confirmed it."""
    confirmed_at: datetime | None
    body: str | None
    read_at: datetime | None
    read_error: str | None

    @property
    def is_sent(self) -> bool:
        """Whether it may go out."""
        return self.state is TemplateState.APPROVED and self.confirmed_at is not None


def templates(session: Session) -> tuple[TemplateRow, ...]:
    """Return all, newest of each text first."""
    found = session.scalars(
        select(MessageTemplate).order_by(
            MessageTemplate.step, MessageTemplate.language, MessageTemplate.id.desc()
        )
    ).all()
    names = actor_names(
        session, (actor for row in found for actor in (row.proposed_by, row.confirmed_by) if actor)
    )
    return tuple(
        TemplateRow(
            row.step,
            row.language,
            row.name,
            row.content_id,
            tuple(row.variables),
            row.state,
            row.changed_at,
            row.proposed_by,
            names.get(row.proposed_by, row.proposed_by),
            names.get(row.confirmed_by or "", row.confirmed_by or ""),
            row.confirmed_at,
            row.body,
            row.read_at,
            row.read_error,
        )
        for row in found
    )


def is_approved(session: Session, step: str, language: str) -> bool:
    """Whether the text may be sent in that language."""
    found = select(MessageTemplate.id).where(
        MessageTemplate.step == step,
        MessageTemplate.language == language,
        MessageTemplate.state == TemplateState.APPROVED,
        MessageTemplate.confirmed_at.is_not(None),
    )
    return session.scalar(found.limit(1)) is not None


@dataclass(frozen=True, slots=True)
class ButtonsRow:
    """What may be pressed under some texts in one language, and how it stands with the provider."""

    steps: tuple[str, ...]
    language: str
    labels: tuple[str, ...]
    is_list: bool
    content_id: str | None
    error_code: str | None
    rests_until: datetime | None

    def is_sent(self, now: datetime) -> bool:
        """Whether messages go with it; without it the same words are typed."""
        return self.content_id is not None and (self.rests_until is None or self.rests_until <= now)


def buttons(session: Session) -> tuple[ButtonsRow, ...]:
    """Return the sets that our texts want now, in the order of the texts."""
    wanted = [(step, each) for step, each in button_sets(text_book(session)) if each.options]
    kept = {row.name: row for row in session.scalars(select(KeptButtons))}
    sets = {each.name: each for _step, each in wanted}
    return tuple(
        ButtonsRow(
            tuple(step for step, each in wanted if each.name == name),
            each.language,
            tuple(option.label for option in each.options),
            bool(each.list_title),
            row.content_id if row else None,
            row.error_code if row else None,
            row.rests_until if row else None,
        )
        for name, each in sets.items()
        for row in (kept.get(name),)
    )
