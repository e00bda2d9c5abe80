"""Promises to a caller who has no case yet: hung up, asked to be called, left a voicemail."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BELONGS = "case_id IS NOT NULL OR (promised_contact_id IS NOT NULL AND kind = 'call')"
CALL_BACK = "(promised_contact_id IS NULL) = (reason IS NULL)"
OPEN = sa.text("settled_at IS NULL")
WITHOUT_CASE = "SELECT id FROM follow_up WHERE case_id IS NULL"


def upgrade():
    with _changed() as follow_up:
        follow_up.alter_column("case_id", existing_type=_big(), nullable=True)
        follow_up.add_column(sa.Column("promised_contact_id", _big(), nullable=True))
        follow_up.add_column(sa.Column("reason", sa.String(length=20), nullable=True))
        follow_up.create_foreign_key(
            follow_up.f("fk_follow_up_promised_contact_id"),
            "contact",
            ["promised_contact_id"],
            ["id"],
        )
        follow_up.create_check_constraint(follow_up.f("ck_follow_up_belongs"), BELONGS)
        follow_up.create_check_constraint(follow_up.f("ck_follow_up_call_back"), CALL_BACK)
        follow_up.create_index(
            follow_up.f("ix_follow_up_promised_contact_id"), ["promised_contact_id"]
        )
        follow_up.create_index(
            "uq_follow_up_open_call_back",
            ["promised_contact_id"],
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        )
    op.add_column("follow_up_attempt", sa.Column("note_sealed", sa.LargeBinary(), nullable=True))


def downgrade():
    # The old table has no place for them; whoever goes back keeps the promises of cases.
    op.execute(f"DELETE FROM follow_up_attempt WHERE follow_up_id IN ({WITHOUT_CASE})")  # noqa: S608
    op.execute("DELETE FROM follow_up WHERE case_id IS NULL")
    op.drop_column("follow_up_attempt", "note_sealed")
    with _changed() as follow_up:
        follow_up.drop_index("uq_follow_up_open_call_back")
        follow_up.drop_index(follow_up.f("ix_follow_up_promised_contact_id"))
        follow_up.drop_constraint(follow_up.f("ck_follow_up_call_back"), type_="check")
        follow_up.drop_constraint(follow_up.f("ck_follow_up_belongs"), type_="check")
        follow_up.drop_constraint(
            follow_up.f("fk_follow_up_promised_contact_id"), type_="foreignkey"
        )
        follow_up.drop_column("reason")
        follow_up.drop_column("promised_contact_id")
        follow_up.alter_column("case_id", existing_type=_big(), nullable=False)


@contextmanager
def _changed() -> Iterator[object]:
    """Change `follow_up`; SQLite makes the table anew, and its attempts must not point at it then."""
    is_copied = op.get_bind().dialect.name == "sqlite"
    if is_copied:
        op.execute("CREATE TEMPORARY TABLE kept AS SELECT * FROM follow_up_attempt")
        op.execute("DELETE FROM follow_up_attempt")
    with op.batch_alter_table("follow_up") as follow_up:
        yield follow_up
    if is_copied:
        op.execute("INSERT INTO follow_up_attempt SELECT * FROM kept")
        op.execute("DROP TABLE kept")


def _big() -> object:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
