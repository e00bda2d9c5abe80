"""Two counselors may change the agreed word at once: a caller's word carries a version."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade():
    # Not by a new table: where a caller has contacts, SQLite lets none take the old one's place.
    op.add_column(
        "caller", sa.Column("word_version", sa.Integer(), nullable=False, server_default="0")
    )
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("caller", "word_version", server_default=None)


def downgrade():
    # Not by a new table, which its contacts would keep from taking the old one's place.
    op.drop_column("caller", "word_version")
