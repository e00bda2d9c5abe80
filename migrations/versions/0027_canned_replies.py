"""Ready-made replies: proposed by one person, approved by another."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade():
    big_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "canned_reply",
        sa.Column("id", big_id, autoincrement=True, nullable=False),
        sa.Column("organization_id", big_id, nullable=False),
        sa.Column("organization_path", sa.String(length=200), nullable=False),
        sa.Column("shortcut", sa.String(length=20), nullable=False),
        sa.Column("text_zh", sa.String(length=1_000), nullable=False),
        sa.Column("text_en", sa.String(length=1_000), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("proposed_by", big_id, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", big_id, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaces_id", big_id, nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_canned_reply_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["user.id"], name=op.f("fk_canned_reply_proposed_by")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user.id"], name=op.f("fk_canned_reply_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["canned_reply.id"], name=op.f("fk_canned_reply_replaces_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_reply")),
    )
    op.create_index("ix_canned_reply_state", "canned_reply", ["state", "shortcut"])
    for name in ("organization_id", "proposed_by", "decided_by", "replaces_id"):
        op.create_index(op.f(f"ix_canned_reply_{name}"), "canned_reply", [name])


def downgrade():
    op.drop_table("canned_reply")
