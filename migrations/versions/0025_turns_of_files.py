"""Files are fetched and prepared in turns, so that one sender does not hold back the others."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_PENDING = sa.text("state = 'pending'")
_UNPREPARED = sa.text("state = 'stored' AND prepared_at IS NULL")


def upgrade() -> None:
    op.add_column("attachments", sa.Column("turn", sa.Integer(), nullable=False, server_default="0"))
    _index("ix_attachments_due", ["channel", "turn", "next_attempt_at", "id"], _PENDING)
    _index("ix_attachments_unprepared", ["turn", "next_attempt_at", "id"], _UNPREPARED)


def downgrade() -> None:
    _index("ix_attachments_due", ["next_attempt_at", "id"], _PENDING)
    _index("ix_attachments_unprepared", ["next_attempt_at", "id"], _UNPREPARED)
    op.drop_column("attachments", "turn")


def _index(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.drop_index(name, table_name="attachments")
    op.create_index(name, "attachments", columns, sqlite_where=where, postgresql_where=where)
