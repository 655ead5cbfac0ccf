"""Keeps that the way to complain was explained: one line for a majelis, or for one Mitra."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from helpdesk.crypto import KeyRing, keys_of
from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.domain.explanations import Means, Point, Tongue, majelis_key
from helpdesk.domain.privacy import ERASED, redact
from helpdesk.models.contacts import Contact
from helpdesk.models.explanations import Explanation
from helpdesk.models.people import OrgUnit
from helpdesk.services.trail import audit

MOST_PRESENT = 500
NOBODY = b""
"""Digest of an audience that is forgotten: no words lead to it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What was explained, to whom and how. Either a majelis or a person is named."""

    unit_id: int
    explained_on: date
    majelis: str
    person: str
    present_count: int
    means: Means
    language: Tongue
    points: frozenset[Point]
    explained_by_id: int


def record(session: Session, draft: Draft, *, user_id: int, actor: str, now: datetime) -> str:
    """Keep an explanation and return its id.

    Raises InvalidInput: `audience` for none or both, `points` for none, `count`, and `recorded` where the same
    audience is down for that day and means already.
    """
    if bool(draft.majelis) is bool(draft.person):
        raise InvalidInput("a majelis or a person", field="majelis", code="audience")
    if not draft.points:
        raise InvalidInput("nothing was explained", field="points", code="points")
    if not 1 <= draft.present_count <= MOST_PRESENT:
        raise InvalidInput("so many were not there", field="present_count", code="count")
    digest = audience_digest(keys_of(session), draft.unit_id, majelis=draft.majelis, person=draft.person)
    same = select(Explanation.id).where(
        Explanation.unit_id == draft.unit_id,
        Explanation.explained_on == draft.explained_on,
        Explanation.audience_digest == digest,
        Explanation.means == draft.means,
        Explanation.voided_at.is_(None),
    )
    if session.scalar(same.limit(1)) is not None:
        raise InvalidInput("that is on record", field="majelis", code="recorded")
    row = Explanation(
        public_id=str(uuid.uuid4()),
        unit_id=draft.unit_id,
        explained_on=draft.explained_on,
        majelis=redact(draft.majelis).text or None,
        person=redact(draft.person).text or None,
        audience_digest=digest,
        contact_id=_contact_id(session, draft),
        present_count=1 if draft.person else draft.present_count,
        means=draft.means,
        language=draft.language,
        points=[point.value for point in Point if point in draft.points],
        explained_by_id=draft.explained_by_id,
        entered_by_id=user_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    code = session.get_one(OrgUnit, draft.unit_id).code
    data = {
        "explanation": row.public_id,
        "unit": code,
        "on": draft.explained_on.isoformat(),
        "means": draft.means.value,
        "present_count": row.present_count,
    }
    audit(session, "explanation_recorded", actor=actor, at=now, data=data)
    return row.public_id


def void(session: Session, public_id: str, *, actor: str, now: datetime) -> None:
    """Take a wrong entry out of all counts; it stays on record. Raises NotFound, and Conflict (`voided`)."""
    row = session.scalars(
        select(Explanation).where(Explanation.public_id == public_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound(f"no explanation {public_id}")
    if row.voided_at is not None:
        raise Conflict("it is voided already", code="voided")
    row.voided_at = now
    audit(session, "explanation_voided", actor=actor, at=now, data={"explanation": public_id})


def note_export(session: Session, *, count: int, actor: str, now: datetime) -> None:
    """Keep that the lines left as a file."""
    audit(session, "explanations_exported", actor=actor, at=now, data={"count": count})


def audience_digest(keys: KeyRing, unit_id: int, *, majelis: str, person: str = "") -> bytes:
    """Return by what the same audience of a point is found again."""
    audience = f"{'m' if majelis else 'p'}\0{majelis_key(majelis or person)}"
    return keys.digest("audience", f"{unit_id}\0{audience}")


def about_contact(session: Session, contact: Contact) -> Sequence[Explanation]:
    """Return the lines that name this Mitra, voided ones too: by her id, or by her name as typed at her point.

    A namesake at the same point, whom no line tells apart from her, is among them.
    """
    is_hers = Explanation.contact_id == contact.id
    if contact.unit_id is not None:
        keys, unit_id = keys_of(session), contact.unit_id
        typed = filter(None, (contact.name, contact.mitra_id))
        digests = [audience_digest(keys, unit_id, majelis="", person=words) for words in typed]
        is_typed = and_(Explanation.contact_id.is_(None), Explanation.audience_digest.in_(digests))
        is_hers = or_(is_hers, is_typed)
    return session.scalars(
        select(Explanation).where(is_hers, Explanation.person.is_not(None)).order_by(Explanation.id)
    ).all()


def old_lines(day: date) -> ColumnElement[bool]:
    """Return the condition on Explanation: of one Mitra, from that day or before, and still saying of whom."""
    names_her = and_(Explanation.person.is_not(None), Explanation.audience_digest != NOBODY)
    return and_(names_her, Explanation.explained_on <= day)


def forget(session: Session, which: ColumnElement[bool]) -> None:
    """Make these lines say of nobody any more whom they were about; they count on."""
    session.execute(
        update(Explanation)
        .where(which)
        .values(person=ERASED, contact_id=None, audience_digest=NOBODY)
        .execution_options(synchronize_session="fetch")
    )


def _contact_id(session: Session, draft: Draft) -> int | None:
    """Return the Mitra of that point whose id was typed; nobody else's row is told of by it."""
    if not draft.person:
        return None
    digest = keys_of(session).digest("mitra", draft.person.strip())
    return session.scalar(
        select(Contact.id).where(
            Contact.mitra_digest == digest,
            Contact.unit_id == draft.unit_id,
            Contact.erased_at.is_(None),
        )
    )
