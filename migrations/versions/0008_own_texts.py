"""What the lender says instead of shipped texts: editions of each step."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_IS_DRAFT = sa.text("version IS NULL AND discarded_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "text_editions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("own", sa.JSON(), nullable=False),
        sa.Column("shipped", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("discarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("sent_back_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_text_editions_author_id_users"),
        sa.ForeignKeyConstraint(["decided_by_id"], ["users.id"], name="fk_text_editions_decided_by_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_text_editions"),
        sa.UniqueConstraint("step", "version", name="uq_text_editions_step_version"),
    )
    op.create_index(
        "uq_text_editions_draft",
        "text_editions",
        ["step"],
        unique=True,
        sqlite_where=_IS_DRAFT,
        postgresql_where=_IS_DRAFT,
    )


def downgrade() -> None:
    op.drop_table("text_editions")
