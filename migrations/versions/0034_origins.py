"""Contacts that were made elsewhere: who wrote them down, and by what they are known again."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "contact_origin",
        sa.Column("contact_id", _big(), sa.ForeignKey("contact.id"), primary_key=True),
        sa.Column("origin_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("by_user_id", _big(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("origin_index"),
    )
    op.create_index("ix_contact_origin_by_user_id", "contact_origin", ["by_user_id"])


def downgrade():
    op.drop_table("contact_origin")


def _big() -> object:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
