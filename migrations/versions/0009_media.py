"""Files that came are cleaned, copied and heard."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_UNPREPARED = sa.text("state = 'stored' AND prepared_at IS NULL")
_COLUMNS = (
    ("original_digest", sa.LargeBinary()),
    ("thumb_key", sa.String()),
    ("playable_key", sa.String()),
    ("duration_seconds", sa.Integer()),
    ("prepared_at", sa.DateTime(timezone=True)),
    ("transcript", sa.Text()),
)


def upgrade() -> None:
    for name, kind in _COLUMNS:
        op.add_column("attachments", sa.Column(name, kind, nullable=True))
    op.create_index(
        "ix_attachments_unprepared",
        "attachments",
        ["next_attempt_at", "id"],
        sqlite_where=_UNPREPARED,
        postgresql_where=_UNPREPARED,
    )


def downgrade() -> None:
    op.drop_index("ix_attachments_unprepared", table_name="attachments")
    for name, _ in reversed(_COLUMNS):
        op.drop_column("attachments", name)
