"""The registry of templates as administrators see it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.message_templates import TemplateState
from helpdesk.models.message_templates import MessageTemplate


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


def templates(session: Session) -> tuple[TemplateRow, ...]:
    """Return all, newest of each text first."""
    found = session.scalars(
        select(MessageTemplate).order_by(
            MessageTemplate.step, MessageTemplate.language, MessageTemplate.id.desc()
        )
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
        )
        for row in found
    )


def is_approved(session: Session, step: str, language: str) -> bool:
    """Whether the text may be sent in that language."""
    found = select(MessageTemplate.id).where(
        MessageTemplate.step == step,
        MessageTemplate.language == language,
        MessageTemplate.state == TemplateState.APPROVED,
    )
    return session.scalar(found.limit(1)) is not None
