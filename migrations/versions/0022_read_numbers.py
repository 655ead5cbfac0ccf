"""The number of a form as a person read it on its scanned page."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("lwk_pages") as table:
        table.add_column(sa.Column("read_no", sa.Integer(), nullable=True))
        table.create_check_constraint(op.f("ck_lwk_pages_read_no"), "read_no > 0")


def downgrade() -> None:
    with op.batch_alter_table("lwk_pages") as table:
        table.drop_constraint(op.f("ck_lwk_pages_read_no"), type_="check")
        table.drop_column("read_no")
