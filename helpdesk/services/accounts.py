"""Staff accounts and API tokens."""

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from helpdesk.crypto import token_hash
from helpdesk.domain.delivery import NoticeWay
from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.domain.phones import normalise_phone
from helpdesk.models.people import (
    SIGN_IN_LASTS,
    ApiToken,
    OrgUnit,
    Position,
    Role,
    SignIn,
    Team,
    TeamMember,
    TokenScope,
    User,
)
from helpdesk.services.trail import audit

MIN_PASSWORD = 12

_hasher = PasswordHasher()


@cache
def _hash_of_nobody() -> str:
    """Checked when the account is unknown, so that both cases take the same time.

    Made at the first need: every command imports this module, and a hash is slow by design.
    """
    return _hasher.hash("no such account")


def create_user(
    session: Session,
    *,
    email: str,
    password: str,
    role: Role,
    name: str | None = None,
    unit_code: str = "HO",
    position: Position = Position.HO,
    teams: tuple[str, ...] = (),
    actor: str,
    now: datetime,
) -> User:
    """Add a member of staff. Raises InvalidInput, Conflict when the address is taken."""
    address = email.strip().lower()
    if "@" not in address.strip("@"):
        raise InvalidInput(f"{email!r} is not an e-mail address", field="email", code="email")
    if session.scalar(select(User.id).where(User.email == address)) is not None:
        raise Conflict(f"{address} has an account already", code="email_taken")
    unit = session.scalar(select(OrgUnit).where(OrgUnit.code == unit_code))
    if unit is None:
        raise InvalidInput(f"no unit {unit_code}", field="unit", code="unknown_unit")
    user = User(
        public_id=str(uuid.uuid4()),
        email=address,
        name=(name or address.split("@")[0]).strip(),
        password_hash=hash_password(password),
        role=role,
        position=position,
        unit_id=unit.id,
        created_at=now,
    )
    session.add(user)
    session.flush()
    set_teams(session, user, teams)
    audit(session, "user_added", actor=actor, at=now, data={"user": user.public_id, "role": role})
    return user


def set_teams(session: Session, user: User, codes: tuple[str, ...]) -> None:
    """Make these the user's teams."""
    session.execute(delete(TeamMember).where(TeamMember.user_id == user.id))
    found = {team.code: team.id for team in session.scalars(select(Team).where(Team.code.in_(codes)))}
    for code in codes:
        if code not in found:
            raise InvalidInput(f"no team {code}", field="teams", code="unknown_team")
    session.add_all(TeamMember(team_id=team_id, user_id=user.id) for team_id in found.values())
    session.flush()


def change_user(
    session: Session,
    public_id: str,
    *,
    name: str,
    role: Role,
    unit_code: str,
    position: Position,
    teams: tuple[str, ...],
    actor: str,
    now: datetime,
) -> None:
    """Change what an administrator may change; a changed role ends the user's sessions."""
    user = user_by_public_id(session, public_id)
    unit = session.scalar(select(OrgUnit).where(OrgUnit.code == unit_code))
    if unit is None:
        raise InvalidInput(f"no unit {unit_code}", field="unit", code="unknown_unit")
    before = {"role": user.role, "unit": user.unit_id}
    if user.role != role:
        _end_sign_ins(session, user)
    user.name, user.role, user.unit_id, user.position = name.strip() or user.name, role, unit.id, position
    set_teams(session, user, teams)
    audit(
        session,
        "user_changed",
        actor=actor,
        at=now,
        data={"user": public_id, "from": before, "to": {"role": role, "unit": unit.id}},
    )


def set_notices(
    session: Session, public_id: str, *, phone: str, via: Sequence[str], actor: str, now: datetime
) -> None:
    """Set how the person hears of notices besides the application. Raises InvalidInput."""
    user = user_by_public_id(session, public_id)
    number = normalise_phone(phone) if phone.strip() else None
    if phone.strip() and number is None:
        raise InvalidInput("this is no phone number", field="phone", code="phone")
    if set(via) - set(NoticeWay):
        raise InvalidInput("no such way", field="notify_via", code="choice")
    if number is None and set(via) - {NoticeWay.EMAIL}:
        raise InvalidInput("WhatsApp and SMS need a phone number", field="phone", code="phone_needed")
    ways = [way.value for way in NoticeWay if way in via]
    if (user.phone, user.notify_via) == (number, ways):
        return
    user.phone, user.notify_via = number, ways
    audit(
        session, "user_notices_changed", actor=actor, at=now, data={"user": public_id, "via": ", ".join(ways)}
    )


def authenticate(session: Session, email: str, password: str) -> User | None:
    """Return the user whose password this is; None for anything else, without saying what was wrong."""
    user = session.scalar(select(User).where(User.email == _address(email)))
    is_right = _matches(user.password_hash if user else _hash_of_nobody(), password)
    return user if user is not None and is_right and user.disabled_at is None else None


