"""Tables of promises to get back and the attempts to keep them. No statement lives here."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import cast

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from wellbeing.foundation.database import BigId, Id, Model

MOVING = text("next_step_at IS NOT NULL")
STILL_OPEN = text("settled_at IS NULL")


class FollowUp(Model):
    """One promise to a student: owner, window, kind, attempts, outcome.

    It belongs to a case, to a contact whom nobody has spoken with yet (a call-back), or to both.
    `next_step_at` is when it moves by itself (sent, missed, told on); `step` fences each move.
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        Index(
            "ix_follow_up_next_step_at",
            "next_step_at",
            sqlite_where=MOVING,
            postgresql_where=MOVING,
        ),
        Index(
            "ix_follow_up_owner_id_due_at",
            "owner_id",
            "due_at",
            sqlite_where=STILL_OPEN,
            postgresql_where=STILL_OPEN,
        ),
        Index(
            "ix_follow_up_organization_id_due_at",
            "organization_id",
            "due_at",
            sqlite_where=STILL_OPEN,
            postgresql_where=STILL_OPEN,
        ),
        Index(
            "ix_follow_up_due_open",
            "due_at",
            "id",
            sqlite_where=STILL_OPEN,
            postgresql_where=STILL_OPEN,
        ),
        Index("ix_follow_up_case_id_due_at", "case_id", "due_at"),
        Index("ix_follow_up_number_index_sent_at", "number_index", "sent_at"),
        Index(
            "uq_follow_up_open_call_back",
            "promised_contact_id",
            unique=True,
            sqlite_where=STILL_OPEN,
            postgresql_where=STILL_OPEN,
        ),
        CheckConstraint("level BETWEEN 1 AND 4", name="level"),
        CheckConstraint(
            "case_id IS NOT NULL OR (promised_contact_id IS NOT NULL AND kind = 'call')",
            name="belongs",
        ),
        CheckConstraint("(promised_contact_id IS NULL) = (reason IS NULL)", name="call_back"),
        CheckConstraint("window_start <= due_at AND due_at <= window_end", name="window"),
    )

    id: Mapped[Id]
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("student_case.id"))
    promised_contact_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("contact.id"), index=True
    )
    """Whom a call-back is for; None for the promises of a case."""
    reason: Mapped[str | None] = mapped_column(String(20))
    """Why somebody is called back."""
    owner_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    organization_id: Mapped[int] = mapped_column(BigId, ForeignKey("organization.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    level: Mapped[int] = mapped_column(Integer)
    plan_version: Mapped[int] = mapped_column(Integer)
    window_start: Mapped[datetime]
    due_at: Mapped[datetime]
    window_end: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    step: Mapped[int] = mapped_column(Integer, default=0)
    next_step_at: Mapped[datetime | None]
    told: Mapped[int] = mapped_column(Integer, default=0)
    """How many of the holders of a missed promise were told."""
    contact_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("contact.id"), index=True)
    """Through which conversation of its case a text went out."""
    number_index: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    line_number: Mapped[str | None] = mapped_column(String(20))
    outbound_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("outbound.id"), unique=True)
    sent_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(20))
    answered_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(20))
    data_key_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("data_key.id"), index=True)
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Why the date was moved last."""
    planned_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, default=1)


class FollowUpAttempt(Model):
    """One attempt to keep a promise; its number makes each happen once."""

    __tablename__ = "follow_up_attempt"
    __table_args__ = (UniqueConstraint("follow_up_id", "number"),)

    id: Mapped[Id]
    follow_up_id: Mapped[int] = mapped_column(BigId, ForeignKey("follow_up.id"))
    number: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]
    by_user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    """None where the promise went out by itself."""
    outbound_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("outbound.id"), unique=True)
    outcome: Mapped[str | None] = mapped_column(String(20))
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What was noted where there is no case whose timeline could hold it."""


FOLLOW_UP = cast("Table", FollowUp.__table__)
FOLLOW_UP_ATTEMPT = cast("Table", FollowUpAttempt.__table__)
