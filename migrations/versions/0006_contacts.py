"""Callers, contacts, messages, drafts, the version of the live queue."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():

    op.create_table(
        "queue_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_version")),
    )
    op.create_table(
        "caller",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("number_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["data_key_id"], ["data_key.id"], name=op.f("fk_caller_data_key_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caller")),
        sa.UniqueConstraint("number_index", name=op.f("uq_caller_number_index")),
    )
    op.create_index(op.f("ix_caller_data_key_id"), "caller", ["data_key_id"], unique=False)
    op.create_table(
        "contact",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column(
            "caller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("line_number", sa.String(length=20), nullable=False),
        sa.Column(
            "organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("organization_path", sa.String(length=200), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("urgency_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("data_key_id", sa.Uuid(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "claimed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_human_reply_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_inbound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unanswered_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("page_step", sa.SmallInteger(), nullable=False),
        sa.Column("next_page_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disposition", sa.String(length=40), nullable=True),
        sa.Column("caller_type", sa.String(length=40), nullable=True),
        sa.Column("age_band", sa.String(length=40), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("non_data_kind", sa.String(length=40), nullable=True),
        sa.Column("distress_start", sa.SmallInteger(), nullable=True),
        sa.Column("distress_end", sa.SmallInteger(), nullable=True),
        sa.Column("intent_start", sa.SmallInteger(), nullable=True),
        sa.Column("intent_end", sa.SmallInteger(), nullable=True),
        sa.Column("hope_start", sa.SmallInteger(), nullable=True),
        sa.Column("hope_end", sa.SmallInteger(), nullable=True),
        sa.Column("wrap_up_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("call_sid", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("urgency BETWEEN 1 AND 4", name=op.f("ck_contact_urgency")),
        sa.ForeignKeyConstraint(["caller_id"], ["caller.id"], name=op.f("fk_contact_caller_id")),
        sa.ForeignKeyConstraint(["claimed_by"], ["user.id"], name=op.f("fk_contact_claimed_by")),
        sa.ForeignKeyConstraint(
            ["data_key_id"], ["data_key.id"], name=op.f("fk_contact_data_key_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_contact_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("call_sid", name=op.f("uq_contact_call_sid")),
        sa.UniqueConstraint("public_id", name=op.f("uq_contact_public_id")),
    )
    op.create_index(
        "ix_contact_caller_arrived", "contact", ["caller_id", "arrived_at"], unique=False
    )
    op.create_index("ix_contact_claimed_by_state", "contact", ["claimed_by", "state"], unique=False)
    op.create_index(op.f("ix_contact_data_key_id"), "contact", ["data_key_id"], unique=False)
    op.create_index(
        "ix_contact_next_page",
        "contact",
        ["next_page_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_contact_organization_arrived",
        "contact",
        ["organization_path", "arrived_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contact_organization_id"), "contact", ["organization_id"], unique=False
    )
    op.create_index(
        "ix_contact_unanswered",
        "contact",
        ["unanswered_since"],
        unique=False,
        sqlite_where=sa.text("unanswered_since IS NOT NULL AND state = 'in_conversation'"),
        postgresql_where=sa.text("unanswered_since IS NOT NULL AND state = 'in_conversation'"),
    )
    op.create_index(
        "ix_contact_waiting",
        "contact",
        ["urgency", "waiting_since"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "uq_contact_open_text",
        "contact",
        ["caller_id", "line_number"],
        unique=True,
        sqlite_where=sa.text("state <> 'closed' AND channel = 'text'"),
        postgresql_where=sa.text("state <> 'closed' AND channel = 'text'"),
    )
    op.create_table(
        "contact_message",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("direction", sa.String(length=20), nullable=False),
        sa.Column("author", sa.String(length=20), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sid", sa.String(length=64), nullable=True),
        sa.Column(
            "outbound_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("flags", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user.id"], name=op.f("fk_contact_message_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_contact_message_contact_id")
        ),
        sa.ForeignKeyConstraint(
            ["outbound_id"], ["outbound.id"], name=op.f("fk_contact_message_outbound_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_message")),
        sa.UniqueConstraint("sid", name=op.f("uq_contact_message_sid")),
    )
    op.create_index(
        op.f("ix_contact_message_author_id"), "contact_message", ["author_id"], unique=False
    )
    op.create_index(
        op.f("ix_contact_message_outbound_id"), "contact_message", ["outbound_id"], unique=False
    )
    op.create_index(
        "ix_contact_message_thread", "contact_message", ["contact_id", "id"], unique=False
    )
    op.create_table(
        "draft",
        sa.Column(
            "contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_draft_contact_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_draft_user_id")),
        sa.PrimaryKeyConstraint("contact_id", "user_id", name=op.f("pk_draft")),
    )
    op.create_index(op.f("ix_draft_user_id"), "draft", ["user_id"], unique=False)


def downgrade():

    op.drop_index(op.f("ix_draft_user_id"), table_name="draft")
    op.drop_table("draft")
    op.drop_index("ix_contact_message_thread", table_name="contact_message")
    op.drop_index(op.f("ix_contact_message_outbound_id"), table_name="contact_message")
    op.drop_index(op.f("ix_contact_message_author_id"), table_name="contact_message")
    op.drop_table("contact_message")
    op.drop_index(
        "uq_contact_open_text",
        table_name="contact",
        sqlite_where=sa.text("state <> 'closed' AND channel = 'text'"),
        postgresql_where=sa.text("state <> 'closed' AND channel = 'text'"),
    )
    op.drop_index(
        "ix_contact_waiting",
        table_name="contact",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index(
        "ix_contact_unanswered",
        table_name="contact",
        sqlite_where=sa.text("unanswered_since IS NOT NULL AND state = 'in_conversation'"),
        postgresql_where=sa.text("unanswered_since IS NOT NULL AND state = 'in_conversation'"),
    )
    op.drop_index(op.f("ix_contact_organization_id"), table_name="contact")
    op.drop_index("ix_contact_organization_arrived", table_name="contact")
    op.drop_index(
        "ix_contact_next_page",
        table_name="contact",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index(op.f("ix_contact_data_key_id"), table_name="contact")
    op.drop_index("ix_contact_claimed_by_state", table_name="contact")
    op.drop_index("ix_contact_caller_arrived", table_name="contact")
    op.drop_table("contact")
    op.drop_index(op.f("ix_caller_data_key_id"), table_name="caller")
    op.drop_table("caller")
    op.drop_table("queue_version")
