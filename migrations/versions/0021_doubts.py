"""Messages of unknown outcome, and when they are looked for at the provider."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_LOOKED_FOR = sa.text("look_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("is_in_doubt", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("outbox", sa.Column("look_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_outbox_look_at", "outbox", ["look_at"], sqlite_where=_LOOKED_FOR, postgresql_where=_LOOKED_FOR
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_look_at", table_name="outbox")
    op.drop_column("outbox", "look_at")
    op.drop_column("outbox", "is_in_doubt")
