"""A screening keeps the wording it was asked with; a note can make a screener due."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "screener_wording",
        sa.Column("id", _big(), autoincrement=True, nullable=False),
        sa.Column("screener", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screener_wording")),
        sa.UniqueConstraint(
            "screener", "digest", name=op.f("uq_screener_wording_screener_digest")
        ),
    )
    with op.batch_alter_table("screening") as screening:
        screening.add_column(sa.Column("wording_id", _big(), nullable=True))
        screening.add_column(
            sa.Column("asks_further", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        screening.create_foreign_key(
            screening.f("fk_screening_wording_id"), "screener_wording", ["wording_id"], ["id"]
        )
        screening.create_index(screening.f("ix_screening_wording_id"), ["wording_id"])
    with op.batch_alter_table("screening") as screening:
        screening.alter_column("asks_further", existing_type=sa.Boolean(), server_default=None)
    with op.batch_alter_table("assessment") as assessment:
        assessment.add_column(sa.Column("screening_id", _big(), nullable=True))
        assessment.create_foreign_key(
            assessment.f("fk_assessment_screening_id"), "screening", ["screening_id"], ["id"]
        )
        assessment.create_index(assessment.f("ix_assessment_screening_id"), ["screening_id"])


def downgrade():
    with op.batch_alter_table("assessment") as assessment:
        assessment.drop_index(assessment.f("ix_assessment_screening_id"))
        assessment.drop_constraint(assessment.f("fk_assessment_screening_id"), type_="foreignkey")
        assessment.drop_column("screening_id")
    with op.batch_alter_table("screening") as screening:
        screening.drop_index(screening.f("ix_screening_wording_id"))
        screening.drop_constraint(screening.f("fk_screening_wording_id"), type_="foreignkey")
        screening.drop_column("asks_further")
        screening.drop_column("wording_id")
    op.drop_table("screener_wording")


def _big():
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
