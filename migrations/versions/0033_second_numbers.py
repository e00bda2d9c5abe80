"""Texts go from a spare while the number of their line fails: what failed, and who moved."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("outbound") as table:
        table.add_column(sa.Column("via_number", sa.String(length=40), nullable=True))
    op.create_table(
        "sending_number",
        sa.Column("number", sa.String(length=40), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "thread_sender",
        sa.Column("ordering_key", sa.String(length=80), primary_key=True),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade():
    op.drop_table("thread_sender")
    op.drop_table("sending_number")
    with op.batch_alter_table("outbound") as table:
        table.drop_column("via_number")
