"""`helpdesk texts`: what a Mitra reads from us, as a YAML file."""

from collections.abc import Mapping
from pathlib import Path

import click
from sqlalchemy.orm import Session

from helpdesk.cli.base import ACTOR, Context, print_table
from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.text_checks import check_step, check_together
from helpdesk.domain.text_document import parse_texts, write_texts
from helpdesk.domain.text_faults import TextFault, Weight, told
from helpdesk.domain.text_notes import note_of
from helpdesk.domain.wording import SHIPPED, Language, StepTexts, TextBook, steps
from helpdesk.models.people import Role
from helpdesk.queries import texts as stored
from helpdesk.queries.texts import StepRow
from helpdesk.services.accounts import user_by_email
from helpdesk.services.text_editions import propose_all

_file = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))


@click.group(short_help="What a Mitra reads from us, as a YAML file.")
def texts() -> None:
    """Show, check and propose the standing texts. People change them under /admin/texts, where a second one decides.

    \b
    Example:
      helpdesk texts export > texts.yaml
    """


@texts.command(short_help="List the texts, or print one step.")
@click.argument("step", required=False)
@click.pass_obj
def show(context: Context, step: str | None) -> None:
    """List all steps with when they are said, or print the texts of STEP as YAML.

    \b
    Example:
      helpdesk texts show T06
    """
    if step is not None and step not in steps():
        raise InvalidInput(f"there is no step {step}: helpdesk texts show lists them")
    with context.runtime() as rt:
        rows, book = rt.read(lambda session: (stored.overview(session), stored.book(session)))
    if step is None:
        print_table(
            ("STEP", "TEXT", "STATE", "SAID WHEN"),
            [
                (row.step, note.name[Language.EN], _state(row), note.when[Language.EN])
                for row in rows
                for note in (note_of(row.step),)
            ],
        )
        return
    click.echo(write_texts({step: book.texts(step)}).rstrip("\n"))
    row = next(each for each in rows if each.step == step)
    click.echo(f"{_state(row)}; {note_of(step).when[Language.EN]}", err=True)


@texts.command(short_help="Print all texts in force, ready to be edited.")
@click.option("--own", is_flag=True, help="Only the steps with texts of our own.")
@click.pass_obj
def export(context: Context, *, own: bool) -> None:
    """Print the texts in force as YAML, ready to be edited, checked and proposed.

    \b
    Example:
      helpdesk texts export > texts.yaml
    """
    with context.runtime() as rt:
        book = rt.read(stored.book)
    chosen = sorted(book.own if own else steps())
    click.echo(write_texts({step: book.texts(step) for step in chosen}).rstrip("\n") if chosen else "{}")


@texts.command(short_help="Validate a file.")
@_file
def check(file: Path) -> None:
    """Validate FILE: limits, plain words, placeholders, and that what we offer is understood; needs no database.

    What FILE leaves out is taken as shipped.

    \b
    Example:
      helpdesk texts check texts.yaml
    """
    given = _read(file)
    for fault in _sound(SHIPPED, given):
        click.echo(f"advice: {_said(fault)}")
    click.echo(f"{file} has sound texts of {len(given)} steps.")


@texts.command(short_help="Propose a file to the second person.")
@_file
@click.option("--author", required=True, metavar="EMAIL", help="The administrator whose words they are.")
@click.option("--note", required=True, help="What it changes, and why; kept with the edition.")
@click.pass_obj
def propose(context: Context, file: Path, author: str, note: str) -> None:
    """Write those texts of FILE that differ from the ones in force as drafts of an administrator.

    Another person publishes them, one by one, on /admin/texts: nobody does so here. What FILE leaves out stays.

    \b
    Example:
      helpdesk texts propose texts.yaml --author admin@example.org --note "New phone hours"
    """
    given = _read(file)
    with context.runtime() as rt:
        for fault in _sound(rt.read(stored.book), given):
            click.echo(f"advice: {_said(fault)}")
        changed = rt.write(
            lambda session: propose_all(
                session, given, note, author_id=_author(session, author), actor=ACTOR, now=rt.now()
            )
        )
    told = f"Waiting for a second person on /admin/texts: {', '.join(changed)}."
    click.echo(told if changed else "No difference.")


def _author(session: Session, email: str) -> int:
    """Return who answers for the texts. Raises InvalidInput for who may not write any."""
    user = user_by_email(session, email)
    if user.role != Role.ADMIN or user.disabled_at is not None:
        raise InvalidInput(f"{email} is no administrator: only they write texts", field="author")
    return user.id


def _read(file: Path) -> Mapping[str, StepTexts]:
    try:
        return parse_texts(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise InvalidInput(f"{file} is not UTF-8 text") from None


def _sound(book: TextBook, given: Mapping[str, StepTexts]) -> list[TextFault]:
    """Return the advice on the texts put into the book. Raises InvalidInput that names every fault."""
    for step, found in given.items():
        book = book.put(step, {**book.texts(step), **found})
    faults = [fault for step in sorted(given) for fault in check_step(book, step)] + check_together(book)
    refusing = [fault for fault in faults if fault.weight is Weight.FAULT]
    if refusing:
        raise InvalidInput("\n".join(map(_said, refusing)), field="document")
    return faults


def _said(fault: TextFault) -> str:
    return " ".join([fault.step, told(fault, Language.EN)]).strip()


def _state(row: StepRow) -> str:
    state = f"own text, edition {row.version}" if row.is_own else "as shipped"
    if row.is_shipped_changed:
        state += ", written over an older shipped text"
    if row.draft_author is None:
        return state
    return f"{state}, draft of {row.draft_author}{' waits' if row.is_submitted else ''}"
