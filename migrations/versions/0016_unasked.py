"""Names that a text which nobody asked for must not contain, kept with it until it is sent."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("outbound", sa.Column("never_sealed", sa.LargeBinary(), nullable=True))


def downgrade():
    op.drop_column("outbound", "never_sealed")
