"""Whose words a stored webhook brings, how it came, and why it waits."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_OPEN = sa.text("state = 'received'")
_ORIGINS = "'webhook', 'polled', 'healed'"
_REASONS = "'not_understood', 'channel_off', 'database', 'refused', 'our_fault', 'never_ended'"


def upgrade() -> None:
    with op.batch_alter_table("webhook_events") as table:
        table.add_column(sa.Column("sender_digest", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("message_digest", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("origin", sa.String(40), nullable=False, server_default="webhook"))
        table.add_column(sa.Column("reason", sa.String(40), nullable=True))
        table.create_check_constraint(op.f("ck_webhook_events_origin"), f"origin IN ({_ORIGINS})")
        table.create_check_constraint(op.f("ck_webhook_events_reason"), f"reason IN ({_REASONS})")
    op.create_index(
        "ix_webhook_events_sender",
        "webhook_events",
        ["channel", "sender_digest", "id"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("ix_webhook_events_message", "webhook_events", ["channel", "message_digest"])


def downgrade() -> None:
    op.drop_index("ix_webhook_events_message", table_name="webhook_events")
    op.drop_index("ix_webhook_events_sender", table_name="webhook_events")
    with op.batch_alter_table("webhook_events") as table:
        table.drop_constraint(op.f("ck_webhook_events_origin"), type_="check")
        table.drop_constraint(op.f("ck_webhook_events_reason"), type_="check")
        table.drop_column("reason")
        table.drop_column("origin")
        table.drop_column("message_digest")
        table.drop_column("sender_digest")
