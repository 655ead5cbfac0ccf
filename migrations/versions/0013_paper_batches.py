"""Paper batches: sums of form numbers, two persons at closing, held and sealed forms, a second keying."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_BATCH_PEOPLE = ("officer_id", "close_asked_by_id", "closed_by_id")
_FORM_PEOPLE = ("entered_by_id", "second_by_id")
_FORM_MOMENTS = ("completed_at", "arrived_at", "second_at", "settled_at")


def upgrade() -> None:
    with op.batch_alter_table("lwk_batches") as batches:
        for name in _BATCH_PEOPLE:
            batches.add_column(sa.Column(name, sa.Integer(), nullable=True))
            batches.create_foreign_key(op.f(f"fk_lwk_batches_{name}_users"), "users", [name], ["id"])
        batches.add_column(sa.Column("number_total", sa.BigInteger(), nullable=True))
        batches.add_column(sa.Column("close_asked_at", sa.DateTime(timezone=True), nullable=True))
        batches.create_check_constraint(
            op.f("ck_lwk_batches_close_asked_while_open"), "closed_at IS NULL OR close_asked_at IS NULL"
        )
    with op.batch_alter_table("lwk_forms") as forms:
        for name in _FORM_PEOPLE:
            forms.add_column(sa.Column(name, sa.Integer(), nullable=True))
            forms.create_foreign_key(op.f(f"fk_lwk_forms_{name}_users"), "users", [name], ["id"])
        for name in _FORM_MOMENTS:
            forms.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        forms.add_column(sa.Column("has_signature", sa.Boolean(), nullable=True))
        forms.add_column(sa.Column("is_repeat", sa.Boolean(), nullable=False, server_default=sa.false()))
        forms.add_column(sa.Column("unreadable", sa.JSON(), nullable=False, server_default="[]"))
        forms.add_column(sa.Column("second_amount", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_lwk_forms_sealed",
        "lwk_forms",
        ["id"],
        sqlite_where=sa.text("is_sealed"),
        postgresql_where=sa.text("is_sealed"),
    )


def downgrade() -> None:
    op.drop_index("ix_lwk_forms_sealed", table_name="lwk_forms")
    with op.batch_alter_table("lwk_forms") as forms:
        for name in ("second_amount", "unreadable", "is_repeat", "has_signature", *_FORM_MOMENTS):
            forms.drop_column(name)
        for name in _FORM_PEOPLE:
            forms.drop_constraint(op.f(f"fk_lwk_forms_{name}_users"), type_="foreignkey")
            forms.drop_column(name)
    with op.batch_alter_table("lwk_batches") as batches:
        batches.drop_constraint(op.f("ck_lwk_batches_close_asked_while_open"), type_="check")
        batches.drop_column("close_asked_at")
        batches.drop_column("number_total")
        for name in _BATCH_PEOPLE:
            batches.drop_constraint(op.f(f"fk_lwk_batches_{name}_users"), type_="foreignkey")
            batches.drop_column(name)
