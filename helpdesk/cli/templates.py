"""`helpdesk template`: what lies with the provider, templates for after WhatsApp's 24 hours and sets of buttons."""

from datetime import datetime
from zoneinfo import ZoneInfo

import click

from helpdesk import contents
from helpdesk.cli.base import ACTOR, Context, local, print_table
from helpdesk.domain.message_templates import NEWS, STEPS, TemplateState
from helpdesk.domain.wording import Language
from helpdesk.queries import message_templates as queries
from helpdesk.services import message_templates

_STATES = click.Choice([state.value for state in TemplateState])
_LANGUAGES = click.Choice([language.value for language in Language])


@click.group(short_help="WhatsApp templates.")
def template() -> None:
    """Keep the registry of templates by which a Mitra may be written to after 24 hours.

    \b
    Example:
      helpdesk template list
    """


@template.command("list", short_help="List templates.")
@click.pass_obj
def list_templates(context: Context) -> None:
    """List templates with what fills them and their state.

    \b
    Example:
      helpdesk template list
    """
    with context.runtime() as rt:
        found = rt.read(queries.templates)
        zone = rt.settings.zone
    rows = [
        (row.step, row.language, row.name, row.content_id, " ".join(row.variables), row.state,
         local(row.changed_at, zone), row.proposer or None, row.confirmer or None)
        for row in found
    ]  # fmt: skip
    head = (
        "TEXT",
        "LANGUAGE",
        "NAME",
        "CONTENT ID",
        "VARIABLES",
        "STATE",
        "SINCE",
        "PROPOSED BY",
        "CONFIRMED BY",
    )
    print_table(head, rows)


@template.command("add", short_help="Register a template.")
@click.argument("content_id")
@click.option("--language", type=_LANGUAGES, required=True)
@click.option("--name", required=True, help="What people call it.")
@click.option("--step", type=click.Choice(STEPS), default=NEWS, show_default=True)
@click.option(
    "--variables", default="nama,nomor", show_default=True, help="What fills {{1}}, {{2}} …, with commas."
)
@click.pass_obj
def add(context: Context, content_id: str, *, language: str, name: str, step: str, variables: str) -> None:
    """Register the template CONTENT_ID, Twilio's Content SID, or the name that Meta knows.

    It is sent once the provider has approved it and a person has confirmed it on /admin/whatsapp-templates.

    \b
    Example:
      helpdesk template add HX0123456789abcdef0123456789abcdef --language id --name kabar
    """
    names = [each.strip() for each in variables.split(",") if each.strip()]
    with context.runtime() as rt:
        rt.write(
            lambda session: message_templates.add(
                session, step=step, language=language, name=name, content_id=content_id, variables=names,
                actor=ACTOR, now=rt.now(),
            )
        )  # fmt: skip
    click.echo(
        f"{content_id} was registered for {step} in {language}; confirm it on /admin/whatsapp-templates."
    )


@template.command(short_help="Ask Twilio how templates stand.")
@click.pass_obj
def check(context: Context) -> None:
    """Ask Twilio at once for every template that was not asked for in the last quarter of an hour.

    \b
    Example:
      helpdesk template check
    """
    with context.runtime() as rt:
        click.echo(f"{contents.read_templates(rt)} template(s) read.")


@template.command("state", short_help="Say how a template stands.")
@click.argument("content_id")
@click.argument("state", type=_STATES)
@click.option("--language", type=_LANGUAGES, required=True)
@click.pass_obj
def set_state(context: Context, content_id: str, state: str, *, language: str) -> None:
    """Keep what Meta says of CONTENT_ID; Twilio is asked itself. An approved one waits for a person to confirm it.

    \b
    Example:
      helpdesk template state kabar_pengaduan approved --language id
    """
    with context.runtime() as rt:
        rt.write(
            lambda session: message_templates.set_state(
                session, content_id, language, TemplateState(state), actor=ACTOR, now=rt.now()
            )
        )
    click.echo(f"{content_id} is {state}.")


@template.command(short_help="List the sets of buttons, and have Twilio keep them.")
@click.option("--now", "is_now", is_flag=True, help="Do at once what the worker does every half minute.")
@click.pass_obj
def buttons(context: Context, *, is_now: bool) -> None:
    """List what may be pressed under our WhatsApp texts, and by which Content of Twilio it goes out.

    A set that Twilio does not keep costs nothing but the buttons: the same words are typed.

    \b
    Example:
      helpdesk template buttons
    """
    with context.runtime() as rt:
        if is_now:
            contents.keep_buttons(rt)
        found, now, zone = rt.read(queries.buttons), rt.now(), rt.settings.zone
    rows = [
        (" ".join(row.steps), row.language, "list" if row.is_list else "buttons", " | ".join(row.labels),
         row.content_id or "-", _standing(row, now, zone))
        for row in found
    ]  # fmt: skip
    print_table(("TEXTS", "LANGUAGE", "KIND", "PRESSED", "CONTENT ID", "STATE"), rows)


def _standing(row: queries.ButtonsRow, now: datetime, zone: ZoneInfo) -> str:
    if row.is_sent(now):
        return "sent"
    if row.error_code is None:
        return "not kept yet"
    again = f", again after {local(row.rests_until, zone)}" if row.rests_until else ""
    return f"left out: {row.error_code}{again}"
