"""Two counselors may change the agreed word at once: a caller's word carries a version."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("caller") as table:
        table.add_column(
            sa.Column("word_version", sa.Integer(), nullable=False, server_default="0")
        )
    with op.batch_alter_table("caller") as table:
        table.alter_column("word_version", existing_type=sa.Integer(), server_default=None)


def downgrade():
    with op.batch_alter_table("caller") as table:
        table.drop_column("word_version")
