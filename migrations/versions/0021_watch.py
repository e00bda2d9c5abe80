"""Each sweep of the scheduled work leaves a sign of life, and the watch what it found."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "sweep",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("every_s", sa.Float(), nullable=False),
        sa.Column("broken", sa.Integer(), nullable=True),
        sa.Column("leap_s", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sweep")),
    )


def downgrade():
    op.drop_table("sweep")
