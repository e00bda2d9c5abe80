"""A person says on which number pages reach them, once proved by a code, and when they rest."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "page_method",
        sa.Column("user_id", _big(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("code_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("code_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_page_method_user_id")),
        sa.PrimaryKeyConstraint("user_id", "channel", name=op.f("pk_page_method")),
    )
    op.create_index("ix_page_method_number_index", "page_method", ["number_index"])
    op.create_table(
        "page_quiet",
        sa.Column("user_id", _big(), nullable=False),
        sa.Column("starts", sa.String(length=5), nullable=False),
        sa.Column("ends", sa.String(length=5), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_page_quiet_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_page_quiet")),
    )


def downgrade():
    op.drop_table("page_quiet")
    op.drop_index("ix_page_method_number_index", table_name="page_method")
    op.drop_table("page_method")


def _big():
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
