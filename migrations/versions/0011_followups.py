"""Promises to get back and the attempts to keep them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():

    op.create_table(
        "follow_up",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column(
            "contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("number_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("line_number", sa.String(length=20), nullable=True),
        sa.Column(
            "outbound_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(length=20), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 4", name=op.f("ck_follow_up_level")),
        sa.CheckConstraint(
            "window_start <= due_at AND due_at <= window_end", name=op.f("ck_follow_up_window")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["student_case.id"], name=op.f("fk_follow_up_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_follow_up_contact_id")
        ),
        sa.ForeignKeyConstraint(
            ["data_key_id"], ["data_key.id"], name=op.f("fk_follow_up_data_key_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_follow_up_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["outbound_id"], ["outbound.id"], name=op.f("fk_follow_up_outbound_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_follow_up_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("outbound_id", name=op.f("uq_follow_up_outbound_id")),
    )
    op.create_index("ix_follow_up_case_id_due_at", "follow_up", ["case_id", "due_at"], unique=False)
    op.create_index(op.f("ix_follow_up_contact_id"), "follow_up", ["contact_id"], unique=False)
    op.create_index(op.f("ix_follow_up_data_key_id"), "follow_up", ["data_key_id"], unique=False)
    op.create_index(
        "ix_follow_up_next_step_at",
        "follow_up",
        ["next_step_at"],
        unique=False,
        sqlite_where=sa.text("next_step_at IS NOT NULL"),
        postgresql_where=sa.text("next_step_at IS NOT NULL"),
    )
    op.create_index(
        "ix_follow_up_number_index_sent_at", "follow_up", ["number_index", "sent_at"], unique=False
    )
    op.create_index(
        op.f("ix_follow_up_organization_id"), "follow_up", ["organization_id"], unique=False
    )
    op.create_index(
        "ix_follow_up_organization_id_due_at",
        "follow_up",
        ["organization_id", "due_at"],
        unique=False,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_index(op.f("ix_follow_up_owner_id"), "follow_up", ["owner_id"], unique=False)
    op.create_index(
        "ix_follow_up_owner_id_due_at",
        "follow_up",
        ["owner_id", "due_at"],
        unique=False,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "follow_up_attempt",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "follow_up_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "by_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "outbound_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["user.id"], name=op.f("fk_follow_up_attempt_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["follow_up.id"], name=op.f("fk_follow_up_attempt_follow_up_id")
        ),
        sa.ForeignKeyConstraint(
            ["outbound_id"], ["outbound.id"], name=op.f("fk_follow_up_attempt_outbound_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_attempt")),
        sa.UniqueConstraint(
            "follow_up_id", "number", name=op.f("uq_follow_up_attempt_follow_up_id_number")
        ),
        sa.UniqueConstraint("outbound_id", name=op.f("uq_follow_up_attempt_outbound_id")),
    )
    op.create_index(
        op.f("ix_follow_up_attempt_by_user_id"), "follow_up_attempt", ["by_user_id"], unique=False
    )


def downgrade():

    op.drop_index(op.f("ix_follow_up_attempt_by_user_id"), table_name="follow_up_attempt")
    op.drop_table("follow_up_attempt")
    op.drop_index(
        "ix_follow_up_owner_id_due_at",
        table_name="follow_up",
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.drop_index(op.f("ix_follow_up_owner_id"), table_name="follow_up")
    op.drop_index(
        "ix_follow_up_organization_id_due_at",
        table_name="follow_up",
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.drop_index(op.f("ix_follow_up_organization_id"), table_name="follow_up")
    op.drop_index("ix_follow_up_number_index_sent_at", table_name="follow_up")
    op.drop_index(
        "ix_follow_up_next_step_at",
        table_name="follow_up",
        sqlite_where=sa.text("next_step_at IS NOT NULL"),
        postgresql_where=sa.text("next_step_at IS NOT NULL"),
    )
    op.drop_index(op.f("ix_follow_up_data_key_id"), table_name="follow_up")
    op.drop_index(op.f("ix_follow_up_contact_id"), table_name="follow_up")
    op.drop_index("ix_follow_up_case_id_due_at", table_name="follow_up")
    op.drop_table("follow_up")
