"""Tables of erasures asked for, and of what the law wants kept longer. Words are sealed."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Table, text
from sqlalchemy.orm import Mapped, mapped_column

from wellbeing.foundation.database import BigId, Id, Model

WAITING = text("state = 'waiting'")
IN_FORCE = text("lifted_at IS NULL")


class Erasure(Model):
    """Somebody asks that a record at rest is destroyed; somebody else decides."""

    __tablename__ = "case_erasure"
    __table_args__ = (
        Index("ix_case_erasure_case_id_id", "case_id", "id"),
        Index(
            "uq_case_erasure_waiting",
            "case_id",
            unique=True,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("student_case.id"))
    ground: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    asked_by: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    asked_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    decided_at: Mapped[datetime | None]
    decision_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class LegalHold(Model):
    """A record that must be kept: a court, the police or a complaint needs it."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        Index(
            "uq_legal_hold_in_force",
            "case_id",
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("student_case.id"), index=True)
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    at: Mapped[datetime]
    lifted_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    lifted_at: Mapped[datetime | None]


ERASURE = cast("Table", Erasure.__table__)
LEGAL_HOLD = cast("Table", LegalHold.__table__)