def _address(typed: str) -> str:
    """Return an e-mail address as it is kept. One with a NUL is nobody's, and PostgreSQL refuses to look for it."""
    return "" if "\0" in typed else typed.strip().lower()


def sign_in(session: Session, checked: User, *, now: datetime) -> str | None:
    """Begin a sign-in of a user whose password was right, and return its token: the only way to it.

    None when the account was closed or got another password since then.
    """
    user = session.get_one(User, checked.id, with_for_update={"key_share": True}, populate_existing=True)
    if user.disabled_at is not None or user.password_hash != checked.password_hash:
        return None
    is_old = (SignIn.user_id == user.id) & (SignIn.created_at <= now - SIGN_IN_LASTS)
    session.execute(delete(SignIn).where(is_old))
    token = secrets.token_urlsafe(32)
    session.add(SignIn(token_hash=token_hash(token), user_id=user.id, created_at=now))
    audit(session, "signed_in", actor=f"user:{user.public_id}", at=now)
    return token


def sign_out(session: Session, token: str) -> None:
    """End one sign-in; others of the same person, on other devices, go on."""
    session.execute(delete(SignIn).where(SignIn.token_hash == token_hash(token)))


def _end_sign_ins(session: Session, user: User) -> None:
    session.flush()  # the row of the user first: it is what a sign-in waits for
    session.execute(delete(SignIn).where(SignIn.user_id == user.id))


def note_failed_sign_in(session: Session, email: str, *, now: datetime) -> None:
    """Keep a failed sign-in in the audit trail; the address only as far as it is ours."""
    known = session.scalar(select(User.public_id).where(User.email == _address(email)))
    audit(session, "sign_in_failed", actor="anonymous", at=now, data={"user": known or ""})


def note_stopped_sign_ins(session: Session, *, now: datetime) -> None:
    """Keep in the audit trail that one network address failed too often; its further tries are not audited."""
    audit(session, "sign_ins_stopped", actor="anonymous", at=now, data={})


def change_password(session: Session, email: str, password: str, *, actor: str, now: datetime) -> None:
    """Set a new password and end all sessions."""
    user = user_by_email(session, email)
    user.password_hash = hash_password(password)
    _end_sign_ins(session, user)
    audit(session, "password_changed", actor=actor, at=now, data={"user": user.public_id})


def disable_user(session: Session, email: str, *, actor: str, now: datetime) -> None:
    """Shut an account; nothing of its history goes away."""
    user = user_by_email(session, email)
    user.disabled_at = user.disabled_at or now
    _end_sign_ins(session, user)
    audit(session, "user_disabled", actor=actor, at=now, data={"user": user.public_id})


def user_by_email(session: Session, email: str) -> User:
    """Raises NotFound."""
    user = session.scalar(select(User).where(User.email == email.strip().lower()))
    if user is None:
        raise NotFound(f"no account {email}")
    return user


def user_by_public_id(session: Session, public_id: str) -> User:
    """Raises NotFound."""
    user = session.scalar(select(User).where(User.public_id == public_id))
    if user is None:
        raise NotFound(f"no user {public_id}")
    return user


def hash_password(password: str) -> str:
    """Return the argon2 hash. Raises InvalidInput for a short password."""
    if len(password) < MIN_PASSWORD:
        raise InvalidInput(
            f"a password has at least {MIN_PASSWORD} characters", field="password", code="short_password"
        )
    return _hasher.hash(password)


def add_token(session: Session, *, name: str, scope: TokenScope, actor: str, now: datetime) -> str:
    """Make an API token and return it: the only moment at which it can be read."""
    name = name.strip()
    if not name:
        raise InvalidInput("a token needs a name", field="name", code="required")
    taken = session.scalar(select(ApiToken.id).where(ApiToken.name == name, ApiToken.revoked_at.is_(None)))
    if taken is not None:
        raise Conflict(f"a token named {name} exists: revoke it first", code="name_taken")
    token = f"hd_{scope}_{secrets.token_urlsafe(32)}"
    session.add(ApiToken(name=name, scope=scope, token_hash=token_hash(token), created_at=now))
    audit(session, "token_added", actor=actor, at=now, data={"name": name, "scope": scope})
    return token


def revoke_token(session: Session, name: str, *, actor: str, now: datetime) -> None:
    """Shut a token. Raises NotFound."""
    row = session.scalar(select(ApiToken).where(ApiToken.name == name, ApiToken.revoked_at.is_(None)))
    if row is None:
        raise NotFound(f"no live token {name}")
    row.revoked_at = now
    audit(session, "token_revoked", actor=actor, at=now, data={"name": name})


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
