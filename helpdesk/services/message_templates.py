"""Templates that providers know: proposed by one, approved by the provider, confirmed by another, filled when sent."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from helpdesk.domain.message_templates import (
    STEPS,
    Standing,
    TemplateState,
    checked_content_id,
    checked_variables,
    fits,
    says_its_state,
)
from helpdesk.domain.messages import TemplateUse
from helpdesk.domain.wording import Language
from helpdesk.models.message_templates import MessageTemplate
from helpdesk.services.trail import SYSTEM, audit

GONE = frozenset({"63027", "63041", "132001", "132015", "132016"})
"""What Twilio and Meta say when a template is missing, paused or switched off: then no more are sent."""

ASK_EVERY = timedelta(minutes=15)
MISSING = "20404"
"""Twilio knows no such content."""


def add(
    session: Session,
    *,
    step: str,
    language: str,
    name: str,
    content_id: str,
    variables: Sequence[str],
    actor: str,
    now: datetime,
) -> MessageTemplate:
    """Register a template; it is sent once it is approved and another person has confirmed it.

    Raises InvalidInput, and Conflict (`known`) for one that is there already.
    """
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
        state=TemplateState.PENDING,
        changed_at=now,
        proposed_by=actor,
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
    """Keep what a provider says that cannot be asked; whoever says so is not the second person.

    Raises NotFound, and Conflict (`is_asked`) where the provider is asked.
    """
    row = _named(session, content_id, language)
    if says_its_state(content_id):
        raise Conflict("the provider is asked how this template stands", code="is_asked")
    if row.state == state:
        return
    row.state, row.changed_at = state, now
    if state == TemplateState.APPROVED:
        row.proposed_by, row.confirmed_by, row.confirmed_at = actor, None, None
    _audit(session, "template_changed", row, actor=actor, now=now)


def confirm(
    session: Session, content_id: str, language: str, *, seen: str, actor: str, now: datetime
) -> None:
    """The second person has read it: it may be sent.

    Raises NotFound, Forbidden for who proposed it, Conflict where it is not as it was seen, where the provider was not
    asked yet (`unread`), or where its text has other places than are filled (`places`).
    """
    row = _named(session, content_id, language)
    if row.proposed_by == actor:
        raise Forbidden("who proposed a template is not the second person")
    if seen_sign(row.content_id, row.variables, row.body) != seen:
        raise Conflict("the template has changed since it was looked at", code="changed")
    if row.body is None and says_its_state(content_id):
        raise Conflict("the provider has not been asked yet", code="unread")
    if row.body is not None and not fits(row.body, row.variables):
        raise Conflict("its text has other places than are filled", code="places")
    if row.confirmed_at is None:
        row.confirmed_by, row.confirmed_at = actor, now
        _audit(session, "template_confirmed", row, actor=actor, now=now)


def withdraw(session: Session, content_id: str, language: str, *, actor: str, now: datetime) -> None:
    """Send it no more, until a second person confirms it again. Raises NotFound."""
    row = _named(session, content_id, language)
    if row.confirmed_at is not None:
        row.confirmed_by = row.confirmed_at = None
        _audit(session, "template_withdrawn", row, actor=actor, now=now)


def seen_sign(content_id: str, variables: Sequence[str], body: str | None) -> str:
    """Return the sign of what the second person saw."""
    said = json.dumps([content_id, list(variables), body])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def to_ask(session: Session, *, now: datetime) -> list[tuple[int, str]]:
    """Return those of which the provider can and should be asked again, with its id."""
    rows = session.execute(
        select(MessageTemplate.id, MessageTemplate.content_id)
        .where(or_(MessageTemplate.read_at.is_(None), MessageTemplate.read_at <= now - ASK_EVERY))
        .order_by(MessageTemplate.id)
    )
    return [(row.id, row.content_id) for row in rows if says_its_state(row.content_id)]


def take_standing(session: Session, template_id: int, standing: Standing, *, now: datetime) -> None:
    """Keep what the provider says. Another text than the one that was confirmed needs the second person again."""
    row = session.get_one(MessageTemplate, template_id, with_for_update=True)
    before = row.state
    if row.body != standing.body:
        row.confirmed_by = row.confirmed_at = None
    row.state, row.body, row.read_at, row.read_error = standing.state, standing.body, now, None
    if row.state != before:
        row.changed_at = now
        _audit(session, "template_changed", row, actor=SYSTEM, now=now)


def note_unread(session: Session, template_id: int, code: str, *, now: datetime) -> None:
    """The provider could not be asked; what it does not know is not sent."""
    row = session.get_one(MessageTemplate, template_id, with_for_update=True)
    row.read_at, row.read_error = now, code
    if code == MISSING and row.state != TemplateState.PAUSED:
        row.state, row.changed_at = TemplateState.PAUSED, now
        _audit(session, "template_changed", row, actor=SYSTEM, now=now)


def approved(session: Session, step: str, language: Language) -> MessageTemplate | None:
    """Return the newest template of a text in that language that is approved and confirmed."""
    return session.scalars(
        select(MessageTemplate)
        .where(
            MessageTemplate.step == step,
            MessageTemplate.language == language,
            MessageTemplate.state == TemplateState.APPROVED,
            MessageTemplate.confirmed_at.is_not(None),
        )
        .order_by(MessageTemplate.id.desc())
        .limit(1)
    ).first()


def pause(session: Session, template_id: int, *, now: datetime) -> None:
    """The provider would not send it: it is not tried on others, until it is said to be approved again."""
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


def _named(session: Session, content_id: str, language: str) -> MessageTemplate:
    row = _found(session, content_id, language)
    if row is None:
        raise NotFound(f"no template {content_id} in {language}")
    session.refresh(row, with_for_update=True)
    return row


def _audit(session: Session, kind: str, row: MessageTemplate, *, actor: str, now: datetime) -> None:
    session.flush()
    data = {"template": row.content_id, "language": row.language, "step": row.step, "state": row.state}
    audit(session, kind, actor=actor, at=now, data=data)
