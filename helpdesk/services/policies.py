"""SLA policies as the database has them: the one that a ticket falls under, and a new set in the old one's place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.models.policies import policies_in_force
from helpdesk.models.sla import SlaPolicyRow, SlaTargetRow
from helpdesk.models.tickets import Ticket
from helpdesk.sla.policy import Metric, SlaPolicy, SlaTarget, choose_policy
from helpdesk.sla.policy_changes import same_content


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """A published policy and the id of its row, which clocks refer to."""

    id: int
    policy: SlaPolicy

    def target(self, metric: Metric) -> SlaTarget | None:
        """Return what the policy promises for a metric, or None where it promises nothing."""
        return self.policy.target(metric)


def policy_for(session: Session, ticket: Ticket) -> PolicyInForce:
    """Return the policy that the ticket falls under as it is now. Raises NotFound without a fallback."""
    published = policies_in_force(session)
    chosen = choose_policy(
        [policy for _, policy in published],
        kind=ticket.kind,
        severity=ticket.severity,
        form=ticket.form,
        category=ticket.category_code,
    )
    return next(PolicyInForce(row_id, policy) for row_id, policy in published if policy is chosen)


def versions_of(session: Session, policy: PolicyInForce) -> frozenset[int]:
    """Return the ids of all versions of a policy, in force or not."""
    found = select(SlaPolicyRow.id).where(SlaPolicyRow.code == policy.policy.code)
    return frozenset(session.scalars(found))


def put_in_force(session: Session, policies: Sequence[SlaPolicy], *, now: datetime) -> tuple[SlaPolicy, ...]:
    """Let these policies, in rank order, take the place of those in force; return them with their versions.

    One that is the same keeps its row and version. Of one that differs the row is retired and the next version
    written. One that is not among them is retired. Clocks keep the rows that they refer to.
    """
    rows = {
        row.code: row
        for row in session.scalars(select(SlaPolicyRow).where(SlaPolicyRow.retired_at.is_(None)))
    }
    standing = {policy.code: policy for _, policy in policies_in_force(session)}
    newest = dict(
        session.execute(
            select(SlaPolicyRow.code, func.max(SlaPolicyRow.version)).group_by(SlaPolicyRow.code)
        ).all()
    )
    put: list[SlaPolicy] = []
    for rank, policy in enumerate(policies, start=1):
        known = standing.get(policy.code)
        row = rows.pop(policy.code, None)
        if row is not None and known is not None and same_content(known, policy):
            row.rank = rank
            put.append(known)
            continue
        if row is not None:
            row.retired_at = now
        version = max(policy.version, newest.get(policy.code, 0) + 1)
        put.append(replace(policy, version=version))
        _add(session, put[-1], rank=rank, now=now)
    for row in rows.values():
        row.retired_at = now
    session.flush()
    return tuple(put)


def _add(session: Session, policy: SlaPolicy, *, rank: int, now: datetime) -> None:
    row = SlaPolicyRow(
        code=policy.code,
        version=policy.version,
        rank=rank,
        name_id=policy.name_id,
        name_en=policy.name_en,
        conditions=policy.conditions(),
        published_at=now,
    )
    session.add(row)
    session.flush()
    session.add_all(
        SlaTargetRow(
            policy_id=row.id,
            metric=target.metric,
            seconds=int(target.duration.total_seconds()),
            calendar=target.calendar,
            is_pausable=target.is_pausable,
            pause_cap_seconds=None if target.pause_cap is None else int(target.pause_cap.total_seconds()),
        )
        for target in policy.targets
    )
