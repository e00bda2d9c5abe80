"""The table of shifts. Who is on call is asked in `queries`."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from wellbeing.foundation.database import BigId, Id, Model


class Shift(Model):
    """One person at one desk from a moment until another; the lowest position is rung first."""

    __tablename__ = "shift"
    __table_args__ = (
        Index("ix_shift_desk", "organization_id", "desk", "ends_at"),
        Index("ix_shift_user_id_ends_at", "user_id", "ends_at"),
        CheckConstraint("starts_at < ends_at", name="order"),
    )

    id: Mapped[Id]
    organization_id: Mapped[int] = mapped_column(BigId, ForeignKey("organization.id"))
    desk: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    position: Mapped[int] = mapped_column(SmallInteger)
    by_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime]


SHIFT = cast("Table", Shift.__table__)
