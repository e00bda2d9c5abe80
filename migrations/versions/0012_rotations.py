"""Rotations, overrides, swaps, presence and staff phones: who can be rung."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "coverage_alarm",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("desk", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_coverage_alarm_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_alarm")),
        sa.UniqueConstraint(
            "organization_id",
            "desk",
            "starts_at",
            name=op.f("uq_coverage_alarm_organization_id_desk_starts_at"),
        ),
    )
    op.create_table(
        "presence",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("away_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("away_reason", sa.String(length=20), nullable=True),
        sa.Column("missed_rings", sa.Integer(), nullable=False),
        sa.Column("client_beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_presence_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_presence")),
    )
    op.create_table(
        "roster_calendar",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_roster_calendar_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_roster_calendar")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_roster_calendar_token_hash")),
    )
    op.create_table(
        "roster_override",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("desk", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "replaced_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column(
            "by_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_roster_override_order")),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["user.id"], name=op.f("fk_roster_override_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_roster_override_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["replaced_id"], ["user.id"], name=op.f("fk_roster_override_replaced_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_roster_override_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_override")),
    )
    with op.batch_alter_table("roster_override", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_roster_override_by_user_id"), ["by_user_id"], unique=False
        )
        batch_op.create_index(
            "ix_roster_override_desk", ["organization_id", "desk", "ends_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_roster_override_replaced_id"), ["replaced_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_roster_override_user_id"), ["user_id"], unique=False)

    op.create_table(
        "rotation",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("desk", sa.String(length=40), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("turn", sa.String(length=10), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column(
            "by_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f("fk_rotation_by_user_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_rotation_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation")),
    )
    with op.batch_alter_table("rotation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rotation_by_user_id"), ["by_user_id"], unique=False)
        batch_op.create_index("ix_rotation_desk", ["organization_id", "desk"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_rotation_planned_until"), ["planned_until"], unique=False
        )

    op.create_table(
        "staff_phone",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_staff_phone_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_phone")),
        sa.UniqueConstraint("user_id", "kind", name=op.f("uq_staff_phone_user_id_kind")),
    )
    op.create_table(
        "rotation_block",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "rotation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("starts", sa.SmallInteger(), nullable=False),
        sa.Column("ends", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(
            "starts BETWEEN 0 AND 1439 AND ends BETWEEN 0 AND 1439",
            name=op.f("ck_rotation_block_minutes"),
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_rotation_block_weekday")),
        sa.ForeignKeyConstraint(
            ["rotation_id"], ["rotation.id"], name=op.f("fk_rotation_block_rotation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_block")),
        sa.UniqueConstraint(
            "rotation_id",
            "weekday",
            "starts",
            name=op.f("uq_rotation_block_rotation_id_weekday_starts"),
        ),
    )
    op.create_table(
        "rotation_holiday",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "rotation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["rotation_id"], ["rotation.id"], name=op.f("fk_rotation_holiday_rotation_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_rotation_holiday_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_holiday")),
        sa.UniqueConstraint("rotation_id", "day", name=op.f("uq_rotation_holiday_rotation_id_day")),
    )
    with op.batch_alter_table("rotation_holiday", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rotation_holiday_user_id"), ["user_id"], unique=False)

    op.create_table(
        "rotation_person",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "rotation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["rotation_id"], ["rotation.id"], name=op.f("fk_rotation_person_rotation_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_rotation_person_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_person")),
        sa.UniqueConstraint(
            "rotation_id", "place", name=op.f("uq_rotation_person_rotation_id_place")
        ),
    )
    with op.batch_alter_table("rotation_person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rotation_person_user_id"), ["user_id"], unique=False)

    op.create_table(
        "swap",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("desk", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "settled_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "override_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_swap_order")),
        sa.ForeignKeyConstraint(["asked_id"], ["user.id"], name=op.f("fk_swap_asked_id")),
        sa.ForeignKeyConstraint(["asker_id"], ["user.id"], name=op.f("fk_swap_asker_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_swap_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["override_id"], ["roster_override.id"], name=op.f("fk_swap_override_id")
        ),
        sa.ForeignKeyConstraint(["settled_by"], ["user.id"], name=op.f("fk_swap_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swap")),
    )
    with op.batch_alter_table("swap", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_swap_asked_id"), ["asked_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_swap_asker_id"), ["asker_id"], unique=False)
        batch_op.create_index(
            "ix_swap_organization_id_state", ["organization_id", "state"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_swap_override_id"), ["override_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_swap_settled_by"), ["settled_by"], unique=False)

    op.create_table(
        "handover",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("shift_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "by_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "to_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("open_contacts", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f("fk_handover_by_user_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_handover_shift_id")),
        sa.ForeignKeyConstraint(["to_user_id"], ["user.id"], name=op.f("fk_handover_to_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sa.UniqueConstraint("shift_id", name=op.f("uq_handover_shift_id")),
    )
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_by_user_id"), ["by_user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handover_to_user_id"), ["to_user_id"], unique=False)

    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "rotation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column(
                "override_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.create_index(batch_op.f("ix_shift_override_id"), ["override_id"], unique=False)
        batch_op.create_index(
            "uq_shift_rotation",
            ["rotation_id", "starts_at", "user_id"],
            unique=True,
            sqlite_where=sa.text("rotation_id IS NOT NULL"),
            postgresql_where=sa.text("rotation_id IS NOT NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_shift_override_id"), "roster_override", ["override_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_shift_rotation_id"), "rotation", ["rotation_id"], ["id"]
        )


def downgrade():
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handover_to_user_id"))
        batch_op.drop_index(batch_op.f("ix_handover_by_user_id"))

    op.drop_table("handover")
    # After its hand-overs are gone: SQLite drops and refills the table, which they would forbid.
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_shift_rotation_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_shift_override_id"), type_="foreignkey")
        batch_op.drop_index(
            "uq_shift_rotation",
            sqlite_where=sa.text("rotation_id IS NOT NULL"),
            postgresql_where=sa.text("rotation_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_shift_override_id"))
        batch_op.drop_column("override_id")
        batch_op.drop_column("rotation_id")

    with op.batch_alter_table("swap", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_swap_settled_by"))
        batch_op.drop_index(batch_op.f("ix_swap_override_id"))
        batch_op.drop_index("ix_swap_organization_id_state")
        batch_op.drop_index(batch_op.f("ix_swap_asker_id"))
        batch_op.drop_index(batch_op.f("ix_swap_asked_id"))

    op.drop_table("swap")
    with op.batch_alter_table("rotation_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rotation_person_user_id"))

    op.drop_table("rotation_person")
    with op.batch_alter_table("rotation_holiday", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rotation_holiday_user_id"))

    op.drop_table("rotation_holiday")
    op.drop_table("rotation_block")
    op.drop_table("staff_phone")
    with op.batch_alter_table("rotation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rotation_planned_until"))
        batch_op.drop_index("ix_rotation_desk")
        batch_op.drop_index(batch_op.f("ix_rotation_by_user_id"))

    op.drop_table("rotation")
    with op.batch_alter_table("roster_override", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roster_override_user_id"))
        batch_op.drop_index(batch_op.f("ix_roster_override_replaced_id"))
        batch_op.drop_index("ix_roster_override_desk")
        batch_op.drop_index(batch_op.f("ix_roster_override_by_user_id"))

    op.drop_table("roster_override")
    op.drop_table("roster_calendar")
    op.drop_table("presence")
    op.drop_table("coverage_alarm")
