"""When people work, what they are good at and how much they take; which teams are assigned by themselves."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import InvalidInput, NotFound
from helpdesk.models.people import Team
from helpdesk.services.accounts import user_by_public_id
from helpdesk.services.trail import audit

MOST = 500
"""A capacity above this is a slip of the finger."""


def set_work(
    session: Session,
    public_id: str,
    *,
    shift: Mapping[str, object] | None,
    skills: Sequence[str],
    capacity: int | None,
    actor: str,
    now: datetime,
) -> None:
    """Set somebody's shift (sla/roster.py has read it), skills and capacity; None: no roster, the rule's default."""
    if capacity is not None and not 0 <= capacity <= MOST:
        raise InvalidInput(f"a capacity is 0 to {MOST}", field="capacity", code="capacity")
    user = user_by_public_id(session, public_id)
    before = {"shift": user.shift, "skills": user.skills, "capacity": user.capacity}
    after = {
        "shift": None if shift is None else dict(shift),
        "skills": sorted(set(skills)),
        "capacity": capacity,
    }
    if before == after:
        return
    user.shift = None if shift is None else dict(shift)
    user.skills, user.capacity = sorted(set(skills)), capacity
    audit(session, "work_changed", actor=actor, at=now, data={"user": public_id, "from": before, "to": after})


def set_auto_assigned(session: Session, code: str, *, is_on: bool, actor: str, now: datetime) -> None:
    """Let the tickets of a team be given to people by themselves, or be taken by hand. Raises NotFound."""
    team = session.scalar(select(Team).where(Team.code == code, Team.retired_at.is_(None)))
    if team is None:
        raise NotFound(f"no team {code}")
    if team.is_auto_assigned == is_on:
        return
    team.is_auto_assigned = is_on
    data = {"team": code, "from": {"auto": not is_on}, "to": {"auto": is_on}}
    audit(session, "team_changed", actor=actor, at=now, data=data)
