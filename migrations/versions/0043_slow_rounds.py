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
    # Not by a new table, which its receivers would keep from taking the old one's place.
    op.drop_column("escalation", "slow_again_s")
