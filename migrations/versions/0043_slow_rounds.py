"""Rounds of an escalation are further apart once its last desk has answered."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("escalation", sa.Column("slow_again_s", sa.Integer()))


def downgrade():
    with op.batch_alter_table("escalation") as table:
        table.drop_column("slow_again_s")
