"""Reports required by law become records of their own; open checks among the duties move there."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
LINKS = {
    "case_id": "student_case",
    "contact_id": "contact",
    "organization_id": "organization",
    "opened_by": "user",
    "holder_id": "user",
    "decided_by": "user",
    "filed_by": "user",
    "closed_by": "user",
}
MOVE = """
    INSERT INTO mandatory_report (case_id, contact_id, organization_id, state, situations,
        opened_at, holder_id, decide_by, report_by, calls, next_step_at)
    SELECT case_id, contact_id, organization_id, 'open', '[]',
        opened_at, holder_id, by_at, by_at, 0, by_at
    FROM duty WHERE kind = 'report_check' AND done_at IS NULL
"""
HOLD = """
    INSERT INTO case_hold (case_id, kind, source_id, placed_at)
    SELECT case_id, 'report', id, opened_at FROM mandatory_report WHERE case_id IS NOT NULL
"""
LIFT = """
    UPDATE case_hold SET lifted_at = CURRENT_TIMESTAMP
    WHERE lifted_at IS NULL AND kind = 'duty'
    AND source_id IN (SELECT id FROM duty WHERE kind = 'report_check' AND done_at IS NULL)
"""
DONE = """
    UPDATE duty SET done_at = CURRENT_TIMESTAMP WHERE kind = 'report_check' AND done_at IS NULL
"""


def upgrade():
    op.create_table(
        "mandatory_report",
        sa.Column("id", _big(), autoincrement=True, nullable=False),
        sa.Column("case_id", _big(), nullable=True),
        sa.Column("contact_id", _big(), nullable=True),
        sa.Column("organization_id", _big(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("situations", sa.JSON(), nullable=False),
        sa.Column("account_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("opened_by", _big(), nullable=True),
        sa.Column("holder_id", _big(), nullable=True),
        sa.Column("decide_by", MOMENT, nullable=False),
        sa.Column("report_by", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", _big(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("organ", sa.String(length=40), nullable=True),
        sa.Column("receipt_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("filed_at", MOMENT, nullable=True),
        sa.Column("filed_by", _big(), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", _big(), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("next_step_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "case_id IS NOT NULL OR contact_id IS NOT NULL",
            name=op.f("ck_mandatory_report_subject"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_mandatory_report_{column}")
            )
            for column, table in LINKS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandatory_report")),
    )
    for column in LINKS:
        op.create_index(op.f(f"ix_mandatory_report_{column}"), "mandatory_report", [column])
    of_case = "closed_at IS NULL AND case_id IS NOT NULL"
    of_contact = "closed_at IS NULL AND case_id IS NULL"
    _partial("uq_mandatory_report_case", "case_id", of_case, unique=True)
    _partial("uq_mandatory_report_contact", "contact_id", of_contact, unique=True)
    moving = "next_step_at IS NOT NULL"
    _partial("ix_mandatory_report_next_step_at", "next_step_at", moving, unique=False)
    for statement in (MOVE, HOLD, LIFT, DONE):
        op.execute(statement)


def downgrade():
    op.execute("DELETE FROM case_hold WHERE kind = 'report'")
    op.drop_table("mandatory_report")


def _partial(name, column, where, *, unique):
    condition = sa.text(where)
    op.create_index(
        name,
        "mandatory_report",
        [column],
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _big():
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
