"""What was escalated before people were asked to answer waits for no answer: nobody could give one."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE sla_clock_events SET acknowledged_at = noticed_at "
        "WHERE action = 'escalated' AND level IS NOT NULL AND acknowledged_at IS NULL"
    )


def downgrade() -> None:
    """Nothing: which of them had an answer is not known any more, and the version before drops the column."""
