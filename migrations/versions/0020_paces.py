"""How much of a channel's and of a person's pace is used up."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_CHANNEL = sa.Enum(
    "whatsapp", "sms", "telegram", "web", "app", "phone", "lwk", "visit",
    name="channel", native_enum=False, create_constraint=True, length=40,
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "send_paces",
        sa.Column("channel", _CHANNEL, nullable=False),
        sa.Column(
            "handle_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("used_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", "handle_id", name=op.f("pk_send_paces")),
    )


def downgrade() -> None:
    op.drop_table("send_paces")
