"""Find closed cases by the day of closing, so that sealing them reads no other."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

CLOSED = sa.text("status IN ('closed', 'sealed')")


def upgrade():
    op.create_index(
        "ix_student_case_closed_at",
        "student_case",
        ["status", "closed_at", "id"],
        sqlite_where=CLOSED,
        postgresql_where=CLOSED,
    )


def downgrade():
    op.drop_index("ix_student_case_closed_at", table_name="student_case")
