"""SLA policies for those who read and decide them: in force, as a draft, and in every edition there was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from helpdesk.domain.errors import NotFound
from helpdesk.models.people import User
from helpdesk.models.policies import policies_in_force
from helpdesk.models.sla import SlaPolicyEdition, SlaPolicyRow
from helpdesk.sla.policy import SlaPolicy, shipped_policies
from helpdesk.sla.policy_changes import same_content
from helpdesk.sla.policy_document import fingerprint, parse_document

Policies = tuple[SlaPolicy, ...]


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A policy in force."""

    policy: SlaPolicy
    published_at: datetime


@dataclass(frozen=True, slots=True)
class EditionRow:
    """A published edition; without an author it came with the system."""

    version: int
    note: str
    author: str | None
    decided_by: str | None
    published_at: datetime


@dataclass(frozen=True, slots=True)
class DraftRow:
    """What somebody would like to be in force."""

    policies: Policies
    note: str
    author_id: int | None
    author: str
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    sent_back_reason: str | None
    decided_by: str | None
    """Who sent it back."""
    seen: str
    """What a decision on it names, so that it holds for nothing else."""

    @property
    def is_submitted(self) -> bool:
        """Whether it waits for the second person."""
        return self.submitted_at is not None


def in_force(session: Session) -> tuple[PolicyRow, ...]:
    """Return the policies in rank order, in three statements."""
    found = policies_in_force(session)
    dates = dict(
        session.execute(
            select(SlaPolicyRow.id, SlaPolicyRow.published_at).where(SlaPolicyRow.retired_at.is_(None))
        ).all()
    )
    return tuple(PolicyRow(policy, dates[row_id]) for row_id, policy in found if row_id in dates)


def current(session: Session) -> Policies:
    """Return the policies in force alone."""
    return tuple(policy for _, policy in policies_in_force(session))


def draft(session: Session) -> DraftRow | None:
    """Return the draft, if there is one."""
    author, decider = aliased(User), aliased(User)
    found = session.execute(
        select(SlaPolicyEdition, author.name, decider.name)
        .outerjoin(author, author.id == SlaPolicyEdition.author_id)
        .outerjoin(decider, decider.id == SlaPolicyEdition.decided_by_id)
        .where(SlaPolicyEdition.published_at.is_(None), SlaPolicyEdition.discarded_at.is_(None))
    ).first()
    if found is None:
        return None
    row, author_name, decider_name = found
    return DraftRow(
        policies=parse_document(row.document),
        note=row.note,
        author_id=row.author_id,
        author=author_name or "",
        created_at=row.created_at,
        updated_at=row.updated_at,
        submitted_at=row.submitted_at,
        sent_back_reason=row.sent_back_reason,
        decided_by=decider_name,
        seen=fingerprint(row.document, row.note),
    )


def waits_for(session: Session, user_id: int | None) -> bool:
    """Say whether a draft of somebody else waits for the second person."""
    author_id = session.execute(
        select(SlaPolicyEdition.author_id).where(
            SlaPolicyEdition.published_at.is_(None),
            SlaPolicyEdition.discarded_at.is_(None),
            SlaPolicyEdition.submitted_at.is_not(None),
        )
    ).first()
    return author_id is not None and author_id[0] != user_id


def editions(session: Session) -> tuple[EditionRow, ...]:
    """Return what was published, the newest first."""
    author, decider = aliased(User), aliased(User)
    found = session.execute(
        select(
            SlaPolicyEdition.version,
            SlaPolicyEdition.note,
            author.name,
            decider.name,
            SlaPolicyEdition.published_at,
        )
        .outerjoin(author, author.id == SlaPolicyEdition.author_id)
        .outerjoin(decider, decider.id == SlaPolicyEdition.decided_by_id)
        .where(SlaPolicyEdition.version.is_not(None))
        .order_by(SlaPolicyEdition.version.desc())
    )
    return tuple(
        EditionRow(version, note, by, second, at)
        for version, note, by, second, at in found
        if version is not None and at is not None
    )


def edition(session: Session, version: int) -> Policies:
    """Return the policies of a published edition. Raises NotFound."""
    document = session.scalar(select(SlaPolicyEdition.document).where(SlaPolicyEdition.version == version))
    if document is None:
        raise NotFound(f"no edition {version}")
    return parse_document(document)


def unseen_shipped(session: Session) -> tuple[str, ...]:
    """Return the codes of shipped policies that were never in force as this release has them.

    Policies that people have edited are not overwritten when a release ships others: these are told instead.
    """
    standing = {policy.code: policy for policy in current(session)}
    new = [
        policy
        for policy in shipped_policies()
        if policy.code not in standing or not same_content(policy, standing[policy.code])
    ]
    return tuple(policy.code for policy in new if not _was_there(session, policy)) if new else ()


def _was_there(session: Session, policy: SlaPolicy) -> bool:
    documents = session.scalars(
        select(SlaPolicyEdition.document).where(SlaPolicyEdition.version.is_not(None))
    )
    return any(_holds(parse_document(document), policy) for document in documents)


def _holds(policies: Sequence[SlaPolicy], policy: SlaPolicy) -> bool:
    return any(each.code == policy.code and same_content(each, policy) for each in policies)
