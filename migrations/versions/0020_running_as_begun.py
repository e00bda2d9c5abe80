"""Escalations and pages keep the policy that they began with; a hand-over is warm or cold."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("escalation", sa.Column("read_back_at", sa.DateTime(timezone=True)))
    op.add_column("escalation", sa.Column("again_s", sa.Integer()))
    op.add_column("page", sa.Column("plan", sa.JSON()))


def downgrade():
    op.drop_column("page", "plan")
    op.drop_column("escalation", "again_s")
    op.drop_column("escalation", "read_back_at")
