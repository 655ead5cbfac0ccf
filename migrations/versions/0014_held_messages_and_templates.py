"""Messages that wait for the contact to write, and the templates by which she is asked to."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_STATE = sa.Enum(
    "pending", "approved", "paused", "rejected",
    name="state", native_enum=False, create_constraint=True, length=40,
)  # fmt: skip
_DUE = ["channel", "lane", "next_attempt_at", "id"]
_WAITING, _WAS = sa.text("status = 'queued' AND held_at IS NULL"), sa.text("status = 'queued'")
_HELD = sa.text("held_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "message_templates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content_id", sa.String(), nullable=False),
        sa.Column("variables", sa.JSON(), nullable=False),
        sa.Column("state", _STATE, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_templates")),
        sa.UniqueConstraint("content_id", "language", name=op.f("uq_message_templates_content_id_language")),
    )
    op.drop_index("ix_outbox_due", table_name="outbox")
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
        outbox.add_column(sa.Column("released_at", sa.DateTime(timezone=True), nullable=True))
        outbox.add_column(sa.Column("template_id", sa.Integer(), nullable=True))
        outbox.create_foreign_key(
            op.f("fk_outbox_template_id_message_templates"), "message_templates", ["template_id"], ["id"]
        )
    op.create_index("ix_outbox_due", "outbox", _DUE, sqlite_where=_WAITING, postgresql_where=_WAITING)
    op.create_index("ix_outbox_held_at", "outbox", ["held_at"], sqlite_where=_HELD, postgresql_where=_HELD)


def downgrade() -> None:
    op.drop_index("ix_outbox_held_at", table_name="outbox")
    op.drop_index("ix_outbox_due", table_name="outbox")
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_constraint(op.f("fk_outbox_template_id_message_templates"), type_="foreignkey")
        outbox.drop_column("template_id")
        outbox.drop_column("released_at")
        outbox.drop_column("held_at")
    op.create_index("ix_outbox_due", "outbox", _DUE, sqlite_where=_WAS, postgresql_where=_WAS)
    op.drop_table("message_templates")
