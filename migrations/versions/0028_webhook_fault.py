"""A fault of a channel may be that its provider does not reach our webhook."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_NAME = "ck_channel_alarms_fault"
_BEFORE = "'auth', 'sender', 'country', 'template', 'media', 'filtered', 'signature'"


def upgrade() -> None:
    _check(f"{_BEFORE}, 'webhook'")


def downgrade() -> None:
    op.execute("DELETE FROM channel_alarms WHERE fault = 'webhook'")
    _check(_BEFORE)


def _check(words: str) -> None:
    with op.batch_alter_table("channel_alarms") as alarms:
        alarms.drop_constraint(op.f(_NAME), type_="check")
        alarms.create_check_constraint(op.f(_NAME), f"fault IN ({words})")
