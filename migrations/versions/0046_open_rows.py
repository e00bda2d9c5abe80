"""What is open is found among the few that are, however many are done: promises, pages, duties.

On PostgreSQL nothing waits: the new indexes grow beside the running service.
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_follow_up_due_open", "follow_up", ["due_at", "id"], "settled_at IS NULL"),
    ("ix_escalation_uncontacted", "escalation", ["accepted_by"], "state = 'accepted' AND contacted_at IS NULL"),
    ("ix_page_unheard", "page", ["started_at"], "state = 'unanswered'"),
    ("ix_page_unheard_subject", "page", ["subject_kind", "subject_id"], "state = 'unanswered'"),
    ("ix_duty_open", "duty", ["by_at", "id"], "done_at IS NULL"),
    ("ix_outbound_in_doubt", "outbound", ["id"], "state = 'in_doubt'"),
)


def change(is_upgrade):
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    with op.get_context().autocommit_block():
        aside = {"postgresql_concurrently": True} if is_postgresql else {}
        if is_postgresql:
            op.execute("SET statement_timeout = 0")
        for name, table, columns, where in INDEXES:
            # An interrupted run leaves a half-made index behind: it is made anew.
            op.drop_index(name, table, if_exists=True, **aside)
            if is_upgrade:
                partly = {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)}
                op.create_index(name, table, columns, **partly, **aside)
        if is_postgresql:
            op.execute("RESET statement_timeout")


def upgrade():
    change(is_upgrade=True)


def downgrade():
    change(is_upgrade=False)
