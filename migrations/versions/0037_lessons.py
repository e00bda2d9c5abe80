"""A text may say that its recipient has no lessons; those that stand keep them."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("outbound") as table:
        table.add_column(sa.Column("in_lessons", sa.Boolean(), nullable=True))


def downgrade():
    with op.batch_alter_table("outbound") as table:
        table.drop_column("in_lessons")
