"""Templates that providers know: kept by administrators, filled when one is sent."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.domain.message_templates import (
    STEPS,
    TemplateState,
    checked_content_id,
    checked_variables,
)
from helpdesk.domain.messages import TemplateUse
from helpdesk.domain.wording import Language
from helpdesk.models.message_templates import MessageTemplate
from helpdesk.services.trail import audit

GONE = frozenset({"63027", "63041", "132001", "132015", "132016"})
"""What Twilio and Meta say when a template is missing, paused or switched off: then no more are sent."""


def add(
    session: Session,
    *,
    step: str,
    language: str,
    name: str,
    content_id: str,
    variables: Sequence[str],
    state: TemplateState,
    actor: str,
    now: datetime,
) -> MessageTemplate:
    """Register a template. Raises InvalidInput, and Conflict (`known`) for one that is there already."""
    if step not in STEPS:
        raise InvalidInput(f"only {', '.join(STEPS)} may be a template", field="step", code="step")
    if not name.strip():
        raise InvalidInput("the template needs a name", field="name", code="required")
    row = MessageTemplate(
        step=step,
        language=Language(language),
        name=name.strip(),
        content_id=checked_content_id(content_id.strip()),
        variables=list(checked_variables(variables)),
        state=state,
        changed_at=now,
    )
    if _found(session, row.content_id, row.language) is not None:
        raise Conflict(f"{row.content_id} is registered", code="known")
    session.add(row)
    session.flush()
    _audit(session, "template_added", row, actor=actor, now=now)
    return row


def set_state(
    session: Session, content_id: str, language: str, state: TemplateState, *, actor: str, now: datetime
) -> None:
    """Keep what the provider says of it. Raises NotFound."""
    row = _found(session, content_id, language)
    if row is None:
        raise NotFound(f"no template {content_id} in {language}")
    if row.state == state:
        return
    row.state, row.changed_at = state, now
    _audit(session, "template_changed", row, actor=actor, now=now)


def approved(session: Session, step: str, language: Language) -> MessageTemplate | None:
    """Return the newest approved template of a text in that language."""
    return session.scalars(
        select(MessageTemplate)
        .where(
            MessageTemplate.step == step,
            MessageTemplate.language == language,
            MessageTemplate.state == TemplateState.APPROVED,
        )
        .order_by(MessageTemplate.id.desc())
        .limit(1)
    ).first()


def pause(session: Session, template_id: int, *, now: datetime) -> None:
    """The provider would not send it: it is not tried on others, until a person says that it is approved again."""
    row = session.get_one(MessageTemplate, template_id)
    row.state, row.changed_at = TemplateState.PAUSED, now


def filled(session: Session, template_id: int, values: dict[str, str]) -> TemplateUse:
    """Return the template with its variables by number."""
    row = session.get_one(MessageTemplate, template_id)
    numbered = enumerate(row.variables, start=1)
    variables = {str(place): values.get(name, "") for place, name in numbered}
    return TemplateUse(row.content_id, variables, row.language)


def _found(session: Session, content_id: str, language: str) -> MessageTemplate | None:
    return session.scalar(
        select(MessageTemplate).where(
            MessageTemplate.content_id == content_id, MessageTemplate.language == language
        )
    )


def _audit(session: Session, kind: str, row: MessageTemplate, *, actor: str, now: datetime) -> None:
    session.flush()
    data = {"template": row.content_id, "language": row.language, "step": row.step, "state": row.state}
    audit(session, kind, actor=actor, at=now, data=data)
