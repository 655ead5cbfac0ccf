"""`helpdesk sla`: one pass of the enforcement, and the story of a ticket's clocks."""

from datetime import datetime

import click
from sqlalchemy.orm import Session

from helpdesk import jobs
from helpdesk.cli import sla_story
from helpdesk.cli.base import Context, Json, local, operator, parse_instant, print_json, rfc3339
from helpdesk.cli.sla_story import LANGUAGES
from helpdesk.domain.numbers import format_number
from helpdesk.queries.regulation import RegulationView, regulation_of
from helpdesk.queries.sla_explain import Explanation
from helpdesk.queries.sla_explain import explain as explain_clocks
from helpdesk.queries.sla_next import what_is_next
from helpdesk.queries.sla_notes import awaited, notes_of
from helpdesk.queries.ticket import TicketView, ticket_by_number
from helpdesk.runtime import Runtime
from helpdesk.services import sweeps
from helpdesk.services.sweeps import SweepAction
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
@click.option(
    "--json", "as_json", is_flag=True, help="Print an array, one object per clock, with every stretch."
)
@click.option(
    "--lang", "language", type=click.Choice(LANGUAGES), default="id", help="Language of the reasons."
)
@click.pass_obj
def explain(context: Context, number: str, *, as_json: bool, language: str) -> None:
    """Show each clock of ticket NUMBER: policy version, start, pauses, used, due, state, and why.

    \b
    Example:
      helpdesk sla explain 4821-9375 --lang en
    """
    with context.runtime() as rt:
        now = rt.now()
        ticket = rt.read(lambda session: ticket_by_number(session, operator(session), number, now=now))
        told, law = rt.read(lambda session: _told(session, ticket, now))
    if as_json:
        print_json([sla_story.as_json(each, language) for each in told])
        return
    click.echo(
        f"{format_number(ticket.number)}  {ticket.kind}  {ticket.severity}  {ticket.status}  {ticket.zone}"
    )
    following = (
        *awaited(law, ticket.zone, now=now),
        *what_is_next([each.clock for each in told], now=now),
    )
    for line in sla_story.tell(told, following, language, now=now):
        click.echo(line)


def _told(session: Session, ticket: TicketView, now: datetime) -> tuple[list[Explanation], RegulationView]:
    law = regulation_of(session, ticket.id, now=now)
    notes = notes_of(law, ticket.zone, now=now)
    return explain_clocks(session, ticket.id, now=now, notes=notes, regulation=law), law


def _due(rt: Runtime) -> list[SweepAction]:
    return rt.read(lambda session: sweeps.plan(session, now=rt.now()))


def _as_json(action: SweepAction) -> Json:
    return {
        "at": rfc3339(action.at), "number": format_number(action.number), "metric": action.metric.value,
        "action": action.action.value, "level": action.level and action.level.value, "step": action.step,
    }  # fmt: skip
