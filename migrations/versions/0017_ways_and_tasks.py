"""Earlier ways of a message, and what people do to reach a contact."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN, _SENT = sa.text("done_at IS NULL"), sa.text("status = 'sent'")


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "contact_tasks",
        sa.Column("id", _ID, nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("ticket_id", _ID, nullable=False),
        sa.Column("kind", _words("kind", "call", "letter", "meet"), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("message_id", _ID, nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("result", _words("result", "reached", "not_reached", "sent", "needless"), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(done_at IS NULL) = (result IS NULL)", name=op.f("ck_contact_tasks_done_with_result")
        ),
        sa.ForeignKeyConstraint(["done_by_id"], ["users.id"], name=op.f("fk_contact_tasks_done_by_id_users")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_contact_tasks_message_id_messages")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_contact_tasks_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_tasks")),
        sa.UniqueConstraint("public_id", name=op.f("uq_contact_tasks_public_id")),
    )
    op.create_index("ix_contact_tasks_message_id", "contact_tasks", ["message_id"])
    op.create_index("ix_contact_tasks_ticket_id", "contact_tasks", ["ticket_id", "id"])
    op.create_index(
        "ix_contact_tasks_open", "contact_tasks", ["due_at", "id"], sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_table(
        "delivery_attempts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("message_id", _ID, nullable=False),
        sa.Column(
            "channel",
            _words("channel", "whatsapp", "sms", "telegram", "web", "app", "phone", "lwk", "visit"),
            nullable=False,
        ),
        sa.Column("handle_id", _ID, nullable=False),
        sa.Column("external_digest", sa.LargeBinary(), nullable=True),
        sa.Column(
            "status",
            _words("status", "queued", "sending", "sent", "delivered", "read", "failed"),
            nullable=False,
        ),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["handle_id"], ["handles.id"], name=op.f("fk_delivery_attempts_handle_id_handles")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_delivery_attempts_message_id_messages")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_attempts")),
    )
    op.create_index("ix_delivery_attempts_external_digest", "delivery_attempts", ["external_digest"])
    op.create_index("ix_delivery_attempts_message_id", "delivery_attempts", ["message_id", "id"])
    op.add_column("outbox", sa.Column("rung", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_outbox_sent", "outbox", ["claimed_at"], sqlite_where=_SENT, postgresql_where=_SENT)


def downgrade() -> None:
    op.drop_index("ix_outbox_sent", table_name="outbox")
    op.drop_column("outbox", "rung")
    op.drop_table("delivery_attempts")
    op.drop_table("contact_tasks")
