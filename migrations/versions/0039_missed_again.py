"""Let missed promises be told again: until now their steps ran out once everybody was told."""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        "UPDATE follow_up SET next_step_at = window_end"
        " WHERE state = 'missed' AND settled_at IS NULL AND next_step_at IS NULL"
    )


def downgrade():
    """Leave them moving: the version before stops each after its next step by itself."""
