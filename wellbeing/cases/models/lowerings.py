"""The table of proposals to leave red. What may be proposed and decided is in `rules.lowerings`."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, Table, text
from sqlalchemy.orm import Mapped, mapped_column

from wellbeing.foundation.database import BigId, Id, Model

OPEN = text("decided_at IS NULL")


def _one_open(column: str) -> Index:
    return Index(
        f"uq_level_lowering_open_{column}",
        column,
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


class LevelLowering(Model):
    """A proposal to let a red that a person set fall, and a supervisor's decision about it."""

    __tablename__ = "level_lowering"
    __table_args__ = (
        _one_open("case_id"),
        _one_open("contact_id"),
        CheckConstraint("(case_id IS NULL) <> (contact_id IS NULL)", name="subject"),
        CheckConstraint("to_level BETWEEN 1 AND 3", name="to_level"),
        # Four eyes in the table itself, whatever a page allows.
        CheckConstraint(
            "outcome IS NULL OR outcome = 'overtaken' OR decided_by <> proposed_by",
            name="four_eyes",
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("student_case.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("contact.id"), index=True)
    to_level: Mapped[int] = mapped_column(Integer)
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    proposed_by: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    proposed_at: Mapped[datetime]
    decide_by: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    decided_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(20))
    decision_note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


LOWERING = cast("Table", LevelLowering.__table__)
