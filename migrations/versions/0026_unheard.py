"""Voices that nobody has written down, for the mark in the queue."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_UNHEARD = sa.text("state = 'stored' AND transcript IS NULL AND kind IN ('audio', 'voice')")


def upgrade() -> None:
    op.create_index(
        "ix_attachments_unheard",
        "attachments",
        ["message_id"],
        sqlite_where=_UNHEARD,
        postgresql_where=_UNHEARD,
    )


def downgrade() -> None:
    op.drop_index("ix_attachments_unheard", table_name="attachments")
