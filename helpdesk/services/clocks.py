"""The clocks of one locked ticket: what is stored of them is kept true, and due steps are carried out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models.calendars import CalendarBook, clock_of
from helpdesk.models.raised import all_raised, circumstances_of
from helpdesk.models.regulation import lawfully_longer
from helpdesk.models.sla import SlaClockEvent, SlaClockRow, SlaPauseRow, SlaTargetRow
from helpdesk.models.tickets import Ticket
from helpdesk.services import escalations
from helpdesk.services.policies import PolicyInForce
from helpdesk.services.step_log import StepLog
from helpdesk.services.trail import SYSTEM, record
from helpdesk.sla.clock import SlaClock, as_of, counting_start, due_at, pause_ends_by, strict_due_at
from helpdesk.sla.escalation import (
    BREACHED,
    Circumstance,
    Level,
    Raised,
    Step,
    StepAction,
    next_step_at,
    shipped_rules,
    steps,
    steps_due,
)
from helpdesk.sla.policy import Metric


@dataclass(frozen=True, slots=True)
class SweepAction:
    """One thing that the enforcement did, or in a dry run would do."""

    at: datetime
    """When it was due, not when it was noticed."""
    number: str
    metric: Metric
    action: StepAction
    level: Level | None
    step: str


class TicketClocks:
    """All clocks of a ticket that is new or locked by lock_ticket(). Call save() after changes."""

    def __init__(self, session: Session, ticket: Ticket) -> None:
        self._session = session
        self._ticket = ticket
        self._book = CalendarBook(session)
        self._pauses: dict[int, list[SlaPauseRow]] | None = None
        self._told: escalations.Recipients = {}
        self._circumstances: frozenset[Circumstance] | None = None
        self.rows = list(
            session.scalars(
                select(SlaClockRow)
                .where(SlaClockRow.ticket_id == ticket.id)
                .order_by(SlaClockRow.id)
                .execution_options(populate_existing=True)
            )
        )
        self._log = StepLog(session, self.rows)

    @property
    def zone(self) -> str:
        """Zone in which a clock that starts now counts: that of the ticket's unit."""
        return self._book.unit(self._ticket.unit_id).zone

    def live(self, *metrics: Metric) -> list[SlaClockRow]:
        """Return the clocks of these metrics (all, if none is named) that are neither met nor superseded."""
        wanted = metrics or tuple(Metric)
        return [
            row
            for row in self.rows
            if row.metric in wanted and row.met_at is None and row.superseded_at is None
        ]

    def start(
        self, policy: PolicyInForce, metric: Metric, *, at: datetime, now: datetime
    ) -> SlaClockRow | None:
        """Start a clock as the policy promises it, or return None where it promises nothing."""
        row = self._row(policy, metric, at=at, now=now)
        if row is not None:
            self._add(row, now=now)
        return row

    def supersede(self, row: SlaClockRow, *, at: datetime) -> None:
        """End a clock without success; if its time was up before, the breach stays on record."""
        self.settle(row, now=at)
        row.superseded_at = at
        self.end_pause(row, at=at)
        self.refresh(row, now=at)
        self._session.flush()  # the next clock of this metric may only come after it

    def replace(
        self, row: SlaClockRow, policy: PolicyInForce, *, start: datetime, now: datetime
    ) -> SlaClockRow | None:
        """Supersede a clock by one of another policy: the same start, pauses, and steps already taken."""
        successor = self._row(policy, row.metric, at=start, now=now)
        if successor is None:
            self.supersede(row, at=now)
            return None
        if row.metric is Metric.REGULATORY and self._book.row(successor.calendar_id).code.is_day_based:
            successor.target_seconds += int(lawfully_longer(self._session, row).total_seconds())
        return self.succeed(row, successor, now=now)

    def succeed(self, row: SlaClockRow, successor: SlaClockRow, *, now: datetime) -> SlaClockRow:
        """Supersede a clock by `successor`, which takes over its pauses and the steps already taken."""
        pause_that_lasts = self._pause_that_lasts(row, now=now)
        if row.superseded_at is None:
            self.supersede(row, at=now)
        self._add(successor, now=now)
        self._session.flush()
        if successor.is_pausable:
            for pause in self.pauses(row):
                ended_at = None if pause is pause_that_lasts else pause.ended_at
                self._copy_pause(pause, successor, ended_at=ended_at)
            self._cap_anew(successor, now=now)
        self._session.flush()
        self._promise_anew(successor)
        self._copy_done(row, successor)
        self.refresh(successor, now=now)
        return successor

    def renewed(self, row: SlaClockRow, policy: PolicyInForce, *, now: datetime) -> SlaClockRow | None:
        """Return what would succeed a clock under the rules of today, or None where nothing would move.

        A target that was lawfully extended stays as long as it is; what the rules no longer promise stays promised.
        """
        successor = self._row(policy, row.metric, at=row.started_at, now=now)
        if successor is None:
            return None
        if row.target_seconds != self._promised_seconds(row):
            successor.target_seconds = row.target_seconds
        is_same = row.policy_id == successor.policy_id and row.calendar_id == successor.calendar_id
        promised = row.due_at or self.due_if_resumed(row, now=now)
        if is_same and promised == self.due_if_resumed(row, now=now, as_if=successor):
            return None
        return successor

    def due_if_resumed(
        self, row: SlaClockRow, *, now: datetime, as_if: SlaClockRow | None = None
    ) -> datetime | None:
        """Return when the clock would be due if a pause that lasts ended now; `as_if`: on the terms of that one."""
        terms = as_if or row
        unit = self._book.unit(self._ticket.unit_id)
        clock = as_of(clock_of(terms, self.pauses(row), book=self._book, unit=unit), now)
        pauses = tuple(replace(pause, ended_at=pause.ended_at or now) for pause in clock.pauses)
        if not terms.is_pausable:
            pauses = ()
        return due_at(replace(clock, pauses=pauses, promised_at=None))

    def _promised_seconds(self, row: SlaClockRow) -> int | None:
        target = self._session.get(SlaTargetRow, {"policy_id": row.policy_id, "metric": row.metric})
        return None if target is None else target.seconds

    def _row(
        self, policy: PolicyInForce, metric: Metric, *, at: datetime, now: datetime
    ) -> SlaClockRow | None:
        target = policy.target(metric)
        if target is None:
            return None
        zone = self.zone
        is_day_based = target.calendar.is_day_based
        return SlaClockRow(
            ticket_id=self._ticket.id,
            metric=metric,
            policy_id=policy.id,
            target_seconds=int(target.duration.total_seconds()),
            calendar_id=self._book.row(target.calendar).id,
            calendar_as_of=self._book.as_of(now),
            is_pausable=target.is_pausable,
            pause_cap_seconds=None if target.pause_cap is None else int(target.pause_cap.total_seconds()),
            zone=zone,
            started_at=at,
            counts_from=counting_start(at, zone=ZoneInfo(zone), is_day_based=is_day_based),
        )

    def _add(self, row: SlaClockRow, *, now: datetime) -> None:
        self.refresh(row, now=now)
        self._session.add(row)
        self.rows.append(row)

    def meet(self, row: SlaClockRow, *, at: datetime) -> None:
        """Record that the promise was kept; when that was too late, also the breach of the due instant."""
        row.met_at = max(at, row.started_at)
        self.end_pause(row, at=row.met_at)
        self.settle(row, now=row.met_at)
        self.refresh(row, now=row.met_at)

    def unmeet(self, row: SlaClockRow, *, now: datetime) -> None:
        """Let a clock that was met count on, as if it had never stopped."""
        row.met_at = None
        self.refresh(row, now=now)

    def pauses(self, row: SlaClockRow) -> list[SlaPauseRow]:
        """Return the pauses of a clock in order."""
        if self._pauses is None:
            self._pauses = {}
            ids = [each.id for each in self.rows]
            found = select(SlaPauseRow).where(SlaPauseRow.clock_id.in_(ids)).order_by(SlaPauseRow.started_at)
            for pause in self._session.scalars(found) if ids else ():
                self._pauses.setdefault(pause.clock_id, []).append(pause)
        return self._pauses.setdefault(row.id, []) if row.id else []

    def open_pause(self, row: SlaClockRow) -> SlaPauseRow | None:
        """Return the pause that still lasts, or None."""
        return next((pause for pause in self.pauses(row) if pause.ended_at is None), None)

    def _pause_that_lasts(self, row: SlaClockRow, *, now: datetime) -> SlaPauseRow | None:
        """Return the open pause, unless its cap was used up by `now` and only nobody has noticed."""
        pause = self.open_pause(row)
        is_over = pause is not None and pause.ends_by is not None and pause.ends_by <= now
        return None if is_over else pause

    def begin_pause(self, row: SlaClockRow, *, reason: str, actor: str, at: datetime) -> bool:
        """Stop the clock; False where the cap on its pauses is used up. A breach before that is recorded first."""
        self.settle(row, now=at)
        ends_by = self._pause_ends_by(row, at)
        if ends_by is not None and ends_by <= at:
            return False
        pause = SlaPauseRow(clock_id=row.id, started_at=at, ends_by=ends_by, reason=reason, actor=actor)
        self.pauses(row).append(pause)
        self._session.add(pause)
        if row.due_at is not None and at < row.due_at:
            self._promise_anew(row)
        self.refresh(row, now=at)
        return True

    def end_pause(self, row: SlaClockRow, *, at: datetime) -> bool:
        """End the pause that lasts, if there is one; refresh() must follow."""
        pause = self.open_pause(row)
        if pause is None:
            return False
        pause.ended_at = max(min(at, pause.ends_by or at), pause.started_at)
        return True

    def end_capped_pause(self, row: SlaClockRow, *, now: datetime) -> datetime | None:
        """Let the clock run again if the cap of its pause is used up by `now`; return when that was."""
        pause = self.open_pause(row)
        if pause is None or pause.ends_by is None or pause.ends_by > now:
            return None
        self.end_pause(row, at=now)
        self.refresh(row, now=now)
        return pause.ended_at

    def void_pause(self, row: SlaClockRow, *, since: datetime, now: datetime) -> bool:
        """Count the time of an ended pause after all; the promise is again the one it moved. False without one."""
        voided = [
            pause for pause in self.pauses(row) if pause.started_at == since and pause.ended_at != since
        ]
        for pause in voided:
            pause.ended_at = since
        if voided:
            self._promise_anew(row)
            self.refresh(row, now=now)
        return bool(voided)

    def refresh(self, row: SlaClockRow, *, now: datetime) -> None:
        """Derive what is stored for sorting and for the enforcement; a due instant once promised stays."""
        clock = self._clock(row)
        row.due_at = due_at(clock)
        row.strict_due_at = strict_due_at(clock)
        row.next_step_at = next_step_at(
            clock,
            shipped_rules(),
            severity=self._ticket.severity,
            circumstances=self.circumstances,
            raised=self._raised(row),
            done=self._log.codes(row),
            now=now,
        )

    def due_steps(self, row: SlaClockRow, *, now: datetime) -> list[Step]:
        """Return the steps that have come and are not done, in order."""
        return steps_due(
            self._clock(row),
            shipped_rules(),
            severity=self._ticket.severity,
            circumstances=self.circumstances,
            raised=self._raised(row),
            done=self._log.codes(row),
            now=now,
        )

    @property
    def circumstances(self) -> frozenset[Circumstance]:
        """What the ladder asks of the ticket besides its severity."""
        if self._circumstances is None:
            self._circumstances = circumstances_of(self._session, self._ticket)
        return self._circumstances

    def acknowledge(self, level: Level, *, user_id: int, at: datetime) -> list[SlaClockEvent]:
        """Somebody of that level has the ticket: what was raised so far goes no further. Returns what waited."""
        answered: list[SlaClockEvent] = []
        for row in self.live():
            found = self._log.acknowledge(row, level, user_id=user_id, at=at)
            if found:
                self.refresh(row, now=at)
            answered += found
        return answered

    def broken_at(self, row: SlaClockRow, *, at: datetime) -> datetime | None:
        """Return when its promise was broken, noticed or not; one that is kept at `at` itself is not."""
        if row.breached_at is not None:
            return row.breached_at
        stopped_at = min(filter(None, (row.met_at, row.superseded_at, at)))
        due = row.due_at or due_at(as_of(self._clock(row), at))  # its pause may have come to its cap
        return due if due is not None and due < stopped_at else None

    def settle(self, row: SlaClockRow, *, now: datetime) -> None:
        """Record the breach if it has happened by `now` and no sweep has noticed."""
        for step in self.due_steps(row, now=now):
            if step.code == BREACHED:
                self.carry_out(row, step, now=now)

    def carry_out(self, row: SlaClockRow, step: Step, *, now: datetime) -> SweepAction:
        """Do one step: remember it by its key, write the event, tell the people, perhaps change the team."""
        event = self._log.add(row, step, now=now)
        data: dict[str, object] = {"metric": row.metric, "step": step.code, "at": step.at.isoformat()}
        if step.level is not None:
            data["level"] = step.level
        if step.action is StepAction.SLA_BREACHED:
            row.breached_at = step.at
        if step.code in _functional_rules() and step.level is not None:
            data |= escalations.hand_over(self._session, self._ticket, step.level)
        record(self._session, self._ticket, step.action, actor=SYSTEM, at=now, data=data)
        level = step.level or Level.L1
        escalations.notify(
            self._session, self._ticket, level, step.action, at=now, known=self._told, event=event
        )
        return self.action(row, step)

    def action(self, row: SlaClockRow, step: Step) -> SweepAction:
        """Describe a step of a clock."""
        return SweepAction(step.at, self._ticket.number, row.metric, step.action, step.level, step.code)

    def save(self) -> None:
        """Write the ticket's soonest due instant; a missed one stays, so that overdue tickets come first."""
        dues = [row.due_at for row in self.live() if row.due_at is not None]
        self._ticket.next_due_at = min(dues, default=None)
        self._session.flush()

    def _promise_anew(self, row: SlaClockRow) -> None:
        """Let the next refresh() derive the due instant from the pauses as they are now."""
        row.due_at = row.strict_due_at = None

    def _pause_ends_by(self, row: SlaClockRow, at: datetime) -> datetime | None:
        if row.pause_cap_seconds is None:
            return None
        return pause_ends_by(self._clock(row), timedelta(seconds=row.pause_cap_seconds), at)

    def _clock(self, row: SlaClockRow) -> SlaClock:
        unit = self._book.unit(self._ticket.unit_id)
        return clock_of(row, self.pauses(row), book=self._book, unit=unit)

    def _raised(self, row: SlaClockRow) -> tuple[Raised, ...]:
        severity, unit = self._ticket.severity, self._book.unit(self._ticket.unit_id)
        return all_raised(self._log.of(row), severity=severity, book=self._book, unit=unit)

    def _copy_pause(self, pause: SlaPauseRow, to: SlaClockRow, *, ended_at: datetime | None) -> None:
        copy = SlaPauseRow(
            clock_id=to.id,
            started_at=pause.started_at,
            ended_at=ended_at,
            reason=pause.reason,
            actor=pause.actor,
        )
        self.pauses(to).append(copy)
        self._session.add(copy)

    def _cap_anew(self, row: SlaClockRow, *, now: datetime) -> None:
        """Fit the pause that lasts to the clock's own cap; what it has already taken out stays taken out."""
        pause = self.open_pause(row)
        if pause is not None:
            pause.ended_at = now  # so that the cap sees what the pause has cost by now
            ends_by = self._pause_ends_by(row, now)
            pause.ended_at, pause.ends_by = None, ends_by

    def _copy_done(self, before: SlaClockRow, after: SlaClockRow) -> None:
        """Take over what was done for the same step at the same instant: nobody is told or asked twice."""
        planned = steps(
            self._clock(after),
            shipped_rules(),
            severity=self._ticket.severity,
            circumstances=self.circumstances,
        )
        copies = self._log.carry_over(before, after, planned={(step.code, step.at) for step in planned})
        after.breached_at = next((copy.at for copy in copies if copy.step == BREACHED), after.breached_at)


def _functional_rules() -> frozenset[str]:
    return frozenset(rule.code for rule in shipped_rules() if rule.is_functional)
