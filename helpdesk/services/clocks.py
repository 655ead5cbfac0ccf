"""The clocks of one locked ticket: what is stored of them is kept true, and due steps are carried out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models.calendars import CalendarBook, clock_of
from helpdesk.models.raised import all_raised, circumstances_of
from helpdesk.models.sla import SlaClockEvent, SlaClockRow, SlaPauseRow
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
        self.session = session
        self.ticket = ticket
        self.book = CalendarBook(session)
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
        self.log = StepLog(session, self.rows)

    @property
    def zone(self) -> str:
        """Zone in which a clock that starts now counts: that of the ticket's unit."""
        return self.book.unit(self.ticket.unit_id).zone

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
        row = self.draft(policy, metric, at=at, now=now)
        if row is not None:
            self.add(row, now=now)
        return row

    def supersede(self, row: SlaClockRow, *, at: datetime) -> None:
        """End a clock without success; if its time was up before, the breach stays on record."""
        row.superseded_at = at
        self.end_pause(row, at=at)
        self.settle(row, now=at)
        self.refresh(row, now=at)
        self.session.flush()  # the next clock of this metric may only come after it

    def draft(
        self, policy: PolicyInForce, metric: Metric, *, at: datetime, now: datetime
    ) -> SlaClockRow | None:
        """Return the clock as the policy promises it, not yet added, or None where it promises nothing."""
        target = policy.target(metric)
        if target is None:
            return None
        zone = self.zone
        is_day_based = target.calendar.is_day_based
        return SlaClockRow(
            ticket_id=self.ticket.id,
            metric=metric,
            policy_id=policy.id,
            target_seconds=int(target.duration.total_seconds()),
            calendar_id=self.book.row(target.calendar).id,
            calendar_as_of=self.book.as_of(now),
            is_pausable=target.is_pausable,
            pause_cap_seconds=None if target.pause_cap is None else int(target.pause_cap.total_seconds()),
            zone=zone,
            started_at=at,
            counts_from=counting_start(at, zone=ZoneInfo(zone), is_day_based=is_day_based),
        )

    def on_same_terms(
        self, row: SlaClockRow, *, start: datetime | None = None, longer: timedelta = timedelta()
    ) -> SlaClockRow:
        """Return a clock of this ticket, not yet added, of the same promise and calendar as `row`.

        `start`: from another instant; `longer`: with so much more time.
        """
        calendar = self.book.row(row.calendar_id).code
        start = row.started_at if start is None else start
        counts_from = row.counts_from
        if start != row.started_at:
            zone = ZoneInfo(row.zone)
            counts_from = counting_start(start, zone=zone, is_day_based=calendar.is_day_based)
        return SlaClockRow(
            ticket_id=self.ticket.id,
            metric=row.metric,
            policy_id=row.policy_id,
            target_seconds=row.target_seconds + int(longer.total_seconds()),
            calendar_id=row.calendar_id,
            calendar_as_of=row.calendar_as_of,
            is_pausable=row.is_pausable,
            pause_cap_seconds=row.pause_cap_seconds,
            zone=row.zone,
            started_at=start,
            counts_from=counts_from,
        )

    def add(self, row: SlaClockRow, *, now: datetime) -> None:
        """Let a drafted clock run."""
        self.refresh(row, now=now)
        self.session.add(row)
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
            for pause in self.session.scalars(found) if ids else ():
                self._pauses.setdefault(pause.clock_id, []).append(pause)
        return self._pauses.setdefault(row.id, []) if row.id else []

    def open_pause(self, row: SlaClockRow) -> SlaPauseRow | None:
        """Return the pause that still lasts, or None."""
        return next((pause for pause in self.pauses(row) if pause.ended_at is None), None)

    def begin_pause(self, row: SlaClockRow, *, reason: str, actor: str, at: datetime) -> bool:
        """Stop the clock; False where the cap on its pauses is used up. A breach before that is recorded first."""
        self.settle(row, now=at)
        ends_by = self.pause_ends_by(row, at)
        if ends_by is not None and ends_by <= at:
            return False
        pause = SlaPauseRow(clock_id=row.id, started_at=at, ends_by=ends_by, reason=reason, actor=actor)
        self.pauses(row).append(pause)
        self.session.add(pause)
        if row.due_at is not None and at < row.due_at:
            self.promise_anew(row)
        self.refresh(row, now=at)
        return True

    def end_pause(self, row: SlaClockRow, *, at: datetime) -> bool:
        """End the pause that lasts, if there is one; refresh() must follow."""
        pause = self.open_pause(row)
        if pause is None:
            return False
        pause.ended_at = max(min(at, pause.ends_by or at), pause.started_at)
        return True

    def end_capped_pause(self, row: SlaClockRow, *, now: datetime) -> None:
        """Let the clock run again if we have waited for the contact as long as its cap allows; the team hears of it."""
        pause = self.open_pause(row)
        if pause is None or pause.ends_by is None or pause.ends_by > now:
            return
        self.end_pause(row, at=now)
        self.refresh(row, now=now)
        data = {"metrics": row.metric.value, "reason": "pause_capped", "since": pause.ends_by.isoformat()}
        record(self.session, self.ticket, "sla_resumed", actor=SYSTEM, at=now, data=data)
        escalations.notify(self.session, self.ticket, Level.L1, "sla_pause_capped", at=now)

    def void_pause(self, row: SlaClockRow, *, since: datetime, now: datetime) -> bool:
        """Count the time of an ended pause after all; the promise is again the one it moved. False without one."""
        voided = [
            pause for pause in self.pauses(row) if pause.started_at == since and pause.ended_at != since
        ]
        for pause in voided:
            pause.ended_at = since
        if voided:
            self.promise_anew(row)
            self.refresh(row, now=now)
        return bool(voided)

    def refresh(self, row: SlaClockRow, *, now: datetime) -> None:
        """Derive what is stored for sorting and for the enforcement; a due instant once promised stays."""
        clock = self.clock(row)
        row.due_at = due_at(clock)
        row.strict_due_at = strict_due_at(clock)
        row.next_step_at = next_step_at(
            clock,
            shipped_rules(),
            severity=self.ticket.severity,
            circumstances=self.circumstances,
            raised=self._raised(row),
            done=self.log.codes(row),
            now=now,
        )

    def due_steps(self, row: SlaClockRow, *, now: datetime) -> list[Step]:
        """Return the steps that have come and are not done, in order."""
        return steps_due(
            self.clock(row),
            shipped_rules(),
            severity=self.ticket.severity,
            circumstances=self.circumstances,
            raised=self._raised(row),
            done=self.log.codes(row),
            now=now,
        )

    @property
    def circumstances(self) -> frozenset[Circumstance]:
        """What the ladder asks of the ticket besides its severity."""
        if self._circumstances is None:
            self._circumstances = circumstances_of(self.session, self.ticket)
        return self._circumstances

    def acknowledge(self, level: Level, *, user_id: int, at: datetime) -> list[SlaClockEvent]:
        """Somebody of that level has the ticket: what was raised so far goes no further. Returns what waited."""
        answered: list[SlaClockEvent] = []
        for row in self.live():
            found = self.log.acknowledge(row, level, user_id=user_id, at=at)
            if found:
                self.refresh(row, now=at)
            answered += found
        return answered

    def broken_at(self, row: SlaClockRow, *, at: datetime) -> datetime | None:
        """Return when its promise was broken, noticed or not; one that is kept at `at` itself is not."""
        if row.breached_at is not None:
            return row.breached_at
        stopped_at = min(filter(None, (row.met_at, row.superseded_at, at)))
        due = row.due_at or due_at(as_of(self.clock(row), at))  # its pause may have come to its cap
        return due if due is not None and due < stopped_at else None

    def settle(self, row: SlaClockRow, *, now: datetime) -> None:
        """Record the breach if it has happened by `now` and no sweep has noticed."""
        for step in self.due_steps(row, now=now):
            if step.code == BREACHED:
                self.carry_out(row, step, now=now)

    def carry_out(self, row: SlaClockRow, step: Step, *, now: datetime) -> SweepAction:
        """Do one step: remember it by its key, write the event, tell the people, perhaps change the team."""
        event = self.log.add(row, step, now=now)
        data: dict[str, object] = {"metric": row.metric, "step": step.code, "at": step.at.isoformat()}
        if step.level is not None:
            data["level"] = step.level
        if step.action is StepAction.SLA_BREACHED:
            row.breached_at = step.at
        if step.code in codes_handing_over():
            data |= escalations.hand_over(self.session, self.ticket)
        record(self.session, self.ticket, step.action, actor=SYSTEM, at=now, data=data)
        level = step.level or Level.L1
        escalations.notify(
            self.session, self.ticket, level, step.action, at=now, known=self._told, event=event
        )
        return self.action(row, step)

    def action(self, row: SlaClockRow, step: Step) -> SweepAction:
        """Describe a step of a clock."""
        return SweepAction(step.at, self.ticket.number, row.metric, step.action, step.level, step.code)

    def save(self) -> None:
        """Write the ticket's soonest due instant; a missed one stays, so that overdue tickets come first."""
        dues = [row.due_at for row in self.live() if row.due_at is not None]
        self.ticket.next_due_at = min(dues, default=None)
        self.session.flush()

    def promise_anew(self, row: SlaClockRow) -> None:
        """Let the next refresh() derive the due instant from the pauses as they are now."""
        row.due_at = row.strict_due_at = None

    def pause_ends_by(self, row: SlaClockRow, at: datetime) -> datetime | None:
        """Return until when a pause that begins at `at` may last; None: no cap."""
        if row.pause_cap_seconds is None:
            return None
        return pause_ends_by(self.clock(row), timedelta(seconds=row.pause_cap_seconds), at)

    def clock(self, row: SlaClockRow) -> SlaClock:
        """Return a clock as the pure rules take it."""
        return self.on_terms_of(row, row)

    def on_terms_of(self, terms: SlaClockRow, row: SlaClockRow) -> SlaClock:
        """Return the terms of one clock with the pauses of another."""
        unit = self.book.unit(self.ticket.unit_id)
        return clock_of(terms, self.pauses(row), book=self.book, unit=unit)

    def _raised(self, row: SlaClockRow) -> tuple[Raised, ...]:
        severity, unit = self.ticket.severity, self.book.unit(self.ticket.unit_id)
        return all_raised(self.log.of(row), severity=severity, book=self.book, unit=unit)


def codes_handing_over() -> frozenset[str]:
    """Return the codes of the steps that give the ticket to the head office; the committee (L5) takes none."""
    return frozenset(rule.code for rule in shipped_rules() if rule.is_functional and rule.level is Level.L4)
