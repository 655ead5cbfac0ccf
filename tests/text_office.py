"""Two people who put texts in force, for tests of what comes after."""

from collections.abc import Mapping
from datetime import datetime

from factories import make_user
from sqlalchemy.orm import Session

from helpdesk.domain.wording import StepTexts
from helpdesk.models.people import Role
from helpdesk.queries import texts
from helpdesk.services import text_editions as editions


def publish_texts(session: Session, given: Mapping[str, StepTexts], *, now: datetime) -> list[str]:
    """Let one person propose them and another publish; returns the steps."""
    author, second = make_user(session, Role.ADMIN).id, make_user(session, Role.COMPLIANCE).id
    steps = editions.propose_all(session, given, "Lebih ramah", author_id=author, actor="user:x", now=now)
    for step in steps:
        seen = texts.step_view(session, step).seen
        editions.publish(
            session, step, seen=seen, user_id=second, has_read_advice=True, actor="user:y", now=now
        )
    return steps
