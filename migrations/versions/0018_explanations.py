"""A record of when and to whom the way to complain was explained."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _one_of(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "explanations",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("explained_on", sa.Date(), nullable=False),
        sa.Column("majelis", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("audience_digest", sa.LargeBinary(), nullable=False),
        sa.Column("contact_id", _BIG, nullable=True),
        sa.Column("present_count", sa.Integer(), nullable=False),
        sa.Column("means", _one_of("means", "verbal", "lwk", "app"), nullable=False),
        sa.Column("language", _one_of("language", "id", "jv", "su", "local", "en"), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("explained_by_id", sa.Integer(), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("present_count > 0", name=op.f("ck_explanations_present_count")),
        sa.CheckConstraint(
            "(majelis IS NULL) <> (person IS NULL)", name=op.f("ck_explanations_majelis_or_person")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_explanations_contact_id_contacts")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["users.id"], name=op.f("fk_explanations_entered_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["explained_by_id"], ["users.id"], name=op.f("fk_explanations_explained_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_units.id"], name=op.f("fk_explanations_unit_id_org_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_explanations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_explanations_public_id")),
    )
    op.create_index(op.f("ix_explanations_contact_id"), "explanations", ["contact_id"], unique=False)
    op.create_index("ix_explanations_explained_on", "explanations", ["explained_on", "id"], unique=False)
    op.create_index(
        "ix_explanations_unit_id_explained_on", "explanations", ["unit_id", "explained_on"], unique=False
    )


def downgrade() -> None:
    op.drop_table("explanations")
