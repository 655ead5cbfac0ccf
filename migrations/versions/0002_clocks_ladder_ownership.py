"""Clocks that keep the calendar they were given, a ladder that is answered, statutory periods, ownership."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "presence",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_away", sa.Boolean(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_presence_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_presence")),
    )
    op.create_index(op.f("ix_presence_seen_at"), "presence", ["seen_at"], unique=False)
    op.create_table(
        "sla_policy_editions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("discarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("sent_back_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_sla_policy_editions_author_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_sla_policy_editions_decided_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_policy_editions")),
        sa.UniqueConstraint("version", name=op.f("uq_sla_policy_editions_version")),
    )
    op.create_table(
        "statutory_periods",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("strict_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("extended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extension_ground", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("steps_done", sa.String(), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_statutory_periods_message_id_messages")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_statutory_periods_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statutory_periods")),
    )
    op.create_index(
        "ix_statutory_periods_next_step_at",
        "statutory_periods",
        ["next_step_at", "id"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL AND next_step_at IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NULL AND next_step_at IS NOT NULL"),
    )
    op.create_index("ix_statutory_periods_ticket_id", "statutory_periods", ["ticket_id", "id"], unique=False)
    op.create_table(
        "sla_extensions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("party", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_sla_extensions_message_id_messages")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_sla_extensions_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_extensions")),
    )
    op.create_index(op.f("ix_sla_extensions_ticket_id"), "sla_extensions", ["ticket_id"], unique=False)
    op.create_table(
        "notice_deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("notification_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name=op.f("fk_notice_deliveries_notification_id_notifications"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_deliveries")),
    )
    op.create_index(
        "ix_notice_deliveries_due",
        "notice_deliveries",
        ["next_attempt_at", "id"],
        unique=False,
        sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_notice_deliveries_notification_id"), "notice_deliveries", ["notification_id"], unique=False
    )
    op.create_index("ix_notice_deliveries_status", "notice_deliveries", ["status", "id"], unique=False)
    op.drop_index("uq_holidays_national", table_name="holidays")
    with op.batch_alter_table("holidays") as holidays:
        holidays.add_column(sa.Column("province", sa.String(), nullable=True))
        holidays.add_column(sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True))
        holidays.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        holidays.drop_constraint(op.f("uq_holidays_on_kind_unit_id"), type_="unique")
        holidays.create_check_constraint(op.f("ck_holidays_one_scope"), "unit_id IS NULL OR province IS NULL")
    is_national = sa.text("unit_id IS NULL AND province IS NULL AND withdrawn_at IS NULL")
    op.create_index(
        "uq_holidays_national",
        "holidays",
        ["on", "kind"],
        unique=True,
        sqlite_where=is_national,
        postgresql_where=is_national,
    )
    op.create_index(
        "uq_holidays_province",
        "holidays",
        ["on", "kind", "province"],
        unique=True,
        sqlite_where=sa.text("province IS NOT NULL AND withdrawn_at IS NULL"),
        postgresql_where=sa.text("province IS NOT NULL AND withdrawn_at IS NULL"),
    )
    op.create_index(
        "uq_holidays_unit",
        "holidays",
        ["on", "kind", "unit_id"],
        unique=True,
        sqlite_where=sa.text("unit_id IS NOT NULL AND withdrawn_at IS NULL"),
        postgresql_where=sa.text("unit_id IS NOT NULL AND withdrawn_at IS NULL"),
    )
    with op.batch_alter_table("notifications") as notifications:
        notifications.add_column(
            sa.Column("clock_event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        notifications.create_foreign_key(
            op.f("fk_notifications_clock_event_id_sla_clock_events"),
            "sla_clock_events",
            ["clock_event_id"],
            ["id"],
        )
        notifications.create_index(op.f("ix_notifications_clock_event_id"), ["clock_event_id"])
        notifications.add_column(sa.Column("about_id", sa.Integer(), nullable=True))
        notifications.create_foreign_key(
            op.f("fk_notifications_about_id_users"), "users", ["about_id"], ["id"]
        )
    op.create_index(
        "ix_notifications_about_id",
        "notifications",
        ["about_id", "created_at"],
        sqlite_where=sa.text("about_id IS NOT NULL"),
        postgresql_where=sa.text("about_id IS NOT NULL"),
    )
    op.add_column(
        "org_units", sa.Column("is_remote", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("resolutions", sa.Column("late_code", sa.String(), nullable=True))
    op.add_column("resolutions", sa.Column("late_reason", sa.Text(), nullable=True))
    op.add_column("sla_calendars", sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sla_calendars", sa.Column("published_by", sa.String(), nullable=True))
    with op.batch_alter_table("sla_clock_events") as events:
        events.add_column(sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True))
        events.add_column(sa.Column("acknowledged_by_id", sa.Integer(), nullable=True))
        events.create_foreign_key(
            op.f("fk_sla_clock_events_acknowledged_by_id_users"), "users", ["acknowledged_by_id"], ["id"]
        )
    op.add_column("sla_clocks", sa.Column("calendar_as_of", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sla_clocks", sa.Column("pause_cap_seconds", sa.Integer(), nullable=True))
    op.add_column("sla_pauses", sa.Column("ends_by", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sla_targets", sa.Column("pause_cap_seconds", sa.Integer(), nullable=True))
    op.add_column(
        "teams", sa.Column("is_auto_assigned", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(
        "tickets", sa.Column("is_form_overridden", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("tickets", sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tickets", sa.Column("react_by", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tickets", sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_tickets_react_by",
        "tickets",
        ["react_by"],
        unique=False,
        sqlite_where=sa.text("react_by IS NOT NULL"),
        postgresql_where=sa.text("react_by IS NOT NULL"),
    )
    op.add_column("users", sa.Column("phone", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("notify_via", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("users", sa.Column("shift", sa.JSON(), nullable=True))
    op.add_column("users", sa.Column("skills", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("users", sa.Column("capacity", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "capacity")
    op.drop_column("users", "skills")
    op.drop_column("users", "shift")
    op.drop_column("users", "notify_via")
    op.drop_column("users", "phone")
    op.drop_index(
        "ix_tickets_react_by",
        table_name="tickets",
        sqlite_where=sa.text("react_by IS NOT NULL"),
        postgresql_where=sa.text("react_by IS NOT NULL"),
    )
    op.drop_column("tickets", "returned_at")
    op.drop_column("tickets", "react_by")
    op.drop_column("tickets", "assigned_at")
    op.drop_column("tickets", "is_form_overridden")
    op.drop_column("teams", "is_auto_assigned")
    op.drop_column("sla_targets", "pause_cap_seconds")
    op.drop_column("sla_pauses", "ends_by")
    op.drop_column("sla_clocks", "pause_cap_seconds")
    op.drop_column("sla_clocks", "calendar_as_of")
    # What names a row goes before the row: SQLite makes a table anew to drop a constraint of it.
    op.drop_index("ix_notice_deliveries_status", table_name="notice_deliveries")
    op.drop_index(op.f("ix_notice_deliveries_notification_id"), table_name="notice_deliveries")
    op.drop_index(
        "ix_notice_deliveries_due",
        table_name="notice_deliveries",
        sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    op.drop_table("notice_deliveries")
    op.drop_index("ix_notifications_about_id", table_name="notifications")
    with op.batch_alter_table("notifications") as notifications:
        notifications.drop_constraint(op.f("fk_notifications_about_id_users"), type_="foreignkey")
        notifications.drop_column("about_id")
        notifications.drop_constraint(
            op.f("fk_notifications_clock_event_id_sla_clock_events"), type_="foreignkey"
        )
        notifications.drop_index(op.f("ix_notifications_clock_event_id"))
        notifications.drop_column("clock_event_id")
    with op.batch_alter_table("sla_clock_events") as events:
        events.drop_constraint(op.f("fk_sla_clock_events_acknowledged_by_id_users"), type_="foreignkey")
        events.drop_column("acknowledged_by_id")
        events.drop_column("acknowledged_at")
    op.drop_column("sla_calendars", "published_by")
    op.drop_column("sla_calendars", "published_at")
    op.drop_column("resolutions", "late_reason")
    op.drop_column("resolutions", "late_code")
    op.drop_column("org_units", "is_remote")
    op.drop_index(
        "uq_holidays_unit",
        table_name="holidays",
        sqlite_where=sa.text("unit_id IS NOT NULL AND withdrawn_at IS NULL"),
        postgresql_where=sa.text("unit_id IS NOT NULL AND withdrawn_at IS NULL"),
    )
    op.drop_index(
        "uq_holidays_province",
        table_name="holidays",
        sqlite_where=sa.text("province IS NOT NULL AND withdrawn_at IS NULL"),
        postgresql_where=sa.text("province IS NOT NULL AND withdrawn_at IS NULL"),
    )
    op.drop_index("uq_holidays_national", table_name="holidays")
    # The release before knows one entry for a day, kind and unit, that holds until it is deleted: what was withdrawn
    # would hold again beside its successor, and a day of one province in the whole country.
    op.execute("DELETE FROM holidays WHERE withdrawn_at IS NOT NULL OR province IS NOT NULL")
    with op.batch_alter_table("holidays") as holidays:
        holidays.drop_constraint(op.f("ck_holidays_one_scope"), type_="check")
        holidays.create_unique_constraint(op.f("uq_holidays_on_kind_unit_id"), ["on", "kind", "unit_id"])
        holidays.drop_column("withdrawn_at")
        holidays.drop_column("entered_at")
        holidays.drop_column("province")
    is_national = sa.text("unit_id IS NULL")
    op.create_index(
        "uq_holidays_national",
        "holidays",
        ["on", "kind"],
        unique=True,
        sqlite_where=is_national,
        postgresql_where=is_national,
    )
    op.drop_index(op.f("ix_sla_extensions_ticket_id"), table_name="sla_extensions")
    op.drop_table("sla_extensions")
    op.drop_index("ix_statutory_periods_ticket_id", table_name="statutory_periods")
    op.drop_index(
        "ix_statutory_periods_next_step_at",
        table_name="statutory_periods",
        sqlite_where=sa.text("ended_at IS NULL AND next_step_at IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NULL AND next_step_at IS NOT NULL"),
    )
    op.drop_table("statutory_periods")
    op.drop_table("sla_policy_editions")
    op.drop_index(op.f("ix_presence_seen_at"), table_name="presence")
    op.drop_table("presence")
