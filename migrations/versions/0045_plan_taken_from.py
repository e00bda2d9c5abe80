"""A care plan taken over from another case says from which, and which version of it."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("case_plan") as table:
        table.add_column(sa.Column("taken_from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        table.add_column(sa.Column("taken_version", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_case_plan_taken_from_id"),
            "student_case",
            ["taken_from_id"],
            ["id"],
        )
    op.create_index(op.f("ix_case_plan_taken_from_id"), "case_plan", ["taken_from_id"])


def downgrade():
    op.drop_index(op.f("ix_case_plan_taken_from_id"), table_name="case_plan")
    with op.batch_alter_table("case_plan") as table:
        table.drop_constraint(
            op.f("fk_case_plan_taken_from_id"), type_="foreignkey"
        )
        table.drop_column("taken_version")
        table.drop_column("taken_from_id")
