"""Escalations with their receivers; pages with every ring."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():

    op.create_table(
        "escalation",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("direction", sa.String(length=20), nullable=False),
        sa.Column(
            "from_organization_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "from_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("agreement", sa.String(length=20), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("safety_plan_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("may_be_told_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("skip_reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("chain", sa.JSON(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledge_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contact_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "acknowledged_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("acknowledge_missed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "accepted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "accepted_organization_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "declined_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contact_missed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(accepted_at IS NULL) = (accepted_by IS NULL)", name=op.f("ck_escalation_accepted")
        ),
        sa.CheckConstraint("level BETWEEN 1 AND 4", name=op.f("ck_escalation_level")),
        sa.ForeignKeyConstraint(
            ["accepted_by"], ["user.id"], name=op.f("fk_escalation_accepted_by")
        ),
        sa.ForeignKeyConstraint(
            ["accepted_organization_id"],
            ["organization.id"],
            name=op.f("fk_escalation_accepted_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["user.id"], name=op.f("fk_escalation_acknowledged_by")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["student_case.id"], name=op.f("fk_escalation_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["data_key_id"], ["data_key.id"], name=op.f("fk_escalation_data_key_id")
        ),
        sa.ForeignKeyConstraint(
            ["declined_by"], ["user.id"], name=op.f("fk_escalation_declined_by")
        ),
        sa.ForeignKeyConstraint(
            ["from_organization_id"],
            ["organization.id"],
            name=op.f("fk_escalation_from_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["from_user_id"], ["user.id"], name=op.f("fk_escalation_from_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
    )
    op.create_index(op.f("ix_escalation_accepted_by"), "escalation", ["accepted_by"], unique=False)
    op.create_index(
        op.f("ix_escalation_accepted_organization_id"),
        "escalation",
        ["accepted_organization_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_escalation_acknowledged_by"), "escalation", ["acknowledged_by"], unique=False
    )
    op.create_index(
        "ix_escalation_case_id_sent_at", "escalation", ["case_id", "sent_at"], unique=False
    )
    op.create_index(op.f("ix_escalation_data_key_id"), "escalation", ["data_key_id"], unique=False)
    op.create_index(op.f("ix_escalation_declined_by"), "escalation", ["declined_by"], unique=False)
    op.create_index(
        "ix_escalation_from_organization_id_sent_at",
        "escalation",
        ["from_organization_id", "sent_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_escalation_from_user_id"), "escalation", ["from_user_id"], unique=False
    )
    op.create_index(
        "ix_escalation_next_step_at",
        "escalation",
        ["next_step_at"],
        unique=False,
        sqlite_where=sa.text("next_step_at IS NOT NULL"),
        postgresql_where=sa.text("next_step_at IS NOT NULL"),
    )
    op.create_index("ix_escalation_sent_at", "escalation", ["sent_at"], unique=False)
    op.create_index(
        "uq_escalation_open",
        "escalation",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('sent', 'acknowledged')"),
        postgresql_where=sa.text("state IN ('sent', 'acknowledged')"),
    )
    op.create_table(
        "page",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column(
            "subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("desk", sa.String(length=40), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("last_resort", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "acknowledged_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("acknowledged_via", sa.String(length=20), nullable=True),
        sa.CheckConstraint("urgency BETWEEN 1 AND 4", name=op.f("ck_page_urgency")),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["user.id"], name=op.f("fk_page_acknowledged_by")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["student_case.id"], name=op.f("fk_page_case_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_page_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page")),
    )
    op.create_index(op.f("ix_page_acknowledged_by"), "page", ["acknowledged_by"], unique=False)
    op.create_index(op.f("ix_page_case_id"), "page", ["case_id"], unique=False)
    op.create_index(
        "ix_page_next_step_at",
        "page",
        ["next_step_at"],
        unique=False,
        sqlite_where=sa.text("state = 'paging'"),
        postgresql_where=sa.text("state = 'paging'"),
    )
    op.create_index(op.f("ix_page_organization_id"), "page", ["organization_id"], unique=False)
    op.create_index("ix_page_subject", "page", ["subject_kind", "subject_id"], unique=False)
    op.create_index(
        "uq_page_paging",
        "page",
        ["subject_kind", "subject_id", "organization_id", "desk"],
        unique=True,
        sqlite_where=sa.text("state = 'paging'"),
        postgresql_where=sa.text("state = 'paging'"),
    )
    op.create_table(
        "escalation_receiver",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "escalation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("desk", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_covered", sa.Boolean(), nullable=False),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "declined_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decline_reason_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["declined_by"], ["user.id"], name=op.f("fk_escalation_receiver_declined_by")
        ),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalation.id"], name=op.f("fk_escalation_receiver_escalation_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_escalation_receiver_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_receiver")),
        sa.UniqueConstraint(
            "escalation_id",
            "organization_id",
            "desk",
            name=op.f("uq_escalation_receiver_escalation_id_organization_id_desk"),
        ),
    )
    op.create_index(
        op.f("ix_escalation_receiver_declined_by"),
        "escalation_receiver",
        ["declined_by"],
        unique=False,
    )
    op.create_index(
        "ix_escalation_receiver_organization_id",
        "escalation_receiver",
        ["organization_id", "escalation_id"],
        unique=False,
    )
    op.create_table(
        "page_attempt",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("page_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "outbound_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["outbound_id"], ["outbound.id"], name=op.f("fk_page_attempt_outbound_id")
        ),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name=op.f("fk_page_attempt_page_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_page_attempt_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_attempt")),
        sa.UniqueConstraint("outbound_id", name=op.f("uq_page_attempt_outbound_id")),
        sa.UniqueConstraint("page_id", "number", name=op.f("uq_page_attempt_page_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_page_attempt_public_id")),
    )
    op.create_index(
        "ix_page_attempt_user_id_page_id", "page_attempt", ["user_id", "page_id"], unique=False
    )


def downgrade():

    op.drop_index("ix_page_attempt_user_id_page_id", table_name="page_attempt")
    op.drop_table("page_attempt")
    op.drop_index("ix_escalation_receiver_organization_id", table_name="escalation_receiver")
    op.drop_index(op.f("ix_escalation_receiver_declined_by"), table_name="escalation_receiver")
    op.drop_table("escalation_receiver")
    op.drop_index(
        "uq_page_paging",
        table_name="page",
        sqlite_where=sa.text("state = 'paging'"),
        postgresql_where=sa.text("state = 'paging'"),
    )
    op.drop_index("ix_page_subject", table_name="page")
    op.drop_index(op.f("ix_page_organization_id"), table_name="page")
    op.drop_index(
        "ix_page_next_step_at",
        table_name="page",
        sqlite_where=sa.text("state = 'paging'"),
        postgresql_where=sa.text("state = 'paging'"),
    )
    op.drop_index(op.f("ix_page_case_id"), table_name="page")
    op.drop_index(op.f("ix_page_acknowledged_by"), table_name="page")
    op.drop_table("page")
    op.drop_index(
        "uq_escalation_open",
        table_name="escalation",
        sqlite_where=sa.text("state IN ('sent', 'acknowledged')"),
        postgresql_where=sa.text("state IN ('sent', 'acknowledged')"),
    )
    op.drop_index("ix_escalation_sent_at", table_name="escalation")
    op.drop_index(
        "ix_escalation_next_step_at",
        table_name="escalation",
        sqlite_where=sa.text("next_step_at IS NOT NULL"),
        postgresql_where=sa.text("next_step_at IS NOT NULL"),
    )
    op.drop_index(op.f("ix_escalation_from_user_id"), table_name="escalation")
    op.drop_index("ix_escalation_from_organization_id_sent_at", table_name="escalation")
    op.drop_index(op.f("ix_escalation_declined_by"), table_name="escalation")
    op.drop_index(op.f("ix_escalation_data_key_id"), table_name="escalation")
    op.drop_index("ix_escalation_case_id_sent_at", table_name="escalation")
    op.drop_index(op.f("ix_escalation_acknowledged_by"), table_name="escalation")
    op.drop_index(op.f("ix_escalation_accepted_organization_id"), table_name="escalation")
    op.drop_index(op.f("ix_escalation_accepted_by"), table_name="escalation")
    op.drop_table("escalation")
