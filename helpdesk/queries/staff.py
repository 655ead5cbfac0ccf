"""Members of staff by the names that other systems know them by."""

from collections.abc import Iterable, Mapping

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import InvalidInput
from helpdesk.models.people import Role, User

HANDLING_ROLES = (Role.AGENT, Role.SUPERVISOR)


def assignee_id(session: Session, name: str) -> int:
    """Return the id of the agent or supervisor with this e-mail or public id. Raises InvalidInput."""
    found = session.scalar(
        select(User.id).where(
            or_(User.email == name.lower(), User.public_id == name.lower()),
            User.disabled_at.is_(None),
            User.role.in_(HANDLING_ROLES),
        )
    )
    if found is None:
        raise InvalidInput("no such agent or supervisor", field="assignee", code="unknown_assignee")
    return found


def emails_of(session: Session, public_ids: Iterable[str]) -> Mapping[str, str]:
    """Return {public id: e-mail}."""
    found = session.execute(
        select(User.public_id, User.email).where(User.public_id.in_(sorted(set(public_ids))))
    )
    return {row.public_id: row.email for row in found}
