"""What every command shares: settings and runtime, errors as one line, the operator's all-seeing view."""

import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Engine, select
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session

from helpdesk import migrate
from helpdesk.config import Settings
from helpdesk.domain.errors import ConfigurationError, HelpdeskError, InvalidInput
from helpdesk.logs import configure_logging
from helpdesk.models.people import OrgUnit, Role
from helpdesk.queries.visibility import Viewer
from helpdesk.runtime import Runtime, build_runtime
from helpdesk.wallclock import utc_now

ACTOR = "cli"
"""How the audit trail names whoever may run commands on the server."""

FAULT, WRONG_INPUT = 1, 2
"""Exit statuses: the check failed; the command could not be carried out."""

Json = None | bool | int | float | str | Sequence["Json"] | dict[str, "Json"]


class ForgivingGroup(click.Group):
    """The root of all commands: an error of the operator or of the surroundings is one line and status 2."""

    def main(self, *args: object, **options: object) -> NoReturn:
        """Run as click does, with our own account of errors."""
        options.pop("standalone_mode", None)
        options["prog_name"] = "helpdesk"
        try:
            status = super().main(*args, standalone_mode=False, **options)  # type: ignore[call-overload]
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.ctx.get_help() if error.ctx else "")
            sys.exit(WRONG_INPUT)
        except click.ClickException as error:
            _give_up(_usage_line(error))
        except click.Abort:
            sys.exit(130)  # as a shell reports SIGINT
        except (HelpdeskError, OSError, DBAPIError, ArgumentError, NoSuchModuleError, UnicodeError) as error:
            _give_up(_line(error))
        # A command returns nothing: a number is what its context was ended with.
        sys.exit(status if isinstance(status, int) else 0)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name commands in the order in which they were added."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands inside groups too: one page shows all that can be done."""
        rows = [(path, command.get_short_help_str(60)) for path, command in _leaves(self)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _leaves(group: click.Group, above: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield each command with its path below the root, in order."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _leaves(command, f"{above}{name} ")
        else:
            yield f"{above}{name}", command


def _give_up(line: str) -> NoReturn:
    click.echo(f"helpdesk: {line}", err=True)
    sys.exit(WRONG_INPUT)


def _usage_line(error: click.ClickException) -> str:
    """The fault with the way to the command's help, where click knows which command it was."""
    path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "helpdesk"
    return f"{_one_line(error.format_message())} (see {path} --help)"


def _line(error: Exception) -> str:
    if isinstance(error, DBAPIError):
        return f"database: {_one_line(str(error.orig))}"
    if isinstance(error, ArgumentError | NoSuchModuleError):
        return f"HELPDESK_DATABASE_URL: {_one_line(str(error))}"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return _one_line(str(error)) or type(error).__name__


def _one_line(text: str) -> str:
    return "; ".join(" ".join(line.split()) for line in text.splitlines() if line.strip())


class Context:
    """What the root hands to its commands; nothing is read before a command asks."""

    def __init__(self, env_file: Path | None) -> None:
        self._env_file = env_file

    def settings(self) -> Settings:
        """Read the settings and turn on quiet logging. Raises ConfigurationError."""
        settings = Settings.from_env(self._env_file)
        configure_logging(settings)
        quiet = max(logging.getLogger().level, logging.WARNING)
        logging.getLogger().setLevel(quiet)
        return settings

    @contextmanager
    def runtime(self, *, now: Callable[[], datetime] = utc_now) -> Iterator[Runtime]:
        """Open a runtime on a current schema; its clock may stand still."""
        rt = build_runtime(self.settings(), now=now)
        try:
            require_schema(rt.engine)
            rt.load_keys()
            yield rt
        finally:
            rt.close()


def require_schema(engine: Engine) -> None:
    """Raise ConfigurationError unless the database has the newest schema."""
    if not migrate.is_current(engine):
        raise ConfigurationError("the database schema is not current: run `helpdesk db upgrade`")


def operator(session: Session) -> Viewer:
    """Return who reads for the command line: like compliance, every ticket and every report, and no user."""
    unit = session.execute(
        select(OrgUnit.id, OrgUnit.path, OrgUnit.zone)
        .where(OrgUnit.parent_id.is_(None))
        .order_by(OrgUnit.id)
        .limit(1)
    ).first()
    if unit is None:
        raise ConfigurationError("the reference data is missing: run `helpdesk db upgrade`")
    return Viewer(
        user_id=None, public_id=ACTOR, name=ACTOR, actor=ACTOR, role=Role.COMPLIANCE, team_ids=frozenset(),
        unit_id=unit.id, unit_path=unit.path, is_at_point=False, zone=unit.zone,
    )  # fmt: skip


def parse_instant(text: str, zone: ZoneInfo) -> datetime:
    """Read ISO 8601 of this century; without an offset it is local time of `zone`. Raises InvalidInput."""
    try:
        found = datetime.fromisoformat(text.strip())
        instant = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(f"not an ISO 8601 instant: {text!r} (2026-11-23T10:00:00+07:00)") from None
    if not 2000 <= instant.year < 2100:
        raise InvalidInput(f"not an instant of this century: {text!r}")
    return instant


def rfc3339(at: datetime | None) -> str | None:
    """Return an instant as JSON carries it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def local(at: datetime | None, zone: ZoneInfo) -> str:
    """Return an instant as a person at head office reads it."""
    return at.astimezone(zone).isoformat(sep=" ", timespec="seconds") if at else "-"


def print_json(value: Json) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print columns with two spaces between; nothing is ever cut off."""
    lines = [list(head), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    return "-" if value is None else _one_line(str(value))
