"""Who proposed and who confirmed a template, and what the provider says of it."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_NEW = ("confirmed_by", "body", "read_error")
_INSTANTS = ("confirmed_at", "read_at")


def upgrade() -> None:
    op.add_column(
        "message_templates", sa.Column("proposed_by", sa.String(), nullable=False, server_default="")
    )
    for name in _NEW:
        op.add_column("message_templates", sa.Column(name, sa.String(), nullable=True))
    for name in _INSTANTS:
        op.add_column("message_templates", sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in ("proposed_by", *_NEW, *_INSTANTS):
        op.drop_column("message_templates", name)
