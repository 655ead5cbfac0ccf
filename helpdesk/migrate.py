"""Runs Alembic from inside: upgrade to head, and whether schema and models are in step."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

import helpdesk.models  # noqa: F401  (knows all tables)
from helpdesk.db import Base

ROOT = Path(__file__).resolve().parent.parent


def alembic_config(url: str) -> Config:
    """Return the configuration that pyproject.toml holds, for the database at `url`."""
    config = Config(toml_file=str(ROOT / "pyproject.toml"))
    config.attributes["url"] = url
    return config


def upgrade(url: str) -> None:
    """Bring the schema at `url` to the newest version; nothing happens when it is there already."""
    command.upgrade(alembic_config(url), "head")


def is_current(engine: Engine) -> bool:
    """Whether the database has the newest migration (cheap: one row; used by /readyz)."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory.from_config(alembic_config("")).get_current_head()


def differences(engine: Engine) -> list[str]:
    """Return how the schema differs from the models, empty when they agree."""

    def compare(connection: Connection) -> list[str]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [str(difference) for difference in compare_metadata(context, Base.metadata)]

    with engine.connect() as connection:
        return compare(connection)
