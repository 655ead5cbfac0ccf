"""Who writes from an address, when she was shown the notice, and when silence is met."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_WAITS = sa.text("nudge_at IS NOT NULL")


def upgrade() -> None:
    op.add_column(
        "contacts", sa.Column("is_name_told", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("contacts", sa.Column("notice_shown_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("handles", sa.Column("is_shared", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("handles", sa.Column("identified_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("handles", sa.Column("nudge_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_handles_nudge_at", "handles", ["nudge_at"], sqlite_where=_WAITS, postgresql_where=_WAITS
    )


def downgrade() -> None:
    op.drop_index("ix_handles_nudge_at", table_name="handles")
    op.drop_column("handles", "nudge_at")
    op.drop_column("handles", "identified_at")
    op.drop_column("handles", "is_shared")
    op.drop_column("contacts", "notice_shown_at")
    op.drop_column("contacts", "is_name_told")
