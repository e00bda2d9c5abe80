"""A consent that a child under 14 gave alone is suspended once the age is known (PIPL 31).

Rows from before are held to it at the next save of the student's record, or of their contact.
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("consent", sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    op.drop_column("consent", "suspended_at")
