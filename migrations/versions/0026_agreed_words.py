"""A word agreed with a student, by which they show that it is they who hold the phone."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("caller", sa.Column("word_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("caller", sa.Column("word_at", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    op.drop_column("caller", "word_at")
    op.drop_column("caller", "word_sealed")
