"""One clock in the place of another: after a change of severity, a lawful extension, or a recomputation."""

from dataclasses import replace as changed
from datetime import datetime

from helpdesk.models.regulation import lawfully_longer
from helpdesk.models.sla import SlaClockRow, SlaPauseRow, SlaTargetRow
from helpdesk.services.clocks import TicketClocks, functional_codes
from helpdesk.services.policies import PolicyInForce
from helpdesk.sla.clock import due_at
from helpdesk.sla.escalation import BREACHED, shipped_rules, steps
from helpdesk.sla.policy import Metric


def replace(
    clocks: TicketClocks, row: SlaClockRow, policy: PolicyInForce, *, start: datetime, now: datetime
) -> SlaClockRow | None:
    """Supersede a clock by one of another policy: the same start, pauses, and steps already taken.

    Where the same time counts from the same start, it goes on by the calendar that it was given (ADR 0015).
    """
    successor = clocks.draft(policy, row.metric, at=start, now=now)
    if successor is None:
        clocks.supersede(row, at=now)
        return None
    codes = [clocks.book.row(each.calendar_id).code for each in (row, successor)]
    if codes[0] == codes[1] and start == row.started_at:
        successor.calendar_id, successor.calendar_as_of = row.calendar_id, row.calendar_as_of
    if row.metric is Metric.REGULATORY and codes[1].is_day_based:
        successor.target_seconds += int(lawfully_longer(clocks.session, row).total_seconds())
    return succeed(clocks, row, successor, now=now)


def succeed(
    clocks: TicketClocks,
    row: SlaClockRow,
    successor: SlaClockRow,
    *,
    is_same_promise: bool = False,
    now: datetime,
) -> SlaClockRow:
    """Supersede a clock by `successor`, which takes over its pauses and what was told.

    `is_same_promise`: only the calendar moved under it, and no rung of the ladder is told again.
    """
    clocks.end_capped_pause(row, now=now)
    open_pause = clocks.open_pause(row)
    if row.superseded_at is None:
        clocks.supersede(row, at=now)
    clocks.add(successor, now=now)
    clocks.session.flush()
    if successor.is_pausable:
        for pause in clocks.pauses(row):
            _copy_pause(clocks, pause, successor, is_open=pause is open_pause)
        _cap_anew(clocks, successor, now=now)
    clocks.session.flush()
    clocks.promise_anew(successor)
    _copy_done(clocks, row, successor, is_same_promise=is_same_promise, now=now)
    clocks.refresh(successor, now=now)
    return successor


def renewed(
    clocks: TicketClocks, row: SlaClockRow, policy: PolicyInForce, *, now: datetime
) -> SlaClockRow | None:
    """Return what would succeed a clock under the rules of today, or None where nothing would move.

    A target that was lawfully extended stays as long as it is; what the rules no longer promise stays promised.
    """
    successor = clocks.draft(policy, row.metric, at=row.started_at, now=now)
    if successor is None:
        return None
    if row.target_seconds != _promised_seconds(clocks, row):
        successor.target_seconds = row.target_seconds
    promised = row.due_at or due_if_resumed(clocks, row, now=now)
    is_same = _terms(row) == _terms(successor)
    if is_same and promised == due_if_resumed(clocks, row, now=now, as_if=successor):
        return None
    return successor


def due_if_resumed(
    clocks: TicketClocks, row: SlaClockRow, *, now: datetime, as_if: SlaClockRow | None = None
) -> datetime | None:
    """Return when the clock would be due if a pause that lasts ended now; `as_if`: on the terms of that one."""
    terms = as_if or row
    clock = clocks.on_terms_of(terms, row)
    pauses = tuple(
        changed(pause, ended_at=pause.ended_at or min(now, pause.ends_by or now)) for pause in clock.pauses
    )
    return due_at(changed(clock, pauses=pauses if terms.is_pausable else (), promised_at=None))


def _terms(row: SlaClockRow) -> tuple[int, bool, int | None]:
    """What is promised besides the calendar; a newer version that says the same moves nothing."""
    return row.target_seconds, row.is_pausable, row.pause_cap_seconds


def _promised_seconds(clocks: TicketClocks, row: SlaClockRow) -> int | None:
    target = clocks.session.get(SlaTargetRow, {"policy_id": row.policy_id, "metric": row.metric})
    return None if target is None else target.seconds


def _copy_pause(clocks: TicketClocks, pause: SlaPauseRow, to: SlaClockRow, *, is_open: bool) -> None:
    copy = SlaPauseRow(
        clock_id=to.id,
        started_at=pause.started_at,
        ended_at=None if is_open else pause.ended_at,
        reason=pause.reason,
        actor=pause.actor,
    )
    clocks.pauses(to).append(copy)
    clocks.session.add(copy)


def _cap_anew(clocks: TicketClocks, row: SlaClockRow, *, now: datetime) -> None:
    """Fit the pause that lasts to the clock's own cap; what it has already taken out stays taken out."""
    pause = clocks.open_pause(row)
    if pause is not None:
        pause.ended_at = now  # so that the cap sees what the pause has cost by now
        ends_by = clocks.pause_ends_by(row, now)
        pause.ended_at, pause.ends_by = None, ends_by


def _copy_done(
    clocks: TicketClocks, before: SlaClockRow, after: SlaClockRow, *, is_same_promise: bool, now: datetime
) -> None:
    """Take over what was told of this promise: nobody hears twice of what has come, whatever the target was then.

    Only a step that now lies ahead is a new one. A rating that goes to and fro finds what was told the time before,
    but for handing the ticket over: where it left that team since, it goes there again.
    """
    plan = {
        step.code: step.at
        for step in steps(
            clocks.clock(after),
            shipped_rules(),
            severity=clocks.ticket.severity,
            circumstances=clocks.circumstances,
        )
    }
    told = {
        event.step: event
        for row in _line_of(clocks, before)
        for event in clocks.log.of(row)
        if row is before or event.step not in functional_codes()
    }
    taken = {
        code: at
        for code, event in told.items()
        if (at := plan.get(code)) is not None and (at <= now or at == event.at)
    }
    if is_same_promise:
        of_before = clocks.log.of(before)
        taken |= {event.step: event.at for event in of_before if event.step != BREACHED}
    copies = clocks.log.carry_over(told.values(), after, taken=taken)
    after.breached_at = next((copy.at for copy in copies if copy.step == BREACHED), after.breached_at)


def _line_of(clocks: TicketClocks, row: SlaClockRow) -> list[SlaClockRow]:
    """Return the clocks of a metric from the same start, down to this one: each took the place of the one before."""
    return [
        each
        for each in clocks.rows
        if each.metric is row.metric and each.started_at == row.started_at and each.id <= row.id
    ]
