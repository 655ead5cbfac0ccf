"""Scanned pages of paper batches, matched to their forms."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_USES = ("form", "more", "other")


def upgrade() -> None:
    op.create_table(
        "lwk_pages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("attachment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "use",
            sa.Enum(*_USES, name="use", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=True),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("skipped >= 0", name=op.f("ck_lwk_pages_skipped")),
        sa.CheckConstraint("turn IN (0, 90, 180, 270)", name=op.f("ck_lwk_pages_turn")),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachments.id"], name=op.f("fk_lwk_pages_attachment_id_attachments")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["lwk_batches.id"], name=op.f("fk_lwk_pages_batch_id_lwk_batches")
        ),
        sa.ForeignKeyConstraint(["form_id"], ["lwk_forms.id"], name=op.f("fk_lwk_pages_form_id_lwk_forms")),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["users.id"], name=op.f("fk_lwk_pages_uploaded_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lwk_pages")),
        sa.UniqueConstraint("attachment_id", name=op.f("uq_lwk_pages_attachment_id")),
    )
    op.create_index("ix_lwk_pages_batch_id", "lwk_pages", ["batch_id", "position"])
    op.create_index(op.f("ix_lwk_pages_form_id"), "lwk_pages", ["form_id"])


def downgrade() -> None:
    op.drop_table("lwk_pages")
