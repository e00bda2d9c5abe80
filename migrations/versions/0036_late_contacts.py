"""Let the clock of a missed contact go on: until now it stopped once a supervisor was told.

Only where somebody still works on the case and nobody has taken the clock over.
"""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

STOPPED = """
    state = 'accepted' AND contact_missed_at IS NOT NULL AND contacted_at IS NULL
"""
RUNS_ON = """
    next_step_at IS NULL
    AND case_id IN (SELECT id FROM student_case WHERE closed_at IS NULL)
    AND id IN (SELECT max(id) FROM escalation GROUP BY case_id)
"""


def upgrade():
    op.execute(
        f"UPDATE escalation SET next_step_at = contact_missed_at WHERE {STOPPED} AND {RUNS_ON}"  # noqa: S608 - constants
    )


def downgrade():
    op.execute(f"UPDATE escalation SET next_step_at = NULL WHERE {STOPPED}")  # noqa: S608 - constants
