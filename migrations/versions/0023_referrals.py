"""Referrals until their outcome, and what closing a case asks for: nobody falls between two."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

AHEAD = sa.text("due_at IS NOT NULL")


def upgrade():
    op.create_table(
        "referral",
        sa.Column("id", _big(), autoincrement=True, nullable=False),
        sa.Column("case_id", _big(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("agreed", sa.String(length=20), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("by_user_id", _big(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *_belongs("referral"),
    )
    op.create_index(op.f("ix_referral_by_user_id"), "referral", ["by_user_id"])
    op.create_index("ix_referral_case_id_id", "referral", ["case_id", "id"])
    op.create_index(
        "ix_referral_due_at",
        "referral",
        ["due_at"],
        sqlite_where=AHEAD,
        postgresql_where=AHEAD,
    )
    op.create_table(
        "student_moment",
        sa.Column("id", _big(), autoincrement=True, nullable=False),
        sa.Column("case_id", _big(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_user_id", _big(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        *_belongs("student_moment"),
    )
    op.create_index(op.f("ix_student_moment_by_user_id"), "student_moment", ["by_user_id"])
    op.create_index("ix_student_moment_case_id_at", "student_moment", ["case_id", "at"])
    op.create_table(
        "closing_signature",
        sa.Column("id", _big(), autoincrement=True, nullable=False),
        sa.Column("case_id", _big(), nullable=False),
        sa.Column("by_user_id", _big(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *_belongs("closing_signature"),
    )
    op.create_index(op.f("ix_closing_signature_by_user_id"), "closing_signature", ["by_user_id"])
    op.create_index("ix_closing_signature_case_id_at", "closing_signature", ["case_id", "at"])


def downgrade():
    op.drop_table("closing_signature")
    op.drop_table("student_moment")
    # Nobody would be left who could lift these holds.
    op.execute("DELETE FROM case_hold WHERE kind = 'referral'")
    op.drop_table("referral")


def _belongs(table):
    return (
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f(f"fk_{table}_by_user_id")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["student_case.id"], name=op.f(f"fk_{table}_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _big():
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
