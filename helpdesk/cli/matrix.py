"""`helpdesk matrix`: the severity matrix as a YAML file."""

import sys
from collections import Counter
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from helpdesk.cli.base import ACTOR, Context, print_table
from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.numbers import format_number
from helpdesk.domain.severity import Severity
from helpdesk.queries.admin import matrices
from helpdesk.runtime import Runtime
from helpdesk.services.matrix import Replayed, parse_matrix, replay
from helpdesk.services.matrix import publish as publish_matrix

SHOWN = 30
"""Changed tickets that `simulate` lists one by one."""

_file = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))


@click.group(short_help="The severity matrix as a YAML file.")
def matrix() -> None:
    """Show, validate, replay and publish the severity matrix.

    \b
    Example:
      helpdesk matrix show > matrix.yaml
    """


@matrix.command(short_help="Print the published matrix.")
@click.pass_obj
def show(context: Context) -> None:
    """Print the published matrix as YAML, ready to be edited and published again.

    \b
    Example:
      helpdesk matrix show > matrix.yaml
    """
    with context.runtime() as rt:
        published = rt.read(matrices)[0]
    click.echo(published.document.rstrip("\n"))
    note = (
        f"version {published.version}, published {published.published_at.date()} by {published.published_by}"
    )
    click.echo(note, err=True)


@matrix.command(short_help="Validate a file.")
@_file
def check(file: Path) -> None:
    """Validate FILE and name every fault; needs no database.

    \b
    Example:
      helpdesk matrix check matrix.yaml
    """
    found = parse_matrix(_text(file))
    click.echo(f"{file} is a valid severity matrix with {len(found.document.rules)} rules.")


@matrix.command(short_help="Replay a file on past tickets.")
@_file
@click.option(
    "--last", type=click.IntRange(1, 1_000_000), default=500, show_default=True, help="Newest complaints."
)
@click.pass_obj
def simulate(context: Context, file: Path, last: int) -> None:
    """Judge past complaints by the published matrix and by FILE; show what FILE would change, change nothing.

    \b
    Example:
      helpdesk matrix simulate matrix.yaml --last 1000
    """
    document = _text(file)
    parse_matrix(document)
    with context.runtime() as rt:
        replayed = _replayed(rt, document, last)
    _print_levels(replayed)
    _print_changes([one for one in replayed if one.before != one.after])


@matrix.command(short_help="Publish a file as the next version.")
@_file
@click.pass_obj
def publish(context: Context, file: Path) -> None:
    """Publish FILE as the next version. Tickets are rated by it from now on; those rated before keep theirs.

    \b
    Example:
      helpdesk matrix publish matrix.yaml
    """
    document = _text(file)
    parse_matrix(document)
    with context.runtime() as rt:
        version = rt.write(lambda session: publish_matrix(session, document, actor=ACTOR, now=rt.now()))
    click.echo(f"Version {version} is published.")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InvalidInput(f"{file} is not UTF-8 text") from None


def _replayed(rt: Runtime, document: str, last: int) -> list[Replayed]:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Replaying", total=last)

        def on_progress(count: int) -> None:
            progress.advance(task, count)

        return rt.read(
            lambda session: replay(session, parse_matrix(document), last=last, on_progress=on_progress)
        )


def _print_levels(replayed: list[Replayed]) -> None:
    before, after = Counter(one.before for one in replayed), Counter(one.after for one in replayed)
    rows = [(level, before[level], after[level], f"{after[level] - before[level]:+d}") for level in Severity]
    print_table(("LEVEL", "BEFORE", "AFTER", "CHANGE"), rows)
    moved = Counter((one.before, one.after) for one in replayed if one.before != one.after)
    click.echo(f"\n{len(replayed)} complaints replayed, {sum(moved.values())} change.")
    for (old, new), count in sorted(moved.items()):
        click.echo(f"{old} to {new}: {count}")


def _print_changes(changed: list[Replayed]) -> None:
    if not changed:
        return
    click.echo()
    rows = [
        (format_number(one.number), one.category, one.before, one.after, ", ".join(one.rules))
        for one in changed[:SHOWN]
    ]
    print_table(("NUMBER", "CATEGORY", "BEFORE", "AFTER", "RULES"), rows)
    if len(changed) > SHOWN:
        click.echo(f"and {len(changed) - SHOWN} more")
