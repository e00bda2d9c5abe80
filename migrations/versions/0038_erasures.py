"""Erasures asked for and decided by two, and records that the law wants kept longer."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")
IN_FORCE = sa.text("lifted_at IS NULL")


def upgrade():
    op.create_table(
        "case_erasure",
        sa.Column("id", _big(), primary_key=True, autoincrement=True),
        sa.Column("case_id", _big(), sa.ForeignKey("student_case.id"), nullable=False),
        sa.Column("ground", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", _big(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", _big(), sa.ForeignKey("user.id"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_sealed", sa.LargeBinary(), nullable=True),
    )
    op.create_index("ix_case_erasure_case_id_id", "case_erasure", ["case_id", "id"])
    op.create_index(op.f("ix_case_erasure_asked_by"), "case_erasure", ["asked_by"])
    op.create_index(op.f("ix_case_erasure_decided_by"), "case_erasure", ["decided_by"])
    _only_one("uq_case_erasure_waiting", "case_erasure", WAITING)
    op.create_table(
        "legal_hold",
        sa.Column("id", _big(), primary_key=True, autoincrement=True),
        sa.Column("case_id", _big(), sa.ForeignKey("student_case.id"), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("by_user_id", _big(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", _big(), sa.ForeignKey("user.id"), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
    )
    for column in ("case_id", "by_user_id", "lifted_by"):
        op.create_index(op.f(f"ix_legal_hold_{column}"), "legal_hold", [column])
    _only_one("uq_legal_hold_in_force", "legal_hold", IN_FORCE)


def downgrade():
    op.drop_table("legal_hold")
    op.drop_table("case_erasure")


def _only_one(name, table, where):
    op.create_index(
        name, table, ["case_id"], unique=True, sqlite_where=where, postgresql_where=where
    )


def _big():
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
