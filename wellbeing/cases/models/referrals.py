"""Tables of referrals, and of what closing a case asks for. Words are sealed."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Table, text
from sqlalchemy.orm import Mapped, mapped_column

from wellbeing.foundation.database import BigId, Id, Model

DUE_AHEAD = text("due_at IS NOT NULL")


class Referral(Model):
    """A student sent on to somebody else, until it is known what became of it.

    `due_at` is when the answer or the visit is overdue; empty once it was told, or is over.
    """

    __tablename__ = "referral"
    __table_args__ = (
        Index("ix_referral_case_id_id", "case_id", "id"),
        Index(
            "ix_referral_due_at",
            "due_at",
            sqlite_where=DUE_AHEAD,
            postgresql_where=DUE_AHEAD,
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("student_case.id"))
    kind: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    agreed: Mapped[str] = mapped_column(String(20))
    words_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    sent_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    overdue_since: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, default=1)


class StudentMoment(Model):
    """A moment at which the student was reached, or wanted no more of us, outside the line."""

    __tablename__ = "student_moment"
    __table_args__ = (Index("ix_student_moment_case_id_at", "case_id", "at"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("student_case.id"))
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class ClosingSignature(Model):
    """A supervisor's word that a case may be closed although the student wanted no more of us."""

    __tablename__ = "closing_signature"
    __table_args__ = (Index("ix_closing_signature_case_id_at", "case_id", "at"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("student_case.id"))
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]


REFERRAL = cast("Table", Referral.__table__)
MOMENT = cast("Table", StudentMoment.__table__)
SIGNATURE = cast("Table", ClosingSignature.__table__)
