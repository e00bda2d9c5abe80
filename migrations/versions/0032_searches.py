"""Searches for cases, kept for a day or under a label; their words are sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "case_search",
        sa.Column("id", _big(), primary_key=True, autoincrement=True),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("user_id", _big(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("label_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("public_id"),
    )
    op.create_index("ix_case_search_user_id_id", "case_search", ["user_id", "id"])
    op.create_index("ix_case_search_created_at", "case_search", ["created_at"])


def downgrade():
    op.drop_table("case_search")


def _big() -> object:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
