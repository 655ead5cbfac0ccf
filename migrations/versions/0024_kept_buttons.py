"""Sets of buttons that the provider keeps, and with which a message went."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_BUTTONS = "fk_outbox_buttons_id_kept_buttons"


def upgrade() -> None:
    op.create_table(
        "kept_buttons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content_id", sa.String(), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_buttons")),
        sa.UniqueConstraint("name", name=op.f("uq_kept_buttons_name")),
    )
    with op.batch_alter_table("outbox") as batch:
        batch.add_column(sa.Column("buttons_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("is_plain", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.create_foreign_key(op.f(_BUTTONS), "kept_buttons", ["buttons_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("outbox") as batch:
        batch.drop_constraint(op.f(_BUTTONS), type_="foreignkey")
        batch.drop_column("is_plain")
        batch.drop_column("buttons_id")
    op.drop_table("kept_buttons")
