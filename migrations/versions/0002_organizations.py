"""The tree of organizations, dated."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():

    op.create_table(
        "organization",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("path", sa.String(length=120), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=False),
        sa.Column("region_group", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organization.id"], name=op.f("fk_organization_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
        sa.UniqueConstraint("code", name=op.f("uq_organization_code")),
        sa.UniqueConstraint("path", name=op.f("uq_organization_path")),
    )
    op.create_index(op.f("ix_organization_parent_id"), "organization", ["parent_id"], unique=False)
    op.create_index(
        "ix_organization_path_prefix",
        "organization",
        ["path"],
        unique=False,
        postgresql_ops={"path": "text_pattern_ops"},
    )


def downgrade():

    op.drop_index(
        "ix_organization_path_prefix",
        table_name="organization",
        postgresql_ops={"path": "text_pattern_ops"},
    )
    op.drop_index(op.f("ix_organization_parent_id"), table_name="organization")
    op.drop_table("organization")
