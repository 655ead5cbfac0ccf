"""The clocks of one locked ticket: what is stored of them is kept true, and due steps are carried out."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpdesk.models.calendars import CalendarBook, clock_of
from helpdesk.models.people import Notification
from helpdesk.models.raised import all_raised, circumstances_of, is_raised
from helpdesk.models.sla import SlaClockEvent, SlaClockRow, SlaPauseRow
from helpdesk.models.tickets import Ticket
from helpdesk.services import escalations
from helpdesk.services.policies import PolicyInForce
from helpdesk.services.trail import SYSTEM, record
from helpdesk.sla.clock import SlaClock, counting_start, due_at, strict_due_at
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
    unanswered_below,
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
        self._done: dict[int, list[SlaClockEvent]] | None = None
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
        target = policy.target(metric)
        if target is None:
            return None
        zone = self.zone
        is_day_based = target.calendar.is_day_based
        row = SlaClockRow(
            ticket_id=self._ticket.id,
            metric=metric,
            policy_id=policy.id,
            target_seconds=int(target.duration.total_seconds()),
            calendar_id=self._book.row(target.calendar).id,
            is_pausable=target.is_pausable,
            zone=zone,
            started_at=at,
            counts_from=counting_start(at, zone=ZoneInfo(zone), is_day_based=is_day_based),
        )
        self.refresh(row, now=now)
        self._session.add(row)
        self.rows.append(row)
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
        open_pause = self.open_pause(row)
        self.supersede(row, at=now)
        successor = self.start(policy, row.metric, at=start, now=now)
        if successor is None:
            return None
        self._session.flush()
        if successor.is_pausable:
            for pause in self.pauses(row):
                ended_at = None if pause is open_pause else pause.ended_at
                self._copy_pause(pause, successor, ended_at=ended_at)
        self._session.flush()
        self._promise_anew(successor)
        self._copy_done(row, successor)
        self.refresh(successor, now=now)
        return successor

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

    def begin_pause(self, row: SlaClockRow, *, reason: str, actor: str, at: datetime) -> None:
        """Stop the clock. A breach before that is recorded first."""
        self.settle(row, now=at)
        pause = SlaPauseRow(clock_id=row.id, started_at=at, reason=reason, actor=actor)
        self.pauses(row).append(pause)
        self._session.add(pause)
        if row.due_at is not None and at < row.due_at:
            self._promise_anew(row)
        self.refresh(row, now=at)

    def end_pause(self, row: SlaClockRow, *, at: datetime) -> bool:
        """End the pause that lasts, if there is one; refresh() must follow."""
        pause = self.open_pause(row)
        if pause is None:
            return False
        pause.ended_at = max(at, pause.started_at)
        return True

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
            done=self._done_codes(row),
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
            done=self._done_codes(row),
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
            waiting = [
                event
                for event in self._events(row)
                if is_raised(event) and event.acknowledged_at is None and (event.level or "") <= level
            ]
            for event in waiting:
                event.acknowledged_at, event.acknowledged_by_id = at, user_id
            if waiting:
                self.refresh(row, now=at)
            answered += waiting
        return answered

    def settle(self, row: SlaClockRow, *, now: datetime) -> None:
        """Record the breach if it has happened by `now` and no sweep has noticed."""
        for step in self.due_steps(row, now=now):
            if step.code == BREACHED:
                self.carry_out(row, step, now=now)

    def carry_out(self, row: SlaClockRow, step: Step, *, now: datetime) -> SweepAction:
        """Do one step: remember it by its key, write the event, tell the people, perhaps change the team."""
        event = SlaClockEvent(
            clock_id=row.id,
            step=step.code,
            action=step.action,
            at=step.at,
            noticed_at=now,
            level=step.level,
        )
        self._remember(event)
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

    def _clock(self, row: SlaClockRow) -> SlaClock:
        unit = self._book.unit(self._ticket.unit_id)
        return clock_of(row, self.pauses(row), book=self._book, unit=unit)

    def _events(self, row: SlaClockRow) -> list[SlaClockEvent]:
        if self._done is None:
            self._done = {}
            ids = [each.id for each in self.rows]
            found = select(SlaClockEvent).where(SlaClockEvent.clock_id.in_(ids)).order_by(SlaClockEvent.id)
            for event in self._session.scalars(found) if ids else ():
                self._done.setdefault(event.clock_id, []).append(event)
        return self._done.setdefault(row.id, []) if row.id else []

    def _raised(self, row: SlaClockRow) -> tuple[Raised, ...]:
        severity, unit = self._ticket.severity, self._book.unit(self._ticket.unit_id)
        return all_raised(self._events(row), severity=severity, book=self._book, unit=unit)

    def _done_codes(self, row: SlaClockRow) -> frozenset[str]:
        return frozenset(event.step for event in self._events(row))

    def _remember(self, event: SlaClockEvent) -> None:
        self._session.add(event)
        if self._done is not None:
            self._done.setdefault(event.clock_id, []).append(event)

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

    def _copy_done(self, before: SlaClockRow, after: SlaClockRow) -> None:
        """Take over what was done for the same step at the same instant: nobody is told or asked twice."""
        planned = {
            (step.code, step.at)
            for step in steps(
                self._clock(after),
                shipped_rules(),
                severity=self._ticket.severity,
                circumstances=self.circumstances,
            )
        }
        levels: set[str] = set()
        for event in list(self._events(before)):
            if (event.step, event.at) not in planned and unanswered_below(event.step) not in levels:
                continue
            if event.level is not None:
                levels.add(event.level)
            self._copy_event(event, after)
            if event.step == BREACHED:
                after.breached_at = event.at

    def _copy_event(self, event: SlaClockEvent, to: SlaClockRow) -> None:
        copy = SlaClockEvent(
            clock_id=to.id,
            step=event.step,
            action=event.action,
            at=event.at,
            noticed_at=event.noticed_at,
            level=event.level,
            acknowledged_at=event.acknowledged_at,
            acknowledged_by_id=event.acknowledged_by_id,
        )
        self._remember(copy)
        self._session.flush()
        self._session.execute(
            update(Notification).where(Notification.clock_event_id == event.id).values(clock_event_id=copy.id)
        )


def _functional_rules() -> frozenset[str]:
    return frozenset(rule.code for rule in shipped_rules() if rule.is_functional)
