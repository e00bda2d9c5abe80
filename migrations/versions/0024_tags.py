"""Tags of sites and of cases: cases that belong together are found together."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "site_tag",
        sa.Column("id", _big(), autoincrement=True, nullable=False),
        sa.Column("organization_id", _big(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("by_user_id", _big(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f("fk_site_tag_by_user_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_site_tag_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_tag")),
        sa.UniqueConstraint(
            "organization_id", "name", name=op.f("uq_site_tag_organization_id_name")
        ),
    )
    op.create_index(op.f("ix_site_tag_by_user_id"), "site_tag", ["by_user_id"])
    op.create_table(
        "case_tag",
        sa.Column("case_id", _big(), nullable=False),
        sa.Column("tag", sa.String(length=40), nullable=False),
        sa.Column("by_user_id", _big(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f("fk_case_tag_by_user_id")),
        sa.ForeignKeyConstraint(["case_id"], ["student_case.id"], name=op.f("fk_case_tag_case_id")),
        sa.PrimaryKeyConstraint("case_id", "tag", name=op.f("pk_case_tag")),
    )
    op.create_index(op.f("ix_case_tag_by_user_id"), "case_tag", ["by_user_id"])
    op.create_index("ix_case_tag_tag_case_id", "case_tag", ["tag", "case_id"])


def downgrade():
    op.drop_table("case_tag")
    op.drop_table("site_tag")


def _big():
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
