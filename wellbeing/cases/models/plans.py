"""Tables of the plans of a case and of what somebody is typing; a plan's words are sealed."""

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

REVIEW_AHEAD = text("review_at IS NOT NULL")


class CasePlan(Model):
    """One version of one plan of a case; a save adds a row, and no row is ever changed or lost.

    `review_at` is when the review of this version falls due; empty once somebody was told, or
    a newer version stands.
    """

    __tablename__ = "case_plan"
    __table_args__ = (
        UniqueConstraint("case_id", "kind", "version"),
        Index(
            "ix_case_plan_review_at",
            "review_at",
            sqlite_where=REVIEW_AHEAD,
            postgresql_where=REVIEW_AHEAD,
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("student_case.id"))
    kind: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer)
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    at: Mapped[datetime]
    review_at: Mapped[datetime | None]
    taken_from_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("student_case.id"), index=True
    )
    """The case of the same student from which this version was taken over, and which version."""
    taken_version: Mapped[int | None] = mapped_column(Integer)


class CaseDraft(Model):
    """What somebody was typing into a field of a case, kept over a crash; gone when it is saved."""

    __tablename__ = "case_draft"

    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("student_case.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), primary_key=True, index=True)
    field: Mapped[str] = mapped_column(String(40), primary_key=True)
    base_version: Mapped[int] = mapped_column(Integer)
    """The version that the writer saw while typing: what is newer is shown beside, never lost."""
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    saved_at: Mapped[datetime]


PLAN = cast("Table", CasePlan.__table__)
DRAFT = cast("Table", CaseDraft.__table__)
