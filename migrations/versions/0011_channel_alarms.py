"""Faults of channels themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channel_alarms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("fault", sa.String(40), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "channel IN ('whatsapp', 'sms', 'telegram', 'web', 'app', 'phone', 'lwk', 'visit')",
            name=op.f("ck_channel_alarms_channel"),
        ),
        sa.CheckConstraint(
            "fault IN ('auth', 'sender', 'country', 'template', 'media', 'filtered', 'signature')",
            name=op.f("ck_channel_alarms_fault"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_alarms")),
        sa.UniqueConstraint("channel", "fault", name=op.f("uq_channel_alarms_channel_fault")),
    )


def downgrade() -> None:
    op.drop_table("channel_alarms")
