"""Errands of the voice line in the outbox: they have no number; calls may have a limit.

A text that a switched-off phone did not take is sent again; its ids before are kept.

On PostgreSQL whoever queues an order wakes delivery, in the same transaction and without another
round trip (`messaging.delivery.wake`).
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

QUEUED = {
    "sqlite_where": sa.text("state = 'queued'"),
    "postgresql_where": sa.text("state = 'queued'"),
}
WAKE = """
CREATE FUNCTION outbound_wake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('outbound', '');
    RETURN NULL;
END $$
"""
HAVE_A_NUMBER = {
    "from_number": sa.String(length=40),
    "to_index": sa.LargeBinary(length=32),
    "to_sealed": sa.LargeBinary(),
}


def upgrade():
    # SQLite copies the table and would forget that this index is descending.
    op.drop_index("ix_outbound_queued", table_name="outbound", **QUEUED)
    with op.batch_alter_table("outbound") as table:
        table.add_column(sa.Column("target_in", sa.String(length=40), nullable=True))
        table.add_column(sa.Column("limit_s", sa.Integer(), nullable=True))
        table.add_column(sa.Column("sids_before", sa.String(length=120), nullable=True))
        for name, kind in HAVE_A_NUMBER.items():
            table.alter_column(name, existing_type=kind, nullable=True)
    _index_queued()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(WAKE)
        op.execute(
            "CREATE TRIGGER outbound_wake AFTER INSERT ON outbound"
            " FOR EACH STATEMENT EXECUTE FUNCTION outbound_wake()"
        )


def downgrade():
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER outbound_wake ON outbound")
        op.execute("DROP FUNCTION outbound_wake()")
    # The version before knows no order without a number, and cannot carry one out.
    op.execute("DELETE FROM outbound WHERE to_sealed IS NULL OR from_number IS NULL")
    op.drop_index("ix_outbound_queued", table_name="outbound", **QUEUED)
    with op.batch_alter_table("outbound") as table:
        for name, kind in HAVE_A_NUMBER.items():
            table.alter_column(name, existing_type=kind, nullable=False)
        table.drop_column("sids_before")
        table.drop_column("limit_s")
        table.drop_column("target_in")
    _index_queued()


def _index_queued():
    op.create_index(
        "ix_outbound_queued",
        "outbound",
        [sa.text("urgency DESC"), "id", "due_at"],
        unique=False,
        **QUEUED,
    )
