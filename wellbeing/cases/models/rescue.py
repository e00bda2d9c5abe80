"""Tables of rescues and their steps. Their order and clocks are in `rules.rescue`."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import (
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from wellbeing.foundation.database import BigId, Id, Model

RUNNING = text("ended_at IS NULL")
MOVING = text("next_step_at IS NOT NULL")


class Rescue(Model):
    """One effort to reach a student in imminent danger; one at a time for a case."""

    __tablename__ = "rescue"
    __table_args__ = (
        Index(
            "uq_rescue_running", "case_id", unique=True, sqlite_where=RUNNING,
            postgresql_where=RUNNING,
        ),
    )  # fmt: skip

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("student_case.id"), index=True)
    started_by: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class RescueStepRow(Model):
    """One step with its clock; `rung` counts who was told that it is late."""

    __tablename__ = "rescue_step"
    __table_args__ = (
        UniqueConstraint("rescue_id", "step"),
        Index(
            "ix_rescue_step_next_step_at",
            "next_step_at",
            sqlite_where=MOVING,
            postgresql_where=MOVING,
        ),
    )

    id: Mapped[Id]
    rescue_id: Mapped[int] = mapped_column(BigId, ForeignKey("rescue.id"))
    step: Mapped[str] = mapped_column(String(20))
    holder: Mapped[str] = mapped_column(String(20))
    by_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    happened_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    missed_at: Mapped[datetime | None]
    rung: Mapped[int] = mapped_column(Integer, default=0)
    next_step_at: Mapped[datetime | None]


RESCUE = cast("Table", Rescue.__table__)
STEP = cast("Table", RescueStepRow.__table__)
