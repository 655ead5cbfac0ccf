"""Spam and wrong numbers are set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_SET_ASIDE = sa.text("set_aside_at IS NOT NULL")


def upgrade() -> None:
    # In one statement: SQLite adds a check with its column, and copies no table that others refer to.
    op.execute(
        "ALTER TABLE tickets ADD COLUMN set_aside_as VARCHAR(40) CONSTRAINT ck_tickets_set_aside_as "
        "CHECK (set_aside_as IN ('spam', 'wrong_number'))"
    )
    op.add_column("tickets", sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_tickets_set_aside",
        "tickets",
        ["created_at", "id"],
        sqlite_where=_SET_ASIDE,
        postgresql_where=_SET_ASIDE,
    )


def downgrade() -> None:
    op.drop_index("ix_tickets_set_aside", table_name="tickets")
    op.drop_column("tickets", "set_aside_at")
    op.drop_column("tickets", "set_aside_as")
