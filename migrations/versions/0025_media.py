"""Pictures that come with texts: drawn anew, sealed under their contact's key."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade():
    big_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "medium",
        sa.Column("id", big_id, autoincrement=True, nullable=False),
        sa.Column("contact_id", big_id, nullable=False),
        sa.Column("message_id", big_id, nullable=False),
        sa.Column("message_sid", sa.String(length=64), nullable=False),
        sa.Column("sid", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("picture_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_medium_contact_id")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["contact_message.id"], name=op.f("fk_medium_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_medium")),
        sa.UniqueConstraint("sid", name=op.f("uq_medium_sid")),
    )
    op.create_index("ix_medium_contact_id", "medium", ["contact_id", "id"])
    op.create_index(op.f("ix_medium_message_id"), "medium", ["message_id"])


def downgrade():
    op.drop_table("medium")
