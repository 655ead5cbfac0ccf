"""Numbered paper forms: which numbers were printed for a point, and which batch they came back in."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lwk_packs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("first_no", sa.Integer(), nullable=False),
        sa.Column("form_count", sa.Integer(), nullable=False),
        sa.Column("printed_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("form_count > 0 AND first_no > 0", name=op.f("ck_lwk_packs_numbers")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_units.id"], name=op.f("fk_lwk_packs_unit_id_org_units")),
        sa.ForeignKeyConstraint(
            ["printed_by_id"], ["users.id"], name=op.f("fk_lwk_packs_printed_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lwk_packs")),
        sa.UniqueConstraint("unit_id", "first_no", name=op.f("uq_lwk_packs_unit_id_first_no")),
    )
    with op.batch_alter_table("lwk_batches") as batches:
        batches.add_column(sa.Column("pack_id", sa.Integer(), nullable=True))
        batches.create_foreign_key(op.f("fk_lwk_batches_pack_id_lwk_packs"), "lwk_packs", ["pack_id"], ["id"])
        batches.create_index(op.f("ix_lwk_batches_pack_id"), ["pack_id"])


def downgrade() -> None:
    with op.batch_alter_table("lwk_batches") as batches:
        batches.drop_index(op.f("ix_lwk_batches_pack_id"))
        batches.drop_constraint(op.f("fk_lwk_batches_pack_id_lwk_packs"), type_="foreignkey")
        batches.drop_column("pack_id")
    op.drop_table("lwk_packs")
