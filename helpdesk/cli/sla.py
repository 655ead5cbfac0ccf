"""`helpdesk sla`: one pass of the enforcement, and the story of a ticket's clocks."""

from collections.abc import Iterable
from datetime import timedelta
from zoneinfo import ZoneInfo

import click

from helpdesk import jobs
from helpdesk.cli.base import Context, Json, local, operator, parse_instant, print_json, rfc3339
from helpdesk.domain.numbers import format_number
from helpdesk.queries.sla import ClockLine, clocks_of
from helpdesk.queries.ticket import ticket_by_number
from helpdesk.runtime import Runtime
from helpdesk.services import sla as clocks
from helpdesk.services.sla import SweepAction
from helpdesk.sla.clock import ClockState
from helpdesk.wallclock import utc_now


@click.group(short_help="Service-level clocks.")
def sla() -> None:
    """Enforce and explain service-level clocks.

    \b
    Example:
      helpdesk sla explain 4821-9375
    """


@sla.command(short_help="One pass of warnings, breaches and escalations.")
@click.option(
    "--now", "at", metavar="ISO-8601", help="As of this instant; without an offset in HELPDESK_TIMEZONE."
)
@click.option("--dry-run", is_flag=True, help="Show what would be done and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print an array of {at, number, metric, action}.")
@click.pass_obj
def sweep(context: Context, at: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Carry out every warning, breach and escalation that is due. Again at the same instant it does nothing.

    \b
    Example:
      helpdesk sla sweep --now 2026-11-24T09:00:00+07:00 --dry-run
    """
    zone = context.settings().zone
    instant = utc_now() if at is None else parse_instant(at, zone)
    with context.runtime(now=lambda: instant) as rt:
        done = sorted(_due(rt) if dry_run else jobs.sla_sweep(rt), key=lambda action: action.at)
    if as_json:
        print_json([_as_json(action) for action in done])
        return
    for action in done:
        what = f"{action.action} {action.level}" if action.level else action.action
        click.echo(f"{local(action.at, zone)}  {format_number(action.number)}  {action.metric}  {what}")
    if not done:
        click.echo("Nothing is due." if dry_run else "Nothing was due.")


@sla.command(short_help="Each clock of a ticket, and why.")
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="Print an array, one object per clock.")
@click.pass_obj
def explain(context: Context, number: str, *, as_json: bool) -> None:
    """Show each clock of ticket NUMBER: policy version, start, pauses, used, due, state, and why.

    \b
    Example:
      helpdesk sla explain 4821-9375 --json
    """
    with context.runtime() as rt:
        ticket = rt.read(lambda session: ticket_by_number(session, operator(session), number, now=rt.now()))
        found = rt.read(lambda session: clocks_of(session, ticket.id, now=rt.now()))
    if as_json:
        print_json([_clock_json(clock) for clock in found])
        return
    zone = ZoneInfo(ticket.zone)
    click.echo(
        f"{format_number(ticket.number)}  {ticket.kind}  {ticket.severity}  {ticket.status}  {zone.key}"
    )
    for clock in found:
        _print_clock(clock, zone)
    if not found:
        click.echo("This ticket has no clocks.")


def _due(rt: Runtime) -> list[SweepAction]:
    return rt.read(lambda session: clocks.check_due(session, now=rt.now(), limit=None, dry_run=True))


def _as_json(action: SweepAction) -> Json:
    return {
        "at": rfc3339(action.at), "number": format_number(action.number), "metric": action.metric.value,
        "action": action.action.value, "level": action.level and action.level.value, "step": action.step,
    }  # fmt: skip


def _clock_json(clock: ClockLine) -> Json:
    return {
        "metric": clock.metric.value,
        "state": clock.state.value,
        "policy": clock.policy,
        "policy_version": clock.policy_version,
        "calendar": clock.calendar.value,
        "calendar_version": clock.calendar_version,
        "zone": clock.zone,
        "started_at": rfc3339(clock.started_at),
        "counts_from": rfc3339(clock.counts_from),
        "due_at": rfc3339(clock.due_at),
        "met_at": rfc3339(clock.met_at),
        "breached_at": rfc3339(clock.breached_at),
        "superseded_at": rfc3339(clock.superseded_at),
        "target_seconds": clock.target_seconds,
        "used_seconds": clock.used_seconds,
        "paused_seconds": clock.paused_seconds,
        "pauses": [
            {"started_at": rfc3339(each.started_at), "ended_at": rfc3339(each.ended_at),
             "reason": each.reason, "actor": each.actor}
            for each in clock.pauses
        ],
        "events": [
            {"at": rfc3339(each.at), "noticed_at": rfc3339(each.noticed_at), "action": each.action.value,
             "step": each.step, "level": each.level and each.level.value}
            for each in clock.events
        ],
        "why": list(_reasons(clock, ZoneInfo(clock.zone))),
    }  # fmt: skip


def _print_clock(clock: ClockLine, zone: ZoneInfo) -> None:
    click.echo(f"\n{clock.metric}: {clock.state}")
    click.echo(f"  policy   {clock.policy} version {clock.policy_version}, calendar {clock.calendar}")
    click.echo(f"  start    {local(clock.started_at, zone)}")
    click.echo(f"  due      {local(clock.due_at, zone)}")
    click.echo(f"  used     {_span(clock.used_seconds)} of {_span(clock.target_seconds)}")
    click.echo(f"  paused   {_span(clock.paused_seconds)}")
    for reason in _reasons(clock, zone):
        click.echo(f"  because  {reason}")


def _reasons(clock: ClockLine, zone: ZoneInfo) -> Iterable[str]:
    """Yield what made the clock what it is, in the order in which it is best told."""
    if clock.counts_from != clock.started_at:
        yield f"it counts from {local(clock.counts_from, zone)}, the day after receipt"
    for pause in clock.pauses:
        span = f"from {local(pause.started_at, zone)} to {local(pause.ended_at, zone) if pause.ended_at else 'now'}"
        yield f"{pause.actor} paused it {span}: {pause.reason}"
    for event in clock.events:
        to = f" to {event.level}" if event.level else ""
        yield f"{event.action}{to} was due {local(event.at, zone)} and done {local(event.noticed_at, zone)}"
    yield _verdict(clock, zone)


def _verdict(clock: ClockLine, zone: ZoneInfo) -> str:
    match clock.state:
        case ClockState.MET:
            return f"it was met {local(clock.met_at, zone)}, in time"
        case ClockState.BREACHED if clock.met_at:
            return f"it was met {local(clock.met_at, zone)}, after it was due"
        case ClockState.BREACHED:
            return f"it was due {local(clock.breached_at or clock.due_at, zone)} and is not met"
        case ClockState.SUPERSEDED:
            return f"another promise took its place {local(clock.superseded_at, zone)}"
        case ClockState.PAUSED:
            return "it stands still, so it has no due instant"
        case _:
            return f"{_span(max(clock.target_seconds - clock.used_seconds, 0))} of its calendar are left"


def _span(seconds: int) -> str:
    return str(timedelta(seconds=seconds))
