"""Signals, screenings, assessments."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():

    op.create_table(
        "assessment",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "by_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 4", name=op.f("ck_assessment_level")),
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f("fk_assessment_by_user_id")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_assessment_contact_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
    )
    op.create_index(op.f("ix_assessment_by_user_id"), "assessment", ["by_user_id"], unique=False)
    op.create_index("ix_assessment_contact", "assessment", ["contact_id", "id"], unique=False)
    op.create_table(
        "screening",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("screener", sa.String(length=40), nullable=False),
        sa.Column("wording", sa.String(length=40), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("result", sa.String(length=40), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("suggested_level", sa.Integer(), nullable=True),
        sa.Column(
            "by_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f("fk_screening_by_user_id")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_screening_contact_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening")),
    )
    op.create_index(op.f("ix_screening_by_user_id"), "screening", ["by_user_id"], unique=False)
    op.create_index("ix_screening_contact", "screening", ["contact_id", "id"], unique=False)
    op.create_table(
        "signal",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("contexts", sa.String(length=120), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("phrase_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 4", name=op.f("ck_signal_level")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_signal_contact_id")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["contact_message.id"], name=op.f("fk_signal_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal")),
    )
    op.create_index("ix_signal_contact", "signal", ["contact_id", "id"], unique=False)
    op.create_index(op.f("ix_signal_message_id"), "signal", ["message_id"], unique=False)


def downgrade():

    op.drop_index(op.f("ix_signal_message_id"), table_name="signal")
    op.drop_index("ix_signal_contact", table_name="signal")
    op.drop_table("signal")
    op.drop_index("ix_screening_contact", table_name="screening")
    op.drop_index(op.f("ix_screening_by_user_id"), table_name="screening")
    op.drop_table("screening")
    op.drop_index("ix_assessment_contact", table_name="assessment")
    op.drop_index(op.f("ix_assessment_by_user_id"), table_name="assessment")
    op.drop_table("assessment")
