"""`helpdesk user` and `helpdesk token`: staff accounts and API tokens."""

import secrets
import sys

import click

from helpdesk.cli.base import ACTOR, Context, print_table
from helpdesk.models.people import Position, Role, TokenScope
from helpdesk.queries import admin
from helpdesk.services import accounts


@click.group(short_help="Accounts of members of staff.")
def user() -> None:
    """Add, list and shut accounts.

    \b
    Example:
      helpdesk user add siti@contoh.id --role supervisor --name "Siti"
    """


@user.command(short_help="Add an account.")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", help="Name on screens; the default is the part before the @.")
@click.option("--unit", default="HO", show_default=True, metavar="CODE", help="Unit of the organisation.")
@click.option("--position", type=click.Choice([position.value for position in Position]), default="HO",
              show_default=True, help="Place in the escalation ladder.")  # fmt: skip
@click.option("--team", "teams", multiple=True, metavar="CODE", help="Team; may be given several times.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_obj
def add(
    context: Context, email: str, *, role: str, name: str | None, unit: str, position: str,
    teams: tuple[str, ...], password_stdin: bool,
) -> None:  # fmt: skip
    """Add an account for EMAIL. Without --password-stdin a password is made and shown this once.

    \b
    Example:
      helpdesk user add budi@contoh.id --role agent --team pembayaran
    """
    password = _password(password_stdin)
    with context.runtime() as rt:
        rt.write(
            lambda session: accounts.create_user(
                session, email=email, password=password, role=Role(role), name=name, unit_code=unit,
                position=Position(position), teams=teams, actor=ACTOR, now=rt.now(),
            )
        )  # fmt: skip
    click.echo(f"{email.strip().lower()} was added as {role}.")
    _show(password, password_stdin)


@user.command("list", short_help="List accounts.")
@click.pass_obj
def list_users(context: Context) -> None:
    """List all accounts, disabled ones too.

    \b
    Example:
      helpdesk user list
    """
    with context.runtime() as rt:
        found = rt.read(admin.users)
    rows = [
        (row.email, row.name, row.role, row.position, row.unit, ",".join(row.teams) or None,
         "disabled" if row.disabled_at else "active")
        for row in found
    ]  # fmt: skip
    print_table(("E-MAIL", "NAME", "ROLE", "POSITION", "UNIT", "TEAMS", "STATE"), rows)


@user.command(short_help="Shut an account.")
@click.argument("email")
@click.pass_obj
def disable(context: Context, email: str) -> None:
    """Shut the account of EMAIL and end its sessions; its history stays.

    \b
    Example:
      helpdesk user disable budi@contoh.id
    """
    with context.runtime() as rt:
        rt.write(lambda session: accounts.disable_user(session, email, actor=ACTOR, now=rt.now()))
    click.echo(f"{email} is disabled.")


@user.command("reset-password", short_help="Give an account a new password.")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_obj
def reset_password(context: Context, email: str, *, password_stdin: bool) -> None:
    """Give EMAIL a new password and end its sessions.

    \b
    Example:
      helpdesk user reset-password budi@contoh.id
    """
    password = _password(password_stdin)
    with context.runtime() as rt:
        rt.write(
            lambda session: accounts.change_password(session, email, password, actor=ACTOR, now=rt.now())
        )
    click.echo(f"{email} has a new password.")
    _show(password, password_stdin)


@click.group(short_help="Tokens of the JSON API.")
def token() -> None:
    """Make, list and revoke API tokens.

    \b
    Example:
      helpdesk token add --scope staff --name "helpdesk bot"
    """


@token.command("add", short_help="Make a token.")
@click.option("--scope", type=click.Choice([scope.value for scope in TokenScope]), required=True)
@click.option("--name", required=True, help="What uses it; unique among live tokens.")
@click.pass_obj
def add_token(context: Context, scope: str, name: str) -> None:
    """Make a token and print it alone on the last line: only its hash is stored.

    \b
    Example:
      helpdesk token add --scope app --name "Mitra app"
    """
    with context.runtime() as rt:
        made = rt.write(
            lambda session: accounts.add_token(
                session, name=name, scope=TokenScope(scope), actor=ACTOR, now=rt.now()
            )
        )
    click.echo(f"Token {name!r} for scope {scope}; it is shown this once:")
    click.echo(made)


@token.command("list", short_help="List tokens.")
@click.pass_obj
def list_tokens(context: Context) -> None:
    """List all tokens, revoked ones too, without their secrets.

    \b
    Example:
      helpdesk token list
    """
    with context.runtime() as rt:
        found = rt.read(admin.tokens)
    rows = [
        (row.name, row.scope, row.created_at.date(), "revoked" if row.revoked_at else "live") for row in found
    ]
    print_table(("NAME", "SCOPE", "MADE", "STATE"), rows)


@token.command(short_help="Revoke a token.")
@click.argument("name")
@click.pass_obj
def revoke(context: Context, name: str) -> None:
    """Revoke the live token NAME; it is refused from now on.

    \b
    Example:
      helpdesk token revoke "Mitra app"
    """
    with context.runtime() as rt:
        rt.write(lambda session: accounts.revoke_token(session, name, actor=ACTOR, now=rt.now()))
    click.echo(f"Token {name!r} is revoked.")


def _password(is_given: bool) -> str:
    if is_given:
        return sys.stdin.readline().rstrip("\r\n")
    return secrets.token_urlsafe(15)


def _show(password: str, is_given: bool) -> None:
    if not is_given:
        click.echo("Password, shown this once:")
        click.echo(password)
