"""The outbox, opt-outs, the shared bucket of calls, signs of life."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():

    op.create_table(
        "call_bucket",
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("refilled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_call_bucket")),
    )
    op.create_table(
        "delivery_heartbeat",
        sa.Column("process", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_delivery_heartbeat")),
    )
    op.create_table(
        "opt_out",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("number_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("line_number", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_out")),
    )
    op.create_index(
        "uq_opt_out_in_force",
        "opt_out",
        ["number_index", "line_number"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "outbound",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column(
            "purpose_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("public_id", sa.String(length=40), nullable=True),
        sa.Column("ordering_key", sa.String(length=80), nullable=True),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("from_number", sa.String(length=40), nullable=False),
        sa.Column("to_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("to_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("target_sid", sa.String(length=40), nullable=True),
        sa.Column("scheduled", sa.Boolean(), nullable=False),
        sa.Column("despite_opt_out", sa.Boolean(), nullable=False),
        sa.Column("ring_seconds", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=True),
        sa.Column("sid", sa.String(length=40), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("sequence_number", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unwanted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["data_key_id"], ["data_key.id"], name=op.f("fk_outbound_data_key_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound")),
        sa.UniqueConstraint("sid", name=op.f("uq_outbound_sid")),
    )
    op.create_index(op.f("ix_outbound_data_key_id"), "outbound", ["data_key_id"], unique=False)
    op.create_index(
        "ix_outbound_due_at",
        "outbound",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_outbound_lease_until",
        "outbound",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "ix_outbound_purpose_purpose_id", "outbound", ["purpose", "purpose_id"], unique=False
    )
    op.create_index(
        "ix_outbound_queued",
        "outbound",
        [sa.literal_column("urgency DESC"), "id", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_outbound_thread",
        "outbound",
        ["ordering_key", "id"],
        unique=False,
        sqlite_where=sa.text(
            "ordering_key IS NOT NULL AND state IN ('queued', 'sending', 'in_doubt')"
        ),
        postgresql_where=sa.text(
            "ordering_key IS NOT NULL AND state IN ('queued', 'sending', 'in_doubt')"
        ),
    )
    op.create_index("ix_outbound_to_index", "outbound", ["to_index"], unique=False)


def downgrade():

    op.drop_index("ix_outbound_to_index", table_name="outbound")
    op.drop_index(
        "ix_outbound_thread",
        table_name="outbound",
        sqlite_where=sa.text(
            "ordering_key IS NOT NULL AND state IN ('queued', 'sending', 'in_doubt')"
        ),
        postgresql_where=sa.text(
            "ordering_key IS NOT NULL AND state IN ('queued', 'sending', 'in_doubt')"
        ),
    )
    op.drop_index(
        "ix_outbound_queued",
        table_name="outbound",
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.drop_index("ix_outbound_purpose_purpose_id", table_name="outbound")
    op.drop_index(
        "ix_outbound_lease_until",
        table_name="outbound",
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.drop_index(
        "ix_outbound_due_at",
        table_name="outbound",
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.drop_index(op.f("ix_outbound_data_key_id"), table_name="outbound")
    op.drop_table("outbound")
    op.drop_index(
        "uq_opt_out_in_force",
        table_name="opt_out",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_table("opt_out")
    op.drop_table("delivery_heartbeat")
    op.drop_table("call_bucket")
