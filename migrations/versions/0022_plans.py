"""Plans of a case in versions, and drafts: what was planned or typed is never lost."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

AHEAD = sa.text("review_at IS NOT NULL")


def upgrade():
    op.create_table(
        "case_plan",
        sa.Column("id", _big(), autoincrement=True, nullable=False),
        sa.Column("case_id", _big(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("by_user_id", _big(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f("fk_case_plan_by_user_id")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["student_case.id"], name=op.f("fk_case_plan_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_plan")),
        sa.UniqueConstraint(
            "case_id", "kind", "version", name=op.f("uq_case_plan_case_id_kind_version")
        ),
    )
    op.create_index(op.f("ix_case_plan_by_user_id"), "case_plan", ["by_user_id"])
    op.create_index(
        "ix_case_plan_review_at",
        "case_plan",
        ["review_at"],
        sqlite_where=AHEAD,
        postgresql_where=AHEAD,
    )
    op.create_table(
        "case_draft",
        sa.Column("case_id", _big(), nullable=False),
        sa.Column("user_id", _big(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["student_case.id"], name=op.f("fk_case_draft_case_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_case_draft_user_id")),
        sa.PrimaryKeyConstraint("case_id", "user_id", "field", name=op.f("pk_case_draft")),
    )
    op.create_index(op.f("ix_case_draft_user_id"), "case_draft", ["user_id"])


def downgrade():
    op.drop_table("case_draft")
    op.drop_table("case_plan")


def _big():
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
