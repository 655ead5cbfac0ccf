"""`helpdesk sla recompute`: what the rules of today would move, and the move itself, with a reason."""

import sys
from collections.abc import Iterator
from functools import partial
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import Progress

from helpdesk.cli.base import ACTOR, Context, Json, local, operator, print_json, print_table, rfc3339
from helpdesk.domain.numbers import format_number
from helpdesk.queries.ticket import ticket_by_number
from helpdesk.runtime import Runtime
from helpdesk.services.recompute import Move, live_ticket_ids, planned, recompute


@click.command("recompute", short_help="Move promises to the rules of today, with a reason.")
@click.option("--dry-run", is_flag=True, help="List what would move and change nothing.")
@click.option("--reason", default="", help="Why the promises move; written into the history of each ticket.")
@click.option("--ticket", "number", help="Only this ticket.")
@click.option("--json", "as_json", is_flag=True, help="Print an array, one object per promise.")
@click.pass_obj
def recompute_command(
    context: Context, *, dry_run: bool, reason: str, number: str | None, as_json: bool
) -> None:
    """Give live clocks the policy, calendar and holidays of today.

    A changed policy or calendar never moves a promise by itself: this does. A broken promise stays broken, and
    none is moved to an instant that has passed.

    \b
    Example:
      helpdesk sla recompute --dry-run
      helpdesk sla recompute --reason "Cuti bersama 2027 ditetapkan"
    """
    if not dry_run and not reason.strip():
        raise click.UsageError("give a --reason, or --dry-run to see what would move")
    zone = context.settings().zone
    with context.runtime() as rt:
        found = list(_moves(rt, number, dry_run=dry_run, reason=reason))
    if as_json:
        print_json([_as_json(move) for move in found])
        return
    _print(found, zone, dry_run=dry_run)


def _moves(rt: Runtime, number: str | None, *, dry_run: bool, reason: str) -> Iterator[Move]:
    now = rt.now()
    ids = _one(rt, number) if number else _all(rt)
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Recomputing", total=len(ids))
        for ticket_id in ids:
            if dry_run:
                yield from rt.read(partial(planned, ticket_id=ticket_id, now=now))
            else:
                yield from rt.write(
                    partial(recompute, ticket_id=ticket_id, reason=reason, actor=ACTOR, now=now)
                )
            progress.advance(task)


def _one(rt: Runtime, number: str) -> list[int]:
    return [rt.read(lambda session: ticket_by_number(session, operator(session), number, now=rt.now())).id]


def _all(rt: Runtime) -> list[int]:
    ids: list[int] = []
    while page := rt.read(partial(live_ticket_ids, after=ids[-1] if ids else 0)):
        ids += page
    return ids


def _as_json(move: Move) -> Json:
    return {
        "number": format_number(move.number), "metric": move.metric.value,
        "policy_from": move.policy_from, "policy_to": move.policy_to,
        "due_from": rfc3339(move.due_from), "due_to": rfc3339(move.due_to),
        "paused": move.is_paused, "kept": move.is_kept,
    }  # fmt: skip


def _print(moves: list[Move], zone: ZoneInfo, *, dry_run: bool) -> None:
    if not moves:
        click.echo("Nothing would move." if dry_run else "Nothing moved.")
        return
    rows = [
        (
            format_number(move.number),
            move.metric,
            local(move.due_from, zone) + ("  if it ran again now" if move.is_paused else ""),
            local(move.due_to, zone) + ("  kept: this has passed" if move.is_kept else ""),
            move.policy_from
            if move.policy_from == move.policy_to
            else f"{move.policy_from} to {move.policy_to}",
        )
        for move in moves
    ]
    print_table(("NUMBER", "METRIC", "DUE", "WOULD BE DUE" if dry_run else "IS DUE", "POLICY"), rows)
    moved = sum(not move.is_kept for move in moves)
    what = "promise" if moved == 1 else "promises"
    click.echo(f"\n{moved} {what} {'would move' if dry_run else 'moved'}.")
