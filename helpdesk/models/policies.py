"""Turns rows into the policies that the pure SLA rules take."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.severity import Severity
from helpdesk.models.sla import SlaPolicyRow, SlaTargetRow
from helpdesk.sla.policy import Form, Metric, SlaPolicy, SlaTarget

Word = TypeVar("Word", bound=StrEnum)


def policies_in_force(session: Session) -> list[tuple[int, SlaPolicy]]:
    """Return (row id, policy) in rank order, in two statements."""
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
    targets = _targets(session, [row.id for row in found])
    return [
        (
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


def _targets(session: Session, policy_ids: list[int]) -> dict[int, list[SlaTarget]]:
    """Return the promises of policies, each one's in the order of Metric."""
    found: dict[int, list[SlaTarget]] = {policy_id: [] for policy_id in policy_ids}
    columns = select(
        SlaTargetRow.policy_id,
        SlaTargetRow.metric,
        SlaTargetRow.seconds,
        SlaTargetRow.calendar,
        SlaTargetRow.is_pausable,
        SlaTargetRow.pause_cap_seconds,
    ).where(SlaTargetRow.policy_id.in_(policy_ids))
    for policy_id, metric, seconds, calendar, is_pausable, cap in session.execute(columns):
        pause_cap = None if cap is None else timedelta(seconds=cap)
        found[policy_id].append(
            SlaTarget(metric, timedelta(seconds=seconds), calendar, is_pausable, pause_cap)
        )
    for targets in found.values():
        targets.sort(key=lambda target: _METRICS.index(target.metric))
    return found


_METRICS = list(Metric)


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
