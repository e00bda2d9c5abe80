"""The lists of cases are counted in their index alone: status and level stand in it, too.

On PostgreSQL nothing waits: the new indexes grow beside the running service, then the old ones go.
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

LEADING = ((), ("branch_id",), ("organization_id",), ("owner_id",))


def names(ending):
    for leading in LEADING:
        name = "_".join(("ix_student_case", *leading, ending))
        yield name, leading, None
        yield f"{name}_open", leading, "closed_at IS NULL"


def change(new, more, old):
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    with op.get_context().autocommit_block():
        aside = {"postgresql_concurrently": True} if is_postgresql else {}
        if is_postgresql:
            op.execute("SET statement_timeout = 0")
        for name, leading, where in names(new):
            partly = {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)} if where else {}
            # An interrupted run leaves a half-made index behind: it is made anew.
            op.drop_index(name, "student_case", if_exists=True, **aside)
            op.create_index(name, "student_case", [*leading, "opened_at", "id", *more], **partly, **aside)
        for name, _leading, _where in names(old):
            op.drop_index(name, "student_case", if_exists=True, **aside)
        if is_postgresql:
            op.execute("RESET statement_timeout")


def upgrade():
    change("newest", ["status", "level"], "opened_at")


def downgrade():
    change("opened_at", [], "newest")
