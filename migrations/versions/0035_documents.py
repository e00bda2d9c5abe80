"""Documents of cases: sealed under the case's key, found twice by a blind index, withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

STANDING = sa.text("withdrawn_at IS NULL AND content_index IS NOT NULL")


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "case_document",
        sa.Column("id", big, autoincrement=True, nullable=False),
        sa.Column("case_id", big, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("content_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("by_user_id", big, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", big, nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["student_case.id"], name=op.f("fk_case_document_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["user.id"], name=op.f("fk_case_document_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["user.id"], name=op.f("fk_case_document_withdrawn_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_document")),
    )
    op.create_index("ix_case_document_case_id_id", "case_document", ["case_id", "id"])
    op.create_index(op.f("ix_case_document_by_user_id"), "case_document", ["by_user_id"])
    op.create_index(op.f("ix_case_document_withdrawn_by"), "case_document", ["withdrawn_by"])
    op.create_index(
        "uq_case_document_standing",
        "case_document",
        ["case_id", "content_index"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def downgrade():
    op.drop_table("case_document")
