"""What a report says of an address, and a provider's own word for one delivery and its repeats."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OUTCOMES = ("retry", "unknown", "rejected", "needs_template", "opted_out", "bad_address")


def upgrade() -> None:
    with op.batch_alter_table("delivery_events") as batch:
        batch.add_column(sa.Column("outcome", sa.String(40), nullable=True))
        batch.create_check_constraint(op.f("ck_delivery_events_outcome"), sa.column("outcome").in_(_OUTCOMES))
    with op.batch_alter_table("webhook_events") as batch:
        batch.add_column(sa.Column("token_digest", sa.LargeBinary(), nullable=True))
        batch.create_unique_constraint(
            op.f("uq_webhook_events_channel_token_digest"), ["channel", "token_digest"]
        )


def downgrade() -> None:
    with op.batch_alter_table("webhook_events") as batch:
        batch.drop_constraint(op.f("uq_webhook_events_channel_token_digest"), type_="unique")
        batch.drop_column("token_digest")
    with op.batch_alter_table("delivery_events") as batch:
        batch.drop_constraint(op.f("ck_delivery_events_outcome"), type_="check")
        batch.drop_column("outcome")
