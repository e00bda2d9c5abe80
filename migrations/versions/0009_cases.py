"""Cases and all that hangs on one."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():

    op.create_table(
        "student_case",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column(
            "organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("organization_path", sa.String(length=120), nullable=False),
        sa.Column(
            "branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owned_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column(
            "level_set_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 4", name=op.f("ck_student_case_level")),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["organization.id"], name=op.f("fk_student_case_branch_id")
        ),
        sa.ForeignKeyConstraint(
            ["data_key_id"], ["data_key.id"], name=op.f("fk_student_case_data_key_id")
        ),
        sa.ForeignKeyConstraint(
            ["level_set_by"], ["user.id"], name=op.f("fk_student_case_level_set_by")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_student_case_organization_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_student_case_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student_case")),
        sa.UniqueConstraint("reference", name=op.f("uq_student_case_reference")),
    )
    op.create_index(
        "ix_student_case_branch_id_opened_at",
        "student_case",
        ["branch_id", "opened_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_student_case_branch_id_opened_at_open",
        "student_case",
        ["branch_id", "opened_at", "id"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        op.f("ix_student_case_data_key_id"), "student_case", ["data_key_id"], unique=False
    )
    op.create_index(
        "ix_student_case_level_open",
        "student_case",
        ["level", "opened_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        op.f("ix_student_case_level_set_by"), "student_case", ["level_set_by"], unique=False
    )
    op.create_index("ix_student_case_opened_at", "student_case", ["opened_at", "id"], unique=False)
    op.create_index(
        "ix_student_case_opened_at_open",
        "student_case",
        ["opened_at", "id"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_student_case_organization_id_opened_at",
        "student_case",
        ["organization_id", "opened_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_student_case_organization_id_opened_at_open",
        "student_case",
        ["organization_id", "opened_at", "id"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_student_case_owner_id_opened_at",
        "student_case",
        ["owner_id", "opened_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_student_case_owner_id_opened_at_open",
        "student_case",
        ["owner_id", "opened_at", "id"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "case_contact",
        sa.Column(
            "contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["student_case.id"], name=op.f("fk_case_contact_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_case_contact_contact_id")
        ),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_case_contact")),
    )
    op.create_index(op.f("ix_case_contact_case_id"), "case_contact", ["case_id"], unique=False)
    op.create_table(
        "case_hold",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column(
            "source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["student_case.id"], name=op.f("fk_case_hold_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_hold")),
    )
    op.create_index(op.f("ix_case_hold_case_id"), "case_hold", ["case_id"], unique=False)
    op.create_index(
        "uq_case_hold_in_force",
        "case_hold",
        ["case_id", "kind", "source_id"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "case_note",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "by_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f("fk_case_note_by_user_id")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["student_case.id"], name=op.f("fk_case_note_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_note")),
    )
    op.create_index(op.f("ix_case_note_by_user_id"), "case_note", ["by_user_id"], unique=False)
    op.create_index("ix_case_note_case_id_id", "case_note", ["case_id", "id"], unique=False)
    op.create_table(
        "duty",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "holder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("by_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(case_id IS NULL) <> (contact_id IS NULL)", name=op.f("ck_duty_subject")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["student_case.id"], name=op.f("fk_duty_case_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_duty_contact_id")),
        sa.ForeignKeyConstraint(["done_by"], ["user.id"], name=op.f("fk_duty_done_by")),
        sa.ForeignKeyConstraint(["holder_id"], ["user.id"], name=op.f("fk_duty_holder_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_duty_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
    )
    op.create_index(op.f("ix_duty_case_id"), "duty", ["case_id"], unique=False)
    op.create_index(op.f("ix_duty_contact_id"), "duty", ["contact_id"], unique=False)
    op.create_index(op.f("ix_duty_done_by"), "duty", ["done_by"], unique=False)
    op.create_index(op.f("ix_duty_holder_id"), "duty", ["holder_id"], unique=False)
    op.create_index(
        "ix_duty_open_holder",
        "duty",
        ["holder_id", "by_at"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(
        "ix_duty_open_organization",
        "duty",
        ["organization_id", "by_at"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(op.f("ix_duty_organization_id"), "duty", ["organization_id"], unique=False)
    op.create_index(
        "uq_duty_open_case",
        "duty",
        ["kind", "case_id"],
        unique=True,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(
        "uq_duty_open_contact",
        "duty",
        ["kind", "contact_id"],
        unique=True,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "level_change",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_level", sa.Integer(), nullable=True),
        sa.Column("to_level", sa.Integer(), nullable=False),
        sa.Column(
            "by_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["user.id"], name=op.f("fk_level_change_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["student_case.id"], name=op.f("fk_level_change_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level_change")),
    )
    op.create_index(
        op.f("ix_level_change_by_user_id"), "level_change", ["by_user_id"], unique=False
    )
    op.create_index("ix_level_change_case_id_id", "level_change", ["case_id", "id"], unique=False)
    op.create_table(
        "timeline_entry",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_timeline_entry_actor_id")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["student_case.id"], name=op.f("fk_timeline_entry_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_entry")),
    )
    op.create_index(
        op.f("ix_timeline_entry_actor_id"), "timeline_entry", ["actor_id"], unique=False
    )
    op.create_index(
        "ix_timeline_entry_case_id_id", "timeline_entry", ["case_id", "id"], unique=False
    )


def downgrade():

    op.drop_index("ix_timeline_entry_case_id_id", table_name="timeline_entry")
    op.drop_index(op.f("ix_timeline_entry_actor_id"), table_name="timeline_entry")
    op.drop_table("timeline_entry")
    op.drop_index("ix_level_change_case_id_id", table_name="level_change")
    op.drop_index(op.f("ix_level_change_by_user_id"), table_name="level_change")
    op.drop_table("level_change")
    op.drop_index(
        "uq_duty_open_contact",
        table_name="duty",
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.drop_index(
        "uq_duty_open_case",
        table_name="duty",
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.drop_index(op.f("ix_duty_organization_id"), table_name="duty")
    op.drop_index(
        "ix_duty_open_organization",
        table_name="duty",
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.drop_index(
        "ix_duty_open_holder",
        table_name="duty",
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.drop_index(op.f("ix_duty_holder_id"), table_name="duty")
    op.drop_index(op.f("ix_duty_done_by"), table_name="duty")
    op.drop_index(op.f("ix_duty_contact_id"), table_name="duty")
    op.drop_index(op.f("ix_duty_case_id"), table_name="duty")
    op.drop_table("duty")
    op.drop_index("ix_case_note_case_id_id", table_name="case_note")
    op.drop_index(op.f("ix_case_note_by_user_id"), table_name="case_note")
    op.drop_table("case_note")
    op.drop_index(
        "uq_case_hold_in_force",
        table_name="case_hold",
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.drop_index(op.f("ix_case_hold_case_id"), table_name="case_hold")
    op.drop_table("case_hold")
    op.drop_index(op.f("ix_case_contact_case_id"), table_name="case_contact")
    op.drop_table("case_contact")
    op.drop_index(
        "ix_student_case_owner_id_opened_at_open",
        table_name="student_case",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index("ix_student_case_owner_id_opened_at", table_name="student_case")
    op.drop_index(
        "ix_student_case_organization_id_opened_at_open",
        table_name="student_case",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index("ix_student_case_organization_id_opened_at", table_name="student_case")
    op.drop_index(
        "ix_student_case_opened_at_open",
        table_name="student_case",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index("ix_student_case_opened_at", table_name="student_case")
    op.drop_index(op.f("ix_student_case_level_set_by"), table_name="student_case")
    op.drop_index(
        "ix_student_case_level_open",
        table_name="student_case",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(op.f("ix_student_case_data_key_id"), table_name="student_case")
    op.drop_index(
        "ix_student_case_branch_id_opened_at_open",
        table_name="student_case",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index("ix_student_case_branch_id_opened_at", table_name="student_case")
    op.drop_table("student_case")
