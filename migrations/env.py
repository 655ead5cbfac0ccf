"""Alembic's entry point: runs the versions on the database that helpdesk/migrate.py or the environment names."""

import os
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

import helpdesk.models  # noqa: F401  (knows all tables)
from helpdesk.crypto import EncryptedBytes, EncryptedJson, EncryptedText
from helpdesk.db import Base, UtcDateTime, make_engine


def plain_types(kind: str, value: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our column types as the plain ones they are stored as: versions import no application code."""
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(value, EncryptedText | EncryptedJson):
        return "sa.Text()"
    if kind == "type" and isinstance(value, EncryptedBytes):
        return "sa.LargeBinary()"
    return False


def run() -> None:
    """Run the versions, each database in one transaction."""
    url = context.config.attributes.get("url") or os.environ["HELPDESK_DATABASE_URL"]
    engine = make_engine(url)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=plain_types,
            compare_type=True,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
