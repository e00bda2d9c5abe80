"""The identity vault: people of a case, their numbers, permission and consent, links of records."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "consent",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purpose", sa.String(length=30), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("given_by", sa.String(length=20), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column(
            "by_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "approver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "withdrawn_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("withdrawal_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "approver_id IS NULL OR approver_id <> by_user_id", name=op.f("ck_consent_two_people")
        ),
        sa.ForeignKeyConstraint(["approver_id"], ["user.id"], name=op.f("fk_consent_approver_id")),
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f("fk_consent_by_user_id")),
        sa.ForeignKeyConstraint(["case_id"], ["student_case.id"], name=op.f("fk_consent_case_id")),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["user.id"], name=op.f("fk_consent_withdrawn_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_approver_id"), ["approver_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_consent_by_user_id"), ["by_user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_consent_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_consent_withdrawn_by"), ["withdrawn_by"], unique=False)
        batch_op.create_index(
            "uq_consent_in_force",
            ["case_id", "purpose"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "person",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("is_guardian", sa.Boolean(), nullable=False),
        sa.Column("is_caller", sa.Boolean(), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=True),
        sa.Column(
            "by_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f("fk_person_by_user_id")),
        sa.ForeignKeyConstraint(["case_id"], ["student_case.id"], name=op.f("fk_person_case_id")),
        sa.ForeignKeyConstraint(
            ["data_key_id"], ["data_key.id"], name=op.f("fk_person_data_key_id")
        ),
        sa.ForeignKeyConstraint(["edited_by"], ["user.id"], name=op.f("fk_person_edited_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_by_user_id"), ["by_user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_data_key_id"), ["data_key_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_edited_by"), ["edited_by"], unique=False)
        batch_op.create_index(
            "uq_person_student",
            ["case_id"],
            unique=True,
            sqlite_where=sa.text("relation = 'student' AND removed_at IS NULL"),
            postgresql_where=sa.text("relation = 'student' AND removed_at IS NULL"),
        )

    op.create_table(
        "contact_permission",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("safety", sa.String(length=20), nullable=False),
        sa.Column("may_text", sa.String(length=10), nullable=False),
        sa.Column("may_call", sa.String(length=10), nullable=False),
        sa.Column("may_leave_message", sa.String(length=10), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column(
            "by_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["user.id"], name=op.f("fk_contact_permission_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_contact_permission_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_contact_permission")),
    )
    with op.batch_alter_table("contact_permission", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contact_permission_by_user_id"), ["by_user_id"], unique=False
        )

    op.create_table(
        "person_link",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("one_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("other_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column(
            "by_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_person_link_order")),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["user.id"], name=op.f("fk_person_link_by_user_id")
        ),
        sa.ForeignKeyConstraint(["ended_by"], ["user.id"], name=op.f("fk_person_link_ended_by")),
        sa.ForeignKeyConstraint(["one_id"], ["person.id"], name=op.f("fk_person_link_one_id")),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"], name=op.f("fk_person_link_other_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_link")),
    )
    with op.batch_alter_table("person_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_link_by_user_id"), ["by_user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_link_ended_by"), ["ended_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_link_one_id"), ["one_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_link_other_id"), ["other_id"], unique=False)
        batch_op.create_index(
            "uq_person_link_standing",
            ["one_id", "other_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "person_name_index",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("token_hmac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["student_case.id"], name=op.f("fk_person_name_index_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_name_index_person_id")
        ),
        sa.PrimaryKeyConstraint(
            "person_id", "kind", "token_hmac", name=op.f("pk_person_name_index")
        ),
    )
    with op.batch_alter_table("person_name_index", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_name_index_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_person_name_index_token", ["token_hmac", "case_id"], unique=False)

    op.create_table(
        "person_number",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("number_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column(
            "by_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["user.id"], name=op.f("fk_person_number_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_number_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_number")),
    )
    with op.batch_alter_table("person_number", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_person_number_by_user_id"), ["by_user_id"], unique=False
        )
        batch_op.create_index("ix_person_number_number_index", ["number_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_number_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_person_number_kept",
            ["person_id", "number_index"],
            unique=True,
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        )

    with op.batch_alter_table("outbound", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f("ix_outbound_queued"), sqlite_where=sa.text("state = 'queued'")
        )
        batch_op.create_index(
            "ix_outbound_queued",
            [sa.literal_column("urgency DESC"), "id", "due_at"],
            unique=False,
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )



def downgrade():
    with op.batch_alter_table("outbound", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbound_queued",
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )
        batch_op.create_index(
            batch_op.f("ix_outbound_queued"),
            ["urgency", "id", "due_at"],
            unique=False,
            sqlite_where=sa.text("state = 'queued'"),
        )

    with op.batch_alter_table("person_number", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_person_number_kept",
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_person_number_person_id"))
        batch_op.drop_index("ix_person_number_number_index")
        batch_op.drop_index(batch_op.f("ix_person_number_by_user_id"))

    op.drop_table("person_number")
    with op.batch_alter_table("person_name_index", schema=None) as batch_op:
        batch_op.drop_index("ix_person_name_index_token")
        batch_op.drop_index(batch_op.f("ix_person_name_index_case_id"))

    op.drop_table("person_name_index")
    with op.batch_alter_table("person_link", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_person_link_standing",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_person_link_other_id"))
        batch_op.drop_index(batch_op.f("ix_person_link_one_id"))
        batch_op.drop_index(batch_op.f("ix_person_link_ended_by"))
        batch_op.drop_index(batch_op.f("ix_person_link_by_user_id"))

    op.drop_table("person_link")
    with op.batch_alter_table("contact_permission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_permission_by_user_id"))

    op.drop_table("contact_permission")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_person_student",
            sqlite_where=sa.text("relation = 'student' AND removed_at IS NULL"),
            postgresql_where=sa.text("relation = 'student' AND removed_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_person_edited_by"))
        batch_op.drop_index(batch_op.f("ix_person_data_key_id"))
        batch_op.drop_index(batch_op.f("ix_person_case_id"))
        batch_op.drop_index(batch_op.f("ix_person_by_user_id"))

    op.drop_table("person")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_consent_in_force",
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_consent_withdrawn_by"))
        batch_op.drop_index(batch_op.f("ix_consent_case_id"))
        batch_op.drop_index(batch_op.f("ix_consent_by_user_id"))
        batch_op.drop_index(batch_op.f("ix_consent_approver_id"))

    op.drop_table("consent")
