"""SLA policies as the database has them: the ones in force, and the one that a ticket falls under."""

from collections.abc import Iterable
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


def _in_force(session: Session) -> list[PolicyInForce]:
    rows = session.scalars(
        select(SlaPolicyRow).where(SlaPolicyRow.retired_at.is_(None)).order_by(SlaPolicyRow.rank)
    ).all()
    targets: dict[int, list[SlaTargetRow]] = {row.id: [] for row in rows}
    for target in session.scalars(select(SlaTargetRow).where(SlaTargetRow.policy_id.in_(targets))):
        targets[target.policy_id].append(target)
    return [PolicyInForce(row.id, _policy(row, targets[row.id])) for row in rows]


def _policy(row: SlaPolicyRow, targets: Iterable[SlaTargetRow]) -> SlaPolicy:
    categories = row.conditions.get("categories")
    return SlaPolicy(
        code=row.code,
        version=row.version,
        name_id=row.name_id,
        name_en=row.name_en,
        kinds=_words(TicketKind, row.conditions.get("kinds")),
        severities=_words(Severity, row.conditions.get("severities")),
        forms=_words(Form, row.conditions.get("forms")),
        categories=None if categories is None else frozenset(categories),
        targets=tuple(
            SlaTarget(each.metric, timedelta(seconds=each.seconds), each.calendar, each.is_pausable)
            for each in targets
        ),
    )


def _words(words: type[Word], values: Iterable[str] | None) -> frozenset[Word] | None:
    return None if values is None else frozenset(words(value) for value in values)
