"""Requests for access to a record, and emergency views with their review."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")
UNREVIEWED = sa.text("reviewed_at IS NULL")


def upgrade():
    op.create_table(
        "access_request",
        sa.Column("id", _big(), primary_key=True, autoincrement=True),
        sa.Column("user_id", _big(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", _big(), nullable=True),
        sa.Column("asked_for", sa.String(length=20), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waits_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("decided_by", _big(), sa.ForeignKey("user.id"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
    )
    _index("ix_access_request_user_id_id", "access_request", ["user_id", "id"])
    _index("ix_access_request_decided_by", "access_request", ["decided_by"])
    _index("ix_access_request_waiting", "access_request", ["subject_kind", "subject_id"], WAITING)
    named = ["user_id", "subject_kind", "asked_for"]
    _index("uq_access_request_waiting", "access_request", named, WAITING, unique=True)
    op.create_table(
        "emergency_view",
        sa.Column("id", _big(), primary_key=True, autoincrement=True),
        sa.Column("user_id", _big(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", _big(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", _big(), sa.ForeignKey("user.id"), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict", sa.String(length=20), nullable=True),
        sa.Column("review_sealed", sa.LargeBinary(), nullable=True),
    )
    _index("ix_emergency_view_user_id", "emergency_view", ["user_id"])
    _index("ix_emergency_view_reviewed_by", "emergency_view", ["reviewed_by"])
    _index("ix_emergency_view_opened_at", "emergency_view", ["opened_at"])
    subject = ["subject_kind", "subject_id", "opened_at"]
    _index("ix_emergency_view_subject", "emergency_view", subject)
    _index("ix_emergency_view_unreviewed", "emergency_view", ["review_by"], UNREVIEWED)


def downgrade():
    op.drop_table("emergency_view")
    op.drop_table("access_request")


def _index(name, table, columns, where=None, *, unique=False):
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where
    )


def _big() -> object:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
