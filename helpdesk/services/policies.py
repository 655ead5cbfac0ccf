"""SLA policies as the database has them: the ones in force, and the one that a ticket falls under."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.severity import Severity
from helpdesk.models.sla import SlaPolicyRow, SlaTargetRow
from helpdesk.models.tickets import Ticket
from helpdesk.sla.policy import Form, Metric, SlaPolicy, SlaTarget, choose_policy

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """A published policy and the id of its row, which clocks refer to."""

    id: int
    policy: SlaPolicy

    def target(self, metric: Metric) -> SlaTarget | None:
        """Return what the policy promises for a metric, or None where it promises nothing."""
        return next((target for target in self.policy.targets if target.metric == metric), None)


def policy_for(session: Session, ticket: Ticket) -> PolicyInForce:
    """Return the policy that the ticket falls under as it is now. Raises NotFound without a fallback."""
    published = _in_force(session)
    chosen = choose_policy(
        [each.policy for each in published],
        kind=ticket.kind,
        severity=ticket.severity,
        form=ticket.form,
        category=ticket.category_code,
    )
    return next(each for each in published if each.policy is chosen)


def versions_of(session: Session, policy: PolicyInForce) -> frozenset[int]:
    """Return the ids of all versions of a policy, in force or not."""
    found = select(SlaPolicyRow.id).where(SlaPolicyRow.code == policy.policy.code)
    return frozenset(session.scalars(found))


def _in_force(session: Session) -> list[PolicyInForce]:
    # Columns, not rows of the identity map: this runs for every new ticket.
    found = session.execute(
        select(
            SlaPolicyRow.id,
            SlaPolicyRow.code,
            SlaPolicyRow.version,
            SlaPolicyRow.name_id,
            SlaPolicyRow.name_en,
            SlaPolicyRow.conditions,
        )
        .where(SlaPolicyRow.retired_at.is_(None))
        .order_by(SlaPolicyRow.rank)
    ).all()
    targets: dict[int, list[SlaTarget]] = {row.id: [] for row in found}
    columns = select(
        SlaTargetRow.policy_id,
        SlaTargetRow.metric,
        SlaTargetRow.seconds,
        SlaTargetRow.calendar,
        SlaTargetRow.is_pausable,
        SlaTargetRow.pause_cap_seconds,
    )
    for policy_id, metric, seconds, calendar, is_pausable, cap in session.execute(
        columns.where(SlaTargetRow.policy_id.in_(targets))
    ):
        pause_cap = None if cap is None else timedelta(seconds=cap)
        target = SlaTarget(metric, timedelta(seconds=seconds), calendar, is_pausable, pause_cap)
        targets[policy_id].append(target)
    return [
        PolicyInForce(
            row.id,
            _policy(
                row.code,
                row.version,
                (row.name_id, row.name_en),
                conditions=row.conditions,
                targets=targets[row.id],
            ),
        )
        for row in found
    ]


def _policy(
    code: str,
    version: int,
    names: tuple[str, str],
    *,
    conditions: Mapping[str, list[str]],
    targets: Iterable[SlaTarget],
) -> SlaPolicy:
    categories = conditions.get("categories")
    return SlaPolicy(
        code=code,
        version=version,
        name_id=names[0],
        name_en=names[1],
        kinds=_words(TicketKind, conditions.get("kinds")),
        severities=_words(Severity, conditions.get("severities")),
        forms=_words(Form, conditions.get("forms")),
        categories=None if categories is None else frozenset(categories),
        targets=tuple(targets),
    )


def _words(words: type[Word], values: Iterable[str] | None) -> frozenset[Word] | None:
    return None if values is None else frozenset(words(value) for value in values)
