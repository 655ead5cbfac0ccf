"""Calls and visits: who spoke, whether it was recorded, and whether it was read back."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SPEAKERS = ("self", "husband", "child", "relative", "neighbour", "attorney", "other")
_REASONS = ("refused", "no_equipment", "failed", "own_phone", "cut_short")
_UNRECORDED = sa.text("is_recording_due AND recorded_at IS NULL AND no_recording IS NULL")
_UNREAD = sa.text("read_back_at IS NULL")


def _one_of(words: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "talks",
        sa.Column("message_id", _BIG, nullable=False),
        sa.Column("newest_id", _BIG, nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        sa.Column("speaker", _one_of(_SPEAKERS, "speaker"), nullable=False),
        sa.Column("speaker_name", sa.Text(), nullable=True),
        sa.Column("is_phone_shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("safe_hour", sa.Text(), nullable=True),
        sa.Column("is_recording_due", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("no_recording", _one_of(_REASONS, "no_recording"), nullable=True),
        sa.Column("read_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "recorded_at IS NULL OR no_recording IS NULL", name=op.f("ck_talks_recorded_or_not")
        ),
        sa.ForeignKeyConstraint(["entered_by_id"], ["users.id"], name=op.f("fk_talks_entered_by_id_users")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_talks_message_id_messages")),
        sa.ForeignKeyConstraint(["newest_id"], ["messages.id"], name=op.f("fk_talks_newest_id_messages")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_talks")),
    )
    op.create_index(op.f("ix_talks_newest_id"), "talks", ["newest_id"], unique=False)
    op.create_index(
        "ix_talks_unrecorded",
        "talks",
        ["message_id"],
        sqlite_where=_UNRECORDED,
        postgresql_where=_UNRECORDED,
    )
    op.create_index(
        "ix_talks_unread", "talks", ["message_id"], sqlite_where=_UNREAD, postgresql_where=_UNREAD
    )


def downgrade() -> None:
    op.drop_table("talks")
