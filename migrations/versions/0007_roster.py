"""Shifts."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():

    op.create_table(
        "shift",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("desk", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column(
            "by_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_shift_order")),
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f("fk_shift_by_user_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_shift_organization_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_shift_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    op.create_index(op.f("ix_shift_by_user_id"), "shift", ["by_user_id"], unique=False)
    op.create_index("ix_shift_desk", "shift", ["organization_id", "desk", "ends_at"], unique=False)
    op.create_index("ix_shift_user_id_ends_at", "shift", ["user_id", "ends_at"], unique=False)


def downgrade():

    op.drop_index("ix_shift_user_id_ends_at", table_name="shift")
    op.drop_index("ix_shift_desk", table_name="shift")
    op.drop_index(op.f("ix_shift_by_user_id"), table_name="shift")
    op.drop_table("shift")
