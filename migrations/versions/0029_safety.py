"""Rescues step by step, four eyes for leaving red, on what a level rests."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("level_change") as change:
        change.add_column(
            sa.Column("source", sa.String(length=20), nullable=False, server_default="counselor")
        )
        change.add_column(sa.Column("proposed_by", _big(), nullable=True))
        change.create_foreign_key(
            change.f("fk_level_change_proposed_by"), "user", ["proposed_by"], ["id"]
        )
        change.create_index(change.f("ix_level_change_proposed_by"), ["proposed_by"])
    with op.batch_alter_table("level_change") as change:
        change.alter_column("source", existing_type=sa.String(length=20), server_default=None)
    _create_lowerings()
    _create_rescues()


def downgrade():
    op.drop_table("rescue_step")
    op.drop_table("rescue")
    op.drop_table("level_lowering")
    with op.batch_alter_table("level_change") as change:
        change.drop_index(change.f("ix_level_change_proposed_by"))
        change.drop_constraint(change.f("fk_level_change_proposed_by"), type_="foreignkey")
        change.drop_column("proposed_by")
        change.drop_column("source")


def _create_lowerings():
    op.create_table(
        "level_lowering",
        _id(),
        sa.Column("case_id", _big(), nullable=True),
        sa.Column("contact_id", _big(), nullable=True),
        sa.Column("to_level", sa.Integer(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("proposed_by", _big(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decide_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", _big(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("decision_note_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(case_id IS NULL) <> (contact_id IS NULL)", name=op.f("ck_level_lowering_subject")
        ),
        sa.CheckConstraint("to_level BETWEEN 1 AND 3", name=op.f("ck_level_lowering_to_level")),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome = 'overtaken' OR decided_by <> proposed_by",
            name=op.f("ck_level_lowering_four_eyes"),
        ),
        *_links(
            "level_lowering",
            case_id="student_case",
            contact_id="contact",
            proposed_by="user",
            decided_by="user",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level_lowering")),
    )
    for column in ("case_id", "contact_id", "proposed_by", "decided_by"):
        op.create_index(op.f(f"ix_level_lowering_{column}"), "level_lowering", [column])
    for column in ("case_id", "contact_id"):
        _partial(
            f"uq_level_lowering_open_{column}",
            "level_lowering",
            column,
            where="decided_at IS NULL",
            unique=True,
        )


def _create_rescues():
    op.create_table(
        "rescue",
        _id(),
        sa.Column("case_id", _big(), nullable=False),
        sa.Column("started_by", _big(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *_links("rescue", case_id="student_case", started_by="user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescue")),
    )
    for column in ("case_id", "started_by"):
        op.create_index(op.f(f"ix_rescue_{column}"), "rescue", [column])
    _partial("uq_rescue_running", "rescue", "case_id", where="ended_at IS NULL", unique=True)
    op.create_table(
        "rescue_step",
        _id(),
        sa.Column("rescue_id", _big(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("holder", sa.String(length=20), nullable=False),
        sa.Column("by_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", _big(), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("missed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True),
        *_links("rescue_step", rescue_id="rescue", done_by="user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescue_step")),
        sa.UniqueConstraint("rescue_id", "step", name=op.f("uq_rescue_step_rescue_id_step")),
    )
    op.create_index(op.f("ix_rescue_step_done_by"), "rescue_step", ["done_by"])
    _partial(
        "ix_rescue_step_next_step_at",
        "rescue_step",
        "next_step_at",
        where="next_step_at IS NOT NULL",
        unique=False,
    )


def _id():
    return sa.Column("id", _big(), autoincrement=True, nullable=False)


def _links(table, **columns):
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in columns.items()
    ]


def _partial(name, table, column, *, where, unique):
    condition = sa.text(where)
    op.create_index(
        name, table, [column], unique=unique, sqlite_where=condition, postgresql_where=condition
    )


def _big():
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
