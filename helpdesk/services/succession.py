"""One clock in the place of another: after a change of severity, a lawful extension, or a recomputation."""

from collections.abc import Iterator, Mapping
from dataclasses import replace as changed
from datetime import datetime

from helpdesk.models.regulation import lawfully_longer
from helpdesk.models.sla import SlaClockEvent, SlaClockRow, SlaPauseRow, SlaTargetRow
from helpdesk.services import escalations
from helpdesk.services.clocks import TicketClocks, codes_handing_over
from helpdesk.services.policies import PolicyInForce
from helpdesk.sla.clock import due_at
from helpdesk.sla.escalation import BREACHED, StepAction, shipped_rules, steps
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
    was_away = row.superseded_at is not None
    if not was_away:
        clocks.supersede(row, at=now)
    clocks.add(successor, now=now)
    clocks.session.flush()
    if successor.is_pausable:
        for pause in clocks.pauses(row):
            _copy_pause(clocks, pause, successor, is_open=pause is open_pause)
        _cap_anew(clocks, successor, now=now)
    clocks.session.flush()
    clocks.promise_anew(successor)
    _copy_done(clocks, row, successor, is_same_promise=is_same_promise, was_away=was_away, now=now)
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


def take_over(clocks: TicketClocks, row: SlaClockRow, *, now: datetime) -> None:
    """After a rating under the same promise: who was told before it came and must know again is not told twice."""
    known = clocks.log.codes(row)
    told = {
        event.step: event
        for event in _told_earlier(clocks, row, row)
        if event.action is StepAction.ESCALATED and event.step not in known
    }
    if told:
        taken = _come(clocks, row, told, now=now)
        clocks.log.carry_over(told.values(), row, taken=taken, answer_from=now)


def _copy_done(
    clocks: TicketClocks,
    before: SlaClockRow,
    after: SlaClockRow,
    *,
    is_same_promise: bool,
    was_away: bool,
    now: datetime,
) -> None:
    """Take over what was told of this promise: nobody hears twice of what has come, whatever the target was then.

    Only a step that now lies ahead is a new one. A rating that goes to and fro finds what was told the time before,
    but for handing the ticket over: where it left that team since, it goes there again. While a promise `was_away`
    nobody could answer for it.
    """
    of_before = {event.step: event for event in clocks.log.of(before)}
    earlier = {
        event.step: event for event in _told_earlier(clocks, before, after) if event.step not in of_before
    }
    taken = _come(clocks, after, of_before, now=now)
    if is_same_promise:
        taken |= {code: event.at for code, event in of_before.items() if code != BREACHED}
    copies = clocks.log.carry_over(
        of_before.values(), after, taken=taken, answer_from=now if was_away else None
    )
    copies += clocks.log.carry_over(
        earlier.values(), after, taken=_come(clocks, after, earlier, now=now), answer_from=now
    )
    after.breached_at = next((copy.at for copy in copies if copy.step == BREACHED), after.breached_at)


def _come(
    clocks: TicketClocks, row: SlaClockRow, told: Mapping[str, SlaClockEvent], *, now: datetime
) -> dict[str, datetime]:
    """Return the steps of a clock that were told and have come, each with when that is by its own promise."""
    plan = {
        step.code: step.at
        for step in steps(
            clocks.clock(row),
            shipped_rules(),
            severity=clocks.ticket.severity,
            circumstances=clocks.circumstances,
        )
    }
    return {
        code: at
        for code, event in told.items()
        if (at := plan.get(code)) is not None and (at <= now or at == event.at)
    }


def _told_earlier(clocks: TicketClocks, before: SlaClockRow, after: SlaClockRow) -> Iterator[SlaClockEvent]:
    """Return what was told of this promise before the clock `before`; not the handing over of what has gone back."""
    starts = (before.started_at, after.started_at)
    line = [
        row
        for row in clocks.rows
        if row.metric is before.metric and row.id < before.id and row.started_at in starts
    ]
    has_gone = bool(line) and not escalations.is_at_head_office(clocks.session, clocks.ticket)
    for row in line:
        for event in clocks.log.of(row):
            if not (has_gone and event.step in codes_handing_over()):
                yield event
