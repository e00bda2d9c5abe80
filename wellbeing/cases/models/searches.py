"""Tables of searches for cases. Questions to them stand beside."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from wellbeing.foundation.database import BigId, Id, Model


class KeptSearch(Model):
    """What one person searched for; words are sealed under that person's data key."""

    __tablename__ = "case_search"
    __table_args__ = (Index("ix_case_search_user_id_id", "user_id", "id"),)

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(String(24), unique=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"))
    filters: Mapped[dict[str, Any]] = mapped_column(JSON)
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    label_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)


SEARCH = cast("Table", KeptSearch.__table__)
