"""The steps that were taken on the clocks of one ticket: warnings, breaches, escalations and their answers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpdesk.models.people import Notification
from helpdesk.models.raised import is_raised
from helpdesk.models.sla import SlaClockEvent, SlaClockRow
from helpdesk.sla.escalation import Level, Step, unanswered_below


class StepLog:
    """Read once per use case, and kept true by what is added here."""

    def __init__(self, session: Session, rows: Sequence[SlaClockRow]) -> None:
        self._session = session
        self._rows = rows
        self._known: dict[int, list[SlaClockEvent]] | None = None

    def of(self, row: SlaClockRow) -> list[SlaClockEvent]:
        """Return what was done on a clock, in the order in which it was done."""
        if self._known is None:
            self._known = {}
            ids = [each.id for each in self._rows]
            found = select(SlaClockEvent).where(SlaClockEvent.clock_id.in_(ids)).order_by(SlaClockEvent.id)
            for event in self._session.scalars(found) if ids else ():
                self._known.setdefault(event.clock_id, []).append(event)
        return self._known.setdefault(row.id, []) if row.id else []

    def codes(self, row: SlaClockRow) -> frozenset[str]:
        """Return the codes of what was done on a clock."""
        return frozenset(event.step for event in self.of(row))

    def add(self, row: SlaClockRow, step: Step, *, now: datetime) -> SlaClockEvent:
        """Remember a step by its key: nobody else can take it on this clock."""
        return self._keep(
            SlaClockEvent(
                clock_id=row.id,
                step=step.code,
                action=step.action,
                at=step.at,
                noticed_at=now,
                level=step.level,
            )
        )

    def acknowledge(
        self, row: SlaClockRow, level: Level, *, user_id: int, at: datetime
    ) -> list[SlaClockEvent]:
        """Write down who answered what was escalated up to her level, and return that."""
        waiting = [
            event
            for event in self.of(row)
            if is_raised(event) and event.acknowledged_at is None and (event.level or "") <= level
        ]
        for event in waiting:
            event.acknowledged_at, event.acknowledged_by_id = at, user_id
        return waiting

    def carry_over(
        self,
        told: Iterable[SlaClockEvent],
        after: SlaClockRow,
        *,
        taken: Mapping[str, datetime],
        answer_from: datetime | None = None,
    ) -> list[SlaClockEvent]:
        """Copy what was told for the steps that are `taken`, each with when it is due on this clock.

        That an escalation went on up unanswered goes with that escalation, whatever time the new clock gives.
        `answer_from`: it could not be answered until then, and who has not is given her whole time (ADR 0018).
        """
        levels: set[str] = set()
        copies = []
        for event in sorted(told, key=lambda each: each.id):
            if event.step in taken or unanswered_below(event.step) in levels:
                levels.add(event.level or "")
                copy = self._copy(event, after, at=taken.get(event.step, event.at))
                if answer_from is not None and is_raised(copy) and copy.acknowledged_at is None:
                    copy.noticed_at = answer_from
                copies.append(copy)
        return copies

    def _copy(self, event: SlaClockEvent, to: SlaClockRow, *, at: datetime) -> SlaClockEvent:
        copy = self._keep(
            SlaClockEvent(
                clock_id=to.id,
                step=event.step,
                action=event.action,
                at=at,
                noticed_at=event.noticed_at,
                level=event.level,
                acknowledged_at=event.acknowledged_at,
                acknowledged_by_id=event.acknowledged_by_id,
            )
        )
        self._session.flush()
        # What was told of the old one can be answered where it counts now.
        self._session.execute(
            update(Notification).where(Notification.clock_event_id == event.id).values(clock_event_id=copy.id)
        )
        return copy

    def _keep(self, event: SlaClockEvent) -> SlaClockEvent:
        self._session.add(event)
        if self._known is not None:
            self._known.setdefault(event.clock_id, []).append(event)
        return event
