"""`helpdesk db`: migrations, whether schema and models agree, and backups."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

import click
from sqlalchemy import URL
from sqlalchemy.engine import make_url

from helpdesk import migrate
from helpdesk.cli.base import FAULT, Context
from helpdesk.config import Settings
from helpdesk.db import make_engine
from helpdesk.domain.errors import ConfigurationError, Conflict, HelpdeskError, NotFound
from helpdesk.runtime import build_runtime
from helpdesk.services.setup import seed_reference


@click.group(short_help="Migrations and backups.")
def db() -> None:
    """Migrate, check and back up the database.

    \b
    Example:
      helpdesk db upgrade
    """


@db.command(short_help="Bring schema and reference data up to date.")
@click.pass_obj
def upgrade(context: Context) -> None:
    """Bring the schema to the newest version and write what every installation needs. May be run again.

    \b
    Example:
      helpdesk db upgrade
    """
    settings = context.settings()
    rt = build_runtime(settings)
    try:
        migrate.upgrade(settings.database_url)
        rt.load_keys()
        rt.write(lambda session: seed_reference(session, now=rt.now()))
    finally:
        rt.close()
    click.echo("The database is up to date.")


@db.command(short_help="Is the schema in step with this version?")
@click.pass_context
def check(click_context: click.Context) -> None:
    """Say whether the schema is the one that this version needs; exit status 1 if not.

    \b
    Example:
      helpdesk db check
    """
    engine = make_engine(click_context.obj.settings().database_url)
    try:
        is_current = migrate.is_current(engine)
        differences = migrate.differences(engine)
    finally:
        engine.dispose()
    for difference in differences:
        click.echo(f"differs: {difference}")
    if not is_current:
        click.echo("The schema is not current: run `helpdesk db upgrade`.")
    if differences or not is_current:
        click_context.exit(FAULT)
    click.echo("The schema is in step.")


@db.command(short_help="Write an online backup.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def backup(context: Context, file: Path) -> None:
    """Write a backup of the running database to FILE, which must not exist yet.

    SQLite gives a database file, PostgreSQL a custom-format dump (pg_dump). The attachments (STORAGE_DIR) and
    the ENCRYPTION_KEYS are not in it: without the keys a backup cannot be read.

    \b
    Example:
      helpdesk db backup /backup/helpdesk-2026-11-23.db
    """
    settings = context.settings()
    if file.exists():
        raise Conflict(f"{file} exists already")
    if not file.parent.is_dir():
        raise NotFound(f"folder {file.parent} does not exist")
    part = file.with_name(f".{file.name}.part")  # a broken backup never bears the name of a whole one
    part.unlink(missing_ok=True)
    try:
        _write(settings, part)
        part.chmod(0o600)
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)
    click.echo(f"{file}: {file.stat().st_size} bytes")


def _write(settings: Settings, target: Path) -> None:
    url = make_url(settings.database_url)
    if settings.is_sqlite:
        _vacuum_into(url, target)
    else:
        _dump(url, target)


def _vacuum_into(url: URL, target: Path) -> None:
    """Copy one consistent state while others write (Connection.backup() would start over at every write)."""
    if not url.database or not Path(url.database).is_file():
        raise NotFound(f"no database at {url.database}")
    connection = sqlite3.connect(url.database, timeout=30)
    try:
        connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise HelpdeskError(f"backup failed: {error}") from None
    finally:
        connection.close()


def _dump(url: URL, target: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise ConfigurationError("pg_dump is not installed: a backup of PostgreSQL needs its client programs")
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    address = bare.render_as_string(hide_password=False)
    # The password goes through the environment: arguments show in the list of processes.
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    done = subprocess.run(  # noqa: S603  (the program is found on PATH, the address is our own setting)
        [program, "--format=custom", f"--file={target}", f"--dbname={address}"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise HelpdeskError(f"pg_dump failed: {done.stderr.strip()}")
